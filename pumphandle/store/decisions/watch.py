"""Alarms and warnings about laboratories, with the authorities whose residents' results they bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl
from psycopg.rows import class_row

from pumphandle.linelist.watching import Notice
from pumphandle.store.engine import Transaction, copy_frame

REACH_DAYS: Final = 28


@dataclass(frozen=True)
class Watched:
    """One notice as kept. authorities : those whose residents' results the laboratory brought in four weeks."""

    watch_date: date
    laboratory: str
    kind: str
    field: str
    severity: str
    observed: float | None
    expected: float | None
    sentence: str
    authorities: list[str]

    def with_concerned(self) -> str:
        """The sentence, and whose residents it concerns."""
        return f"{self.sentence} Concerns: {', '.join(self.authorities) or 'no authority yet'}."


def put(
    tx: Transaction,
    day: date,
    notices: Sequence[Notice],
    authorities: Mapping[str, list[str]],
    *,
    of: Sequence[str] | None = None,
) -> None:
    """In the place of what was said of the day before. of : of these laboratories alone; without, of every one"""
    tx.execute(
        "delete from decisions.watch where watch_date = %(day)s"
        " and (%(of)s::text[] is null or laboratory = any(%(of)s))",
        {"day": day, "of": None if of is None else list(of)},
    )
    with tx.cursor() as cursor:
        cursor.executemany(
            "insert into decisions.watch values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    day,
                    one.laboratory,
                    one.kind,
                    one.field,
                    one.severity,
                    one.observed,
                    one.expected,
                    one.sentence,
                    authorities.get(one.laboratory, []),
                )
                for one in notices
            ],
        )


def add_reach(tx: Transaction, day: date, records: pl.DataFrame) -> None:
    """Adds linked records to the day's counts by laboratory and district. records : laboratory, district."""
    counts = records.drop_nulls("district").group_by("laboratory", "district").len("line_count")
    rows = counts.with_columns(report_date=pl.lit(day)).sort("laboratory", "district")
    tx.execute("create temporary table reached (like decisions.feed_reach) on commit drop")
    copy_frame(tx, "reached", rows.select("laboratory", "report_date", "district", "line_count"))
    tx.execute(
        "insert into decisions.feed_reach (laboratory, report_date, district, line_count)"
        " select laboratory, report_date, district, line_count from reached on conflict"
        " (laboratory, report_date, district) do update set line_count = feed_reach.line_count + excluded.line_count"
    )


def reached(tx: Transaction, day: date) -> dict[str, list[str]]:
    """Laboratory -> authorities whose residents' results it brought in the four weeks up to this day."""
    rows = tx.execute(
        "select laboratory, array_agg(distinct district order by district) from decisions.feed_reach"
        " where report_date > %s and report_date <= %s group by 1",
        [day - timedelta(days=REACH_DAYS), day],
    ).fetchall()
    return dict(rows)


def of_day(tx: Transaction, day: date) -> list[Watched]:
    """Alarms first."""
    with tx.cursor(row_factory=class_row(Watched)) as cursor:
        return cursor.execute(
            "select * from decisions.watch where watch_date = %s order by severity, laboratory, kind, field", [day]
        ).fetchall()


def of_authority(tx: Transaction, day: date, authority: str) -> list[Watched]:
    """What concerns one authority's residents, alarms first."""
    return [one for one in of_day(tx, day) if authority in one.authorities]


def latest(tx: Transaction, *, largest: int = 200) -> list[Watched]:
    """Newest day first."""
    with tx.cursor(row_factory=class_row(Watched)) as cursor:
        return cursor.execute(
            "select * from decisions.watch order by watch_date desc, severity, laboratory, kind, field limit %s",
            [largest],
        ).fetchall()
