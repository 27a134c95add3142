"""One authority's package of one day: a tape archive of records, counts, manifest and signature, sealed to its key."""

import csv
import io
import tarfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final

import msgspec
import polars as pl
import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pumphandle.delivery.fhir import bundle
from pumphandle.delivery.fields import ABOUT_EVERY_RECORD, COUNTED, DELIVERED, RECALLED, dictionary_csv
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.records import Change

FORMATS: Final = ("csv", "parquet", "fhir")
"""What a receiver may ask for; csv and parquet come without asking."""

VERSION: Final = 3
"""Of the layout, told in every manifest. 1: records.csv alone; 2: without recalls."""

SMALL: Final = 1_000
"""Rows up to which a table is sorted and written row by row."""


@dataclass(frozen=True)
class Laboratory:
    """One laboratory's day: lines agreed with it, and lines that came."""

    laboratory: str
    expected_at_least: int
    expected_at_most: int
    received: int

    @property
    def late(self) -> bool:
        return self.received < self.expected_at_least


@dataclass(frozen=True)
class DayTold:
    """What every authority is told of the day, whatever came for it.

    unplaced_in_nation : results whose postcode leads to no area; unplaced_by_region : those known to lie in a region
    audit_rows, audit_hash : how far the audit chain reached; who holds them sees later whether it was rewritten
    """

    delivery_date: date
    laboratories: tuple[Laboratory, ...]
    unplaced_in_nation: int
    unplaced_by_region: dict[str, int]
    audit_rows: int
    audit_hash: str


@dataclass(frozen=True)
class Receiver:
    """fields : of an active agreement, None where no record may be told; formats : of FORMATS"""

    authority: str
    authority_name: str
    region: str | None
    agreement: str
    fields: tuple[str, ...] | None
    formats: tuple[str, ...] = ("csv", "parquet")


@dataclass(frozen=True)
class Manifest:
    """Goes out with every package, also when there is nothing to deliver. files : name -> sha256 and rows"""

    version: int
    authority: str
    authority_name: str
    delivery_date: date
    agreement: str
    fields: tuple[str, ...]
    new: int
    changed: int
    withdrawn: int
    recalls: int
    tests: int
    negatives: int
    late_laboratories: tuple[str, ...]
    laboratories: tuple[Laboratory, ...]
    unplaced_in_nation: int
    unplaced_in_region: int
    audit_rows: int
    audit_hash: str
    files: dict[str, dict[str, str | int]]

    def as_json(self) -> bytes:
        return msgspec.json.format(_JSON.encode(self), indent=1) + b"\n"


_JSON: Final = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True)
class Package:
    """content : the archive in plain; sealed : the same for one pair of eyes (age format)."""

    manifest: Manifest
    content: bytes
    sealed: bytes


def package(
    receiver: Receiver,
    told: DayTold,
    *,
    records: pl.DataFrame,
    counts: pl.DataFrame,
    state: pl.DataFrame | None,
    recalls: pl.DataFrame | None = None,
    beside: Mapping[str, pl.DataFrame] | None = None,
    public_key: str,
    signer: Ed25519PrivateKey,
    at: datetime,
) -> Package:
    """Files, manifest, signature (Ed25519) and seal. Raises Refused for a key that is none.

    records : DELIVERED columns; counts : COUNTED columns; state : DELIVERED columns of everything that stands, if asked
    recalls : RECALLED columns: records that earlier packages told of and that were sent on since
    beside : further tables by name, already in their order, such as the week's digest of looks
    Rows are sorted here, so that equal rows give equal bytes. Without an active agreement only counts go out.
    """
    shares = receiver.fields is not None
    columns = _columns(receiver.fields)
    tables = {"denominators": ordered(counts[list(COUNTED)], "postcode", "specimen_date")}
    if shares:
        tables["records"] = ordered(records[list(columns)], "change", "record_key")
        if state is not None:
            tables["full_state"] = ordered(state[list(columns)], "record_key")
    if recalls is not None and recalls.height:
        tables["recalls"] = ordered(recalls[list(RECALLED)], "said_at", "record_key")
    files, rows = _files(tables | dict(beside or {}), receiver.formats)
    files["dictionary.csv"] = dictionary_csv(columns)
    told_back = 0 if recalls is None else recalls.height
    manifest = _manifest(receiver, told, records if shares else records.clear(), counts, files, rows, told_back)
    stated = manifest.as_json()
    content = archive({"manifest.json": stated, "manifest.sig": signer.sign(stated), **files}, at)
    try:
        recipient = pyrage.x25519.Recipient.from_str(public_key)
    except pyrage.RecipientError:
        raise Refused(f"The key of authority {receiver.authority} is no age public key. Register it again.") from None
    return Package(manifest, content, pyrage.encrypt(content, [recipient]))


