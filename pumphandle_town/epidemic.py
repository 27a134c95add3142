"""The background: a wave that is smooth in space and time, spread inside households, and who gets tested for it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from pumphandle_town.chance import Chance, Days, Floats, Ints
from pumphandle_town.households import Households
from pumphandle_town.outbreaks import Case
from pumphandle_town.places import Places

TESTS_A_DAY: Final = 0.003  # of all people
INFECTIONS_A_DAY: Final = 0.000075  # of all people, from outside the household
HOUSEHOLD_ATTACK: Final = 0.18  # chance that a household member is infected too
TESTED: Final = 0.75  # of the infected
CONTACT_TESTED: Final = 0.5  # of the household of a positive person
TESTED_AGAIN: Final = 0.08  # of positive people, within three weeks
REGULARS: Final = 0.12  # of background tests go to regulars ...
REGULAR_SHARE: Final = 0.012  # ... who are so many of the people (care staff and the like)
VOID: Final = 0.004
NEVER: Final = 30_000
WEEKDAYS: Final = (1.16, 1.10, 1.06, 1.04, 1.02, 0.86, 0.76)  # Monday first


@dataclass(frozen=True)
class Tests:
    """One row a specimen: who, on which day (from 0), 1 positive 0 negative 2 void, and the planted case or -1."""

    person: Ints
    day: Ints
    result: Ints
    case: Ints


@dataclass(frozen=True)
class Epidemic:
    """onset : first infectious day of each person, NEVER for most; drawn : tests that illness brought about, by day."""

    onset: Days
    drawn: Tests
    households: Households
    chance: Chance
    first_weekday: int

    def tests_of(self, day: int) -> Tests:
        """All specimens of a day: those of the ill and their households, and of everyone else who was tested."""
        today = self.drawn.day == day
        ill = self.drawn.person[today]
        rng = self.chance.generator("tests", day)
        people = self.households.people
        wanted = people * TESTS_A_DAY * WEEKDAYS[(self.first_weekday + day) % 7]
        count = max(0, int(rng.poisson(wanted)) - len(ill))
        regular = rng.random(count) < REGULARS
        anyone = rng.integers(0, people, count)
        step = max(1, int(1 / REGULAR_SHARE))
        others = np.where(regular, anyone // step * step, anyone)
        person = np.concatenate([ill, others])
        case = np.concatenate([self.drawn.case[today], np.full(count, -1)])
        _, first = np.unique(person, return_index=True)
        person, case = person[first], case[first]
        return Tests(person=person, day=np.full(len(person), day), result=self._results(person, case, day), case=case)

    def _results(self, person: Ints, case: Ints, day: int) -> Ints:
        since = day - self.onset[person].astype(np.int64)
        index = person * 1_024 + day
        found = (since >= -1) & (since <= 12) & (self.chance.share("sensitivity", index) < 0.95) | (case >= 0)
        void = (self.chance.share("void", index) < VOID) & (case < 0)
        return np.where(void, 2, np.where(found, 1, 0))


def spread(
    places: Places, households: Households, planted: list[Case], days: int, first_weekday: int, chance: Chance
) -> Epidemic:
    """Infect the planted cases, then the background, then their households; draw who of them is tested when."""
    rng = chance.generator("epidemic")
    onset: Days = np.full(households.people, NEVER, dtype=np.int16)
    planted_person = np.array([case.person for case in planted], dtype=np.int64)
    planted_day = np.array([case.specimen_day for case in planted], dtype=np.int64)
    onset[planted_person] = planted_day - 2
    person, day = _background(places, days, rng)
    person, day = _newly_infected(person, day, onset)
    place, others = households.others(person)
    caught = rng.random(len(others)) < HOUSEHOLD_ATTACK
    second, second_day = _newly_infected(
        others[caught], day[place][caught] + 2 + rng.integers(0, 5, int(caught.sum())), onset
    )
    person, day = np.concatenate([person, second]), np.concatenate([day, second_day])
    seen = rng.random(len(person)) < TESTED
    tested, tested_day = person[seen], day[seen] + 1 + rng.integers(0, 4, int(seen.sum()))
    index, index_day = np.concatenate([planted_person, tested]), np.concatenate([planted_day, tested_day])
    place, contact = households.others(index)
    asked = rng.random(len(contact)) < CONTACT_TESTED
    again = rng.random(len(index)) < TESTED_AGAIN
    people = [planted_person, tested, contact[asked], index[again]]
    when = [
        planted_day,
        tested_day,
        index_day[place][asked] + 1 + rng.integers(0, 3, int(asked.sum())),
        index_day[again] + 5 + rng.integers(0, 16, int(again.sum())),
    ]
    case = np.concatenate([np.arange(len(planted)), np.full(sum(map(len, people[1:])), -1)])
    return Epidemic(
        onset, _in_window(np.concatenate(people), np.concatenate(when), case, days), households, chance, first_weekday
    )


def _in_window(person: Ints, day: Ints, case: Ints, days: int) -> Tests:
    kept = (day >= 0) & (day < days)
    person, day, case = person[kept], day[kept], case[kept]
    order = np.lexsort((person, -case, day))  # a planted case goes before a chance test of the same person and day
    return Tests(person=person[order], day=day[order], result=np.zeros(len(order), dtype=np.int64), case=case[order])


def _newly_infected(person: Ints, day: Ints, onset: Days) -> tuple[Ints, Ints]:
    """Only people not infected before; written into `onset`."""
    order = np.lexsort((day, person))
    person, day = person[order], day[order]
    first = np.append(True, person[1:] != person[:-1])[: len(person)]
    fresh = first & (onset[person] == NEVER)
    onset[person[fresh]] = day[fresh]
    return person[fresh], day[fresh]


def _background(places: Places, days: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Infections from outside the household, by area and day: (person, day)."""
    field = _smooth_field(places, rng)
    time = np.arange(-6, days)
    phase, height = (
        rng.uniform(0, 2 * np.pi, len(places.region_names)),
        rng.uniform(0.25, 0.6, len(places.region_names)),
    )
    wave = np.exp(height[:, None] * np.sin(2 * np.pi * time / 75 + phase[:, None]))
    region = places.region[places.district]
    expected = INFECTIONS_A_DAY * places.population[:, None] * field[:, None] * wave[region]
    count = rng.poisson(expected)
    area, when = np.nonzero(count)
    times = count[area, when]
    area, when = np.repeat(area, times), np.repeat(when, times)
    first = np.cumsum(places.population) - places.population
    person = first[area] + (rng.random(len(area)) * places.population[area]).astype(np.int64)
    return person, time[when]


def _smooth_field(places: Places, rng: np.random.Generator) -> Floats:
    """About 1, alike in areas that touch."""
    value = rng.normal(size=len(places.borders))
    for _ in range(4):
        value = np.array(
            [
                (value[area] + sum(value[each] for each in beside)) / (1 + len(beside))
                for area, beside in enumerate(places.borders)
            ]
        )
    spread_out = value.std()
    return np.exp(0.35 * (value - value.mean()) / spread_out) if spread_out > 0 else np.ones_like(value)
