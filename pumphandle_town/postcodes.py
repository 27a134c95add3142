"""Postcodes of the made-up country: British in shape, in areas that Britain does not have."""

from typing import Final

import numpy as np
import polars as pl

from pumphandle_town.chance import Chance, Ints
from pumphandle_town.households import Postcodes
from pumphandle_town.place_names import UNIT_LETTERS, postcode_areas
from pumphandle_town.places import Places

UNITS_PER_SECTOR: Final = len(UNIT_LETTERS) ** 2
USED_PER_SECTOR: Final = 110  # the letters of a sector are used sparsely, so that a slip mostly hits no postcode


def name_postcodes(small_area: Ints, places: Places, chance: Chance) -> Postcodes:
    """Letters for a group of districts, an outward number for a small area, sectors and units inside it."""
    letters = postcode_areas(chance)
    districts = len(places.district_names)
    shared = max(1, -(-districts // len(letters)))
    group = places.district // shared
    counts = np.bincount(small_area, minlength=len(places.district))
    order = np.argsort(group, kind="stable")
    outward = np.empty_like(order)
    outward[order] = np.arange(len(order)) - np.searchsorted(group[order], group[order]) + 1
    within = np.arange(len(small_area)) - np.searchsorted(small_area, small_area)
    sectors = 1 + counts[small_area] // USED_PER_SECTOR
    slots = sectors * UNITS_PER_SECTOR
    slot = (within * 1_237 + chance.below("first unit", small_area, 4_000)) % slots
    sector, unit = np.divmod(slot, UNITS_PER_SECTOR)
    first, second = np.divmod(unit, len(UNIT_LETTERS))
    alphabet = pl.Series(list(UNIT_LETTERS))
    frame = pl.DataFrame(
        {
            "letters": pl.Series(letters).gather(group[small_area]),
            "outward": outward[small_area],
            "sector": (sector + 1) % 10,
            "first": alphabet.gather(first),
            "second": alphabet.gather(second),
        }
    )
    text = frame.select(
        pl.concat_str(
            [pl.col("letters"), pl.col("outward"), pl.lit(" "), pl.col("sector"), pl.col("first"), pl.col("second")]
        )
    )
    towns = pl.Series(places.district_names)
    return Postcodes(text=text.to_series(), area=small_area, locality=towns.gather(places.district[small_area]))


def plain(text: pl.Expr) -> pl.Expr:
    """Upper case, no spaces: how postcodes are compared."""
    return text.str.to_uppercase().str.replace_all(" ", "")
