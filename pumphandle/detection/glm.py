"""Log-linear quasi-Poisson fits of thousands of series at once: a level for each group of rows, and a slope in time.

All series share the rows' times and groups, so the normal equations are an arrow: a step costs a few sums over
the rows, then one division a group and one for the slope.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.vocabulary.errors import NotUnderstood

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

STEPS: Final = 25  # this and the next two are R's, so that a group of nothing but zeros ends at the same iterate
TOLERANCE: Final = 1e-8
START: Final = 0.1  # the first mean is the count plus this
LEAST: Final = float(np.finfo(np.float64).eps)  # no mean is smaller


class Design:
    """Rows that every series shares, in the order of their groups.

    times  : (rows,) any unit; groups : (rows,) 0 .. number of groups - 1, each with at least one row
    order  : (rows,) where each row of the fit lies in what was given
    """

    def __init__(self, times: Values, groups: Places) -> None:
        if times.ndim != 1 or times.shape != groups.shape or not len(times):
            raise NotUnderstood("A design needs one time and one group a row, and at least one row.")
        self.order = np.argsort(groups, kind="stable")
        self.count = int(groups.max()) + 1
        self._middle = float(times.mean())
        self.unit = max(float(np.abs(times - self._middle).max()), 1.0)  # slopes are per this many times
        self.times = (times[self.order] - self._middle) / self.unit
        edges = np.searchsorted(groups[self.order], np.arange(self.count + 1)).tolist()
        self.slices = [slice(first, last) for first, last in pairwise(edges)]
        self._powers = [np.vander(self.times[rows], 3, increasing=True) for rows in self.slices]

    def scaled(self, time: float) -> float:
        """A time as the fit sees it: sums of squares of times within -1 .. 1 keep their digits."""
        return (time - self._middle) / self.unit

    def sums(self, values: Values, powers: int) -> Values:
        """(powers, series, groups): sums over each group's rows of values, values times t, values times t squared."""
        found = np.empty((powers, len(values), self.count))
        for group, rows in enumerate(self.slices):
            found[:, :, group] = (values[:, rows] @ self._powers[group][:, :powers]).T
        return found

    def linear(self, levels: Values, slopes: Values) -> Values:
        """(series, rows) linear predictor without offset."""
        found = np.multiply.outer(slopes, self.times)
        for group, rows in enumerate(self.slices):
            found[:, rows] += levels[:, group : group + 1]
        return found


class Counts:
    """Observed counts in the design's order, with what every fit of them needs.

    observed : (series, rows) of the design, 0 where missing
    offset   : (series, rows) or None
    present  : (series, rows) 0.0 where a row is missing or carries no information, else 1.0; None = all present
    """

    def __init__(self, observed: Values, offset: Values | None = None, present: Values | None = None) -> None:
        self.observed, self.offset, self.present = observed, offset, present
        self.log_start = np.log(observed + START)
        self._saturated = np.log(np.where(observed > 0, observed, 1.0))
        self._saturated *= observed
        self._saturated -= observed

    def __len__(self) -> int:
        return len(self.observed)

    def take(self, series: Places) -> "Counts":
        """Some of the series."""
        taken = Counts.__new__(Counts)
        for name, values in vars(self).items():
            setattr(taken, name, None if values is None else values[series])
        return taken

    def exposure(self) -> Values:
        """(series,) people of all rows that are present, or their number without an offset."""
        people = np.ones_like(self.observed) if self.offset is None else np.exp(self.offset)
        return _total(people, self.present)

    def start_deviance(self, weights: Values | None) -> Values:
        """(series,) deviance, up to `constant`, of the mean from which the first step is taken."""
        return 2.0 * _total(self.observed + START - self.observed * self.log_start, weights)

    def constant(self, weights: Values | None) -> Values:
        """(series,) the part of the deviance that no parameter changes."""
        return 2.0 * _total(self._saturated, weights)


