"""Rounds of linking through a day: which files each took in, and what the day's own linking has still to take over."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from psycopg.types.json import Jsonb

from pumphandle.store.engine import Transaction


def files_left(tx: Transaction, *, first: date, last: date) -> list[int]:
    """file_id of accepted files of these days, both included, whose lines no round has linked."""
    rows = tx.execute(
        "select file_id from identified.file f where received_on between %s and %s and outcome = 'accepted'"
        " and not exists (select from identified.linked_file l where l.file_id = f.file_id) order by file_id",
        [first, last],
    ).fetchall()
    return [int(row[0]) for row in rows]


def add(tx: Transaction, day: date, files: Sequence[int], summary: Mapping[str, int], *, at: datetime) -> int:
    """Returns round_id."""
    row = tx.execute(
        "insert into identified.round (round_day, finished_at, summary) values (%s, %s, %s) returning round_id",
        [day, at, Jsonb(dict(summary))],
    ).fetchone()
    if row is None:
        raise LookupError("insert returned no row")
    tx.execute(
        "insert into identified.linked_file (file_id, round_id) select file_id, %s from unnest(%s::bigint[]) file_id",
        [row[0], list(files)],
    )
    return int(row[0])


def open_until(tx: Transaction, day: date) -> list[dict[str, int]]:
    """What each round said whose day is no later, and that no day's linking has taken over yet; oldest first."""
    rows = tx.execute(
        "select summary from identified.round where round_day <= %s and closed_on is null order by round_id", [day]
    ).fetchall()
    return [row[0] for row in rows]


def close(tx: Transaction, day: date) -> None:
    tx.execute("update identified.round set closed_on = %s where round_day <= %s and closed_on is null", [day, day])
