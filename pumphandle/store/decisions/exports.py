"""Requests to take records out of the console, and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pumphandle.store.engine import Transaction


@dataclass(frozen=True)
class ExportRow:
    """question : filters and order of the line list that point at nobody; records : in the last copy, None before"""

    export_id: str
    authority: str
    form: str
    question: dict[str, str]
    columns: list[str]
    reason: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    decision: str | None
    fetched: int
    records: int | None


_COLUMNS: Final[LiteralString] = (
    "export_id, authority, form, question, columns, reason, asked_by, asked_at, expires_at, state, decided_by, "
    "decided_at, decision, fetched, records"
)


def add(tx: Transaction, row: ExportRow) -> None:
    tx.execute(
        f"insert into decisions.export ({_COLUMNS}) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            row.export_id, row.authority, row.form, Jsonb(row.question), row.columns, row.reason, row.asked_by,
            row.asked_at, row.expires_at, row.state, row.decided_by, row.decided_at, row.decision, row.fetched,
            row.records,
        ],
    )  # fmt: skip


def exports(tx: Transaction, *, largest: int = 100) -> list[ExportRow]:
    """The authority's own, newest first."""
    with tx.cursor(row_factory=class_row(ExportRow)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from decisions.export order by asked_at desc, export_id limit %s", [largest]
        ).fetchall()


def export(tx: Transaction, export_id: str) -> ExportRow | None:
    """None: there is none, or it is another authority's. The row is held until the transaction ends."""
    with tx.cursor(row_factory=class_row(ExportRow)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from decisions.export where export_id = %s for update", [export_id]
        ).fetchone()


def decide(tx: Transaction, export_id: str, state: str, *, decision: str, by_name: str, at: datetime) -> None:
    tx.execute(
        "update decisions.export set state = %s, decision = %s, decided_by = %s, decided_at = %s where export_id = %s",
        [state, decision, by_name, at, export_id],
    )


def fetched(tx: Transaction, export_id: str, *, records: int) -> None:
    tx.execute(
        "update decisions.export set fetched = fetched + 1, records = %s where export_id = %s", [records, export_id]
    )
