"""What the house does by itself, and when it last went well."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pumphandle.store.engine import Transaction

Name = Literal["take_in", "purge"]


@dataclass(frozen=True)
class Timer:
    """summary : counts and codes, no person"""

    timer: str
    done_at: datetime
    summary: dict[str, object]


def done(tx: Transaction, timer: Name, summary: Mapping[str, object], *, at: datetime) -> None:
    tx.execute(
        "insert into decisions.timer (timer, done_at, summary) values (%s, %s, %s) on conflict (timer) do update"
        " set done_at = excluded.done_at, summary = excluded.summary",
        [timer, at, Jsonb(dict(summary))],
    )


def find(tx: Transaction, timer: Name) -> Timer | None:
    """None: never yet."""
    with tx.cursor(row_factory=class_row(Timer)) as cursor:
        return cursor.execute(
            "select timer, done_at, summary from decisions.timer where timer = %s", [timer]
        ).fetchone()
