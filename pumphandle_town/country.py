"""Make the made-up country and its season: description, files of every day, truth."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from pumphandle_town.ages import household_ages
from pumphandle_town.chance import Chance, Ints
from pumphandle_town.epidemic import spread
from pumphandle_town.households import settle
from pumphandle_town.identifiers import nhs_numbers
from pumphandle_town.lines import EPOCH, Press
from pumphandle_town.nation import write_nation
from pumphandle_town.outbreaks import plant
from pumphandle_town.people import People
from pumphandle_town.places import lay_out
from pumphandle_town.postcodes import name_postcodes
from pumphandle_town.rates import TOWN, Rates
from pumphandle_town.rosters import ALDERMARK
from pumphandle_town.season import Season, Specimens, claim, send
from pumphandle_town.truth import Ledger, write_outbreaks
from pumphandle_town.workplaces import employ

PHONES: Final = ("07700 900", 3)  # Ofcom, Telephone numbers for use in TV and radio drama programmes


@dataclass(frozen=True)
class Folders:
    """Where everything goes; each must be empty."""

    nation: Path
    inbox: Path
    truth: Path


class Register:
    """Hands out health numbers in the order in which people are first tested, so that few are used up."""

    def __init__(self, people: int) -> None:
        self._rank = np.zeros(people, dtype=np.uint32)  # 0: none yet
        self._given = 0

    def enter(self, persons: Ints) -> None:
        new = np.unique(persons[self._rank[persons] == 0])
        self._rank[new] = self._given + 1 + np.arange(len(new))
        self._given += len(new)

    def numbers(self, persons: Ints) -> pl.Series:
        """The health numbers of people who have been entered."""
        return nhs_numbers(self._rank[persons].astype(np.int64) - 1)


def make(
    people: int,
    days: int,
    *,
    seed: int,
    start: date,
    folders: Folders,
    rates: Rates = TOWN,
    people_truth: bool = False,
    tell: Callable[[str], None],
) -> int:
    """A country of so many people and its laboratories' files over so many days. Returns the number of lines.

    start : day of the first specimens and the first inbox folder; tell : hears what is being done
    Raises Refused if a folder is not empty or the size cannot be made.
    """
    claim(folders.nation, folders.inbox, folders.truth)
    chance = Chance(seed)
    tell("country")
    places = lay_out(people, chance)
    households, post_area = settle(places.population, chance)
    postcodes = name_postcodes(post_area, places, chance)
    write_nation(folders.nation, places, postcodes, seed=seed)
    first_day = (start - EPOCH).days
    population = People(chance, households, postcodes, household_ages(households, chance), first_day, PHONES)
    tell("epidemic")
    outbreaks, cases = plant(places, population, days, chance.generator("outbreaks"))
    epidemic = spread(places, households, cases, days, start.weekday(), chance)
    register = Register(people)

    def specimens_of(day: int) -> Specimens:
        tests = epidemic.tests_of(day)
        register.enter(tests.person)
        post = households.postcode[households.of(tests.person)].astype(np.int64)
        return Specimens(tests.person, post, tests.result, tests.case, np.zeros(len(post), dtype=bool))

    press = Press(population, register.numbers, chance, first_day, employ(places, population, chance))
    ledger = Ledger(folders.truth, press, ALDERMARK)
    ledger.open()
    season = Season(specimens_of, ALDERMARK, rates, days, 0, chance)
    lines = send(season, press, ledger, folders.inbox, tell)
    write_outbreaks(ledger, outbreaks, cases, [places.small_area_code(area) for area in range(len(places.shapes))])
    if people_truth:
        ledger.write_people()
    ledger.close(people=people, days=days, seed=seed, start=start.isoformat(), lines=lines)
    return lines
