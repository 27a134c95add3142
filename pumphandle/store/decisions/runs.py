"""Which step of which day is done, and what it says of itself."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pumphandle.store.engine import Transaction

STEPS: Final = ("receive", "link", "deliver", "detect", "trace", "publish", "purge")
"""In this order; the table refuses any other."""


@dataclass(frozen=True)
class RunStep:
    """One finished step. `summary` holds counts and codes, no person."""

    run_date: date
    step: str
    finished_at: datetime
    seconds: float
    summary: dict[str, object]


def finish(
    tx: Transaction, run_date: date, step: str, *, seconds: float, summary: dict[str, object], at: datetime
) -> None:
    """The step is done; done again, the newer account replaces the older."""
    tx.execute(
        "insert into decisions.run_step (run_date, step, finished_at, seconds, summary) values (%s, %s, %s, %s, %s) "
        "on conflict (run_date, step) do update set finished_at = excluded.finished_at, seconds = excluded.seconds, "
        "summary = excluded.summary",
        [run_date, step, at, seconds, Jsonb(summary)],
    )


def finished(tx: Transaction, run_date: date) -> dict[str, RunStep]:
    """Step -> what it said."""
    return {step.step: step for step in summaries(tx, run_date, run_date)}


def last_day(tx: Transaction) -> date | None:
    """The newest day of which any step is done."""
    row = tx.execute("select max(run_date) from decisions.run_step").fetchone()
    return None if row is None else row[0]


def summaries(tx: Transaction, first: date, last: date) -> list[RunStep]:
    """Days first..last, both included, in order of finishing."""
    with tx.cursor(row_factory=class_row(RunStep)) as cursor:
        return cursor.execute(
            "select run_date, step, finished_at, seconds, summary from decisions.run_step "
            "where run_date between %s and %s order by run_date, finished_at, step",
            [first, last],
        ).fetchall()


def last_day_of(tx: Transaction, step: str) -> date | None:
    """The newest day of which this step is done."""
    row = tx.execute("select max(run_date) from decisions.run_step where step = %s", [step]).fetchone()
    return None if row is None else row[0]
