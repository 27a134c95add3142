"""Drafts of releases: where each stands, what councils may see of it, and the votes of its reviewers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import polars as pl
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pumphandle.governance.effects import Waiting
from pumphandle.governance.releases import Draft, Gate
from pumphandle.store.engine import Transaction, insert_frame
from pumphandle.vocabulary.errors import NotFound, Refused

WINDOW_SCHEMA: Final[dict[str, Any]] = {
    "district": pl.String,
    "node": pl.String,
    "measure": pl.String,
    "first_day": pl.Date,
    "last_day": pl.Date,
    "persons": pl.Int64,
    "closes": pl.Boolean,
}


@dataclass(frozen=True)
class DraftRow:
    """One day's release on its way."""

    release_day: date
    state: str
    author: str
    made_at: datetime
    notice_until: datetime
    gate: str
    gate_reasons: list[str]
    figures: dict[str, Any]

    @property
    def seen_by_gate(self) -> Draft:
        return Draft(**self.figures)


@dataclass(frozen=True)
class DraftStep:
    """One arrow that a draft went along."""

    release_day: date
    event: str
    before: str
    after: str
    at: datetime
    by_name: str
    reason: str


@dataclass(frozen=True)
class VoteRow:
    reviewer: str
    vote: str
    reason: str
    at: datetime


_COLUMNS: Final = "release_day, state, author, made_at, notice_until, gate, gate_reasons, figures"


def add(
    tx: Transaction,
    day: date,
    *,
    author: str,
    made_at: datetime,
    notice_until: datetime,
    gate: Gate,
    reasons: Sequence[str],
    figures: Mapping[str, Any],
) -> None:
    """A new draft, in the first state. The database refuses a second one of the same day."""
    tx.execute(
        f"insert into decisions.draft ({_COLUMNS}) values (%s, 'DRAFT', %s, %s, %s, %s, %s, %s)".encode(),
        [day, author, made_at, notice_until, gate.value, list(reasons), Jsonb(dict(figures))],
    )


def show_to_councils(tx: Transaction, day: date, windows: pl.DataFrame) -> None:
    """windows : WINDOW_SCHEMA. Those of earlier drafts are forgotten: what went out stands in the ledger."""
    tx.execute("delete from decisions.draft_window")
    if windows.height:
        insert_frame(
            tx, "decisions.draft_window", windows.select(list(WINDOW_SCHEMA)).with_columns(release_day=pl.lit(day))
        )


def move(
    tx: Transaction, day: date, *, event: str, before: str, after: str, by: str, at: datetime, reason: str = ""
) -> None:
    """One arrow. Raises Refused when the draft is no longer where the mover thought."""
    changed = tx.execute(
        "update decisions.draft set state = %s where release_day = %s and state = %s", [after, day, before]
    ).rowcount
    if changed != 1:
        raise Refused(f"The release of {day} is no longer {before}.")
    tx.execute(
        "insert into decisions.draft_step (release_day, event, before, after, at, by_name, reason) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        [day, event, before, after, at, by, reason],
    )


def draft(tx: Transaction, day: date) -> DraftRow:
    """Raises NotFound."""
    found = _some(tx, "where release_day = %s", [day])
    if not found:
        raise NotFound(f"There is no draft of {day}.")
    return found[0]


def on_the_way(tx: Transaction) -> DraftRow | None:
    """The one that is in its notice or held; there is never a second."""
    found = _some(tx, "where state in ('NOTICE', 'HELD') order by release_day", [])
    return found[0] if found else None


def last_published(tx: Transaction, before: date) -> DraftRow | None:
    """The last one that went out, among earlier days."""
    found = _some(
        tx, "where state in ('PUBLISHED', 'RECALLED') and release_day < %s order by release_day desc limit 1", [before]
    )
    return found[0] if found else None


def newest(tx: Transaction, limit: int) -> list[DraftRow]:
    """Newest first."""
    return _some(tx, "order by release_day desc limit %s", [limit])


def _some(tx: Transaction, clause: str, parameters: list[Any]) -> list[DraftRow]:
    with tx.cursor(row_factory=class_row(DraftRow)) as cursor:
        return cursor.execute(f"select {_COLUMNS} from decisions.draft {clause}".encode(), parameters).fetchall()


def steps(tx: Transaction, day: date) -> list[DraftStep]:
    with tx.cursor(row_factory=class_row(DraftStep)) as cursor:
        return cursor.execute(
            "select release_day, event, before, after, at, by_name, reason from decisions.draft_step "
            "where release_day = %s order by step_id",
            [day],
        ).fetchall()


def windows(tx: Transaction, day: date) -> list[tuple[str, Waiting]]:
    """District and window, of those that row-level security lets the caller see."""
    rows = tx.execute(
        "select district, node, measure, first_day, last_day, persons, closes from decisions.draft_window "
        "where release_day = %s order by district, node, measure",
        [day],
    ).fetchall()
    return [(str(row[0]), Waiting(*row[1:])) for row in rows]


def own_area(tx: Transaction, area_code: str) -> bool:
    """Whether the area is the transaction's own district or lies in it: the database says so, whatever was checked."""
    row = tx.execute("select decisions.own_area(%s)", [area_code]).fetchone()
    return row is not None and row[0] is True


def add_vote(tx: Transaction, day: date, vote: VoteRow) -> None:
    tx.execute(
        "insert into decisions.review (release_day, reviewer, vote, reason, at) values (%s, %s, %s, %s, %s)",
        [day, vote.reviewer, vote.vote, vote.reason, vote.at],
    )


def votes(tx: Transaction, day: date) -> list[VoteRow]:
    """All of them: who shows them to a reviewer asks governance.releases first."""
    with tx.cursor(row_factory=class_row(VoteRow)) as cursor:
        return cursor.execute(
            "select reviewer, vote, reason, at from decisions.review where release_day = %s order by at", [day]
        ).fetchall()
