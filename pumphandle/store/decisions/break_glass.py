"""Break-glass: who may read whose records until when, and what was said of it afterwards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from psycopg.rows import class_row

from pumphandle.store.engine import Transaction


@dataclass(frozen=True)
class GlassRow:
    """authority : whose records are read; user_name, user_authority : by whom; purpose : a code of the closed list"""

    glass_id: str
    authority: str
    user_name: str
    user_authority: str
    purpose: str
    opened_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    review_due: datetime
    escalated_at: datetime | None
    reviewed_at: datetime | None
    reviewed_by: str | None
    verdict: str | None
    review_note: str | None


_COLUMNS: Final[LiteralString] = (
    "glass_id, authority, user_name, user_authority, purpose, opened_at, ends_at, ended_at, ended_by, review_due, "
    "escalated_at, reviewed_at, reviewed_by, verdict, review_note"
)


def purposes(tx: Transaction) -> dict[str, str]:
    """The closed list: code -> sentence."""
    rows = tx.execute("select code, sentence from decisions.break_glass_purpose order by code").fetchall()
    return {str(code): str(sentence) for code, sentence in rows}


def add(
    tx: Transaction,
    glass_id: str,
    *,
    authority: str,
    user_name: str,
    user_authority: str,
    purpose: str,
    opened_at: datetime,
    ends_at: datetime,
    review_due: datetime,
) -> None:
    tx.execute(
        "insert into decisions.break_glass (glass_id, authority, user_name, user_authority, purpose, opened_at, "
        "ends_at, review_due) values (%s, %s, %s, %s, %s, %s, %s, %s)",
        [glass_id, authority, user_name, user_authority, purpose, opened_at, ends_at, review_due],
    )


def every(tx: Transaction, *, of: str | None, largest: int = 200) -> list[GlassRow]:
    """Of this authority, on either side, or, without one, of all; newest first."""
    with tx.cursor(row_factory=class_row(GlassRow)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from decisions.break_glass where %(of)s::text is null "
            "or %(of)s in (authority, user_authority) order by opened_at desc, glass_id limit %(largest)s",
            {"of": of, "largest": largest},
        ).fetchall()


def standing(tx: Transaction, authority: str, *, at: datetime) -> list[GlassRow]:
    """On this authority's records: open now, or not reviewed yet; the newest first."""
    with tx.cursor(row_factory=class_row(GlassRow)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from decisions.break_glass where authority = %s "
            "and (reviewed_at is null or %s < coalesce(ended_at, ends_at)) order by opened_at desc, glass_id",
            [authority, at],
        ).fetchall()


def find(tx: Transaction, glass_id: str) -> GlassRow | None:
    """None: there is none, or it is nobody's business of the reader's. Held until the transaction ends, so that two
    steps at once follow each other."""
    tx.execute("select pg_advisory_xact_lock(hashtextextended('break-glass ' || %s, 0))", [glass_id])
    with tx.cursor(row_factory=class_row(GlassRow)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from decisions.break_glass where glass_id = %s", [glass_id]
        ).fetchone()


def end(tx: Transaction, glass_id: str, *, by_name: str, at: datetime) -> None:
    tx.execute(
        "update decisions.break_glass set ended_at = %s, ended_by = %s where glass_id = %s", [at, by_name, glass_id]
    )


def review(tx: Transaction, glass_id: str, *, verdict: str, note: str, by_name: str, at: datetime) -> None:
    tx.execute(
        "update decisions.break_glass set reviewed_at = %s, reviewed_by = %s, verdict = %s, review_note = %s "
        "where glass_id = %s",
        [at, by_name, verdict, note, glass_id],
    )


def escalate(tx: Transaction, *, at: datetime) -> list[GlassRow]:
    """Those whose review is overdue and that nobody had passed on yet; they are marked as passed on."""
    with tx.cursor(row_factory=class_row(GlassRow)) as cursor:
        return cursor.execute(
            "update decisions.break_glass set escalated_at = %(at)s "
            f"where reviewed_at is null and escalated_at is null and review_due <= %(at)s returning {_COLUMNS}",
            {"at": at},
        ).fetchall()
