"""The same people described twice, the second time with the slips of desks and telephones: a trial for linkage."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from pumphandle_town.ages import household_ages
from pumphandle_town.chance import Chance, Flags, Ints
from pumphandle_town.country import PHONES
from pumphandle_town.households import settle
from pumphandle_town.identifiers import nhs_numbers
from pumphandle_town.people import People
from pumphandle_town.places import lay_out
from pumphandle_town.postcodes import name_postcodes
from pumphandle_town.slips import NameForm, PostcodeForm, swapped_day, written_names, written_postcodes

AGE_DAY: Final = 18_414  # 1 June 2020


@dataclass(frozen=True)
class Slips:
    """Shares of descriptions. without : no identifier; wrong : somebody else's."""

    without: float = 0.12
    wrong: float = 0.002
    name_typed: float = 0.03
    names_exchanged: float = 0.005
    married: float = 0.01
    day_and_month: float = 0.006
    figure_of_birth: float = 0.006
    moved: float = 0.08
    postcode_typed: float = 0.02
    no_phone: float = 0.15
    other_phone: float = 0.06
    family_phone: float = 0.30
    sex_unknown: float = 0.003
    twins: float = 0.02


def trial(people: int, described: int, *, seed: int, slips: Slips) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(as first met, as told again): person, national_id, family_name, … of the same sort of people.

    people : who live in the country; described : who are met, half of them in both frames
    The first are told without a slip. Twins share family name, birthday, home and telephone.
    """
    chance = Chance(seed)
    places = lay_out(people, chance)
    households, post_area = settle(places.population, chance)
    postcodes = name_postcodes(post_area, places, chance)
    country = People(chance, households, postcodes, household_ages(households, chance), AGE_DAY, PHONES)
    start = chance.generator("trial").integers(0, people - described * 2)
    persons = np.arange(start, start + described * 2)  # neighbours and families, the hardest company
    known = persons[chance.share("known", persons) < 0.5]
    again = persons[chance.share("again", persons) < 0.5]
    return _told(country, known, chance, None, "first"), _told(country, again, chance, slips, "again")


def _told(country: People, persons: Ints, chance: Chance, slips: Slips | None, time: str) -> pl.DataFrame:
    told = slips or Slips(*[0.0] * 11, family_phone=Slips.family_phone, twins=Slips.twins)

    def slipped(what: str, share: float) -> Flags:
        return chance.share(f"{time} {what}", persons) < share

    home = country.households.of(persons)
    twin = (country.households.of(np.maximum(persons - 1, 0)) == home) & (
        chance.share("twin", persons) < told.twins * 2
    )
    elder = np.where(twin, persons - 1, persons)
    bits = chance.below(f"{time} bits", persons, 1 << 30)
    family, _ = country.names(elder)
    _, given = country.names(persons)
    other, _ = country.names((persons * 7 + 13) % country.households.people)
    married = np.flatnonzero(slipped("married", told.married))
    family = family.scatter(married, other.gather(married)) if len(married) else family
    form = np.where(
        slipped("exchanged", told.names_exchanged),
        NameForm.SWAPPED,
        np.where(
            slipped("typed", told.name_typed),
            np.where(bits % 2 == 0, NameForm.FAMILY_SLIP, NameForm.GIVEN_SLIP),
            NameForm.RIGHT,
        ),
    )
    family, given = written_names(family, given, form, bits // 2)
    born = swapped_day(country.born(elder), slipped("day and month", told.day_and_month).astype(np.int64))
    born = born + np.where(slipped("figure", told.figure_of_birth), 1 + bits % 9, 0)
    post = country.households.postcode[home].astype(np.int64)
    post = np.where(slipped("moved", told.moved), (post + 1 + bits % 500) % len(country.postcodes.text), post)
    written = np.where(
        slipped("postcode", told.postcode_typed),
        np.where(bits % 2 == 0, PostcodeForm.TRANSPOSED, PostcodeForm.NOT_EXISTING),
        PostcodeForm.RIGHT,
    )
    first = country.households.start[home]
    owner = np.where(chance.share("family phone", persons) < told.family_phone, first, persons)
    owner = np.where(slipped("other phone", told.other_phone), owner + 500_000_000, owner)
    numbers = nhs_numbers(np.where(slipped("wrong", told.wrong), (persons + 1 + bits % 900) % 40_000_000, persons))
    women = country.women(persons)
    return pl.DataFrame(
        {
            "person": persons,
            "national_id": pl.select(
                pl.when(pl.lit(pl.Series(~slipped("without", told.without)))).then(pl.lit(numbers))
            ).to_series(),
            "family_name": family,
            "given_name": given,
            "date_of_birth": pl.Series(born).cast(pl.Int32).cast(pl.Date),
            "sex": np.where(slipped("sex", told.sex_unknown), "unknown", np.where(women, "female", "male")),
            "postcode": written_postcodes(country.postcodes.text, post, written, bits),
            "phone": pl.select(
                pl.when(pl.lit(pl.Series(~slipped("no phone", told.no_phone)))).then(
                    pl.lit("07" + pl.Series(owner).cast(pl.String).str.zfill(9))
                )
            ).to_series(),
        }
    )
