"""Households: people who give the same address."""

import re
from hashlib import blake2b
from typing import Final

import polars as pl

_MARKS: Final = re.compile(r"[^a-z0-9]+")


def household_keys(key: bytes, homes: pl.DataFrame) -> pl.Series:
    """A keyed hash per line of `address` and `postcode`: equal keys, one household.

    All who give a postcode but no address count as one household: too few households hold a
    publication window open for longer, too many would open it too early.
    """
    address = pl.col("address").fill_null("")
    told = homes.select(
        plain=address.str.to_lowercase().str.replace_all(_MARKS.pattern, " ").str.strip_chars(" "),
        # letters beyond ASCII are folded as Python knows it ("Straße" is "strasse"): few lines have any
        address=pl.when(address.str.len_bytes() != address.str.len_chars()).then("address"),
        postcode=pl.col("postcode").fill_null(""),
    )
    begun = blake2b(key=key, digest_size=12, person=b"household")
    return pl.Series(
        "household_key",
        [
            _digest(begun.copy(), plain if address is None else _folded(address), postcode)
            for plain, address, postcode in told.iter_rows()
        ],
        dtype=pl.String,
    )


def _folded(address: str) -> str:
    return _MARKS.sub(" ", address.casefold()).strip()


def _digest(begun: blake2b, home: str, postcode: str) -> str:
    begun.update(f"{home}\x1f{postcode}".encode())
    return begun.hexdigest()
