"""One season of the made-up country as arrays: who was tested where and when, what was planted, what was known when."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle_town.ages import household_ages
from pumphandle_town.chance import Chance
from pumphandle_town.epidemic import Epidemic, spread
from pumphandle_town.households import settle
from pumphandle_town.laboratories import assigned
from pumphandle_town.outbreaks import Outbreak, plant
from pumphandle_town.outline import KM_PER_DEGREE
from pumphandle_town.people import People
from pumphandle_town.places import Places, lay_out
from pumphandle_town.postcodes import name_postcodes
from pumphandle_town.rosters import ALDERMARK
from pumphandle_town.spots import lay_postcodes
from pumphandle_town.workplaces import Workplaces, employ

Ints = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]

PHONES: Final = ("07700 900", 3)
POSITIVE, VOID = 1, 2


@dataclass(frozen=True)
class World:
    """A country and its season.

    points : (areas, 2) metres; district, region, population : (areas,); post_area, post_points : of each postcode
    outbreaks : what was planted; nothing in a quiet season
    test_area, test_day, test_known : one entry a valid test: area, specimen day, day on which it was known
    case_* : one entry a case (a person's first positive): person, area, postcode, household, day, known,
             planted (number of the outbreak, or -1), work (postcode of the workplace that the line tells, or -1)
    """

    points: Values
    district: Ints
    region: Ints
    population: Values
    borders: list[list[int]]
    post_area: Ints
    post_points: Values
    outbreaks: tuple[Outbreak, ...]
    test_area: Ints
    test_day: Ints
    test_known: Ints
    case_person: Ints
    case_area: Ints
    case_post: Ints
    case_household: Ints
    case_day: Ints
    case_known: Ints
    case_planted: Ints
    case_work: Ints


def seasons(seed: int, *, people: int, days: int) -> tuple[World, World]:
    """(planted, quiet): the same country and background, with outbreaks and without."""
    chance = Chance(seed)
    places = lay_out(people, chance)
    households, post_area = settle(places.population, chance)
    postcodes = name_postcodes(post_area, places, chance)
    population = People(chance, households, postcodes, household_ages(households, chance), 0, PHONES)
    outbreaks, cases = plant(places, population, days, chance.generator("outbreaks"))
    spots = lay_postcodes(post_area, places)
    planted = np.array([case.outbreak for case in cases], dtype=np.int64)
    work = employ(places, population, chance)
    loud = spread(places, households, cases, days, 0, chance)
    quiet = spread(places, households, [], days, 0, chance)
    return (
        _world(places, work, post_area, spots, loud, days, tuple(outbreaks), planted),
        _world(places, work, post_area, spots, quiet, days, (), np.zeros(0, dtype=np.int64)),
    )


def _world(
    places: Places,
    work: Workplaces,
    post_area: Ints,
    spots: Values,
    epidemic: Epidemic,
    days: int,
    outbreaks: tuple[Outbreak, ...],
    planted: Ints,
) -> World:
    tests = [epidemic.tests_of(day) for day in range(days)]
    person, day, result, case = (
        np.concatenate([getattr(one, name) for one in tests]) for name in ("person", "day", "result", "case")
    )
    valid = result != VOID
    person, day, result, case = person[valid], day[valid], result[valid], case[valid]
    households = work.people.households
    home = households.of(person)
    post = households.postcode[home].astype(np.int64)
    known = day + _delays(post, day, epidemic.chance)
    area = post_area[post]
    positive = np.flatnonzero(result == POSITIVE)
    _, first = np.unique(person[positive], return_index=True)  # days rise: the first of a person is the earliest
    ill = np.sort(positive[first])
    return World(
        points=places.centres * KM_PER_DEGREE * 1_000.0,
        district=places.district.astype(np.int64),
        region=places.region[places.district].astype(np.int64),
        population=places.population.astype(np.float64),
        borders=places.borders,
        post_area=post_area,
        post_points=spots * KM_PER_DEGREE * 1_000.0,
        outbreaks=outbreaks,
        test_area=area,
        test_day=day,
        test_known=known,
        case_person=person[ill],
        case_area=area[ill],
        case_post=post[ill],
        case_household=home[ill],
        case_day=day[ill],
        case_known=known[ill],
        case_planted=np.where(case[ill] >= 0, planted[case[ill]] if len(planted) else -1, -1),
        case_work=work.told(person[ill]),
    )


def _delays(post: Ints, day: Ints, chance: Chance) -> Ints:
    """Days from specimen to report, as each place's laboratory takes."""
    index = np.arange(len(post))
    laboratory = assigned(ALDERMARK, post // 200, index, chance)
    drawn = chance.share("delay", index * 1_024 + day)
    delay = np.zeros(len(post), dtype=np.int64)
    for number, one in enumerate(ALDERMARK):
        own = laboratory == number
        delay[own] = np.searchsorted(np.cumsum(one.lags)[:-1], drawn[own], side="right")
    return delay
