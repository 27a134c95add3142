"""Farrington's exceedance thresholds, original and flexible, for thousands of series in one call."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from pumphandle.detection import glm, negative_binomial
from pumphandle.detection.baseline import FLEXIBLE, Rule, Window, rows
from pumphandle.detection.expectation import Expectation, Question, expect
from pumphandle.detection.series import series_counts, series_population
from pumphandle.vocabulary.errors import NotUnderstood

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BLOCK_VALUES: Final = 96_000  # counts of one block of series: with its copies it stays in a core's own memory
POWERS: Final = {"none": 1.0, "1/2": 0.5, "2/3": 2.0 / 3.0}
EMPTY_CASES: Final = 0.5  # cases that a baseline of nothing but zeros counts for (Jeffreys' half)


@dataclass(frozen=True)
class Thresholds:
    """Each (series, at), in the order asked for.

    expected   : count to be expected; NaN where no model could be fitted
    upper      : highest ordinary count; NaN where `too_few` or the lack of a model blanks it
    p_value    : chance of at least the count observed, were nothing new
    score      : (observed - expected) / (upper - expected); above 1 exceeds
    exceeds    : observed above `upper`
    dispersion : variance over mean, at least 1
    trend      : a slope was kept; slope : of the log count per period, NaN where none
    too_few    : fewer cases in the latest periods than the rule asks for
    empty      : no case in the baseline; half a case is then spread over it
    """

    expected: Values
    upper: Values
    p_value: Values
    score: Values
    exceeds: Flags
    dispersion: Values
    trend: Flags
    slope: Values
    too_few: Flags
    empty: Flags


def farrington(
    observed: npt.ArrayLike,
    *,
    at: Sequence[int],
    window: Window,
    rule: Rule = FLEXIBLE,
    population: npt.ArrayLike | None = None,
    workers: int = 1,
) -> Thresholds:
    """Threshold of each series at each time, from the same season of earlier years.

    observed   : (series, times) counts, one a period (week or day); NaN = missing, left out
    at         : times to judge, from 0
    population : (series, times) to which counts are proportional (tests, people), or None; where it is 0 a row is
                 left out, and a time to judge has no threshold
    workers    : threads; the answer does not depend on their number

    Raises NotUnderstood for negative or infinite counts, shapes that differ, and a window longer than the series.
    Source: Farrington et al. 1996, JRSS A 159:547; Noufaily et al. 2013, Stat Med 32:1206.
    Oracle: R's surveillance 1.20.3, farringtonFlexible. Page: docs/methods/farrington.md
    """
    counts = series_counts(observed)
    people = None if population is None else series_population(population, counts)
    if not len(at):
        raise NotUnderstood("No time to judge was given.")
    judged = [_judged(counts, people, time, window, rule, workers) for time in at]
    return Thresholds(
        **{one.name: np.stack([getattr(all_of, one.name) for all_of in judged], 1) for one in fields(Thresholds)}
    )


def _judged(counts: Values, people: Values | None, time: int, window: Window, rule: Rule, workers: int) -> Thresholds:
    """(series,) each, for one time."""
    past, groups = rows(window, now=time, times=counts.shape[1])
    if rule.fewest[0] < 0 or not 0 < rule.fewest[1] <= time + 1:
        raise NotUnderstood("`fewest` needs cases of at least 0 and periods of at least 1 within the series.")
    design = glm.Design(past.astype(np.float64), groups)
    asked = Question(group=window.periods - 1, time=design.scaled(float(time)), years=window.years)
    past = past[design.order]
    step = max(BLOCK_VALUES // len(past), 8)
    blocks = [slice(first, first + step) for first in range(0, len(counts), step)]

    def expected(series: slice) -> Expectation:
        data = glm.past(counts[series].take(past, 1), None if people is None else people[series].take(past, 1))
        return expect(data, design, asked, rule, log_now[series])

    now = np.ones(len(counts)) if people is None else people[:, time]
    with np.errstate(divide="ignore"):
        log_now = np.log(now)
    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(expected, blocks))
    model = Expectation(
        **{one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Expectation)}
    )
    return _thresholds(model, now, counts[:, time + 1 - rule.fewest[1] : time + 1], rule)


def _thresholds(model: Expectation, now: Values, latest: Values, rule: Rule) -> Thresholds:
    """now : (series,) population today, 1 if it plays no part; latest : (series, periods) counts that `fewest` sees."""
    today, too_few = latest[:, -1], np.nansum(latest, 1) < rule.fewest[0]
    empty, exposure = model.cases == 0, now / model.exposure
    with np.errstate(over="ignore", divide="ignore"):
        eta = np.where(now > 0, np.where(empty, np.log(EMPTY_CASES * exposure), model.eta + np.log(now)), np.nan)
        mean = np.exp(eta)
        high = np.exp(eta + float(special.ndtri(1.0 - rule.alpha)) * model.se)
    dispersion = np.where(empty, 1.0 + exposure, model.dispersion)
    centre = np.where(empty | (rule.method != "nb upper"), mean, high)
    upper = negative_binomial.quantile(1.0 - rule.alpha, centre, dispersion)
    p_value = negative_binomial.upper_chance(today, centre, dispersion)
    if rule.method == "power":
        limit, chance = _power(today, mean, model.se * mean, dispersion, rule)
        upper, p_value = np.where(empty, upper, limit), np.where(empty, p_value, chance)
    upper = np.where(too_few, np.nan, upper)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = (today - mean) / (upper - mean)
    kept = model.trend & ~empty
    return Thresholds(
        expected=mean,
        upper=upper,
        p_value=np.where(np.isfinite(centre), p_value, np.nan),
        score=score,
        exceeds=today > upper,
        dispersion=dispersion,
        trend=kept,
        slope=np.where(kept, model.slope, np.nan),
        too_few=too_few,
        empty=empty,
    )


def _power(today: Values, mean: Values, se: Values, dispersion: Values, rule: Rule) -> tuple[Values, Values]:
    """Upper limit and upper chance of the count, normal on the transformed scale (Farrington et al. 1996, 3.7)."""
    power = POWERS[rule.power]
    with np.errstate(invalid="ignore"):
        spread = np.sqrt(power**2 * mean ** (2.0 * power - 1.0) * (dispersion + se**2 / mean))
        limit = np.maximum(mean**power + float(special.ndtri(1.0 - rule.alpha)) * spread, 0.0) ** (1.0 / power)
        return limit, special.ndtr((mean**power - today**power) / spread)
