"""Real counts by postcode and day become results of made-up people; the counts stay as they are."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from pumphandle.vocabulary.errors import Refused
from pumphandle_town.ages import census_ages
from pumphandle_town.census import Published, read_published
from pumphandle_town.chance import Chance, Ints
from pumphandle_town.households import Households, settle_sized
from pumphandle_town.identifiers import medicare_numbers
from pumphandle_town.lines import EPOCH, Press
from pumphandle_town.people import People
from pumphandle_town.rates import REAL, Rates
from pumphandle_town.rosters import NEW_SOUTH_WALES
from pumphandle_town.season import Season, Specimens, claim, send
from pumphandle_town.truth import Ledger

CENSUS_DAY: Final = (date(2020, 1, 1) - EPOCH).days
PHONES: Final = ("02 5550 ", 4)  # ACMA, Phone numbers for use in TV shows, films and creative works
TAIL: Final = 3  # days after the last specimens by which every result, correction and withdrawal has come
NUMBERS_A_DAY: Final = 20_000
REGULARS, REGULAR_SHARE = 0.08, 0.03  # part of the tests that goes to so small a part of the people
SPURIOUS: Final = 0.002  # results sent by mistake and withdrawn: they leave no trace in the counts
SAME_HOUSEHOLD, SAME_PERSON, RECENT_DAYS = 0.30, 0.03, 14


def expand(
    folder: Path,
    first: date,
    last: date,
    *,
    inbox: Path,
    truth: Path,
    seed: int,
    rates: Rates = REAL,
    tell: Callable[[str], None],
) -> tuple[int, Published]:
    """Files of the days first..last and three more, whose sums are New South Wales's own.

    Returns the number of lines, and what was published.

    Outside the days with published tests only the cases are sent: no test is invented.
    Raises NotFound for a missing file, Refused for an empty range or a folder in use.
    """
    claim(inbox, truth)
    tell("published counts")
    published = read_published(folder, first, last)
    if published.cells.is_empty():
        raise Refused(f"nothing was published for {first} .. {last}. Choose days from 2020-01-01 on.")
    chance = Chance(seed)
    households = settle_sized(published.people, np.array(published.mean_household), chance)
    people = People(
        chance, households, published.postcodes, census_ages(households, published.bands, chance), CENSUS_DAY, PHONES
    )
    start = (first - EPOCH).days
    press = Press(people, lambda persons: _medicare(persons, households, chance), chance, start)
    ledger = Ledger(truth, press, NEW_SOUTH_WALES)
    ledger.open()
    draw = Draw(published, households, chance)
    days = (last - first).days + 1
    season = Season(draw.specimens_of, NEW_SOUTH_WALES, rates, days, TAIL, chance, (start - CENSUS_DAY) * NUMBERS_A_DAY)
    lines = send(season, press, ledger, inbox, tell)
    added = published.cells.filter(pl.col("added") > 0).sort("date", "key")
    added.select(specimen_date="date", postcode="key", tests="published", cases="positives", added="added").write_csv(
        truth / "added.csv"
    )
    ledger.close(
        seed=seed,
        start=first.isoformat(),
        days=days,
        lines=lines,
        added=int(added["added"].sum()),
        days_without_tests=published.days_without_tests,
    )
    return lines, published


def _medicare(persons: Ints, households: Households, chance: Chance) -> pl.Series:
    home = households.of(persons)
    return medicare_numbers(home, persons - households.start[home], chance)


class Draw:
    """Chooses who was tested: some people often, some households together, some people positive twice."""

    def __init__(self, published: Published, households: Households, chance: Chance) -> None:
        self._cells = published.cells.partition_by("day", as_dict=True)
        self._people, self._first = published.people, np.cumsum(published.people) - published.people
        self._households, self._chance = households, chance
        self._ill: dict[int, list[tuple[int, int]]] = {}

    def specimens_of(self, day: int) -> Specimens:
        """As many specimens a postcode as were published, and as many of them positive."""
        rng = self._chance.generator("specimens", day)
        cells = self._cells.get((day,))
        if cells is None:
            nobody = np.zeros(0, dtype=np.int64)
            return Specimens(nobody, nobody, nobody, nobody, np.zeros(0, dtype=bool))
        tests, positives = cells["tests"].to_numpy(), cells["positives"].to_numpy()
        post = np.repeat(cells["post"].to_numpy(), tests)
        place = np.arange(len(post)) - np.repeat(np.cumsum(tests) - tests, tests)
        result = (place < np.repeat(positives, tests)).astype(np.int64)
        person = self._anyone(post, rng)
        for at in np.flatnonzero(result).tolist():
            person[at] = self._ill_person(int(post[at]), int(person[at]), day, rng)
        extra = rng.integers(0, len(post), int(rng.binomial(len(post), SPURIOUS)))
        wrong_post = post[extra]
        spurious = np.append(np.zeros(len(post), dtype=bool), np.ones(len(extra), dtype=bool))
        return Specimens(
            person=np.append(person, self._anyone(wrong_post, rng)),
            post=np.append(post, wrong_post),
            result=np.append(result, result[extra]),
            case=np.full(len(spurious), -1),
            spurious=spurious,
        )

    def _anyone(self, post: Ints, rng: np.random.Generator) -> Ints:
        reach = np.where(
            rng.random(len(post)) < REGULARS, np.maximum(1, REGULAR_SHARE * self._people[post]), self._people[post]
        )
        return self._first[post] + (rng.random(len(post)) * reach).astype(np.int64)

    def _ill_person(self, post: int, anyone: int, day: int, rng: np.random.Generator) -> int:
        """Somebody from the household of a recent case, a case again, or anyone."""
        known = self._ill.setdefault(post, [])
        drawn, chosen = float(rng.random()), anyone
        recent = [person for when, person in known[-20:] if day - when <= RECENT_DAYS]
        if recent and drawn < SAME_HOUSEHOLD:
            home = int(self._households.of(np.array([recent[int(rng.integers(0, len(recent)))]]))[0])
            chosen = int(rng.choice(self._households.members(home)))
        elif known and drawn < SAME_HOUSEHOLD + SAME_PERSON:
            chosen = known[int(rng.integers(0, len(known)))][1]
        known.append((day, chosen))
        return chosen
