"""What is past its time: erased row by row, and the log of it, which names no record and no person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, LiteralString

import polars as pl
from psycopg.rows import class_row

from pumphandle.store.engine import Transaction, read_frame


@dataclass(frozen=True)
class PurgeRow:
    """One purge of one authority, or of what has no place. before : specimens taken earlier are erased"""

    authority: str
    purged_at: datetime
    by_name: str
    retention_days: int
    before: date
    records: int
    cases: int
    persons: int
    packages: int
    exports: int
    months_closed: list[date]


_COLUMNS: Final[LiteralString] = (
    "authority, purged_at, by_name, retention_days, before, records, cases, persons, packages, exports, months_closed"
)
_OF_CASES: Final = ("membership", "case_set", "flare_case", "cluster_case", "visit")
_GONE: Final = (
    "not exists (select from identified.record r where r.person_key = p.person_key) "
    "and not exists (select from identified.event e where e.person_key = p.person_key) "
    "and not exists (select from identified.contact c where c.person_key = p.person_key)"
)


UNPLACED: Final = "unplaced"
"""Whose records those are that belong to no authority, in the log."""


def note_unplaced(tx: Transaction, *, before: date) -> int:
    """Note which records without an authority are past the nation's time; how many."""
    tx.execute("create temporary table past (record_key uuid primary key, person_key uuid) on commit drop")
    tx.execute(
        "insert into past select record_key, person_key from identified.record "
        "where district is null and specimen_date < %s",
        [before],
    )
    tx.execute("analyze past")
    row = tx.execute("select count(*) from past").fetchone()
    return 0 if row is None else int(row[0])


def note(tx: Transaction, authority: str, *, before: date, episode_days: int) -> int:
    """Note which records of the authority are past their time; how many. An illness goes as a whole, by its first
    specimen: a later result of it would otherwise be told as a new illness."""
    tx.execute("create temporary table past (record_key uuid primary key, person_key uuid) on commit drop")
    tx.execute(
        "insert into past select record_key, person_key from identified.record "
        "where district = %(authority)s and specimen_date < %(before)s "
        "union select r.record_key, r.person_key from identified.record r join identified.episode e "
        "on e.person_key = r.person_key and e.pathogen = r.pathogen and e.district = %(authority)s "
        "and e.start_date < %(before)s and r.specimen_date between e.start_date and e.start_date + %(days)s "
        "where r.district = %(authority)s and r.result = 'positive'",
        {"authority": authority, "before": before, "days": episode_days - 1},
    )
    tx.execute("analyze past")
    row = tx.execute("select count(*) from past").fetchone()
    return 0 if row is None else int(row[0])


def erase_records(tx: Transaction, *, on: date) -> tuple[int, int]:
    """Everything about the noted records; (cases, persons) that went with them."""
    tx.execute("insert into identified.erased_record select record_key, %s from past on conflict do nothing", [on])
    tx.execute("delete from identified.event e using identified.erased_record g where e.record_key = g.record_key")
    for table in ("change", "place_decision"):
        tx.execute(f"delete from identified.{table} t using past where t.record_key = past.record_key".encode())
    tx.execute(
        "delete from identified.recall_receipt t using identified.misroute m, past "
        "where t.misroute_id = m.misroute_id and m.record_key = past.record_key"
    )
    tx.execute("delete from identified.misroute t using past where t.record_key = past.record_key")
    for table in _OF_CASES:
        tx.execute(f"delete from identified.{table} t using past where t.case_key = past.record_key".encode())
    tx.execute("delete from identified.link t using past where past.record_key in (t.earlier, t.later)")
    cases = tx.execute("delete from identified.episode t using past where t.first_record = past.record_key").rowcount
    tx.execute("delete from identified.record t using past where t.record_key = past.record_key")
    return cases, _erase_persons(tx)


def _erase_persons(tx: Transaction) -> int:
    """Who has no record any more, and whom nobody with one was merged with."""
    tx.execute(
        "create temporary table gone on commit drop as select p.person_key from identified.person p where "
        "(p.person_key in (select person_key from past) or p.merged_into in (select person_key from past)) "
        "and " + _GONE
    )
    tx.execute(
        "delete from gone g where exists (select from identified.person p where p.merged_into = g.person_key "
        "and p.person_key not in (select person_key from gone)) or exists (select from identified.merge m "
        "where (m.kept = g.person_key and m.merged not in (select person_key from gone)) "
        "or (m.merged = g.person_key and m.kept not in (select person_key from gone)))"
    )
    tx.execute("delete from identified.possible_match m using gone g where g.person_key in (m.person_key, m.other_key)")
    tx.execute("delete from identified.merge m using gone g where g.person_key in (m.kept, m.merged)")
    tx.execute("update identified.person p set merged_into = null from gone g where p.person_key = g.person_key")
    return tx.execute("delete from identified.person p using gone g where p.person_key = g.person_key").rowcount


def erased(tx: Transaction) -> pl.DataFrame:
    """record_key of every record that was ever erased."""
    query = "select record_key::text as record_key from identified.erased_record"
    return read_frame(tx, query, [], {"record_key": pl.String})


def packages(tx: Transaction, authority: str, *, before: date, on: date) -> list[str]:
    """Names of packages that are past their time, marked as erased; that there was one stays known."""
    rows = tx.execute(
        "update identified.delivery set erased_on = %s where authority = %s and delivery_date < %s "
        "and erased_on is null returning file_name",
        [on, authority, before],
    ).fetchall()
    return [str(row[0]) for row in rows]


def exports(tx: Transaction, authority: str, *, before: date) -> int:
    """Requests for copies that expired that long ago; the copies themselves were never kept here."""
    return tx.execute(
        "delete from decisions.export where authority = %s and expires_at < %s", [authority, before]
    ).rowcount


def canaries(tx: Transaction, authority: str, *, before: date) -> None:
    tx.execute("delete from decisions.canary where authority = %s and canary_day < %s", [authority, before])


def key_made(tx: Transaction, authorities: Sequence[str], day: date, *, at: datetime) -> None:
    tx.execute(
        "insert into decisions.resting_key (authority, month, made_at) "
        "select code, %s, %s from unnest(%s::text[]) code on conflict do nothing",
        [day.replace(day=1), at, list(authorities)],
    )


def close_months(tx: Transaction, authority: str, *, before: date, at: datetime) -> list[date]:
    """Months that lie before a day as a whole: their keys are destroyed from now on."""
    rows = tx.execute(
        "update decisions.resting_key set destroyed_at = %s where authority = %s and destroyed_at is null "
        "and month + interval '1 month' <= %s returning month",
        [at, authority, before],
    ).fetchall()
    return sorted(row[0] for row in rows)


def closed(tx: Transaction) -> list[tuple[str, date]]:
    """(authority, month) of every key that is to be gone."""
    return tx.execute(
        "select authority, month from decisions.resting_key where destroyed_at is not null order by authority, month"
    ).fetchall()


def add(tx: Transaction, row: PurgeRow) -> None:
    tx.execute(
        f"insert into decisions.purge ({_COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        list(vars(row).values()),
    )


def every(tx: Transaction, *, largest: int = 200) -> list[PurgeRow]:
    """The log, newest first."""
    with tx.cursor(row_factory=class_row(PurgeRow)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from decisions.purge order by purge_id desc limit %s", [largest]
        ).fetchall()
