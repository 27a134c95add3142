"""One authority's package of one day: a tape archive of records, manifest and signature, sealed to its key."""

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

from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.records import Change

DELIVERED: Final = (
    "change",
    "reason",
    "record_key",
    "specimen_id",
    "laboratory",
    "national_id",
    "family_name",
    "given_name",
    "date_of_birth",
    "sex",
    "address",
    "postcode",
    "phone",
    "small_area",
    "specimen_date",
    "report_date",
    "pathogen",
    "result",
)
"""Columns of records.csv. A withdrawn record carries its key and reason only."""


@dataclass(frozen=True)
class Manifest:
    """Goes out with every package, also when there is nothing to deliver."""

    authority: str
    authority_name: str
    delivery_date: date
    new: int
    changed: int
    withdrawn: int
    late_laboratories: tuple[str, ...]
    unplaced_in_nation: int
    records_sha256: str

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), default=str, sort_keys=True, indent=1).encode() + b"\n"


@dataclass(frozen=True)
class Package:
    """content : the archive in plain; sealed : the same for one pair of eyes (age format)."""

    manifest: Manifest
    content: bytes
    sealed: bytes


def records_csv(records: pl.DataFrame) -> bytes:
    """records : DELIVERED columns, sorted here so that equal records give equal bytes."""
    return records.select(DELIVERED).sort("change", "record_key").write_csv().encode()


def manifest_of(
    records: pl.DataFrame,
    content: bytes,
    *,
    authority: str,
    authority_name: str,
    delivery_date: date,
    late_laboratories: tuple[str, ...],
    unplaced_in_nation: int,
) -> Manifest:
    counts = {change: int((records["change"] == str(change)).sum()) for change in Change}
    return Manifest(
        authority=authority,
        authority_name=authority_name,
        delivery_date=delivery_date,
        new=counts[Change.NEW],
        changed=counts[Change.CHANGED],
        withdrawn=counts[Change.WITHDRAWN],
        late_laboratories=late_laboratories,
        unplaced_in_nation=unplaced_in_nation,
        records_sha256=sha256(content).hexdigest(),
    )


def seal(manifest: Manifest, records: bytes, *, public_key: str, signer: Ed25519PrivateKey, at: datetime) -> Package:
    """Sign the manifest (Ed25519), pack, and seal to the receiver's age key. Raises Refused for a key that is none."""
    stated = manifest.as_json()
    content = _archive({"manifest.json": stated, "manifest.sig": signer.sign(stated), "records.csv": records}, at)
    try:
        recipient = pyrage.x25519.Recipient.from_str(public_key)
    except pyrage.RecipientError:
        raise Refused(f"The key of authority {manifest.authority} is no age public key. Register it again.") from None
    return Package(manifest=manifest, content=content, sealed=pyrage.encrypt(content, [recipient]))


def _archive(files: dict[str, bytes], at: datetime) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(content), int(at.timestamp()), 0o600
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def fingerprint(public_key: str) -> str:
    """What two people read to each other on the telephone: eight groups of four."""
    digits = sha256(public_key.encode()).hexdigest()[:32]
    return " ".join(digits[at : at + 4] for at in range(0, 32, 4))
