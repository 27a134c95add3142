"""Who lives with whom, and where: kept as counts, so that sixty million people fit in memory."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pumphandle_town.chance import Chance, Flags, Floats, Ints

ADDRESSES_PER_POSTCODE: Final = 15.0  # Royal Mail, mean of a unit postcode
CARE_HOME_PER_PEOPLE: Final = 3_700  # England 2020: about 15,000 homes
SIZES: Final = np.arange(1, 8)
SHARES: Final = np.array([0.300, 0.345, 0.155, 0.132, 0.045, 0.016, 0.007])  # ONS, Families and households 2020


@dataclass(frozen=True)
class Households:
    """Household h holds persons start[h] .. start[h] + size[h] - 1 and lies in postcode[h].

    postcode_first : first household of each postcode; households of one postcode are neighbours in number
    """

    size: NDArray[np.uint8]
    start: Ints
    postcode: NDArray[np.int32]
    postcode_first: Ints
    care_home: Flags

    @property
    def people(self) -> int:
        return int(self.start[-1]) + int(self.size[-1])

    def of(self, persons: Ints) -> Ints:
        """Household of each person."""
        return np.asarray(np.searchsorted(self.start, persons, side="right"), dtype=np.int64) - 1

    def members(self, household: int) -> Ints:
        first = int(self.start[household])
        return np.arange(first, first + int(self.size[household]))

    def others(self, persons: Ints) -> tuple[Ints, Ints]:
        """Everyone who shares a household with each person: (place in `persons`, person)."""
        home = self.of(persons)
        size = self.size[home].astype(np.int64)
        place = np.repeat(np.arange(len(persons)), size)
        within = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
        found = self.start[home][place] + within
        apart = found != persons[place]
        return place[apart], found[apart]


@dataclass(frozen=True)
class Postcodes:
    """text : as written, with its space; area : small area or -1; locality : a town for the address."""

    text: pl.Series
    area: Ints
    locality: pl.Series


def settle(population: Ints, chance: Chance) -> tuple[Households, Ints]:
    """Households of every small area, exactly `population` people in each; and the small area of each postcode."""
    rng = chance.generator("households")
    sizes: list[Ints] = []
    posts: list[Ints] = []
    homes: list[Flags] = []
    first, post_area = 0, list[Ints]()
    for area, people in enumerate(population.tolist()):
        size, care = _one_area(people, rng)
        post = _postcodes(len(size), rng)
        sizes.append(size)
        homes.append(care)
        posts.append(post + first)
        post_area.append(np.full(int(post[-1]) + 1, area))
        first += int(post[-1]) + 1
    return _households(np.concatenate(sizes), np.concatenate(posts), np.concatenate(homes), first), np.concatenate(
        post_area
    )


def settle_sized(people: Ints, mean_size: Floats, chance: Chance) -> Households:
    """Households for each postcode of a real country: so many people, about so many in a household."""
    rng = chance.generator("households")
    sizes: list[Ints] = []
    for residents, mean in zip(people.tolist(), mean_size.tolist(), strict=True):
        lean = SHARES * np.exp(_tilt(mean) * SIZES)
        sizes.append(_filled(residents, lean / lean.sum(), rng))
    post = np.repeat(np.arange(len(people)), [len(each) for each in sizes])
    size = np.concatenate(sizes)
    return _households(size, post, np.zeros(len(size), dtype=bool), len(people))


def _households(size: Ints, post: Ints, care: Flags, postcodes: int) -> Households:
    return Households(
        size=size.astype(np.uint8),
        start=np.cumsum(size) - size,
        postcode=post.astype(np.int32),
        postcode_first=np.searchsorted(post, np.arange(postcodes)),
        care_home=care,
    )


def _one_area(people: int, rng: np.random.Generator) -> tuple[Ints, Flags]:
    homes = np.clip(rng.gamma(6.0, 4.6, rng.poisson(people / CARE_HOME_PER_PEOPLE)), 12, 80).astype(np.int64)
    homes = homes[np.cumsum(homes) < people // 4]
    lean = SHARES * np.exp(rng.normal(0.0, 0.12) * SIZES)
    size = _filled(people - int(homes.sum()), lean / lean.sum(), rng)
    place = np.sort(rng.integers(0, len(size) + 1, len(homes)))
    return np.insert(size, place, homes), np.insert(np.zeros(len(size), dtype=bool), place, True)


def _filled(people: int, share: Floats, rng: np.random.Generator) -> Ints:
    """Household sizes that add up to so many people."""
    mean = float((share * SIZES).sum())
    size = 1 + np.searchsorted(np.cumsum(share)[:-1], rng.random(int(people / mean * 1.1) + 60), side="right")
    total = np.cumsum(size)
    while total[-1] < people:
        size = np.concatenate([size, size])
        total = np.cumsum(size)
    last = int(np.searchsorted(total, people))
    size = size[: last + 1].astype(np.int64)
    size[last] -= total[last] - people
    return size


def _postcodes(households: int, rng: np.random.Generator) -> Ints:
    """Number of the postcode of each household, from 0."""
    units = np.clip(rng.gamma(5.0, ADDRESSES_PER_POSTCODE / 5.0, int(households / 10) + 20), 3, 60).astype(np.int64)
    return np.repeat(np.arange(len(units)), units)[:households]


def _tilt(mean: float) -> float:
    """Lean of the usual shares that gives about this mean size (2.36 without)."""
    wanted = mean if 1.2 <= mean <= 4.5 else 2.5
    low, high = -2.0, 2.0
    for _ in range(30):
        middle = (low + high) / 2
        lean = SHARES * np.exp(middle * SIZES)
        low, high = (middle, high) if float((lean * SIZES).sum() / lean.sum()) < wanted else (low, middle)
    return (low + high) / 2
