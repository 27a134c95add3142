"""Canaries: a fictitious resident of an authority on a day, who must arrive in its package and be counted nowhere.

Made from the nation's key, so that nobody without it can make one. What it is stands in its name and reason, for who
receives it; which records are canaries' is known from our own list of record keys, and from no mark that they bear.
"""

import hmac
import io
import json
import tarfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import polars as pl

LABORATORY: Final = "canary"
REASON: Final = "canary: a fictitious resident that proves the way; count and call nobody"
SURNAME: Final = "CANARY NOBODY"
PATHOGEN: Final = "sars_cov_2"
_BORN_FROM: Final = date(1900, 1, 1)


@dataclass(frozen=True)
class Canary:
    """One authority's fictitious resident of one day."""

    authority: str
    day: date
    record_key: str
    specimen_id: str
    family_name: str
    given_name: str
    date_of_birth: date
    sex: str
    address: str
    postcode: str


def canary(key: bytes, authority: str, day: date, *, postcode: str) -> Canary:
    """The same key, authority and day give the same one. postcode : one that lies in the authority and nowhere else"""
    digest = hmac.new(key, f"canary\x1f{authority}\x1f{day}".encode(), sha256).digest()
    letters = "".join(chr(ord("A") + byte % 26) for byte in digest[:16])
    return Canary(
        authority=authority,
        day=day,
        record_key=str(UUID(bytes=digest[16:])),
        specimen_id=f"CANARY-{digest[:10].hex()}",
        family_name=f"{SURNAME} {letters[:8]}",
        given_name=letters[8:],
        date_of_birth=_BORN_FROM + timedelta(days=int.from_bytes(digest[10:12]) % 3_650),
        sex="female" if digest[12] % 2 else "male",
        address=f"Canary House {letters}",
        postcode=postcode,
    )


def without(rows: pl.DataFrame, invented: Collection[str]) -> pl.DataFrame:
    """The rows (with `record_key`) that are not of these records: what may be counted and shown as people."""
    return rows.filter(~pl.col("record_key").is_in(list(invented))) if invented else rows


def holds(archive: bytes, record_key: str) -> bool:
    """Whether a package, opened, tells of this record, in every form of its records; read as its receiver reads it."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        found: list[bool] = []
        for member in opened:
            stream = opened.extractfile(member)
            if stream is not None and member.name.startswith("records."):
                found.append(_tells(member.name, stream.read(), record_key))
    return bool(found) and all(found)


def _tells(name: str, content: bytes, record_key: str) -> bool:
    if name.endswith(".parquet"):
        return record_key in pl.read_parquet(io.BytesIO(content), columns=["record_key"])["record_key"]
    if name.endswith(".json"):
        return record_key in json.dumps(json.loads(content))
    return record_key in pl.read_csv(io.BytesIO(content), columns=["record_key"], infer_schema=False)["record_key"]