def fingerprint(public_key: str) -> str:
    """What two people read to each other on the telephone: eight groups of four."""
    digits = sha256(public_key.encode()).hexdigest()[:32]
    return " ".join(digits[at : at + 4] for at in range(0, 32, 4))


def _columns(fields: tuple[str, ...] | None) -> tuple[str, ...]:
    """In the order of DELIVERED, narrowed to what the agreement allows."""
    allowed = {*ABOUT_EVERY_RECORD, *(fields or ())}
    return tuple(column for column in DELIVERED if column in allowed)


def ordered(table: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """By these columns, nulls last. A small table is ordered here: the engine needs longer to begin than to sort."""
    if table.height > SMALL:
        return table.sort(*keys, nulls_last=True)
    if table.height < 2:
        return table
    values = [[(value is None, value) for value in table[key].to_list()] for key in keys]
    return table[sorted(range(table.height), key=lambda row: [column[row] for column in values])]


def _files(tables: dict[str, pl.DataFrame], formats: tuple[str, ...]) -> tuple[dict[str, bytes], dict[str, int]]:
    """Every table in every format; and rows by file."""
    files: dict[str, bytes] = {}
    rows: dict[str, int] = {}
    for name, table in tables.items():
        made = _written(name, table, formats) if table.height else _empty(name, tuple(table.schema.items()), formats)
        files |= made
        rows |= dict.fromkeys(made, table.height)
    return files, rows


@lru_cache(maxsize=256)
def _empty(name: str, schema: tuple[tuple[str, pl.DataType], ...], formats: tuple[str, ...]) -> dict[str, bytes]:
    """Most packages of most days hold nothing, and what holds nothing is written once."""
    return _written(name, pl.DataFrame(schema=dict(schema)), formats)


def _written(name: str, table: pl.DataFrame, formats: tuple[str, ...]) -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    if "csv" in formats:
        made[f"{name}.csv"] = as_csv(table)
    if "parquet" in formats:
        stream = io.BytesIO()
        table.write_parquet(stream, compression="zstd", compression_level=1, statistics=False)
        made[f"{name}.parquet"] = stream.getvalue()
    if "fhir" in formats and name == "records":
        made["records.fhir.json"] = bundle(table)
    return made


def as_csv(table: pl.DataFrame) -> bytes:
    """As polars writes it. A small table is written here, faster, unless it holds what the two write differently."""
    if table.height <= SMALL:
        rows = table.rows()
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows(rows)
        written = text.getvalue()
        if "\r" not in written and not any("" in row for row in rows):
            return written.encode()
    return table.write_csv().encode()


def _manifest(
    receiver: Receiver,
    told: DayTold,
    records: pl.DataFrame,
    counts: pl.DataFrame,
    files: dict[str, bytes],
    rows: dict[str, int],
    recalls: int,
) -> Manifest:
    changes = Counter(records["change"].to_list())
    return Manifest(
        version=VERSION,
        authority=receiver.authority,
        authority_name=receiver.authority_name,
        delivery_date=told.delivery_date,
        agreement=receiver.agreement,
        fields=receiver.fields or (),
        new=changes[str(Change.NEW)],
        changed=changes[str(Change.CHANGED)],
        withdrawn=changes[str(Change.WITHDRAWN)],
        recalls=recalls,
        tests=int(counts["tests"].sum()),
        negatives=int(counts["negatives"].sum()),
        late_laboratories=tuple(one.laboratory for one in told.laboratories if one.late),
        laboratories=told.laboratories,
        unplaced_in_nation=told.unplaced_in_nation,
        unplaced_in_region=told.unplaced_by_region.get(receiver.region or "", 0),
        audit_rows=told.audit_rows,
        audit_hash=told.audit_hash,
        files={
            name: {"sha256": sha256(content).hexdigest(), "rows": rows.get(name, content.count(b"\n") - 1)}
            for name, content in files.items()
        },
    )


def archive(files: dict[str, bytes], at: datetime) -> bytes:
    """A USTAR archive, written as `tarfile` writes it: heads it has written before are not written again."""
    seconds = int(at.timestamp())
    parts: list[bytes] = []
    for name, content in files.items():
        parts += (_head(name, len(content), seconds), content, b"\0" * (-len(content) % tarfile.BLOCKSIZE))
    parts.append(b"\0" * tarfile.BLOCKSIZE * 2)
    size = sum(map(len, parts))
    return b"".join((*parts, b"\0" * (-size % tarfile.RECORDSIZE)))


@lru_cache(maxsize=4096)
def _head(name: str, size: int, seconds: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, seconds, 0o600
    return member.tobuf(tarfile.USTAR_FORMAT)
