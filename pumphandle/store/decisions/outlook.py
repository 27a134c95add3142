"""What the last days will come to, how fast cases grow, and what is coming, by authority and run."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Final

from psycopg.rows import class_row
from psycopg.sql import SQL, Composed, Identifier

from pumphandle.store.engine import Transaction, insert_rows


@dataclass(frozen=True)
class NowcastDay:
    """One specimen day. completeness : share known by now; mean, lower, upper : of the final count (95 %)."""

    run_date: date
    pathogen: str
    authority: str
    specimen_date: date
    reported: int
    completeness: float
    mean: float
    lower: float
    upper: float


@dataclass(frozen=True)
class GrowthRow:
    """rate, lower, upper : of the log count, a day; doubling_days : negative = halving, None = neither."""

    run_date: date
    pathogen: str
    authority: str
    rate: float
    lower: float
    upper: float
    doubling_days: float | None


@dataclass(frozen=True)
class ForecastDay:
    """quantiles : at 2.5, 10, 25, 50, 75, 90, 97.5 %; score_ratio : score over the baseline's so far."""

    run_date: date
    pathogen: str
    authority: str
    day: date
    quantiles: list[float]
    score_ratio: float


Outlook = NowcastDay | GrowthRow | ForecastDay
_TABLES: Final = {NowcastDay: "nowcast", GrowthRow: "growth", ForecastDay: "forecast"}


def put(tx: Transaction, rows: Sequence[Outlook]) -> None:
    """Rows of one run, of any of the three kinds."""
    for kind, table in _TABLES.items():
        some = [row for row in rows if type(row) is kind]
        if some:
            names = tuple(field.name for field in fields(kind))
            insert_rows(tx, f"decisions.{table}", names, (astuple(row) for row in some))


def nowcast(tx: Transaction, run_date: date, authority: str) -> list[NowcastDay]:
    """The latest specimen days of every pathogen, oldest first."""
    with tx.cursor(row_factory=class_row(NowcastDay)) as cursor:
        return cursor.execute(_select(NowcastDay, "specimen_date"), [run_date, authority]).fetchall()


def growth(tx: Transaction, run_date: date, authority: str) -> list[GrowthRow]:
    """By pathogen; none where cases were too few to tell."""
    with tx.cursor(row_factory=class_row(GrowthRow)) as cursor:
        return cursor.execute(_select(GrowthRow, "pathogen"), [run_date, authority]).fetchall()


def forecast(tx: Transaction, run_date: date, authority: str) -> list[ForecastDay]:
    """The days ahead of every pathogen, from the last week's forecast; none where it has not beaten the baseline."""
    with tx.cursor(row_factory=class_row(ForecastDay)) as cursor:
        return cursor.execute(
            "select run_date, pathogen, authority, day, quantiles, score_ratio from decisions.forecast "
            "where authority = %(authority)s and day > %(run)s and run_date = "
            "(select max(run_date) from decisions.forecast where run_date between %(run)s - 6 and %(run)s) "
            "order by pathogen, day",
            {"authority": authority, "run": run_date},
        ).fetchall()


def _select(kind: type[Outlook], order: str) -> Composed:
    columns = SQL(", ").join(Identifier(field.name) for field in fields(kind))
    return SQL(
        "select {columns} from decisions.{table} where run_date = %s and authority = %s order by pathogen, {order}"
    ).format(columns=columns, table=Identifier(_TABLES[kind]), order=Identifier(order))
