"""The values of the national map, compact: the classes of many days, and the figures of one."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from pumphandle.publication.edition import Edition, Shown
from pumphandle.publication.map_classes import NOT_YET, SCALES, Units, as_texts, classes, units
from pumphandle.publication.tables import figures_row
from pumphandle.vocabulary.places import AreaLevel

SLIDER_DAYS: Final = 80
"""Days in a map file; any other day has a file of its own figures."""
DAY_COLUMNS: Final = ("state", "cases", "cases_rate", "tests", "tests_rate", "positivity")


def slider_days(edition: Edition) -> tuple[date, ...]:
    """The newest days of an edition, oldest first."""
    most = min(SLIDER_DAYS, edition.ground.days)
    return tuple(edition.release.as_of - timedelta(days=back) for back in reversed(range(most)))


def map_file(edition: Edition, shown: Shown, days: Sequence[date], *, drawn: Units | None = None) -> dict[str, object]:
    """Each day one string, one character an area in the order of `areas`: a class from 0, or a code.

    o open, h held, r recalled, n not yet

    drawn : of all small areas, where several files are made of them
    """
    codes = [place.code for place in edition.atlas.at_level(AreaLevel.SMALL_AREA)]
    drawn = drawn or units(edition.atlas, codes)
    row = {code: number for number, areas in enumerate(drawn.areas) for code in areas}
    nothing = np.full((1, len(days)), ord(NOT_YET), dtype=np.uint8)
    marks = np.concatenate([classes(edition, shown, days, drawn), nothing])
    scale = SCALES[shown]
    return {
        "measure": shown.value,
        "unit": scale.unit,
        "breaks": list(scale.breaks),
        "labels": list(scale.labels),
        "areas": codes,
        "days": [day.isoformat() for day in days],
        "classes": as_texts(marks[[row.get(code, -1) for code in codes]]),
    }


def day_file(edition: Edition, day: date) -> dict[str, Any]:
    """One day's figures of all small areas as columns, in the order of `areas`; a code in `state` where one is null."""
    codes = [place.code for place in edition.atlas.at_level(AreaLevel.SMALL_AREA)]
    rows = [figures_row(edition, code, day) for code in codes]
    return {"day": day, "areas": codes, **{name: [row[name] for row in rows] for name in DAY_COLUMNS}}