def past(observed: Values, people: Values | None) -> Counts:
    """What a fit sees: a row without a count (NaN), or where nobody was tested (0 people), says nothing.

    observed, people : (series, rows) in the design's order; people None = counts are not proportional to anything
    """
    missing = np.isnan(observed)
    if people is not None:
        missing |= people == 0
    present = None
    if missing.any():
        observed, present = np.where(missing, 0.0, observed), (~missing).astype(np.float64)
        people = None if people is None else np.where(missing, 1.0, people)
    return Counts(observed, None if people is None else np.log(people), present)


@dataclass(frozen=True)
class Curvature:
    """The inverse information of the last step, for a dispersion of one.

    inverse : (series, groups) 1 / sum of working weights, 0 where a group has none
    centre  : (series, groups) weighted mean time of the group
    slope   : (series,) variance of the slope, 0 where none is fitted
    """

    inverse: Values
    centre: Values
    slope: Values

    def prediction(self, group: int, time: float) -> Values:
        """(series,) variance of the linear predictor at one scaled time of one group."""
        return self.inverse[:, group] + (time - self.centre[:, group]) ** 2 * self.slope


@dataclass(frozen=True)
class Fit:
    """levels (series, groups), slopes (series,) per the design's unit of time; mean, working (series, rows).

    working : working weights of the last step, made from the mean before it, as R keeps them
    freedom : (series,) rows less parameters
    """

    design: Design
    counts: Counts
    levels: Values
    slopes: Values
    converged: Flags
    mean: Values
    working: Values
    curvature: Curvature
    freedom: Values

    def dispersion(self, weights: Values | None = None) -> Values:
        """(series,) Pearson dispersion; by the working weights unless others are given."""
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            relative = (self.counts.observed - self.mean) / self.mean
            relative *= relative
            relative *= self.working if weights is None else weights
            return np.where(self.freedom > 0, relative.sum(1) / self.freedom, np.nan)

    def leverage(self) -> Values:
        """(series, rows) diagonal of the hat matrix."""
        found = np.empty_like(self.mean)
        for group, rows in enumerate(self.design.slices):
            away = self.design.times[rows] - self.curvature.centre[:, group : group + 1]
            away *= away
            away *= self.curvature.slope[:, None]
            away += self.curvature.inverse[:, group : group + 1]
            np.multiply(away, self.working[:, rows], out=found[:, rows])
        return found

    def predictor(self, group: int, time: float) -> Values:
        """(series,) linear predictor without offset at one scaled time of one group."""
        return self.levels[:, group] + self.slopes * time


class _Path:
    """Where the iterations of each series stand."""

    def __init__(self, series: int, groups: int) -> None:
        self.levels, self.before_levels = np.zeros((series, groups)), np.zeros((series, groups))
        self.slopes, self.before_slopes = np.zeros(series), np.zeros(series)
        self.inverse, self.centre, self.slope = np.zeros((series, groups)), np.zeros((series, groups)), np.zeros(series)
        self.converged, self.first = np.zeros(series, dtype=np.bool_), np.ones(series, dtype=np.bool_)

    def step(self, at: Places, curvature: Curvature, scores: Values) -> None:
        """One solution of the arrow for the series `at`; scores : (2, series, groups) of levels and of the slope."""
        change = (scores[1].sum(1) - (curvature.centre * scores[0]).sum(1)) * curvature.slope
        self.before_levels[at], self.before_slopes[at] = self.levels[at], self.slopes[at]
        here = curvature.inverse > 0
        self.levels[at] += scores[0] * curvature.inverse - curvature.centre * change[:, None] * here
        self.slopes[at] += change
        self.inverse[at], self.centre[at], self.slope[at] = curvature.inverse, curvature.centre, curvature.slope


