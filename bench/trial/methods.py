"""Every method on the same mornings: a score for each finding, higher = more alarming, and the cases it is made of.

Others' methods are run by our own library, which is held to their reference outputs; each as its users run it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.trial.morning import STUDY_DAYS
from bench.trial.world import World
from pumphandle.detection.clusters import best_cylinders, describe
from pumphandle.detection.daily.by_circle import strongest
from pumphandle.detection.daily.engine import look
from pumphandle.detection.daily.known import Ground, Known
from pumphandle.detection.daily.settings import Settings
from pumphandle.detection.ears import ears
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


def ours(morning: Morning) -> list[Found]:
    """The daily look, all its methods together."""
    settings = Settings(false_alarms=RATE, most_replicates=99)
    number = {key: int(one) for key, one in zip(morning.known.case_keys, morning.which, strict=True)}
    return [
        Found(-float(np.log(max(one.odds, 1e-300))), frozenset(number[key] for key in one.finding.cases))
        for one in look(morning.ground, [morning.known], settings)[0]
    ]


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


def ears_by_area(morning: Morning) -> list[Found]:
    """EARS C2 on weekly sums of every small area, in standard deviations above the mean of four weeks."""
    known = morning.known
    weekly = known.counts().reshape(len(morning.world.population), -1, 7).sum(axis=2)
    mean = ears(weekly, ["C2"], baseline=4, least_spread=0.5, alpha=0.5)["C2"].upper[:, -1]
    upper = ears(weekly, ["C2"], baseline=4, least_spread=0.5)["C2"].upper[:, -1]
    excess = 3.09 * (weekly[:, -1] - mean) / (upper - mean)
    week = known.case_day >= known.days - 7
    return [
        Found(float(excess[area]), frozenset(morning.which[week & (known.case_area == area)].tolist()))
        for area in np.argsort(-excess)[:30]
        if np.isfinite(excess[area]) and weekly[area, -1] >= 2
    ]


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
METHODS: Final[Mapping[str, Callable[[Morning], list[Found]]]] = {
    OURS: ours,
    "scan, residents at risk (SaTScan)": population_scan,
    "scan, tests at risk (New York)": tests_scan,
    "permutation scan of areas (New York)": permutation_of_areas,
    "permutation scan of postcodes (SaTScan)": permutation_of_postcodes,
    "EARS C2 by area, seven-day sums": ears_by_area,
}


def zones_of(world: World) -> Zones:
    """Circles of up to a tenth of the people."""
    return circles(world.points, world.population, max_share=0.1)


def mornings(days: int) -> range:
    """Mornings that are looked at: from the first whole study on."""
    return range(STUDY_DAYS - 1, days)
