"""Who works where: large and small workplaces near home, and whether a worker's line tells it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from pumphandle_town.chance import Chance, Flags, Floats, Ints
from pumphandle_town.people import People
from pumphandle_town.places import Places

WORKING_AGE: Final = (18, 65)
AT_WORK: Final = 0.57  # of them: 76 % are in work (ONS, Labour market overview 2020), a quarter of those at home
STAFF: Final = (2.2, 1.25)  # log-normal: median 9, mean 20, one workplace in 150 with more than 200
STAFF_MEAN: Final = float(np.exp(STAFF[0] + STAFF[1] ** 2 / 2))
WORKERS_PER_PERSON: Final = 0.35
STEPS: Final = (0.45, 0.80)  # work in the own area; in it or one that touches it; else two steps away
TOLD: Final = 0.6  # of workers, whose laboratory is told the workplace


@dataclass(frozen=True)
class Workplaces:
    """Workplace w lies in postcode[w]; those of area a are first[a] .. first[a + 1] - 1.

    ends : (workplaces,) staff of it and all before it
    near : areas one step away from each area in turn, then those two steps away; near_first : where each one's begin
    """

    people: People
    postcode: Ints
    first: Ints
    ends: Floats
    near: tuple[Ints, Ints]
    near_first: tuple[Ints, Ints]

    def of(self, persons: Ints) -> Ints:
        """Workplace of each person, -1 for those who have none outside the home."""
        chance = self.people.chance
        age, (low, high) = self.people.ages(persons), WORKING_AGE
        works = (age >= low) & (age < high) & (chance.share("at work", persons) < AT_WORK)
        where = self._area(persons)
        since = np.append(0.0, self.ends)[self.first[where]]
        until = self.ends[self.first[where + 1] - 1]
        wanted = since + chance.share("workplace", persons) * (until - since)
        found = np.searchsorted(self.ends, wanted, side="right")
        return np.where(works, np.clip(found, self.first[where], self.first[where + 1] - 1), -1)

    def told(self, persons: Ints) -> Ints:
        """Postcode of the workplace where a person's lines tell it, else -1: the same for every test of a person."""
        at = self.of(persons)
        known: Flags = (at >= 0) & (self.people.chance.share("workplace told", persons) < TOLD)
        return np.where(known, self.postcode[at], -1)

    def _area(self, persons: Ints) -> Ints:
        """Area of each person's work: their own, one that touches it, or one that touches such a one."""
        chance, homes = self.people.chance, self.people.households
        home = self.people.postcodes.area[homes.postcode[homes.of(persons)]]
        step = np.searchsorted(np.array(STEPS), chance.share("step to work", persons), side="right")
        share, found = chance.share("area of work", persons), home.copy()
        for far, (near, first) in enumerate(zip(self.near, self.near_first, strict=True), start=1):
            many = first[home + 1] - first[home]
            own = np.flatnonzero((step == far) & (many > 0))
            found[own] = near[first[home[own]] + (share[own] * many[own]).astype(np.int64)]
        return found


def employ(places: Places, people: People, chance: Chance) -> Workplaces:
    """Workplaces of every area; an area has at least one."""
    rng = chance.generator("workplaces")
    posts = np.searchsorted(people.postcodes.area, np.arange(len(places.population) + 1))
    many = np.maximum(1, np.round(places.population * WORKERS_PER_PERSON / STAFF_MEAN)).astype(np.int64)
    area = np.repeat(np.arange(len(many)), many)
    room = np.maximum(posts[area + 1] - posts[area], 1)
    postcode = posts[area] + (rng.random(len(area)) * room).astype(np.int64)
    one = [sorted(each) for each in places.borders]
    two = [sorted({far for near in each for far in places.borders[near]} - {at, *each}) for at, each in enumerate(one)]
    return Workplaces(
        people=people,
        postcode=postcode,
        first=np.append(0, np.cumsum(many)),
        ends=np.cumsum(rng.lognormal(*STAFF, len(area))),
        near=(_joined(one), _joined(two)),
        near_first=(_begins(one), _begins(two)),
    )


def _joined(lists: list[list[int]]) -> Ints:
    return np.array([each for one in lists for each in one], dtype=np.int64)


def _begins(lists: list[list[int]]) -> Ints:
    return np.append(0, np.cumsum([len(one) for one in lists], dtype=np.int64))
