"""What the machine found, day by day."""

from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import date
from typing import Final

from psycopg.rows import class_row
from psycopg.sql import SQL, Identifier

from pumphandle.detection.signals import Signal
from pumphandle.store.engine import Transaction, copy_rows
from pumphandle.vocabulary.errors import Broken

_NAMES: Final = tuple(field.name for field in fields(Signal))
_SELECT: Final = SQL("select {columns} from decisions.signal ").format(columns=SQL(", ").join(map(Identifier, _NAMES)))


def replace_day(tx: Transaction, run_date: date, rows: Sequence[Signal]) -> None:
    """The day's signals are these and no others: a repeated run replaces what it said before."""
    if any(row.run_date != run_date for row in rows):
        raise Broken("A signal of another day was given.")
    tx.execute("delete from decisions.signal where run_date = %s", [run_date])
    copy_rows(tx, "decisions.signal", _NAMES, (astuple(row) for row in rows))


def of_day(tx: Transaction, run_date: date, district: str | None = None) -> list[Signal]:
    """Rarest by chance first; all districts if none is named."""
    with tx.cursor(row_factory=class_row(Signal)) as cursor:
        return cursor.execute(
            _SELECT
            + SQL(
                "where run_date = %(day)s and (%(district)s::text is null or district = %(district)s) "
                "order by recurrence_days desc, p_value, signal_id"
            ),
            {"day": run_date, "district": district},
        ).fetchall()


def find(tx: Transaction, signal_id: str) -> Signal | None:
    with tx.cursor(row_factory=class_row(Signal)) as cursor:
        return cursor.execute(_SELECT + SQL("where signal_id = %s"), [signal_id]).fetchone()


def days(tx: Transaction, district: str | None = None) -> list[date]:
    """Days with signals, newest first."""
    found = tx.execute(
        "select distinct run_date from decisions.signal "
        "where %(district)s::text is null or district = %(district)s order by run_date desc",
        {"district": district},
    )
    return [row[0] for row in found]
