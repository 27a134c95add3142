"""Counts for the map of one's own authority: by small area and by unit postcode, over some specimen days."""

from dataclasses import dataclass
from datetime import date

from psycopg.rows import class_row
from psycopg.sql import SQL

from pumphandle.store.engine import Transaction


@dataclass(frozen=True)
class Counted:
    """What stands at one place. households : with a case; void results are no tests"""

    place: str
    cases: int
    tests: int
    households: int


_COUNTED = SQL(
    "select {place} as place, count(*) filter (where result = 'positive')::int as cases, "
    "count(*) filter (where result in ('positive', 'negative'))::int as tests, "
    "count(distinct household_key) filter (where result = 'positive')::int as households "
    "from identified.shown_record where kind <> 'retracted' and specimen_date between %(first)s and %(last)s "
    "and {place} is not null group by 1 order by cases desc, tests desc, 1"
)


def by_area(tx: Transaction, first: date, last: date) -> list[Counted]:
    """Small areas with any result, the most cases first."""
    with tx.cursor(row_factory=class_row(Counted)) as cursor:
        return cursor.execute(_COUNTED.format(place=SQL("small_area")), {"first": first, "last": last}).fetchall()


def by_postcode(tx: Transaction, first: date, last: date) -> list[Counted]:
    """Unit postcodes with any result, the most cases first; empty where the agreement shows no postcode."""
    with tx.cursor(row_factory=class_row(Counted)) as cursor:
        return cursor.execute(_COUNTED.format(place=SQL("postcode")), {"first": first, "last": last}).fetchall()
