"""Control measures of an outbreak: what was done, from which day to which."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from pumphandle.store.engine import Transaction


@dataclass(frozen=True)
class ControlMeasure:
    """last_day : None while it goes on"""

    measure_id: int
    outbreak_id: str
    what: str
    first_day: date
    last_day: date | None
    added_at: datetime
    added_by: str
    ended_by: str | None


def measures(tx: Transaction, outbreak_id: str) -> list[ControlMeasure]:
    """By their first day."""
    with tx.cursor(row_factory=class_row(ControlMeasure)) as cursor:
        return cursor.execute(
            "select measure_id, outbreak_id, what, first_day, last_day, added_at, added_by, ended_by "
            "from decisions.control_measure where outbreak_id = %s order by first_day, measure_id",
            [outbreak_id],
        ).fetchall()


def add(
    tx: Transaction, outbreak_id: str, *, authority: str, what: str, first_day: date, by_name: str, at: datetime
) -> None:
    tx.execute(
        "insert into decisions.control_measure (outbreak_id, authority, what, first_day, added_at, added_by) "
        "values (%s, %s, %s, %s, %s, %s)",
        [outbreak_id, authority, what, first_day, at, by_name],
    )


def end(tx: Transaction, measure_id: int, *, outbreak_id: str, last_day: date, by_name: str) -> bool:
    """False: it is none of this outbreak, has ended, or would end before it began."""
    return (
        tx.execute(
            "update decisions.control_measure set last_day = %s, ended_by = %s "
            "where measure_id = %s and outbreak_id = %s and last_day is null and first_day <= %s",
            [last_day, by_name, measure_id, outbreak_id, last_day],
        ).rowcount
        == 1
    )
