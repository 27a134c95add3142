"""How long deliveries take, as written with a day's run. Rows are only added."""

from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import date
from typing import Final

from psycopg.rows import class_row
from psycopg.sql import SQL, Composed, Identifier

from pumphandle.publication.deliveries import ClockRow, LegRow
from pumphandle.store.engine import Transaction

LEG: Final = tuple(column.name for column in fields(LegRow))
"""Columns of published.delivery_leg, in the order of LegRow."""


def is_written(tx: Transaction, as_of: date) -> bool:
    return tx.execute("select 1 from published.delivery_clock where as_of = %s", [as_of]).fetchone() is not None


def add(tx: Transaction, clock: ClockRow, legs: Sequence[LegRow]) -> None:
    """Both together; the database refuses a day that is there already."""
    tx.execute("insert into published.delivery_clock values (%s, %s, %s, %s, %s, %s)", list(astuple(clock)))
    with tx.cursor() as cursor:
        cursor.executemany(
            SQL("insert into published.delivery_leg ({}) values ({})").format(
                _columns(), SQL(", ").join([SQL("%s")] * len(LEG))
            ),
            [astuple(one) for one in legs],
        )


def known_on(tx: Transaction, day: date) -> tuple[ClockRow, list[LegRow]] | None:
    """The newest account up to a day, by area and in the legs' order; None before the first."""
    with tx.cursor(row_factory=class_row(ClockRow)) as cursor:
        clock = cursor.execute(
            "select as_of, first_day, days, result_median_days, result_p95_days, written_at "
            "from published.delivery_clock where as_of <= %s order by as_of desc limit 1",
            [day],
        ).fetchone()
    if clock is None:
        return None
    with tx.cursor(row_factory=class_row(LegRow)) as cursor:
        legs = cursor.execute(
            SQL(
                "select {} from published.delivery_leg where as_of = %s "
                "order by area_code, array_position(array['routed', 'available', 'opened', 'acknowledged'], stage)"
            ).format(_columns()),
            [clock.as_of],
        ).fetchall()
    return clock, legs


def _columns() -> Composed:
    return SQL(", ").join(map(Identifier, LEG))
