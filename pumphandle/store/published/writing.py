"""Releases and their blocks are added; nothing here changes or removes one."""

from collections.abc import Sequence
from datetime import date, datetime

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
        begun = tx.execute("select min(as_of) from published.withheld").fetchone()
        return Previous(sequence=0, hash="", last_block=0, ledger_start=None if begun is None else begun[0])
    return Previous(sequence=row[0], hash=row[1], last_block=row[2], ledger_start=date.fromisoformat(row[3]))


def tail(tx: Transaction) -> list[tuple[date, str, str, dict[str, object]]]:
    """as_of, hash, hash of the one before, and manifest of the last two releases, the newest first."""
    return tx.execute(
        "select as_of, hash, previous_hash, manifest from published.release order by sequence desc limit 2"
    ).fetchall()


def last_closed(tx: Transaction, series: Sequence[tuple[str, str]]) -> dict[tuple[str, str], date]:
    """Last day of the last window of each of these (node, measure), as rows of their own level told it; pools left out.

    A district's margins are series of their own, (district, measure/dimension).
    """
    rows = tx.execute(
        "select s.node, s.measure, l.last_day from unnest(%s::text[], %s::text[], %s::text[], %s::text[])"
        " as s(node, measure, of, dimension)"
        " cross join lateral (select last_day from published.ledger"
        "  where ledger.node = s.node and ledger.measure = s.of and ledger.level <> 'pool'"
        "  and split_part(ledger.group_code, ':', 1) = s.dimension order by last_day desc limit 1) l",
        [list(column) for column in zip(*((*one, *_kind(one[1])) for one in series), strict=True)],
    ).fetchall()
    return {(node, measure): last_day for node, measure, last_day in rows}


def last_pooled(
    tx: Transaction, members: Sequence[tuple[str, str]], measures: Sequence[str]
) -> list[tuple[str, str, date]]:
    """Member, measure and last day of the last pool of each place that it was in.

    members : node or district, and a place that it lies in: one pair for each place
    """
    return tx.execute(
        "select m.member, x.measure, l.last_day from unnest(%s::text[], %s::text[]) as m(member, place)"
        " cross join unnest(%s::text[]) as x(measure)"
        " cross join lateral (select last_day from published.ledger p"
        "  where p.node = m.place and p.measure = x.measure and p.level = 'pool'"
        "  and position(' ' || m.member || ':' in ' ' || p.members) > 0 order by p.last_day desc limit 1) l",
        [[one[0] for one in members], [one[1] for one in members], list(measures)],
    ).fetchall()


def _kind(measure: str) -> tuple[str, str]:
    """Measure and dimension of the rows of a series."""
    of, _, kind = measure.partition("/")
    return of, kind or "all"


def withhold(tx: Transaction, as_of: date, *, stage: str, reason: str, at: datetime) -> None:
    """A day on which nothing goes out, and why."""
    tx.execute(
        "insert into published.withheld (as_of, stage, reason, at) values (%s, %s, %s, %s)",
        [as_of, stage, reason, at],
    )


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
        release.blocks.with_columns(release_id=pl.lit(release.release_id)),
    )
