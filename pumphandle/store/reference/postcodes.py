"""Postcode to small area to district."""

import polars as pl

from pumphandle.store.engine import Transaction, copy_frame, read_frame
from pumphandle.vocabulary.errors import NotFound


def postcode_lookup(tx: Transaction) -> pl.DataFrame:
    """Every postcode that leads somewhere: postcode (normalised, each once), small_area, district."""
    return read_frame(
        tx,
        "select p.postcode, p.small_area, a.parent from reference.postcode p "
        "join reference.area a on a.area_code = p.small_area",
        [],
        {"postcode": pl.String, "small_area": pl.String, "district": pl.String},
    )


def lookup_of(tx: Transaction, wanted: pl.Series) -> pl.DataFrame:
    """The same for some postcodes (normalised, nulls allowed): cost grows with them, not with the nation's table."""
    tx.execute('create temporary table wanted (postcode text collate "C" primary key) on commit drop')
    copy_frame(tx, "wanted", wanted.drop_nulls().unique().to_frame("postcode"))
    tx.execute("analyze wanted")
    return read_frame(
        tx,
        "select p.postcode, p.small_area, a.parent from wanted join reference.postcode p using (postcode) "
        "join reference.area a on a.area_code = p.small_area",
        [],
        {"postcode": pl.String, "small_area": pl.String, "district": pl.String},
    )


def small_area_of(tx: Transaction, postcode: str) -> str:
    """Of a normalised postcode. Raises NotFound, without repeating the postcode: it may be a person's."""
    row = tx.execute("select small_area from reference.postcode where postcode = %s", [postcode]).fetchone()
    if row is None:
        raise NotFound("That postcode leads to no area.")
    return str(row[0])


def of_small_area(tx: Transaction, code: str) -> list[str]:
    """Postcodes that lead to a small area, sorted."""
    rows = tx.execute("select postcode from reference.postcode where small_area = %s order by postcode", [code])
    return [str(row[0]) for row in rows]
