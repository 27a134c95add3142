"""One authority's package of one day: a tape archive of records, counts, manifest and signature, sealed to its key."""

import io
import json
import tarfile
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final

import polars as pl
import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pumphandle.delivery.fhir import bundle
from pumphandle.delivery.fields import ABOUT_EVERY_RECORD, COUNTED, DELIVERED, dictionary_csv
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.records import Change

FORMATS: Final = ("csv", "parquet", "fhir")
"""What a receiver may ask for; csv and parquet come without asking."""

VERSION: Final = 2
"""Of the layout, told in every manifest. 1: records.csv alone."""


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
        return json.dumps(asdict(self), default=str, sort_keys=True, indent=1).encode() + b"\n"


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
    public_key: str,
    signer: Ed25519PrivateKey,
    at: datetime,
) -> Package:
    """Files, manifest, signature (Ed25519) and seal. Raises Refused for a key that is none.

    records : DELIVERED columns; counts : COUNTED columns; state : DELIVERED columns of everything that stands, if asked
    Rows are sorted here, so that equal rows give equal bytes. Without an active agreement only counts go out.
    """
    shares = receiver.fields is not None
    columns = _columns(receiver.fields)
    tables = {"denominators": _sorted(counts.select(COUNTED), "postcode", "specimen_date")}
    if shares:
        tables["records"] = _sorted(records.select(columns), "change", "record_key")
        if state is not None:
            tables["full_state"] = _sorted(state.select(columns), "record_key")
    files, rows = _files(tables, receiver.formats)
    files["dictionary.csv"] = dictionary_csv(columns)
    manifest = _manifest(receiver, told, records if shares else records.clear(), counts, files, rows)
    stated = manifest.as_json()
    content = _archive({"manifest.json": stated, "manifest.sig": signer.sign(stated), **files}, at)
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


def _sorted(table: pl.DataFrame, *keys: str) -> pl.DataFrame:
    return table.sort(*keys, nulls_last=True)


def _files(tables: dict[str, pl.DataFrame], formats: tuple[str, ...]) -> tuple[dict[str, bytes], dict[str, int]]:
    """Every table in every format; and rows by file."""
    files: dict[str, bytes] = {}
    rows: dict[str, int] = {}
    for name, table in tables.items():
        made: dict[str, bytes] = {}
        if "csv" in formats:
            made[f"{name}.csv"] = table.write_csv().encode()
        if "parquet" in formats:
            stream = io.BytesIO()
            table.write_parquet(stream, compression="zstd", compression_level=1, statistics=False)
            made[f"{name}.parquet"] = stream.getvalue()
        if "fhir" in formats and name == "records":
            made["records.fhir.json"] = bundle(table)
        files |= made
        rows |= dict.fromkeys(made, table.height)
    return files, rows


def _manifest(
    receiver: Receiver,
    told: DayTold,
    records: pl.DataFrame,
    counts: pl.DataFrame,
    files: dict[str, bytes],
    rows: dict[str, int],
) -> Manifest:
    changes = {change: int((records["change"] == str(change)).sum()) for change in Change}
    return Manifest(
        version=VERSION,
        authority=receiver.authority,
        authority_name=receiver.authority_name,
        delivery_date=told.delivery_date,
        agreement=receiver.agreement,
        fields=receiver.fields or (),
        new=changes[Change.NEW],
        changed=changes[Change.CHANGED],
        withdrawn=changes[Change.WITHDRAWN],
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


def _archive(files: dict[str, bytes], at: datetime) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(content), int(at.timestamp()), 0o600
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()
