"""Persons: which stand, what they have, merging and parting them. Deeds of ours are events, as a laboratory's are."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import polars as pl
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pumphandle.store.engine import Transaction, copy_frame, read_frame
from pumphandle.store.identified.linking import STATE_SCHEMA


@dataclass(frozen=True)
class Merge:
    """One merge that stands."""

    merge_id: int
    kept: UUID
    merged: UUID
    effect: dict[str, object]


@dataclass(frozen=True)
class PossibleMatch:
    """Two persons who may be one, with what each of them said first. due_on : until when the owner should decide"""

    person_key: UUID
    other_key: UUID
    probability: float
    found_on: date
    owner: str
    due_on: date
    details: list[list[str | None]] = field(repr=False)


def stands(tx: Transaction, person_key: str) -> bool:
    """Whether there is such a person and no merge took them in."""
    row = tx.execute(
        "select merged_into is null from identified.person where person_key = %s::uuid for update", [person_key]
    ).fetchone()
    return bool(row and row[0])


def identifier(tx: Transaction, person_key: str) -> str | None:
    row = tx.execute("select national_id from identified.person where person_key = %s::uuid", [person_key]).fetchone()
    return row[0] if row else None


def records_of(tx: Transaction, person_key: str) -> pl.DataFrame:
    """STATE_SCHEMA, withdrawn ones among them."""
    return read_frame(
        tx,
        "select record_key, kind, person_key, household_key, laboratory, postcode, sex, age_band, specimen_date,"
        " report_date, pathogen, result, small_area, district, place_given from identified.record"
        " where person_key = %s::uuid",
        [person_key],
        STATE_SCHEMA,
    )


def add_events(
    tx: Transaction,
    record_keys: pl.Series,
    *,
    kind: str,
    reason: str,
    received_on: date,
    at: datetime,
    by: str,
    person_key: str | None = None,
    small_area: str | None = None,
) -> int:
    """One event a record: its content as last known, and what we say of it. Returns how many."""
    tx.execute("create temporary table said_of (record_key uuid primary key) on commit drop")
    copy_frame(tx, "said_of", record_keys.unique().to_frame("record_key"))
    added = tx.execute(
        "insert into identified.event (record_key, version, kind, reason, received_on, laboratory, content_hash,"
        " specimen_id, national_id, family_name, given_name, date_of_birth, sex, address, postcode, phone,"
        " specimen_date, pathogen, result, test_code, test_site, test_site_postcode, workplace, workplace_postcode,"
        " setting_kind, known_at, by_name, person_key, small_area)"
        " select e.record_key, e.version + 1, %s, %s, %s, e.laboratory, e.content_hash, e.specimen_id, e.national_id,"
        " e.family_name, e.given_name, e.date_of_birth, e.sex, e.address, e.postcode, e.phone, e.specimen_date,"
        " e.pathogen, e.result, e.test_code, e.test_site, e.test_site_postcode, e.workplace, e.workplace_postcode,"
        " e.setting_kind, %s, %s, %s::uuid, %s"
        " from said_of s cross join lateral (select * from identified.event where event.record_key = s.record_key"
        " order by version desc limit 1) e where e.kind <> 'retracted'",
        [kind, reason, received_on, at, by, person_key, small_area],
    ).rowcount
    tx.execute("drop table said_of")
    return added


def merge(
    tx: Transaction, *, kept: str, merged: str, reason: str, by: str, at: datetime, effect: dict[str, object]
) -> int:
    tx.execute("update identified.person set merged_into = %s::uuid where person_key = %s::uuid", [kept, merged])
    row = tx.execute(
        "insert into identified.merge (kept, merged, reason, by_name, at, effect)"
        " values (%s::uuid, %s::uuid, %s, %s, %s, %s) returning merge_id",
        [kept, merged, reason, by, at, Jsonb(effect)],
    ).fetchone()
    if row is None:
        raise LookupError("insert returned no row")
    return int(row[0])


def standing_merge(tx: Transaction, merge_id: int) -> Merge | None:
    with tx.cursor(row_factory=class_row(Merge)) as cursor:
        return cursor.execute(
            "select merge_id, kept, merged, effect from identified.merge where merge_id = %s and undone_at is null"
            " for update",
            [merge_id],
        ).fetchone()


def split(tx: Transaction, merge: Merge, *, reason: str, by: str, at: datetime) -> None:
    tx.execute("update identified.person set merged_into = null where person_key = %s", [merge.merged])
    tx.execute(
        "update identified.merge set undone_at = %s, undone_by = %s, undo_reason = %s where merge_id = %s",
        [at, by, reason, merge.merge_id],
    )


def moved_by(tx: Transaction, merge: Merge) -> pl.Series:
    """Records that a merge moved, and later ones that bear the merged person's identifier."""
    frame = read_frame(
        tx,
        "select distinct e.record_key from identified.merge m join identified.event e"
        " on e.kind = 'merged' and e.person_key = m.kept and e.known_at = m.at where m.merge_id = %s"
        " union select r.record_key from identified.record r join identified.person p on p.person_key = %s"
        " where r.person_key = %s and r.national_id is not null and p.national_id is not null"
        " and regexp_replace(r.national_id, '[^0-9]', '', 'g') = p.national_id",
        [merge.merge_id, merge.merged, merge.kept],
        {"record_key": pl.String},
    )
    return frame["record_key"]


def possible(tx: Transaction, *, largest: int = 200) -> list[PossibleMatch]:
    """What waits for a decision, the soonest due first."""
    with tx.cursor(row_factory=class_row(PossibleMatch)) as cursor:
        return cursor.execute(
            "select m.person_key, m.other_key, probability, found_on, owner, due_on, array[array[a.family_name,"
            " a.given_name, a.date_of_birth, a.sex, a.postcode], array[b.family_name, b.given_name, b.date_of_birth,"
            " b.sex, b.postcode]] as details from identified.possible_match m"
            " join identified.person a on a.person_key = m.person_key"
            " join identified.person b on b.person_key = m.other_key"
            " where decision is null order by due_on, probability desc, 1, 2 limit %s",
            [largest],
        ).fetchall()


def decide(tx: Transaction, one: str, other: str, decision: str, *, reason: str, by: str, at: datetime) -> bool:
    """Whether there was such a pair without a decision."""
    return (
        tx.execute(
            "update identified.possible_match set decision = %s, decided_at = %s, decided_by = %s, reason = %s"
            " where person_key = least(%s::uuid, %s::uuid) and other_key = greatest(%s::uuid, %s::uuid)"
            " and decision is null",
            [decision, at, by, reason, one, other, one, other],
        ).rowcount
        == 1
    )
