"""Releases and their blocks are added; nothing here changes or removes one."""

from collections.abc import Sequence
from datetime import date

import polars as pl
from psycopg.types.json import Jsonb

from pumphandle.publication.release import Previous, Release
from pumphandle.store.engine import Transaction, copy_frame


def previous(tx: Transaction) -> Previous:
    """The last release, or the nothing before the first."""
    row = tx.execute(
        "select sequence, hash, (select coalesce(max(block_id), 0) from published.ledger), manifest->>'ledger_start'"
        " from published.release order by sequence desc limit 1"
    ).fetchone()
    if row is None:
        return Previous(sequence=0, hash="", last_block=0, ledger_start=None)
    return Previous(sequence=row[0], hash=row[1], last_block=row[2], ledger_start=date.fromisoformat(row[3]))


def last_closed(tx: Transaction, series: Sequence[tuple[str, str]]) -> dict[tuple[str, str], date]:
    """Last day of the last closed window of each of these (node, measure)."""
    rows = tx.execute(
        "select s.node, s.measure, l.last_day from unnest(%s::text[], %s::text[]) as s(node, measure)"
        " cross join lateral (select last_day from published.ledger"
        "  where ledger.node = s.node and ledger.measure = s.measure order by last_day desc limit 1) l",
        [[node for node, _ in series], [measure for _, measure in series]],
    ).fetchall()
    return {(node, measure): last_day for node, measure, last_day in rows}


def add(tx: Transaction, release: Release) -> None:
    """The release and its blocks. The database refuses a second one of the same day or number."""
    tx.execute(
        "insert into published.release (release_id, sequence, as_of, made_at, block_count, rule, certificate, manifest,"
        " previous_hash, hash) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            release.release_id,
            release.sequence,
            release.as_of,
            release.made_at,
            release.blocks.height,
            Jsonb(release.rule),
            Jsonb(release.certificate),
            Jsonb(release.manifest),
            release.previous_hash,
            release.hash,
        ],
    )
    copy_frame(
        tx,
        "published.ledger",
        release.blocks.with_columns(release_id=pl.lit(release.release_id), group_code=pl.lit("all")),
    )
