"""Planted outbreaks: where, when, how large and by what cause is known, and who infected whom."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from pumphandle_town.chance import Ints
from pumphandle_town.people import People
from pumphandle_town.places import Places
from pumphandle_town.workplaces import Workplaces, employ


class Cause(StrEnum):
    """What an outbreak goes round in."""

    HOUSEHOLD = "household"
    WORKPLACE = "workplace"
    CARE_HOME = "care_home"
    COMMUNITY = "community"


CAUSES: Final = tuple(Cause)
PER_MILLION: Final = 16
SERIAL_DAYS: Final = (4.0, 1.2)  # shape and scale of the days from case to case: mean 4.8, by He et al. (2020) 5.8
STAFF: Final = (20, 150)  # of a workplace with an outbreak
SETTLED: Final = 7  # days before the end in which no planted specimen is taken, so that each is reported in time


@dataclass(frozen=True)
class Outbreak:
    """postcode : number of the postcode of the home, the workplace or the first cases."""

    outbreak_id: str
    cause: Cause
    small_area: int
    postcode: int


@dataclass(frozen=True)
class Case:
    """One planted case; `parent` is the number of the case that infected it, in the list of all, or -1."""

    outbreak: int
    person: int
    specimen_day: int
    parent: int


def plant(places: Places, people: People, days: int, rng: np.random.Generator) -> tuple[list[Outbreak], list[Case]]:
    """Outbreaks of every cause in turn, spread over country and time; no person is in two of them."""
    wanted = max(len(CAUSES), round(PER_MILLION * people.households.people / 1e6))
    work = employ(places, people, people.chance)
    found, cases, taken = list[Outbreak](), list[Case](), set[int]()
    for number in range(wanted):
        cause = CAUSES[number % len(CAUSES)]
        area = int(rng.integers(0, len(places.population)))
        pool, postcode, size = _pool(cause, area, places, people, work, rng)
        fresh = [person for person in pool.tolist() if person not in taken]
        if len(fresh) < 4:
            continue
        last = max(1, days - SETTLED)
        start = int(rng.integers(min(last - 1, days // 4), max(min(last, days // 4 + 1), int(last * 0.7))))
        chain = _chain(fresh, min(size, len(fresh)), start, last, people, rng)
        if len(chain) < 3:
            continue
        taken.update(person for person, _, _ in chain)
        offset, place = len(cases), int(people.postcodes.area[postcode])
        found.append(Outbreak(f"OB{len(found) + 1:04d}", cause, place, postcode))
        cases += [
            Case(len(found) - 1, person, day, parent + offset if parent >= 0 else -1) for person, day, parent in chain
        ]
    return found, cases


def _pool(
    cause: Cause, area: int, places: Places, people: People, work: Workplaces, rng: np.random.Generator
) -> tuple[Ints, int, int]:
    """(people who could be in it, in random order; number of its postcode; how many will be)."""
    homes = people.households
    first_person = int(places.population[:area].sum())
    low, high = (
        int(each) for each in homes.of(np.array([first_person, first_person + int(places.population[area]) - 1]))
    )
    if cause is Cause.CARE_HOME:
        care = np.flatnonzero(homes.care_home)
        if len(care):
            home = int(care[rng.integers(0, len(care))])
            residents = homes.members(home)
            return (
                rng.permutation(residents),
                int(homes.postcode[home]),
                max(6, int(len(residents) * rng.uniform(0.35, 0.7))),
            )
    if cause is Cause.HOUSEHOLD:
        large = low + np.flatnonzero((homes.size[low:high] >= 4) & ~homes.care_home[low:high])
        home = int(large[rng.integers(0, len(large))]) if len(large) else low
        kin = large[
            (homes.postcode[large] >= homes.postcode[home]) & (homes.postcode[large] <= homes.postcode[home] + 1)
        ][:4]
        pool = np.concatenate([homes.members(int(each)) for each in (kin if len(kin) else [home])])
        return rng.permutation(pool), int(homes.postcode[home]), int(rng.integers(5, 15))
    if cause is Cause.WORKPLACE:
        staff, at = _staff(area, places, work, rng)
        return staff, at, int(rng.integers(12, 41))
    post = int(homes.postcode[rng.integers(low, high + 1)])
    near = int(homes.postcode_first[max(int(homes.postcode[low]), post - 4)])
    far = min(high, near + 150)
    pool = np.arange(int(homes.start[near]), int(homes.start[far]))
    return rng.permutation(pool), post, int(rng.integers(25, 71))


def _staff(area: int, places: Places, work: Workplaces, rng: np.random.Generator) -> tuple[Ints, int]:
    """(the staff of a workplace in the area, in random order; its postcode): one of 20 to 150, or the largest."""
    reach = sorted({area, *places.borders[area], *(two for one in places.borders[area] for two in places.borders[one])})
    first = np.cumsum(places.population) - places.population
    living = np.concatenate([
        np.arange(int(first[one]), int(first[one]) + int(places.population[one]), dtype=np.int64) for one in reach
    ])  # fmt: skip
    at = work.of(living)
    own = np.arange(int(work.first[area]), int(work.first[area + 1]), dtype=np.int64)
    many = np.bincount(at[at >= 0], minlength=len(work.postcode))[own]
    fitting = own[(many >= STAFF[0]) & (many <= STAFF[1])]
    chosen = int(fitting[rng.integers(0, len(fitting))]) if len(fitting) else int(own[np.argmax(many)])
    return rng.permutation(living[at == chosen]), int(work.postcode[chosen])


def _chain(
    pool: list[int], size: int, start: int, last: int, people: People, rng: np.random.Generator
) -> list[tuple[int, int, int]]:
    """(person, specimen day, place of the parent in the chain) from one first case; nobody after `last`.

    A case infects people until enough are ill; whoever lives with an earlier case mostly has it from there.
    """
    chain = [(pool[0], start, -1)]
    home_of = people.households.of(np.array(pool))
    homes: dict[int, int] = {int(home_of[0]): 0}
    for place, person in enumerate(pool[1:], start=1):
        if len(chain) >= size:
            break
        home = int(home_of[place])
        recent = len(chain) // 4  # of the newer ones: 60 cases take 4 weeks
        parent = homes[home] if home in homes and rng.random() < 0.7 else int(rng.integers(recent, len(chain)))
        day = chain[parent][1] + max(1, round(float(rng.gamma(*SERIAL_DAYS))))
        if day < last:
            homes.setdefault(home, len(chain))
            chain.append((person, day, parent))
    return chain
