"""A release: the day's blocks, what protected them, and the hash that chains it to every release before."""

import io
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Final

import polars as pl

from pumphandle.disclosure.certificate import check, rows_digest
from pumphandle.disclosure.safe import SafeTable

BLOCK_COLUMNS: Final = (
    "block_id",
    "node",
    "level",
    "measure",
    "group_code",
    "first_day",
    "last_day",
    "value",
    "kind",
    "waited",
    "members",
)


@dataclass(frozen=True)
class Previous:
    """The release before; sequence 0 and an empty hash stand for none."""

    sequence: int
    hash: str
    last_block: int
    ledger_start: date | None


@dataclass(frozen=True)
class Release:
    """Immutable. `files` : name -> bytes; `hash` : SHA-256 of manifest.json, which names every other file's hash."""

    release_id: str
    sequence: int
    as_of: date
    made_at: datetime
    blocks: pl.DataFrame = field(repr=False)
    rule: dict[str, object]
    certificate: dict[str, object]
    manifest: dict[str, object]
    previous_hash: str
    hash: str
    files: dict[str, bytes] = field(repr=False)


def compose(table: SafeTable, *, certificate: dict[str, object], previous: Previous, made_at: datetime) -> Release:
    """Number the blocks, write the files, chain the hash. The same table gives the same bytes.

    Raises CertificateRefused for a certificate that is missing, not signed, or not about these rows.
    """
    check(certificate, rows_sha256=rows_digest(table.blocks), as_of=str(table.as_of))
    blocks = table.blocks.with_columns(
        block_id=pl.int_range(previous.last_block + 1, previous.last_block + 1 + table.blocks.height, dtype=pl.Int64),
        kind=pl.lit("exact"),
    ).select(BLOCK_COLUMNS)
    release_id = str(table.as_of)
    start = previous.ledger_start or table.as_of
    files = {
        "blocks.csv": blocks.write_csv().encode(),
        "blocks.parquet": _parquet(blocks),
        "certificate.json": _json(certificate),
    }
    manifest: dict[str, object] = {
        "release_id": release_id,
        "sequence": previous.sequence + 1,
        "as_of": str(table.as_of),
        "ledger_start": str(start),
        "made_at": made_at.isoformat(),
        "rule": table.rule.as_data(),
        "files": {
            name: {"sha256": sha256(content).hexdigest(), "bytes": len(content)} for name, content in files.items()
        },
        "rows": blocks.height,
        "previous_hash": previous.hash,
    }
    files["manifest.json"] = _json(manifest)
    return Release(
        release_id=release_id,
        sequence=previous.sequence + 1,
        as_of=table.as_of,
        made_at=made_at,
        blocks=blocks,
        rule=table.rule.as_data(),
        certificate=certificate,
        manifest=manifest,
        previous_hash=previous.hash,
        hash=manifest_hash(manifest),
        files=files,
    )


def manifest_hash(manifest: dict[str, object]) -> str:
    """SHA-256 of manifest.json as it lies on the disk: anyone can recompute it."""
    return sha256(_json(manifest)).hexdigest()


def _json(data: dict[str, object]) -> bytes:
    return json.dumps(data, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"


def _parquet(frame: pl.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="zstd")
    return stream.getvalue()
