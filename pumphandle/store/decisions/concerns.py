"""Concerns and the steps that each has gone."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from psycopg.rows import class_row

from pumphandle.governance.concerns import ConcernKind, Product, Scope
from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.errors import Broken, NotFound, Refused


@dataclass(frozen=True)
class ConcernRow:
    """One case. body: who raised it; owner: who has taken it on; desk: rises with every missed deadline."""

    concern_id: int
    kind: str
    area_code: str
    product: str
    first_day: date
    last_day: date | None
    statement: str
    evidence: str
    body: str
    raised_by: str
    raised_at: datetime
    state: str
    since: datetime
    desk: int
    owner: str | None
    outcome: str


@dataclass(frozen=True)
class ConcernStep:
    event: str
    before: str
    after: str
    at: datetime
    by_name: str
    note: str


_COLUMNS: Final = (
    "concern_id, kind, area_code, product, first_day, last_day, statement, evidence, body, raised_by, raised_at, "
    "state, since, desk, owner, outcome"
)


def add(
    tx: Transaction,
    scope: Scope,
    *,
    kind: ConcernKind,
    statement: str,
    evidence: str,
    body: str,
    by: str,
    at: datetime,
) -> int:
    """A new case; its number."""
    row = tx.execute(
        "insert into decisions.concern (kind, area_code, product, first_day, last_day, statement, evidence, body, "
        "raised_by, raised_at, state, since, desk, outcome) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'RAISED', %s, 0, '') returning concern_id",
        [
            kind.value,
            scope.area_code,
            scope.product.value,
            scope.first,
            scope.last,
            statement,
            evidence,
            body,
            by,
            at,
            at,
        ],
    ).fetchone()
    if row is None:
        raise Broken("A concern was not kept.")
    number = int(row[0])
    _step(tx, number, ConcernStep("raise", "", "RAISED", at, by, ""))
    return number


def move(
    tx: Transaction, concern: ConcernRow, *, event: str, after: str, by: str, at: datetime, note: str, outcome: str
) -> None:
    """One arrow; the clock starts anew. Raises Refused when the case is no longer where the mover saw it."""
    changed = tx.execute(
        "update decisions.concern set state = %s, since = %s, desk = 0, owner = coalesce(owner, %s), "
        "outcome = case when %s = '' then outcome else %s end where concern_id = %s and state = %s",
        [after, at, by, outcome, outcome, concern.concern_id, concern.state],
    ).rowcount
    if changed != 1:
        raise Refused(f"Concern {concern.concern_id} is no longer {concern.state}.")
    _step(tx, concern.concern_id, ConcernStep(event, concern.state, after, at, by, note))


def escalate(tx: Transaction, concern: ConcernRow, *, desk: int, by: str, at: datetime, note: str) -> None:
    """The next desk has it now; the state stays."""
    tx.execute("update decisions.concern set desk = %s where concern_id = %s", [desk, concern.concern_id])
    _step(tx, concern.concern_id, ConcernStep("escalate", concern.state, concern.state, at, by, note))


def _step(tx: Transaction, concern_id: int, step: ConcernStep) -> None:
    tx.execute(
        "insert into decisions.concern_step (concern_id, event, before, after, at, by_name, note) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        [concern_id, step.event, step.before, step.after, step.at, step.by_name, step.note],
    )


def concern(tx: Transaction, concern_id: int) -> ConcernRow:
    """Raises NotFound."""
    found = _some(tx, "where concern_id = %s", [concern_id])
    if not found:
        raise NotFound(f"There is no concern {concern_id}.")
    return found[0]


def concerns(tx: Transaction, body: str | None = None) -> list[ConcernRow]:
    """Those of one body, or all: the open ones first, the oldest deadline first among them."""
    clause = "" if body is None else "where body = %s "
    return _some(tx, clause + "order by (state = 'PUBLISHED'), since, concern_id", [] if body is None else [body])


def steps(tx: Transaction, concern_id: int) -> list[ConcernStep]:
    with tx.cursor(row_factory=class_row(ConcernStep)) as cursor:
        return cursor.execute(
            "select event, before, after, at, by_name, note from decisions.concern_step "
            "where concern_id = %s order by step_id",
            [concern_id],
        ).fetchall()


def scope_of(row: ConcernRow) -> Scope:
    return Scope(row.area_code, Product(row.product), row.first_day, row.last_day)


def _some(tx: Transaction, clause: str, parameters: list[Any]) -> list[ConcernRow]:
    with tx.cursor(row_factory=class_row(ConcernRow)) as cursor:
        return cursor.execute(f"select {_COLUMNS} from decisions.concern {clause}".encode(), parameters).fetchall()
