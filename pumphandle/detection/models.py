"""What to expect where and when, and what chance may move: one model for each kind of data."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from pumphandle.vocabulary.errors import NotUnderstood

Values = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]


class Likelihood(StrEnum):
    """How far observed lies above expected."""

    POISSON = "poisson"  # given all cases of the study
    BERNOULLI = "bernoulli"  # positives among tests
    FORECAST = "forecast"  # expected counts known from elsewhere


class Null(StrEnum):
    """What a replicate keeps of the data when nothing is going on."""

    FREE = "free"  # the number of cases
    DAYS_KEPT = "days_kept"  # each stratum of days keeps its cases, places are drawn
    PLACES_KEPT = "places_kept"  # each place keeps its cases, days are drawn
    SHUFFLED = "shuffled"  # places and days keep their cases, who goes with when is shuffled
    TESTS_KEPT = "tests_kept"  # every test stays, which of them are positive is drawn
    EXPECTED = "expected"  # nothing: Poisson counts around the expected ones


@dataclass(frozen=True)
class Cases:
    """One entry a case. place, day : (cases,) positions from 0; places, days : how many there are."""

    place: Indices
    day: Indices
    places: int
    days: int

    @property
    def total(self) -> int:
        return len(self.place)


@dataclass(frozen=True)
class Model:
    """What the scan needs of a model.

    share, day_weight : (places,) summing to 1 and (days,) summing to `base`; expected is their product
    cells : (places, days) instead of both where expected does not separate into place and day
    base  : all cases (Poisson, forecast: all expected) or all tests (Bernoulli)
    stratum_days : days in a stratum of Null.DAYS_KEPT
    """

    cases: Cases
    likelihood: Likelihood
    null: Null
    base: float
    share: Values
    day_weight: Values
    cells: Values | None = None
    stratum_days: int = 1


def cases_at(place: npt.ArrayLike, day: npt.ArrayLike, *, places: int, days: int) -> Cases:
    """Cases as two lists of positions. Raises NotUnderstood for a place or day that does not exist."""
    where, when = np.asarray(place, dtype=np.int64), np.asarray(day, dtype=np.int64)
    if where.shape != when.shape or where.ndim != 1:
        raise NotUnderstood("Each case has one place and one day: two lists of equal length.")
    if len(where) and (where.min() < 0 or where.max() >= places or when.min() < 0 or when.max() >= days):
        raise NotUnderstood(f"A case lies outside the {places} places or the {days} days of the study.")
    return Cases(place=where.astype(np.int32), day=when.astype(np.int32), places=places, days=days)


def cases_of(counts: npt.ArrayLike) -> Cases:
    """Cases from a table. counts : (places, days) or (places,) whole numbers, none negative, no holes."""
    table = np.asarray(counts)
    table = table[:, None] if table.ndim == 1 else table
    if table.ndim != 2 or not np.issubdtype(table.dtype, np.number) or not np.isfinite(table).all():
        raise NotUnderstood("Counts are a table of numbers, a row a place and a column a day, without holes.")
    if (table < 0).any() or (table != np.floor(table)).any():
        raise NotUnderstood("A count is negative or not a whole number: counts are sums of standing records.")
    where, when = np.nonzero(table)
    often = table[where, when].astype(np.int64)
    return cases_at(np.repeat(where, often), np.repeat(when, often), places=table.shape[0], days=table.shape[1])


def poisson(cases: Cases, population: npt.ArrayLike, day_weights: npt.ArrayLike | None = None) -> Model:
    """Cases in proportion to people, or to expected counts, at risk.

    population : (places,) people (standardised for age and sex: see adjustments), or (places, days) where it varies
    by day, e.g. tests, or expected counts from any other source; only proportions matter
    day_weights : (days,) day of week, trend, completeness; only proportions matter

    Raises NotUnderstood: negative, missing or no population, a case where nobody is at risk.
    Source: Kulldorff 1997 (section 4), 2001 J R Stat Soc A 164:61.
    """
    people = _measure(population, "population")
    weights = _day_weights(day_weights, cases.days)
    total = float(cases.total)
    if people.ndim == 1:
        share = _share(people, cases)
        return Model(cases, Likelihood.POISSON, Null.FREE, total, share, _spread(weights, cases, total))
    cells = _table(people, cases) * weights
    return Model(
        cases,
        Likelihood.POISSON,
        Null.FREE,
        total,
        share=np.zeros(0),
        day_weight=np.zeros(0),
        cells=_fitting(cells, cases, total),
    )


def time_stratified(cases: Cases, population: npt.ArrayLike, *, stratum_days: int = 1) -> Model:
    """Poisson where each stratum of days keeps its cases: any trend in time common to all places is adjusted for."""
    if stratum_days < 1 or cases.days % stratum_days:
        raise NotUnderstood(f"{cases.days} days do not divide into strata of {stratum_days}.")
    share = _share(_measure(population, "population"), cases)
    strata = np.bincount(cases.day // stratum_days, minlength=cases.days // stratum_days)
    by_day = np.repeat(strata / stratum_days, stratum_days)
    return Model(
        cases,
        Likelihood.POISSON,
        Null.DAYS_KEPT,
        float(cases.total),
        share=share,
        day_weight=by_day,
        stratum_days=stratum_days,
    )


def spatially_stratified(cases: Cases, day_weights: npt.ArrayLike | None = None) -> Model:
    """Poisson where each place keeps its cases: lasting differences between places are adjusted for."""
    weights = _day_weights(day_weights, cases.days)
    total = float(cases.total)
    share = np.bincount(cases.place, minlength=cases.places) / max(total, 1.0)
    return Model(cases, Likelihood.POISSON, Null.PLACES_KEPT, total, share, _spread(weights, cases, total))


def space_time_permutation(cases: Cases) -> Model:
    """Cases alone: expected from where and when they usually are, both kept; only their meeting is tested.

    Source: Kulldorff et al. 2005, PLoS Med 2(3):e59.
    """
    total = float(cases.total)
    share = np.bincount(cases.place, minlength=cases.places) / max(total, 1.0)
    by_day = np.bincount(cases.day, minlength=cases.days).astype(np.float64)
    return Model(cases, Likelihood.POISSON, Null.SHUFFLED, total, share, by_day)


def bernoulli(cases: Cases, tests: npt.ArrayLike) -> Model:
    """Positives among tests.

    tests : (places, days) whole numbers, positives included; or (places,) for one period
    Raises NotUnderstood: more positives than tests, negative, broken or missing tests, no test at all.
    Source: Kulldorff 1997, section 3.
    """
    table = _table(_measure(tests, "tests"), cases)
    if (table != np.floor(table)).any():
        raise NotUnderstood("Tests are whole numbers.")
    observed = np.zeros_like(table)
    np.add.at(observed, (cases.place, cases.day), 1)
    where = np.argwhere(observed > table)
    if len(where):
        raise NotUnderstood(
            f"Place {where[0][0]}, day {where[0][1]} has more positives than tests"
            f" ({len(where)} such cells): every positive is a test."
        )
    base = float(table.sum())
    empty = np.zeros(0)
    return Model(cases, Likelihood.BERNOULLI, Null.TESTS_KEPT, base, share=empty, day_weight=empty, cells=table)


def forecast(cases: Cases, expected: npt.ArrayLike) -> Model:
    """More than expected, not more than elsewhere: a rise in the whole nation is found too.

    expected : (places, days) cases
    Source: Neill 2009, Int J Forecast 25:498 (expectation-based Poisson).
    """
    table = _table(_measure(expected, "expected"), cases)
    _check_covered(table[cases.place, cases.day], cases)
    empty = np.zeros(0)
    base = float(table.sum())
    return Model(cases, Likelihood.FORECAST, Null.EXPECTED, base, share=empty, day_weight=empty, cells=table)


def _measure(values: npt.ArrayLike, name: str) -> Values:
    measure = np.asarray(values, dtype=np.float64)
    wrong = np.argwhere(~np.isfinite(measure) | (measure < 0))
    if len(wrong):
        first = tuple(int(at) for at in wrong[0])
        raise NotUnderstood(f"{name} is negative or missing in {len(wrong)} entries, the first at {first}.")
    if not measure.sum() > 0:
        raise NotUnderstood(f"{name} is zero everywhere: there is nothing to compare the cases with.")
    return measure


def _table(measure: Values, cases: Cases) -> Values:
    table = measure[:, None] if measure.ndim == 1 else measure
    if table.shape != (cases.places, cases.days):
        raise NotUnderstood(f"Expected a table of {cases.places} places and {cases.days} days, not {table.shape}.")
    return table


def _share(people: Values, cases: Cases) -> Values:
    if people.shape != (cases.places,):
        raise NotUnderstood(f"Expected the population of {cases.places} places, not an array of shape {people.shape}.")
    _check_covered(people[cases.place], cases)
    return people / people.sum()


def _fitting(cells: Values, cases: Cases, total: float) -> Values:
    _check_covered(cells[cases.place, cases.day], cases)
    return cells * (total / cells.sum())


def _check_covered(at_risk: Values, cases: Cases) -> None:
    nobody = np.flatnonzero(at_risk <= 0)
    if len(nobody):
        raise NotUnderstood(
            f"{len(nobody)} cases lie where nobody is at risk, the first in place {cases.place[nobody[0]]}:"
            " correct the population or the place."
        )


def _day_weights(weights: npt.ArrayLike | None, days: int) -> Values:
    if weights is None:
        return np.ones(days)
    given = _measure(weights, "day_weights")
    if given.shape != (days,):
        raise NotUnderstood(f"{given.size} day weights for {days} days: give one a day.")
    return given


def _spread(weights: Values, cases: Cases, total: float) -> Values:
    _check_covered(weights[cases.day], cases)
    return weights * (total / weights.sum())
