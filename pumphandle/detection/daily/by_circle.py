"""The scan of one morning, ranked for each authority: the strongest circles around its own places, and how rare."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.detection.clusters import Best, best_cylinders, describe
from pumphandle.detection.daily.finding import Finding, Level, Method, alarms_a_week
from pumphandle.detection.daily.placing import Look, Strength, of_areas, of_cases
from pumphandle.detection.daily.settings import Settings
from pumphandle.detection.daily.tail import tail
from pumphandle.detection.layout import Layout, Windows, lay_out
from pumphandle.detection.models import cases_at, poisson
from pumphandle.detection.replicates import Replicates
from pumphandle.detection.significance import Gumbel, gumbel, rank_p_value
from pumphandle.detection.zones import Zones, circles

Values = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Key = npt.NDArray[np.uint64]

MOST_PLACES: Final = 40
"""Nearest places in a circle: a local outbreak, not a wave."""
MOST_SHARE: Final = 0.1
MOST_AN_AUTHORITY: Final = 3
MOST_FOR_TAIL: Final = 8
"""Circles of each authority that tell how strong circles usually are."""
LONGEST: Final = 21
"""Days of the longest window: an outbreak that lasts longer is the area's level."""
EVERY_SIZE: Final = np.array([np.inf])
WEIGHTS: Final = (3, 2)
"""What a household's first case and its later ones count among postcodes: chosen in docs/performance/parts.md."""
NEAR: Final = 3.0
"""Within this factor of what is allowed, more replicates are drawn."""


@dataclass(frozen=True)
class Circle:
    """One cylinder of a layout. authority : of its centre; at, count, window : as in clusters.Best."""

    authority: int
    at: int
    count: int
    window: int
    ratio: float


def of_small_areas(look: Look, settings: Settings, expected: Values, *, allowed: float) -> list[Finding]:
    """Circles of small areas; only the first case of each household counts, so that cases are independent.

    expected : (areas, days) of those first cases
    """
    ground, known = look.ground, look.known
    placed = np.flatnonzero(np.isfinite(ground.points).all(axis=1))
    number = np.full(ground.areas, -1)
    number[placed] = np.arange(len(placed))
    chosen = np.flatnonzero(known.first & (number[known.case_area] >= 0))
    if len(placed) < 2 or not len(chosen):
        return []
    cases = cases_at(number[known.case_area[chosen]], known.case_day[chosen], places=len(placed), days=known.days)
    model = poisson(cases, expected[placed])
    zones = _circles(ground.points[placed], np.nan_to_num(ground.population[placed], nan=0.0) + 1.0)
    layout = lay_out(model, zones, _windows(look), fewest_cases=2, centres="cases")
    share = _shares(ground.authority, look.expected, len(ground.authorities))
    found: list[Finding] = []
    for circle, strength in _judged(
        layout, ground.authority[placed], share, settings, _key(settings, Level.SMALL_AREA, look), allowed
    ):
        cylinder = describe(layout, circle.at, circle.count, circle.window, circle.ratio)
        areas = placed[cylinder.members].astype(np.int64)
        days = (cylinder.first_day, cylinder.last_day)
        one = of_areas(look, Method.AREA_SCAN, Level.SMALL_AREA, areas, days, strength)
        found += [one] if one else []
    return found


def of_postcodes(look: Look, *, weights: tuple[int, int] = WEIGHTS) -> list[Finding]:
    """Circles of unit postcodes with cases, judged by the morning's own other circles (see tail).

    weights : of a household's first case and of its later ones; a circle holds at least two first cases' worth
    The expected cases of an area are shared evenly among its postcodes with cases: no other postcode need be known.
    """
    ground, known = look.ground, look.known
    chosen = np.flatnonzero(known.case_post >= 0)
    if not len(chosen):
        return []
    posts, place = np.unique(known.case_post[chosen], return_inverse=True)
    if len(posts) < 2:
        return []
    area = np.zeros(len(posts), dtype=np.int64)
    area[place] = known.case_area[chosen]
    many = np.bincount(area, minlength=ground.areas)[area]
    day, first = known.case_day[chosen], known.first[chosen]
    usual_here = look.expected.sum(1)[area] / many
    layout = _postcode_layout(look, (place, day, np.where(first, *weights)), known.post_points[posts], usual_here)
    circles_found = strongest(layout, best_cylinders(layout, EVERY_SIZE), ground.authority[area], MOST_FOR_TAIL)
    if not circles_found:
        return []
    null = tail([one.ratio for one in circles_found])
    share = _shares(ground.authority, look.expected, len(ground.authorities))
    found: list[Finding] = []
    for circle in strongest_few(circles_found):
        cylinder = describe(layout, circle.at, circle.count, circle.window, circle.ratio)
        days = (cylinder.first_day, cylinder.last_day)
        inside = np.isin(place, cylinder.members) & (day >= days[0]) & (day <= days[1])
        usual = look.expected[:, days[0] : days[1] + 1].sum(1)[area[cylinder.members]] / many[cylinder.members]
        mornings = null.a_morning(circle.ratio)
        rate = alarms_a_week(Method.POSTCODE_SCAN, Level.POSTCODE, float(share[circle.authority]) * mornings)
        strength = Strength(float(-np.expm1(-mornings)), rate, circle.ratio)
        one = of_cases(look, Method.POSTCODE_SCAN, Level.POSTCODE, chosen[inside], days, strength, float(usual.sum()))
        found += [one] if one else []
    return found


