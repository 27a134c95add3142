"""From the best cylinder of every centre to the few that people are shown."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from pumphandle.detection.kernels import exact, likelihood
from pumphandle.detection.layout import Indices, Layout, Longs, Values
from pumphandle.vocabulary.errors import NotUnderstood

Overlap = Literal["none", "none_in_space_time", "no_centre_inside"]


@dataclass(frozen=True)
class Found:
    """A cylinder. centre : place; members : places, nearest first; first_day, last_day : both included, from 0."""

    centre: int
    members: Indices
    first_day: int
    last_day: int
    observed: int
    expected: float
    ratio: float


@dataclass(frozen=True)
class Best:
    """For every cap and centre the highest ratio, how many members, and which window: arrays (caps, centres)."""

    ratio: Values
    count: Longs
    window: Longs


def best_cylinders(
    layout: Layout,
    caps: Values,
    *,
    wanted: npt.NDArray[np.bool_] | None = None,
    taken: npt.NDArray[np.uint8] | None = None,
) -> Best:
    """Exact, over all windows. caps : (caps,) largest size of a circle, rising."""
    zones, model = layout.zones, layout.model
    shape = (len(caps), len(zones.centre))
    best = Best(np.zeros(shape), np.zeros(shape, dtype=np.int64), np.full(shape, -1, dtype=np.int64))
    exact.best_by_centre(
        zones.start, zones.member, zones.closes, zones.size, caps, layout.wanted if wanted is None else wanted,
        layout.slot, layout.daily, model.share, layout.by_age,
        np.zeros((0, layout.ages), dtype=np.uint8) if taken is None else taken,
        layout.window_from, layout.window_to, layout.weight, layout.kind, layout.window_cases,
        layout.window_base, layout.fewest, False, best.ratio, best.count, best.window,
    )  # fmt: skip
    return best


def separate(layout: Layout, best: Best, *, overlap: Overlap, most: int, lowest: float) -> list[Found]:
    """The highest cylinder, then the highest of those that do not overlap it, and so on.

    none : no place in two clusters, whatever the days; only the best cylinder of each centre is considered
    none_in_space_time : no place on the same day in two clusters; centres look again for their best remaining one
    no_centre_inside : no cluster holds the centre of another
    lowest : ratio below which nothing is listed
    """
    if overlap == "none_in_space_time":
        return _separate_in_space_time(layout, best, most, lowest)
    ratio, count, window = best.ratio[0], best.count[0], best.window[0]
    used = np.zeros(layout.zones.places, dtype=np.bool_)
    centres = np.zeros_like(used)
    kept: list[Found] = []
    for at in _ranked(ratio, count):
        if len(kept) == most or ratio[at] < lowest or ratio[at] <= 0.0:
            break
        members = layout.zones.members(int(at), int(count[at]))
        centre = layout.zones.centre[at]
        clash = used[members].any() if overlap == "none" else used[centre] or centres[members].any()
        if not clash:
            used[members] = True
            centres[centre] = True
            kept.append(describe(layout, int(at), int(count[at]), int(window[at]), float(ratio[at])))
    return kept


def _separate_in_space_time(layout: Layout, best: Best, most: int, lowest: float) -> list[Found]:
    zones = layout.zones
    ratio, count, window = best.ratio[0].copy(), best.count[0].copy(), best.window[0].copy()
    fresh = np.ones(len(ratio), dtype=np.bool_)
    taken = np.zeros((zones.places, layout.ages), dtype=np.uint8)
    kept: list[Found] = []
    while len(kept) < most and len(ratio):
        at = int(_ranked(ratio, count)[0])
        if ratio[at] < lowest or ratio[at] <= 0.0:
            break
        members = zones.members(at, int(count[at]))
        ages = slice(int(layout.window_from[window[at]]), int(layout.window_to[window[at]]))
        if np.any(taken[members, ages]):
            stale = _overlapping(layout, ratio, count, window, taken)
            again = best_cylinders(layout, np.array([np.inf]), wanted=stale & layout.wanted, taken=taken)
            ratio[stale], count[stale], window[stale] = (
                again.ratio[0][stale], again.count[0][stale], again.window[0][stale],
            )  # fmt: skip
            fresh[stale] = True
            continue
        taken[members, ages] = 1
        kept.append(describe(layout, at, int(count[at]), int(window[at]), float(ratio[at])))
    return kept


def _overlapping(
    layout: Layout, ratio: Values, count: Longs, window: Longs, taken: npt.NDArray[np.uint8]
) -> npt.NDArray[np.bool_]:
    """Centres whose cylinder holds a cell that is taken."""
    stale = np.zeros(len(ratio), dtype=np.bool_)
    any_day = taken.max(axis=1) > 0
    for at in np.flatnonzero(ratio > 0.0):
        members = layout.zones.members(int(at), int(count[at]))
        if np.any(any_day[members]):
            ages = slice(int(layout.window_from[window[at]]), int(layout.window_to[window[at]]))
            stale[at] = np.any(taken[members, ages])
    return stale


def _ranked(ratio: Values, count: Longs) -> npt.NDArray[np.int64]:
    """Highest first; among equals the fewest places."""
    return np.lexsort((count, -ratio))


def describe(layout: Layout, at: int, count: int, window: int, ratio: float) -> Found:
    """The cylinder of `count` members around the centre in position `at`, in one window."""
    zones, model = layout.zones, layout.model
    members = zones.members(at, count)
    young, old = int(layout.window_from[window]), int(layout.window_to[window])
    rows = layout.slot[members]
    observed = int(layout.daily[rows[rows >= 0], young:old].sum())
    if model.cells is None:
        base = float(model.share[members].sum() * layout.weight[window])
    else:
        base = float(layout.by_age[members, young:old].sum())
    rate = model.cases.total / model.base if layout.kind == likelihood.BERNOULLI else 1.0
    days = model.cases.days
    return Found(
        centre=int(zones.centre[at]),
        members=members.copy(),
        first_day=days - old,
        last_day=days - 1 - young,
        observed=observed,
        expected=base * rate,
        ratio=ratio,
    )


def ratio_of(layout: Layout, members: Indices, first_day: int, last_day: int) -> float:
    """Log-likelihood ratio of any set of places on any days of the layout, both days included.

    Raises NotUnderstood for days that the layout's windows do not reach.
    """
    model, days = layout.model, layout.model.cases.days
    young, old = days - 1 - last_day, days - first_day
    at = np.flatnonzero((layout.window_from == young) & (layout.window_to == old))
    if not len(at):
        raise NotUnderstood(f"Days {first_day} to {last_day} are none of the windows that are looked at.")
    rows = layout.slot[members]
    observed = float(layout.daily[rows[rows >= 0], young:old].sum())
    separable = model.cells is None
    base = model.share[members].sum() * layout.weight[at[0]] if separable else layout.by_age[members, young:old].sum()
    return likelihood.llr(
        layout.kind, observed, float(base), float(layout.window_cases[at[0]]), float(layout.window_base[at[0]])
    )
