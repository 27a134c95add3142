"""What the public site asks of the published shelf: releases, and the ledger in order of publication."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, LiteralString

import polars as pl
from psycopg.rows import class_row

from pumphandle.store.engine import Transaction, read_frame

LEDGER_COLUMNS: Final = {
    "block_id": pl.Int64,
    "release_id": pl.String,
    "node": pl.String,
    "level": pl.String,
    "measure": pl.String,
    "group_code": pl.String,
    "event_from": pl.Date,
    "event_to": pl.Date,
    "first_day": pl.Date,
    "last_day": pl.Date,
    "value": pl.Int64,
    "kind": pl.String,
    "waited": pl.Boolean,
    "members": pl.String,
}
"""Columns of the ledger as the public may read them, in the order of the files."""


@dataclass(frozen=True)
class ReleaseRow:
    """One release. `rule`, `certificate` and `manifest` are JSON objects as they were sealed by `hash`."""

    release_id: str
    sequence: int
    as_of: date
    made_at: datetime
    block_count: int
    rule: dict[str, Any]
    certificate: dict[str, Any]
    manifest: dict[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class Withheld:
    """A day on which nothing went out, where it stopped, and why."""

    as_of: date
    stage: str
    reason: str


def withheld(tx: Transaction) -> tuple[Withheld, ...]:
    """The newest first."""
    with tx.cursor(row_factory=class_row(Withheld)) as cursor:
        cursor.execute("select as_of, stage, reason from published.withheld order by as_of desc, at desc")
        return tuple(cursor.fetchall())


def ledger_file(path: Path, sequences: Mapping[str, int]) -> pl.DataFrame:
    """The ledger as the public file has it: the same as `ledger_between`, until the file's release.

    sequences : of each release
    """
    known = pl.DataFrame(
        {"release_id": list(sequences), "sequence": list(sequences.values())},
        schema={"release_id": pl.String, "sequence": pl.Int64},
    )
    return pl.read_parquet(path).join(known, on="release_id", how="left", maintain_order="left")


def latest_mark(tx: Transaction) -> tuple[int, str] | None:
    """Sequence and hash of the newest release: the one question asked again and again."""
    row = tx.execute("select sequence, hash from published.release order by sequence desc limit 1").fetchone()
    return None if row is None else (int(row[0]), str(row[1]))


def recalled(tx: Transaction) -> int:
    """How many blocks have been taken back; more later, never fewer."""
    row = tx.execute("select count(*) from published.recall").fetchone()
    return int(row[0]) if row else 0


def of_day(tx: Transaction, as_of: date) -> ReleaseRow | None:
    """The release about a day."""
    with tx.cursor(row_factory=class_row(ReleaseRow)) as cursor:
        return cursor.execute(
            """
            select release_id, sequence, as_of, made_at, block_count, rule, certificate, manifest, previous_hash, hash
            from published.release where as_of = %s order by sequence desc limit 1
            """,
            [as_of],
        ).fetchone()


def releases(tx: Transaction) -> tuple[ReleaseRow, ...]:
    """All releases, oldest first."""
    with tx.cursor(row_factory=class_row(ReleaseRow)) as cursor:
        cursor.execute(
            """
            select release_id, sequence, as_of, made_at, block_count, rule, certificate, manifest, previous_hash, hash
            from published.release order by sequence
            """
        )
        return tuple(cursor.fetchall())


def ledger_between(tx: Transaction, *, after: int, upto: int) -> pl.DataFrame:
    """Ledger rows of the releases after < sequence <= upto, in order of publication, with their `sequence`.

    As everybody may read them: a recalled block has no value and its kind is `recalled`, in every past view too.
    """
    return _between(tx, _SHOWN, after, upto)


def sealed_between(tx: Transaction, *, after: int, upto: int) -> pl.DataFrame:
    """The same as it was sealed, recalled blocks included: for checking the chain, and for nobody else."""
    return _between(tx, _SEALED, after, upto)


_SHOWN: Final = """
    select l.block_id, l.release_id, l.node, l.level, l.measure, l.group_code, l.event_from, l.event_to,
           l.first_day, l.last_day, l.value, l.kind, l.waited::text, l.members, r.sequence
    from published.ledger_shown l join published.release r using (release_id)
    where r.sequence > %s and r.sequence <= %s order by r.sequence, l.block_id
    """
_SEALED: Final = """
    select l.block_id, l.release_id, l.node, l.level, l.measure, l.group_code, l.event_from, l.event_to,
           l.first_day, l.last_day, l.value, l.kind, l.waited::text, l.members, r.sequence
    from published.ledger l join published.release r using (release_id)
    where r.sequence > %s and r.sequence <= %s order by r.sequence, l.block_id
    """


def _between(tx: Transaction, query: LiteralString, after: int, upto: int) -> pl.DataFrame:
    return read_frame(tx, query, [after, upto], {**LEDGER_COLUMNS, "sequence": pl.Int64})
