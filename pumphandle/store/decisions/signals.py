"""What the machine found, day by day, and what it saw when it looked."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

from psycopg.rows import class_row
from psycopg.sql import SQL
from psycopg.types.json import Jsonb

from pumphandle.detection.signals import Signal
from pumphandle.store.engine import Transaction


@dataclass(frozen=True)
class SignalRow:
    """A signal as it is kept: what detection.signals.Signal says, without its cases, with its cluster and hash.

    curve : first (a date as text), inside, around, expected, by specimen day
    """

    signal_id: str
    run_date: date
    pathogen: str
    cluster_id: str
    place: int
    authority: str
    method: str
    level: str
    areas: list[str]
    first_day: date
    last_day: date
    observed: int
    expected: float
    tests: int | None
    households: int
    largest_household: int
    p_value: float
    alarms_a_week: float
    odds: float
    weeks_between: float
    mostly_testing: bool
    excluded: str | None
    also: list[str]
    sentence: str
    curve: dict[str, Any]
    sha256: str

    @property
    def largest_share(self) -> float:
        """Share of the cases that live at one address."""
        return self.largest_household / self.observed if self.observed else 0.0


@dataclass(frozen=True)
class LookRow:
    """One look at one pathogen. pin : what it saw and by which code; sha256 : of all its signals."""

    run_date: date
    pathogen: str
    pin: dict[str, Any]
    signals: int
    sha256: str
    looked_at: datetime


_COLUMNS: Final = SQL(
    "signal_id, run_date, pathogen, cluster_id, place, authority, method, level, areas, first_day, last_day, observed, "
    "expected, tests, households, largest_household, p_value, alarms_a_week, odds, weeks_between, mostly_testing, "
    "excluded, also, sentence, curve, sha256"
)


def put(tx: Transaction, found: Sequence[Signal], cluster_ids: Sequence[str]) -> None:
    """A day's signals, each with its cluster. A day is looked at once."""
    rows = [
        [
            one.signal_id, one.run_date, one.pathogen, cluster_id, one.place, one.authority, one.method, one.level,
            list(one.areas), one.first_day, one.last_day, one.observed, one.expected, one.tests, one.households,
            one.largest_household, one.p_value, one.alarms_a_week, one.odds, one.weeks_between, one.mostly_testing,
            one.excluded, list(one.also), one.sentence, Jsonb({**asdict(one.curve), "first": str(one.curve.first)}),
            one.sha256,
        ]
        for one, cluster_id in zip(found, cluster_ids, strict=True)
    ]  # fmt: skip
    marks = SQL(", ").join([SQL("%s")] * 26)
    with tx.cursor() as cursor:
        cursor.executemany(
            SQL("insert into decisions.signal ({columns}) values ({marks})").format(columns=_COLUMNS, marks=marks), rows
        )


def of_day(tx: Transaction, run_date: date, authority: str | None = None) -> list[SignalRow]:
    """One ranking: the rarest by chance first; all authorities if none is named."""
    with tx.cursor(row_factory=class_row(SignalRow)) as cursor:
        return cursor.execute(
            SQL("select {columns} from decisions.signal ").format(columns=_COLUMNS)
            + SQL(
                "where run_date = %(day)s and (%(authority)s::text is null or authority = %(authority)s) "
                "order by excluded is not null, odds, signal_id"
            ),
            {"day": run_date, "authority": authority},
        ).fetchall()


def find(tx: Transaction, signal_id: str) -> SignalRow | None:
    with tx.cursor(row_factory=class_row(SignalRow)) as cursor:
        return cursor.execute(
            SQL("select {columns} from decisions.signal where signal_id = %s").format(columns=_COLUMNS), [signal_id]
        ).fetchone()


def newest(tx: Transaction, cluster_id: str) -> SignalRow | None:
    """The last signal of a cluster."""
    with tx.cursor(row_factory=class_row(SignalRow)) as cursor:
        return cursor.execute(
            SQL("select {columns} from decisions.signal where cluster_id = %s order by run_date desc limit 1").format(
                columns=_COLUMNS
            ),
            [cluster_id],
        ).fetchone()


def newest_of(tx: Transaction, cluster_ids: Sequence[str]) -> dict[str, SignalRow]:
    """Cluster -> its last signal."""
    with tx.cursor(row_factory=class_row(SignalRow)) as cursor:
        found = cursor.execute(
            SQL(
                "select distinct on (cluster_id) {columns} from decisions.signal where cluster_id = any(%s) "
                "order by cluster_id, run_date desc, odds"
            ).format(columns=_COLUMNS),
            [list(cluster_ids)],
        ).fetchall()
    return {one.cluster_id: one for one in found}


def days(tx: Transaction, authority: str | None = None) -> list[date]:
    """Days with signals, newest first."""
    found = tx.execute(
        "select distinct run_date from decisions.signal "
        "where %(authority)s::text is null or authority = %(authority)s order by run_date desc",
        {"authority": authority},
    )
    return [row[0] for row in found]


def put_look(
    tx: Transaction, run_date: date, pathogen: str, *, pin: dict[str, Any], found: Sequence[Signal], at: datetime
) -> None:
    """What was looked at, and one hash of all that was found."""
    tx.execute(
        "insert into decisions.signal_look (run_date, pathogen, pin, signals, sha256, looked_at) "
        "values (%s, %s, %s, %s, %s, %s)",
        [run_date, pathogen, Jsonb(pin), len(found), sha256_of(found), at],
    )


def look(tx: Transaction, run_date: date, pathogen: str) -> LookRow | None:
    with tx.cursor(row_factory=class_row(LookRow)) as cursor:
        return cursor.execute(
            "select run_date, pathogen, pin, signals, sha256, looked_at from decisions.signal_look "
            "where run_date = %s and pathogen = %s",
            [run_date, pathogen],
        ).fetchone()


def looks(tx: Transaction, run_date: date) -> list[LookRow]:
    """Of one day, by pathogen."""
    with tx.cursor(row_factory=class_row(LookRow)) as cursor:
        return cursor.execute(
            "select run_date, pathogen, pin, signals, sha256, looked_at from decisions.signal_look "
            "where run_date = %s order by pathogen",
            [run_date],
        ).fetchall()


def sha256_of(found: Sequence[Signal]) -> str:
    """One hash over the signals in their order."""
    return sha256("\n".join(f"{one.signal_id} {one.sha256}" for one in found).encode()).hexdigest()
