"""The name of a laboratory record and the digest of what it says."""

from hashlib import blake2b
from typing import Final

import polars as pl

from pumphandle.vocabulary.records import LINE_FIELDS

SAYS: Final = tuple(name for name in LINE_FIELDS if name != "status")


def with_keys(good: pl.DataFrame, *, laboratory: str) -> pl.DataFrame:
    """Add `record_key` (UUID text: laboratory and specimen_id) and `content_hash` (hex, 128 bits).

    The status enters the hash only as "withdrawn or not": a line sent again as "corrected" with
    the same content says nothing new.
    """
    prefix = laboratory.encode() + b"\x1f"
    bare = pl.Series([blake2b(prefix + one.encode(), digest_size=16).hexdigest() for one in good["specimen_id"]])
    keys = bare.to_frame("key").select(_as_uuid(pl.col("key").cast(pl.String))).to_series()
    said = good.select(
        pl.concat_str(
            [
                *[pl.col(name).cast(pl.String).fill_null("\x00") for name in SAYS],
                (pl.col("status") == "withdrawn").cast(pl.String),
            ],
            separator="\x1f",
        )
    ).to_series()
    hashes = [blake2b(text.encode(), digest_size=16).hexdigest() for text in said]
    return good.with_columns(keys.alias("record_key"), pl.Series("content_hash", hashes, dtype=pl.String))


def _as_uuid(digits: pl.Expr) -> pl.Expr:
    """32 hexadecimal digits as a UUID is written."""
    cuts = ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))
    return pl.concat_str([digits.str.slice(at, many) for at, many in cuts], separator="-")