def _postcode_layout(look: Look, cases: tuple[Longs, Longs, Longs], points: Values, share: Values) -> Layout:
    """cases : place, day and weight of each."""
    place, day, weight = cases
    repeated = np.repeat(np.arange(len(place)), weight)
    weighted = cases_at(place[repeated], day[repeated], places=len(points), days=look.known.days)
    model = poisson(weighted, share, np.maximum(look.expected.sum(axis=0), 1e-9))
    zones = _circles(points, np.bincount(place, minlength=len(points)).astype(np.float64))
    return lay_out(model, zones, _windows(look), fewest_cases=2 * int(weight.max()), centres="cases")


def _circles(points: Values, size: Values) -> Zones:
    return circles(points, size, max_share=MOST_SHARE, max_places=MOST_PLACES)


def _windows(look: Look) -> Windows:
    return Windows("prospective", min(LONGEST, max(1, look.known.days // 2)))


def _shares(authority: Longs, expected: Values, authorities: int) -> Values:
    """(authorities,) share of the nation's expected cases: chance findings fall where cases do."""
    by_authority = np.bincount(authority, weights=expected.sum(axis=1), minlength=authorities)
    return by_authority / by_authority.sum()


def _judged(
    layout: Layout, authority: Longs, share: Values, settings: Settings, key: Key, allowed: float
) -> list[tuple[Circle, Strength]]:
    """The strongest circles of each authority with their strength, from as many replicates as it takes."""
    if len(layout.daily) == 0:
        return []
    best = best_cylinders(layout, EVERY_SIZE)
    found = strongest(layout, best, authority)
    if not found:
        return []
    supply = Replicates(layout, key)
    maxima = supply.maxima(0, settings.replicates)
    null = _null(maxima)
    if null is None:
        return []
    rates = np.array([a_week(null, one.ratio, share[one.authority]) for one in found])
    if ((rates > allowed / NEAR) & (rates < allowed * NEAR)).any() and settings.most_replicates > settings.replicates:
        more = supply.maxima(settings.replicates, settings.most_replicates - settings.replicates)
        maxima = np.concatenate((maxima, more))
        null = _null(maxima) or null
    return [
        (
            one,
            Strength(
                p_value=min(rank_p_value(one.ratio, maxima), max(null.p_value(one.ratio), 1e-300)),
                alarms_a_week=a_week(null, one.ratio, float(share[one.authority])),
                ratio=one.ratio,
            ),
        )
        for one in found
    ]


def _null(maxima: Values) -> Gumbel | None:
    return gumbel(maxima) if len(maxima) > 1 and float(np.std(maxima)) > 0 else None


def a_week(null: Gumbel, ratio: float, share: float) -> float:
    """Circles of at least this ratio that chance brings a week where so large a share of the nation's cases is.

    The number of separate places that reach a ratio is about Poisson, and its mean follows from the highest ratio's
    distribution: -log P(none). Source: Aldous 1989, Probability Approximations via the Poisson Clumping Heuristic, A.
    """
    a_morning = float(share * np.exp(-(ratio - null.location) / null.scale))
    return alarms_a_week(Method.AREA_SCAN, Level.SMALL_AREA, a_morning)


def strongest(layout: Layout, best: Best, authority: Longs, most: int = MOST_AN_AUTHORITY) -> list[Circle]:
    """The highest circles of each authority's own centres that share no place with a higher one of its own.

    authority : (places,)
    """
    ratio, count, window = best.ratio[0], best.count[0], best.window[0]
    of_centre = authority[layout.zones.centre]
    order = np.lexsort((count, -ratio))
    order = order[ratio[order] > 0.0]
    found: list[Circle] = []
    taken: dict[int, set[int]] = {}
    kept: dict[int, int] = {}
    for at in order:
        own = int(of_centre[at])
        if kept.get(own, 0) == most:
            continue
        members = set(layout.zones.members(int(at), int(count[at])).tolist())
        if members & taken.setdefault(own, set()):
            continue
        taken[own] |= members
        kept[own] = kept.get(own, 0) + 1
        found.append(Circle(own, int(at), int(count[at]), int(window[at]), float(ratio[at])))
    return found


def strongest_few(found: list[Circle]) -> list[Circle]:
    """The first MOST_AN_AUTHORITY of each authority, in the same order."""
    kept: dict[int, int] = {}
    few: list[Circle] = []
    for one in found:
        kept[one.authority] = kept.get(one.authority, 0) + 1
        few += [one] if kept[one.authority] <= MOST_AN_AUTHORITY else []
    return few


def _key(settings: Settings, level: Level, look: Look) -> Key:
    """Replicates of their own for each seed, day, pathogen and level: the same on any machine and in any order."""
    words = [settings.seed, look.known.last.toordinal(), *f"{look.known.pathogen}/{level}".encode()]
    return np.random.SeedSequence(words).generate_state(2, np.uint64).astype(np.uint64)
