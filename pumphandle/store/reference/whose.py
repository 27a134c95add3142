"""In whose area a postcode lies."""

import polars as pl

from pumphandle.geography.postcodes import normalise
from pumphandle.store.engine import Transaction
from pumphandle.store.reference import postcodes


def district_of(tx: Transaction, postcode: str | None) -> str | None:
    """None where it leads to none or to several."""
    plain = normalise(pl.Series([postcode], dtype=pl.String)).item()
    if plain is None:
        return None
    found = postcodes.lookup_of(tx, pl.Series([plain], dtype=pl.String))
    return None if found.is_empty() else found.row(0, named=True)["district"]


def districts(tx: Transaction, *, but: str) -> list[tuple[str, str]]:
    """(code, name) of every authority but one, by name."""
    return tx.execute(
        "select area_code, name from reference.area where level = 'district' and area_code <> %s "
        "order by name, area_code",
        [but],
    ).fetchall()
