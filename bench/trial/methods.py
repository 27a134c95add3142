"""Every method on the same mornings: a score for each finding, higher = more alarming, and the cases it is made of.

Others' methods are run by our own library, which is held to their reference outputs; each as its users run it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from bench.trial.by_series import cusum_scores, ears_scores, farrington_scores, likelihood_scores
from bench.trial.morning import STUDY_DAYS
from bench.trial.world import World
from pumphandle.detection.clusters import best_cylinders, describe
from pumphandle.detection.daily.by_circle import strongest
from pumphandle.detection.daily.engine import PARTS, Task, findings_of, levels
from pumphandle.detection.daily.finding import SHARES, Finding
from pumphandle.detection.daily.known import Ground, Known
from pumphandle.detection.daily.merging import rank
from pumphandle.detection.daily.settings import Settings
from pumphandle.detection.layout import Windows, lay_out
from pumphandle.detection.models import Model, poisson, space_time_permutation
from pumphandle.detection.models import cases_at as positions
from pumphandle.detection.zones import Zones, circles

RATE: Final = 0.25
"""False alarms a week in one authority at which methods are compared: the house's first threshold."""
FOUR_WEEKS: Final = 28


@dataclass(frozen=True)
class Found:
    """score : of one method; cases : numbers of the world's cases."""

    score: float
    cases: frozenset[int]


@dataclass(frozen=True)
class Morning:
    """What every method sees. which : the world's number of each known case."""

    world: World
    ground: Ground
    known: Known
    which: np.ndarray
    zones: Zones


def ours(morning: Morning) -> dict[str, list[Found]]:
    """The daily look, and each of its methods alone with its own part of the false alarms: score 0 is the threshold."""
    settings = Settings(false_alarms=RATE, most_replicates=99)
    number = {key: int(one) for key, one in zip(morning.known.case_keys, morning.which, strict=True)}
    found = [one for part in PARTS for one in findings_of(Task(part, morning.ground, morning.known, settings))]
    seen = levels(morning.known)
    allowed = [(one, settings.allowed(one.method, one.level, seen=seen)) for one in found]

    def told(chosen: Sequence[tuple[Finding, float]]) -> list[Found]:
        return [
            Found(-float(np.log(max(one.odds, 1e-300))), frozenset(number[key] for key in one.finding.cases))
            for one in rank(chosen)
        ]

    alone = {
        name: told([(one, part) for one, part in allowed if (one.method, one.level) == chosen])
        for name, chosen in zip(ALONE, SHARES, strict=True)
    }
    return {OURS: told(allowed)} | alone


def population_scan(morning: Morning) -> list[Found]:
    """As SaTScan's prospective Poisson scan with residents at risk."""
    cases = morning.known.cases(np.ones(len(morning.which), dtype=np.bool_))
    return _areas(morning, poisson(cases, morning.ground.population))


def tests_scan(morning: Morning) -> list[Found]:
    """As New York for COVID-19: tests by area and day are the population."""
    cases = morning.known.cases(np.ones(len(morning.which), dtype=np.bool_))
    return _areas(morning, poisson(cases, morning.known.tests + 1e-6))


def permutation_of_areas(morning: Morning) -> list[Found]:
    """As New York for 35 diseases: space-time permutation."""
    cases = morning.known.cases(np.ones(len(morning.which), dtype=np.bool_))
    return _areas(morning, space_time_permutation(cases))


def permutation_of_postcodes(morning: Morning) -> list[Found]:
    """SaTScan's space-time permutation on unit postcodes."""
    known = morning.known
    posts, place = np.unique(known.case_post, return_inverse=True)
    cases = positions(place, known.case_day, places=len(posts), days=known.days)
    size = np.bincount(place).astype(np.float64)
    zones = circles(known.post_points[posts], size, max_share=0.1, max_places=40)
    layout = lay_out(
        space_time_permutation(cases), zones, Windows("prospective", FOUR_WEEKS), fewest_cases=2, centres="cases"
    )
    authority = morning.world.district[morning.world.post_area[posts]]
    found: list[Found] = []
    for one in strongest(layout, best_cylinders(layout, np.array([np.inf])), authority):
        cylinder = describe(layout, one.at, one.count, one.window, one.ratio)
        inside = np.isin(place, cylinder.members) & (known.case_day >= cylinder.first_day)
        found.append(Found(one.ratio, frozenset(morning.which[inside].tolist())))
    return found


def place_rule(morning: Morning) -> list[Found]:
    """England's rule for exposures: one place within seven days, two or more households; the more, the higher."""
    known = morning.known
    recent = known.case_day[known.shared_case] >= known.days - 7
    found: list[Found] = []
    for place in np.unique(known.shared_place[recent]):
        cases = known.shared_case[recent & (known.shared_place == place)]
        homes = len(np.unique(known.case_household[cases]))
        if homes >= 2:
            found.append(Found(homes + len(cases) / 1_000.0, frozenset(morning.which[cases].tolist())))
    return found


def of_series(scores: Callable[[Known], np.ndarray]) -> Callable[[Morning], list[Found]]:
    """The 30 areas with the highest scores and two cases or more in the last seven days."""

    def found(morning: Morning) -> list[Found]:
        known = morning.known
        value, week = scores(known), known.case_day >= known.days - 7
        cases = np.bincount(known.case_area[week], minlength=len(value))
        return [
            Found(float(value[area]), frozenset(morning.which[week & (known.case_area == area)].tolist()))
            for area in np.argsort(-value)[:30]
            if np.isfinite(value[area]) and cases[area] >= 2
        ]

    return found


def _areas(morning: Morning, model: Model) -> list[Found]:
    known = morning.known
    windows = Windows("prospective", FOUR_WEEKS)
    layout = lay_out(model, morning.zones, windows, fewest_cases=2, centres="all")
    found: list[Found] = []
    for one in strongest(layout, best_cylinders(layout, np.array([np.inf])), morning.world.district):
        cylinder = describe(layout, one.at, one.count, one.window, one.ratio)
        inside = np.isin(known.case_area, cylinder.members) & (known.case_day >= cylinder.first_day)
        found.append(Found(one.ratio, frozenset(morning.which[inside].tolist())))
    return found


OURS: Final = "the daily look (all levels together)"
ALONE: Final = tuple(f"{method}, {str(level).replace('_', ' ')}" for method, level in SHARES)
PEERS: Final[Mapping[str, Callable[[Morning], list[Found]]]] = {
    "scan, residents at risk (SaTScan)": population_scan,
    "scan, tests at risk (New York)": tests_scan,
    "permutation scan of areas (New York)": permutation_of_areas,
    "permutation scan of postcodes (SaTScan)": permutation_of_postcodes,
    "EARS C1 by area, seven-day sums (R surveillance)": of_series(partial(ears_scores, method="C1")),
    "EARS C2 by area, seven-day sums (R surveillance)": of_series(partial(ears_scores, method="C2")),
    "Farrington flexible by area, eight weeks of days, tests as offset (R surveillance)": of_series(farrington_scores),
    "CUSUM by area (R surveillance)": of_series(cusum_scores),
    "negative-binomial likelihood ratio by area (R surveillance)": of_series(likelihood_scores),
    "same place within seven days (England's rule)": place_rule,
}


def zones_of(world: World) -> Zones:
    """Circles of up to a tenth of the people."""
    return circles(world.points, world.population, max_share=0.1)


def mornings(days: int) -> range:
    """Mornings that are looked at: from the first whole study on."""
    return range(STUDY_DAYS - 1, days)
