"""Everything about a person, worked out from their number when somebody asks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from pumphandle_town.chance import Chance, Flags, Floats, Ints
from pumphandle_town.households import Households, Postcodes
from pumphandle_town.names import NameTable, name_book
from pumphandle_town.place_names import STREETS

DAYS_PER_YEAR: Final = 365.2425
_WEIGHTS: Final = np.array(
    [0.62, 0.05, 0.08, 0.07, 0.05, 0.07, 0.04, 0.02]
)  # of naming traditions, over the whole country
_SHARERS: Final = 0.16  # of households of two and three adults: not one family, each with their own name


@dataclass(frozen=True)
class People:
    """The population.

    ages_of : age in years (with parts) on `age_day` (from 1970-01-01), of (persons, households, positions)
    phone   : a range of numbers kept free for fiction: how they begin, and how many digits follow
    """

    chance: Chance
    households: Households
    postcodes: Postcodes
    ages_of: Callable[[Ints, Ints, Ints], Floats]
    age_day: int
    phone: tuple[str, int]

    def ages(self, persons: Ints) -> Floats:
        home = self.households.of(persons)
        return self.ages_of(persons, home, persons - self.households.start[home])

    def born(self, persons: Ints) -> Ints:
        """Day of birth, counted from 1970-01-01; before `age_day`."""
        return self.age_day - 1 - (self.ages(persons) * DAYS_PER_YEAR).astype(np.int64)

    def women(self, persons: Ints) -> Flags:
        """True for women. The second of a household is mostly of the other sex than the first."""
        home = self.households.of(persons)
        position = persons - self.households.start[home]
        head = self.chance.share("sex of head", home) < 0.51
        own = self.chance.share("sex", persons) < 0.51
        partner = (position == 1) & (self.chance.share("couple", home) < 0.9)
        return np.where(position == 0, head, np.where(partner, ~head, own))

    def names(self, persons: Ints) -> tuple[pl.Series, pl.Series]:
        """(family names, given names)."""
        book, home = name_book(), self.households.of(persons)
        sharing = (self.chance.share("sharers", home) < _SHARERS) | self.households.care_home[home]
        kin = np.where(sharing, persons + 1_000_000_007, home)
        # Neighbourhoods differ: the draw of the tradition leans on the postcode as well.
        near = self.chance.share("lean", self.households.postcode[home].astype(np.int64) // 40)
        drawn = (self.chance.share("tradition", kin) + np.where(near < 0.3, 0.35 * near / 0.3, 0.0)) % 1.0
        tradition = np.searchsorted(np.cumsum(_WEIGHTS)[:-1], drawn, side="right")
        own_name = (persons - self.households.start[home] == 1) & (self.chance.share("kept name", persons) < 0.2)
        family = np.where(own_name, persons + 2_000_000_011, kin)
        women = self.women(persons)
        families = self._drawn("family", family, tradition, women, (book.family_women, book.family_men))
        return families, self._drawn("given", persons, tradition, women, (book.women, book.men))

    def _drawn(
        self, stream: str, index: Ints, tradition: Ints, women: Flags, tables: tuple[NameTable, NameTable]
    ) -> pl.Series:
        """A name of the tradition; the first ones of each list are the common ones."""
        share = self.chance.share(stream, index) ** 1.8
        both = pl.concat([tables[0].names, tables[1].names])
        first = np.array([tables[0].first, tables[1].first]) + np.array([[0], [len(tables[0].names)]])
        count = np.array([tables[0].count, tables[1].count])
        table = np.where(women, 0, 1)
        return both.gather(first[table, tradition] + (share * count[table, tradition]).astype(np.int64))

    def addresses(self, persons: Ints) -> pl.Series:
        """Number and street, a flat, or a care home; then the town."""
        home = self.households.of(persons)
        post = self.households.postcode[home].astype(np.int64)
        place = home - self.households.postcode_first[post]
        street = pl.Series(STREETS).gather(self.chance.below("street", post // 2, len(STREETS)))
        flats = self.chance.share("flats", post) < 0.18
        number = np.where(flats, 1 + place // 6, 1 + 2 * place + post % 2)
        care = self.households.care_home[home]
        frame = pl.DataFrame(
            {
                "number": number,
                "flat": np.where(flats & ~care, 1 + place % 6, 0),
                "care": care,
                "street": street,
                "home": pl.Series(STREETS)
                .gather(self.chance.below("care home", home, len(STREETS)))
                .str.split(" ")
                .list.first(),
                "town": self.postcodes.locality.gather(post),
            }
        )
        start = (
            pl.when(pl.col("care"))
            .then(pl.col("home") + " House Care Home, ")
            .when(pl.col("flat") > 0)
            .then("Flat " + pl.col("flat").cast(pl.String) + ", " + pl.col("number").cast(pl.String) + " ")
            .otherwise(pl.col("number").cast(pl.String) + " ")
        )
        return frame.select((start + pl.col("street") + ", " + pl.col("town")).alias("address")).to_series()

    def phones(self, persons: Ints) -> pl.Series:
        """Few numbers are free for fiction, so many people seem to share one: a phone names nobody here."""
        start, digits = self.phone
        return start + pl.Series(self.chance.below("phone", persons, 10**digits)).cast(pl.String).str.zfill(digits)
