"""What is known beforehand about who falls ill and when, as weights for a model."""

import numpy as np
import numpy.typing as npt

from pumphandle.detection.models import Cases
from pumphandle.vocabulary.errors import NotUnderstood

Values = npt.NDArray[np.float64]


def day_of_week(cases: Cases, *, first_weekday: int, as_satscan: bool = False) -> Values:
    """(days,) weights: cases on an average Monday, Tuesday, … of the study, summed over all places.

    first_weekday : of day 0, from 0
    as_satscan : spread as SaTScan 10.3.2 spreads them (AdjustForWeeklyTrends): the people of a weekday are counted at
        the beginning of the day and of the next, and taken linearly between, so that half a day's share falls on the
        days beside it. For comparison only: it blunts the pattern, and whole weeks do not hold equal shares

    Raises NotUnderstood for a study shorter than a week.
    """
    if cases.days < 7:
        raise NotUnderstood(f"A day-of-week pattern cannot be read from {cases.days} days: give at least 7.")
    is_weekday = ((np.arange(cases.days) + first_weekday) % 7 == np.arange(7)[:, None]).astype(np.float64)
    held = is_weekday @ np.bincount(cases.day, minlength=cases.days)
    if as_satscan:
        beside = np.zeros_like(is_weekday)
        beside[:, 1:] += is_weekday[:, :-1] / 2.0
        beside[:, :-1] += is_weekday[:, 1:] / 2.0
        is_weekday += beside
    return (held / is_weekday.sum(axis=1)) @ is_weekday


def log_linear_trend(cases: Cases, weights: npt.ArrayLike | None = None) -> Values:
    """(days,) weights times (1 + r)^day, r fitted to all cases together (Poisson maximum likelihood).

    weights : (days,) what else is known of the days, e.g. day_of_week
    Raises NotUnderstood without cases on at least two days.
    """
    known = np.ones(cases.days) if weights is None else np.asarray(weights, dtype=np.float64)
    by_day = np.bincount(cases.day, minlength=cases.days).astype(np.float64)
    if np.count_nonzero(by_day) < 2 or known.shape != by_day.shape:
        raise NotUnderstood("A trend needs cases on at least two days, and one weight a day.")
    day = np.arange(cases.days) - (cases.days - 1) / 2.0
    slope, mean_day = 0.0, float((by_day * day).sum() / by_day.sum())
    for _ in range(50):
        expected = known * np.exp(slope * day)
        share = expected / expected.sum()
        centre = float((share * day).sum())
        step = (mean_day - centre) / float((share * (day - centre) ** 2).sum())
        slope += float(np.clip(step, -0.5, 0.5))
        if abs(step) < 1e-12:
            break
    return known * np.exp(slope * day)


def standardised(population: npt.ArrayLike, cases_by_stratum: npt.ArrayLike) -> Values:
    """Expected cases if every age and sex fell ill as in the whole nation (indirect standardisation).

    population : (places, strata) or (places, days, strata) people
    cases_by_stratum : (strata,) cases in the whole study
    Returns (places,) or (places, days); pass it to models.poisson as population.
    Raises NotUnderstood for cases in a stratum where nobody lives.
    """
    people = np.asarray(population, dtype=np.float64)
    ill = np.asarray(cases_by_stratum, dtype=np.float64)
    if people.ndim not in (2, 3) or ill.shape != people.shape[-1:]:
        raise NotUnderstood("Give the population with strata last, and one number of cases a stratum.")
    if not np.isfinite(people).all() or (people < 0).any() or (ill < 0).any():
        raise NotUnderstood("A population or a number of cases is negative or missing.")
    at_risk = people.reshape(-1, len(ill)).sum(axis=0)
    nobody = np.flatnonzero((at_risk <= 0) & (ill > 0))
    if len(nobody):
        raise NotUnderstood(f"Stratum {nobody[0]} has cases but nobody lives in it.")
    rates = np.divide(ill, at_risk, out=np.zeros_like(ill), where=at_risk > 0)
    return people @ rates
