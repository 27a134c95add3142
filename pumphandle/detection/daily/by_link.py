"""Cases that share a home's postcode or a place: too many, from too many households, to be there by chance."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.detection.daily.finding import Finding, Level, Method, alarms_a_week
from pumphandle.detection.daily.placing import Look, Strength, of_cases
from pumphandle.detection.linked import LEAST_PAST, compound_tail, fit_places, place_tail, sizes_of

Values = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

WINDOWS: Final = (7, 14, 21)
"""Days back that cases of one group are counted over."""
PEOPLE_A_POSTCODE: Final = 35.0
"""In a unit postcode of the United Kingdom, mean: how many there are where only those with cases are known."""
PEOPLE_A_PLACE: Final = 25.0
"""People for each place where they could meet, before any was named: there are about three million workplaces, schools
and shops in the United Kingdom. Wrong by three times either way it does little once some hundred were named."""
PEOPLE_AN_AREA: Final = 1_500.0
"""People of a small area where nobody has said."""
LARGEST: Final = 3
"""Cases of one household that count: a care home's own spread must not decide what several homes' means."""
GUARD: Final = 21
"""Latest days from which no place's usual cases are learnt."""
FEWEST_HOMES: Final = 2
LEAST_ODD: Final = 0.5
"""Findings that chance alone brings an authority more often a morning are not worth their ranking."""


@dataclass(frozen=True)
class _Members:
    """One entry a case in a group. group : number; case : position; intro : its household's introduction."""

    group: Longs
    case: Longs
    day: Longs
    intro: Longs

    def within(self, days: int, until: int) -> "_Members":
        """Of the last `days` days up to `until`, not included."""
        kept = (self.day >= until - days) & (self.day < until)
        return _Members(self.group[kept], self.case[kept], self.day[kept], self.intro[kept])

    def introductions(self) -> tuple[Longs, Longs]:
        """(group, cases) of every introduction in a group."""
        pairs, count = np.unique(np.column_stack((self.group, self.intro)), axis=0, return_counts=True)
        return pairs[:, 0], count.astype(np.int64)


def of_homes(look: Look, first: Values) -> list[Finding]:
    """Unit postcodes with more cases, in more homes, than their people and the usual spread inside a home explain.

    first : (areas, days) expected first cases of a household

    Introductions of a postcode are Poisson, each of up to LARGEST cases as the nation's are: a compound Poisson tail.
    """
    known, ground = look.known, look.ground
    chosen = np.flatnonzero(known.case_post >= 0)
    if not len(chosen):
        return []
    members = _Members(known.case_post[chosen], chosen, known.case_day[chosen], known.introductions[chosen])
    area_of = np.zeros(int(known.case_post.max()) + 1, dtype=np.int64)
    area_of[known.case_post[chosen]] = known.case_area[chosen]
    seen = np.bincount(area_of[np.unique(known.case_post[chosen])], minlength=ground.areas)
    posts = np.maximum(seen, np.nan_to_num(ground.population) / PEOPLE_A_POSTCODE)
    by_authority = np.bincount(ground.authority, posts, len(ground.authorities))
    best: dict[int, tuple[float, float, int]] = {}
    for days in _fitting(known.days):
        shares = sizes_of(known.introductions, known.case_day, days=days, until=known.days, largest=LARGEST)
        group, cases = members.within(days, known.days).introductions()
        total = np.bincount(group, np.minimum(cases, LARGEST), len(area_of)).astype(np.int64)
        homes = np.bincount(group, minlength=len(area_of))
        usual = first[:, known.days - days :].sum(axis=1) / np.maximum(posts, 1.0)
        for one in np.flatnonzero((homes >= FEWEST_HOMES) & (total > FEWEST_HOMES)):
            mean = float(usual[area_of[one]])
            chance = compound_tail(mean, shares, int(total[one]))
            if chance < best.get(int(one), (2.0, 0.0, 0))[0]:
                best[int(one)] = (chance, mean * float(shares @ np.arange(len(shares))), days)
    return _told(look, members, best, lambda one: float(by_authority[ground.authority[area_of[one]]]), Level.POSTCODE)


def of_places(look: Look) -> list[Finding]:
    """Places that more households name than their own past, and places like them, explain.

    What counts is an introduction that names the place: cases of one home are not independent, and an illness is one
    case however often it was tested. Usual namings of a place are Gamma over all places, also those that nobody has
    named yet, learnt on days that no window judges; its own past counts. How much there is to expect now follows the
    namings of all other places, so that a question newly put on the form makes no place stand out.
    """
    known, ground = look.known, look.ground
    if not len(known.shared_case):
        return []
    case = known.shared_case
    members = _Members(known.shared_place, case, known.case_day[case], known.introductions[case])
    places = int(known.shared_place.max()) + 1
    learnt = max(known.days - GUARD, 1)
    past = np.bincount(members.within(learnt, learnt).introductions()[0], minlength=places)
    people = np.nan_to_num(ground.population, nan=PEOPLE_AN_AREA).sum()
    like = fit_places(past[past > 0], usual_places=max(float(people) / PEOPLE_A_PLACE, 1.0))
    usual = max(float(past.sum()), LEAST_PAST)
    share = np.bincount(ground.authority[known.case_area[case]], minlength=len(ground.authorities)) / len(case)
    home = _home_authority(look, members, places)
    best: dict[int, tuple[float, float, int]] = {}
    for days in _fitting(known.days):
        count = np.bincount(members.within(days, known.days).introductions()[0], minlength=places)
        for one in np.flatnonzero(count >= FEWEST_HOMES):
            longer = (float(count.sum() - count[one]) + LEAST_PAST) / usual
            chance = place_tail(like, int(past[one]), longer, int(count[one]))
            if chance < best.get(int(one), (2.0, 0.0, 0))[0]:
                best[int(one)] = (chance, longer * like.mean_of(int(past[one])), days)
    return _told(look, members, best, lambda one: float(like.places * share[home[one]]), Level.PLACE)


def _fitting(days: int) -> list[int]:
    return [one for one in WINDOWS if 2 * one <= days]


def _home_authority(look: Look, members: _Members, places: int) -> Longs:
    """(places,) the authority with most of the cases that name it."""
    many = len(look.ground.authorities)
    owner = look.ground.authority[look.known.case_area[members.case]]
    pairs, cases = np.unique(members.group * many + owner, return_counts=True)
    order = np.lexsort((pairs % many, -cases, pairs // many))
    place, first = np.unique(pairs[order] // many, return_index=True)
    home = np.zeros(places, dtype=np.int64)
    home[place] = pairs[order][first] % many
    return home


def _told(
    look: Look,
    members: _Members,
    best: dict[int, tuple[float, float, int]],
    groups: Callable[[int], float],
    level: Level,
) -> list[Finding]:
    """best : group -> chance, cases to be expected, days; groups : how many such groups its authority has."""
    found: list[Finding] = []
    for one, (chance, usual, days) in sorted(best.items()):
        a_morning = chance * groups(one)
        if a_morning > LEAST_ODD:
            continue
        inside = members.within(days, look.known.days)
        cases = np.sort(inside.case[inside.group == one])
        first = int(look.known.case_day[cases].min())
        strength = Strength(min(1.0, a_morning), alarms_a_week(Method.LINKS, level, a_morning))
        finding = of_cases(look, Method.LINKS, level, cases, (first, look.known.days - 1), strength, usual)
        found += [finding] if finding else []
    return found
