"""Where a window is open because somebody held it: then nobody may read "few" into it, and every page says held."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pumphandle.publication.atlas import Atlas
from pumphandle.vocabulary.counts import Measure


@dataclass(frozen=True)
class HeldDays:
    """A hold of the register, from its first day in force to its last, both included."""

    area_code: str
    measures: tuple[str, ...]
    first: date
    last: date


def held_nodes(
    atlas: Atlas, holds: Iterable[HeldDays], open_since: Mapping[Measure, NDArray[np.int64]], *, as_of: date
) -> dict[Measure, NDArray[np.bool_]]:
    """(nodes,) whether a hold was in force while the window was open that is open at a release.

    It stays true after the hold has ended, until the window closes: it closes later than others (docs/methods).

    open_since : (nodes,) first day of each open window, as an ordinal
    as_of      : the release's day; a hold placed in the day of notice after it counts too
    """
    found = {measure: np.zeros(len(atlas.nodes), dtype=np.bool_) for measure in open_since}
    last_day = as_of.toordinal() + 1
    for one in holds:
        if one.area_code not in atlas.places or one.first.toordinal() > last_day:
            continue
        rows = np.array(atlas.nodes_under(one.area_code), dtype=np.int64)
        for measure, since in open_since.items():
            if measure.value in one.measures:
                touched = (since[rows] <= one.last.toordinal()) & (since[rows] <= as_of.toordinal())
                found[measure][rows] |= touched
    return found


Marks = TypeVar("Marks", bool, NDArray[np.bool_])


def shows_held(lies: Marks, *, small: Marks, nothing_else: Marks) -> Marks:
    """Whether a figure says held: of a small area where its day lies in a held window, of a larger one if it has
    nothing else to say.
    """
    return lies & (small | nothing_else)