def fit(counts: Counts, design: Design, *, trend: Flags, weights: Values | None = None) -> Fit:
    """Iteratively reweighted least squares with R's start, stop and number of steps.

    trend   : (series,) whether a slope is fitted
    weights : (series, rows) prior weights on top of the counts' own presence, or None

    A group without a row that counts keeps level 0 and variance 0; look at `curvature.inverse`.
    Source: McCullagh & Nelder, Generalized Linear Models, 2nd ed., 2.5.
    """
    prior = _product(weights, counts.present)
    observed = counts.observed if prior is None else counts.observed * prior
    totals = design.sums(observed, 2)
    constant = counts.constant(prior)
    deviance = constant + counts.start_deviance(prior)
    if counts.offset is not None:
        constant -= 2.0 * (observed * counts.offset).sum(1)
    path = _Path(len(counts), design.count)
    _first_step(path, counts, design, trend, prior)
    at = np.arange(len(counts))
    for step in range(STEPS):
        mean = _mean(design, path.levels[at], path.slopes[at], _rows(counts.offset, at), _rows(prior, at))
        sums = design.sums(mean, 3)
        fitted = (path.levels[at] * totals[0, at]).sum(1) + path.slopes[at] * totals[1, at].sum(1)
        now = constant[at] + 2.0 * (sums[0].sum(1) - fitted)
        done = np.abs(now - deviance[at]) < TOLERANCE * (np.abs(now) + 0.1)
        deviance[at] = now
        path.converged[at[done]] = True
        going = ~done & np.isfinite(now)
        at, sums = at[going], sums[:, going]
        if not len(at) or step == STEPS - 1:
            break
        path.step(at, _curvature(sums, trend[at]), totals[:, at] - sums[:2])
        path.first[at] = False
    return _fit(path, counts, design, trend, prior)


def _first_step(path: _Path, counts: Counts, design: Design, trend: Flags, prior: Values | None) -> None:
    """The working response of a mean equal to the count plus START."""
    working = counts.observed + START
    response = counts.log_start - START / working
    if counts.offset is not None:
        response -= counts.offset
    if prior is not None:
        working *= prior
    response *= working
    path.step(np.arange(len(counts)), _curvature(design.sums(working, 3), trend), design.sums(response, 2))


def _curvature(sums: Values, trend: Flags) -> Curvature:
    """sums : (3, series, groups) of the working weights, times t, times t squared."""
    here = sums[0] > 0
    inverse = np.divide(1.0, sums[0], out=np.zeros_like(sums[0]), where=here)
    centre = sums[1] * inverse
    information = (sums[2] - sums[1] * centre).sum(1)
    slope = np.divide(1.0, information, out=np.zeros(len(trend)), where=trend & (information > 0))
    return Curvature(inverse=inverse, centre=centre, slope=slope)


def _fit(path: _Path, counts: Counts, design: Design, trend: Flags, prior: Values | None) -> Fit:
    mean = _mean(design, path.levels, path.slopes, counts.offset, None)
    working = _mean(design, path.before_levels, path.before_slopes, counts.offset, None)
    working[path.first] = counts.observed[path.first] + START
    np.maximum(mean, LEAST, out=mean)
    np.maximum(working, LEAST, out=working)
    if prior is not None:
        working *= prior
    rows = np.full(len(counts), float(len(design.times))) if counts.present is None else counts.present.sum(1)
    return Fit(
        design=design,
        counts=counts,
        levels=path.levels,
        slopes=path.slopes,
        converged=path.converged,
        mean=mean,
        working=working,
        curvature=Curvature(inverse=path.inverse, centre=path.centre, slope=path.slope),
        freedom=rows - (path.inverse > 0).sum(1) - trend,
    )


def _mean(design: Design, levels: Values, slopes: Values, offset: Values | None, prior: Values | None) -> Values:
    linear = design.linear(levels, slopes)
    if offset is not None:
        linear += offset
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # a series without a finite fit is told so later
        np.exp(linear, out=linear)
        if prior is not None:
            linear *= prior
    return linear


def _rows(values: Values | None, at: Places) -> Values | None:
    return values if values is None or len(at) == len(values) else values[at]


def _product(one: Values | None, other: Values | None) -> Values | None:
    if one is None or other is None:
        return other if one is None else one
    return one * other


def _total(values: Values, weights: Values | None) -> Values:
    return values.sum(1) if weights is None else np.einsum("sr,sr->s", values, weights)
