"""Held lines: what waits for a steward, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class Waiting:
    """Lines of one file held for one reason; no personal data."""

    file_id: int
    file_name: str
    laboratory: str
    received_on: date
    field: str
    code: str
    remedy: str
    first_line: int
    lines: int


@dataclass(frozen=True)
class HeldCase:
    """One held line. content : our field -> what the laboratory wrote, or the line as it came under the name `line`."""

    file_id: int
    line: int
    file_name: str
    laboratory: str
    received_on: date
    faults: list[tuple[str, str, str]]
    content: str = field(repr=False)


@dataclass(frozen=True)
class Request:
    """A steward's wish from the console, not done yet. fields None: dismiss the line."""

    request_id: int
    file_id: int
    line: int
    fields: Mapping[str, str] | None = field(repr=False)
    reason: str
    by_name: str
    at: datetime


def waiting(tx: Transaction, *, largest: int = 500) -> list[Waiting]:
    """Of accepted files, what nobody has mended, dismissed or asked to be; newest files first."""
    with tx.cursor(row_factory=class_row(Waiting)) as cursor:
        return cursor.execute(
            "select q.file_id, f.file_name, f.laboratory, f.received_on, q.field, q.code, q.remedy,"
            " min(q.line) as first_line, count(*)::int as lines from identified.quarantine q"
            " join identified.file f using (file_id) where f.outcome = 'accepted'"
            " and not exists (select from identified.mending m where (m.file_id, m.line) = (q.file_id, q.line))"
            " and not exists (select from identified.mend_request r where (r.file_id, r.line) = (q.file_id, q.line)"
            "  and r.done_at is null)"
            " group by 1, 2, 3, 4, 5, 6, 7 order by 4 desc, 2, 8 limit %s",
            [largest],
        ).fetchall()


def lines_waiting(tx: Transaction, file_id: int, code: str, field_name: str, *, largest: int = 100) -> list[int]:
    """Numbers of the lines of one group of `waiting`."""
    rows = tx.execute(
        "select q.line from identified.quarantine q where q.file_id = %s and q.code = %s and q.field = %s"
        " and not exists (select from identified.mending m where (m.file_id, m.line) = (q.file_id, q.line))"
        " and not exists (select from identified.mend_request r where (r.file_id, r.line) = (q.file_id, q.line)"
        "  and r.done_at is null) order by 1 limit %s",
        [file_id, code, field_name, largest],
    ).fetchall()
    return [row[0] for row in rows]


def held(tx: Transaction, file_id: int, line: int) -> HeldCase | None:
    """None: no such line is held, or it was dealt with."""
    rows = tx.execute(
        "select f.file_name, f.laboratory, f.received_on, q.field, q.code, q.remedy, q.content"
        " from identified.quarantine q join identified.file f using (file_id) where q.file_id = %s and q.line = %s"
        " and f.outcome = 'accepted'"
        " and not exists (select from identified.mending m where (m.file_id, m.line) = (q.file_id, q.line))"
        " order by q.field, q.code",
        [file_id, line],
    ).fetchall()
    if not rows:
        return None
    name, laboratory, received_on, *_, content = rows[0]
    return HeldCase(file_id, line, name, laboratory, received_on, [(row[3], row[4], row[5]) for row in rows], content)


def add_mending(
    tx: Transaction, file_id: int, line: int, *, mended_file_id: int | None, reason: str, by: str, at: datetime
) -> None:
    """A line is mended (by the file of its own that took it in) or dismissed; only once."""
    tx.execute(
        "insert into identified.mending (file_id, line, outcome, mended_file_id, reason, by_name, at)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        [file_id, line, "dismissed" if mended_file_id is None else "mended", mended_file_id, reason, by, at],
    )


def ask(
    tx: Transaction, file_id: int, line: int, fields: Mapping[str, str] | None, *, reason: str, by: Actor, at: datetime
) -> None:
    tx.execute(
        "insert into identified.mend_request (file_id, line, fields, reason, by_name, at)"
        " values (%s, %s, %s, %s, %s, %s)",
        [file_id, line, None if fields is None else Jsonb(dict(fields)), reason, by.name, at],
    )


def requests(tx: Transaction) -> list[Request]:
    """Not done yet, in the order in which they were made."""
    with tx.cursor(row_factory=class_row(Request)) as cursor:
        return cursor.execute(
            "select request_id, file_id, line, fields, reason, by_name, at from identified.mend_request"
            " where done_at is null order by request_id"
        ).fetchall()


def request_done(tx: Transaction, request_id: int, *, at: datetime) -> None:
    tx.execute("update identified.mend_request set done_at = %s where request_id = %s", [at, request_id])
