"""A model and its windows laid out as the arrays that the compiled loops read."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from pumphandle.detection.kernels import likelihood
from pumphandle.detection.models import Likelihood, Model, Null
from pumphandle.detection.zones import Zones
from pumphandle.vocabulary.errors import NotUnderstood

Values = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

KIND = {
    Likelihood.POISSON: likelihood.POISSON,
    Likelihood.BERNOULLI: likelihood.BERNOULLI,
    Likelihood.FORECAST: likelihood.FORECAST,
}


@dataclass(frozen=True)
class Windows:
    """Which stretches of days are looked at.

    prospective   : the last `shortest` to `longest` days, still going on
    retrospective : every stretch of `shortest` to `longest` days in the study
    spatial       : the whole study as one (shortest and longest are not read)
    """

    kind: Literal["prospective", "retrospective", "spatial"]
    longest: int = 1
    shortest: int = 1


@dataclass(frozen=True)
class Layout:
    """Ages count days backwards: 0 is the last day of the study.

    window_from, window_to : (windows,) ages, first included, last not
    weight : (windows,) baseline of a window where the share is 1
    window_cases, window_base : (windows,) cases and baseline that a window is compared with
    slot : (places,) row in `daily`, -1 where no case; daily : (rows, ages) cases
    by_age : (places, ages) baseline, or (0, ages) where it separates
    """

    zones: Zones
    model: Model
    window_from: Longs
    window_to: Longs
    weight: Values
    window_cases: Values
    window_base: Values
    slot: Indices
    daily: Indices
    by_age: Values
    fewest: int
    by_case: bool

    @property
    def ages(self) -> int:
        """How many days back the windows reach."""
        return self.daily.shape[1]

    @property
    def kind(self) -> int:
        """The likelihood as the compiled loops know it."""
        return KIND[self.model.likelihood]

    @property
    def separable(self) -> bool:
        """Expected is a product of place and day."""
        return self.model.cells is None

    @property
    def wanted(self) -> npt.NDArray[np.bool_]:
        """Centres to look at: all, or those with a case inside the windows' ages."""
        every = np.ones(len(self.zones.centre), dtype=np.bool_)
        return self.slot[self.zones.centre] >= 0 if self.by_case else every


def lay_out(model: Model, zones: Zones, windows: Windows, *, fewest_cases: int, centres: str) -> Layout:
    """Arrays for the loops. Raises NotUnderstood where model, zones and windows do not fit each other."""
    cases = model.cases
    if zones.places != cases.places:
        raise NotUnderstood(f"The zones know {zones.places} places, the model {cases.places}.")
    if centres not in ("all", "cases"):
        raise NotUnderstood(f"centres is {centres!r}: it is 'all' or 'cases'.")
    if fewest_cases < 1:
        raise NotUnderstood(f"fewest_cases is {fewest_cases}: a cluster has at least one case.")
    low, high = _ages(windows, cases.days)
    ages = int(high.max())
    age = cases.days - 1 - cases.day
    inside = age < ages
    with_case = np.unique(cases.place[inside])
    slot = np.full(cases.places, -1, dtype=np.int32)
    slot[with_case] = np.arange(len(with_case), dtype=np.int32)
    daily = np.zeros((len(with_case), ages), dtype=np.int32)
    np.add.at(daily, (slot[cases.place[inside]], age[inside]), 1)
    if model.cells is None:
        reach = np.concatenate(([0.0], np.cumsum(model.day_weight[::-1][:ages])))
        weight, by_age = reach[high] - reach[low], np.zeros((0, ages))
    else:
        weight, by_age = np.zeros(len(low)), np.ascontiguousarray(model.cells[:, ::-1][:, :ages])
    cases_there, base_there = _compared(model, weight)
    return Layout(
        zones, model, low, high, weight, cases_there, base_there, slot, daily, by_age, fewest_cases, centres == "cases"
    )


def _compared(model: Model, weight: Values) -> tuple[Values, Values]:
    """The whole study; but where each day keeps its cases, the same days elsewhere."""
    if model.null == Null.DAYS_KEPT and model.stratum_days == 1:
        return weight, weight
    return np.full(len(weight), float(model.cases.total)), np.full(len(weight), model.base)


def _ages(windows: Windows, days: int) -> tuple[Longs, Longs]:
    if windows.kind == "spatial":
        return np.array([0]), np.array([days])
    if not 1 <= windows.shortest <= windows.longest:
        raise NotUnderstood(f"Windows of {windows.shortest} to {windows.longest} days: give 1 <= shortest <= longest.")
    if windows.longest > days:
        raise NotUnderstood(f"Windows of up to {windows.longest} days in a study of {days}: shorten them.")
    lengths = np.arange(windows.shortest, windows.longest + 1)
    if windows.kind == "prospective":
        return np.zeros(len(lengths), dtype=np.int64), lengths
    if windows.kind != "retrospective":
        raise NotUnderstood(f"Windows are prospective, retrospective or spatial, not {windows.kind!r}.")
    pairs = [(end - length, end) for length in lengths for end in range(length, days + 1)]
    table = np.array(pairs, dtype=np.int64)
    return np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])
