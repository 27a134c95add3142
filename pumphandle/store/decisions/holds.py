"""Holds: what keeps numbers from the public, by whom, and until when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.rows import class_row

from pumphandle.governance.concerns import ConcernKind, Product
from pumphandle.governance.holds import Answer, Hold
from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.errors import Broken, NotFound, Refused


@dataclass(frozen=True)
class HoldRow:
    """As it stands; `reason` is for those who decide, the public reads the category."""

    hold_id: int
    concern_id: int | None
    area_code: str
    product: str
    body: str
    category: str
    answer: str
    until_persons: int | None
    reason: str
    own: bool
    placed_by: str
    placed_at: datetime
    review_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    outcome: str

    @property
    def hold(self) -> Hold:
        return Hold(
            self.hold_id, self.area_code, Product(self.product), self.body, ConcernKind(self.category),
            Answer(self.answer), self.placed_at, self.review_at, self.expires_at, self.ended_at, self.until_persons,
        )  # fmt: skip


_PLACED: Final = (
    "concern_id, area_code, product, body, category, answer, until_persons, reason, own, placed_by, placed_at, "
    "review_at, expires_at"
)
_COLUMNS: Final = f"hold_id, {_PLACED}, ended_at, outcome"


def add(tx: Transaction, hold: Hold, *, concern_id: int | None, reason: str, own: bool, by: str) -> int:
    """Its number; `hold.hold_id` is not looked at."""
    row = tx.execute(
        f"insert into decisions.hold ({_PLACED}, outcome) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '') returning hold_id".encode(),
        [
            concern_id, hold.area_code, hold.product.value, hold.body, hold.category.value, hold.answer.value,
            hold.until_persons, reason, own, by, hold.placed_at, hold.review_at, hold.expires_at,
        ],
    ).fetchone()  # fmt: skip
    if row is None:
        raise Broken("A hold was not kept.")
    return int(row[0])


def extend(tx: Transaction, hold_id: int, *, review_at: datetime, expires_at: datetime) -> None:
    """Raises Refused if it has ended."""
    changed = tx.execute(
        "update decisions.hold set review_at = %s, expires_at = %s where hold_id = %s and ended_at is null",
        [review_at, expires_at, hold_id],
    ).rowcount
    if changed != 1:
        raise Refused(f"Hold {hold_id} has ended.")


def end(tx: Transaction, hold_id: int, *, at: datetime, outcome: str) -> None:
    """Raises Refused if it has ended already."""
    changed = tx.execute(
        "update decisions.hold set ended_at = %s, outcome = %s where hold_id = %s and ended_at is null",
        [at, outcome, hold_id],
    ).rowcount
    if changed != 1:
        raise Refused(f"Hold {hold_id} has ended.")


def hold(tx: Transaction, hold_id: int) -> HoldRow:
    """Raises NotFound."""
    found = _some(tx, "where hold_id = %s", [hold_id])
    if not found:
        raise NotFound(f"There is no hold {hold_id}.")
    return found[0]


def holds(tx: Transaction, body: str | None = None) -> list[HoldRow]:
    """Those of one body or all, newest first."""
    clause = "" if body is None else "where body = %s "
    return _some(tx, clause + "order by placed_at desc, hold_id desc", [] if body is None else [body])


def active(tx: Transaction, at: datetime) -> list[HoldRow]:
    """Those in force at a moment."""
    return _some(
        tx,
        "where placed_at <= %s and expires_at > %s and (ended_at is null or ended_at > %s) order by hold_id",
        [at, at, at],
    )


def run_out(tx: Transaction, at: datetime) -> list[HoldRow]:
    """Past their end, and nobody has written it down yet."""
    return _some(tx, "where expires_at <= %s and ended_at is null order by expires_at, hold_id", [at])


def _some(tx: Transaction, clause: str, parameters: list[Any]) -> list[HoldRow]:
    with tx.cursor(row_factory=class_row(HoldRow)) as cursor:
        return cursor.execute(f"select {_COLUMNS} from decisions.hold {clause}".encode(), parameters).fetchall()
