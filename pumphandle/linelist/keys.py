"""The name of a laboratory record and the digest of what it says."""

from hashlib import blake2b
from typing import Final
from uuid import UUID

import polars as pl

from pumphandle.vocabulary.records import LINE_FIELDS

SAYS: Final = tuple(name for name in LINE_FIELDS if name != "status")


def with_keys(good: pl.DataFrame, *, laboratory: str) -> pl.DataFrame:
    """Add `record_key` (UUID text: laboratory and specimen_id) and `content_hash` (hex, 128 bits).

    The status enters the hash only as "withdrawn or not": a line sent again as "corrected" with
    the same content says nothing new.
    """
    prefix = laboratory.encode() + b"\x1f"
    keys = [
        str(UUID(bytes=blake2b(prefix + specimen.encode(), digest_size=16).digest()))
        for specimen in good["specimen_id"]
    ]
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
    return good.with_columns(
        pl.Series("record_key", keys, dtype=pl.String), pl.Series("content_hash", hashes, dtype=pl.String)
    )
