"""Events waiting for a person and a place; records as they stand; episodes; changes to tell."""

from collections.abc import Sequence, Set
from datetime import date
from typing import Any, Final

import polars as pl

from pumphandle.identity.linkage import Person
from pumphandle.store.engine import Transaction, copy_frame, copy_rows, insert_frame, read_frame
from pumphandle.vocabulary.records import PLACE_FIELDS

EVENT_SCHEMA: Final[dict[str, Any]] = {
    "record_key": pl.String,
    "version": pl.Int32,
    "kind": pl.String,
    "reason": pl.String,
    "laboratory": pl.String,
    "specimen_id": pl.String,
    "national_id": pl.String,
    "family_name": pl.String,
    "given_name": pl.String,
    "date_of_birth": pl.Date,
    "sex": pl.String,
    "address": pl.String,
    "postcode": pl.String,
    "phone": pl.String,
    "specimen_date": pl.Date,
    "pathogen": pl.String,
    "result": pl.String,
    **dict.fromkeys(PLACE_FIELDS, pl.String),
    "person_given": pl.String,
    "place_given": pl.String,
}
RECORD_COLUMNS: Final = (
    "record_key",
    "version",
    "kind",
    "person_key",
    "household_key",
    "laboratory",
    "specimen_id",
    "national_id",
    "family_name",
    "given_name",
    "date_of_birth",
    "sex",
    "age_band",
    "address",
    "postcode",
    "phone",
    "specimen_date",
    "report_date",
    "pathogen",
    "result",
    "placement",
    "small_area",
    "district",
    "linked_on",
    *PLACE_FIELDS,
    "responsible_authority",
    "place_vintage",
    "place_given",
)
STATE_SCHEMA: Final[dict[str, Any]] = {
    "record_key": pl.String,
    "kind": pl.String,
    "person_key": pl.String,
    "household_key": pl.String,
    "laboratory": pl.String,
    "postcode": pl.String,
    "sex": pl.String,
    "age_band": pl.String,
    "specimen_date": pl.Date,
    "report_date": pl.Date,
    "pathogen": pl.String,
    "result": pl.String,
    "small_area": pl.String,
    "district": pl.String,
    "place_given": pl.String,
}
EPISODE_SCHEMA: Final[dict[str, Any]] = {
    "person_key": pl.String,
    "pathogen": pl.String,
    "start_date": pl.Date,
    "first_record": pl.String,
    "small_area": pl.String,
    "district": pl.String,
    "household_key": pl.String,
    "age_band": pl.String,
    "sex": pl.String,
}


def unlinked(tx: Transaction, *, after: date, to: date) -> pl.DataFrame:
    """The last event of every record with news received after `after`, up to and including `to` (EVENT_SCHEMA)."""
    return read_frame(
        tx,
        "select distinct on (record_key) record_key, version, kind, reason, laboratory, specimen_id, national_id,"
        " family_name, given_name, date_of_birth, sex, address, postcode, phone, specimen_date, pathogen, result,"
        " test_code, test_site, test_site_postcode, workplace, workplace_postcode, setting_kind, person_key, small_area"
        " from identified.event where received_on > %s and received_on <= %s order by record_key, version desc",
        [after, to],
        EVENT_SCHEMA,
    )


def states(tx: Transaction, record_keys: pl.Series) -> pl.DataFrame:
    """These records as they stand before the news (STATE_SCHEMA)."""
    tx.execute("create temporary table told (record_key uuid primary key) on commit drop")
    copy_frame(tx, "told", record_keys.to_frame("record_key"))
    tx.execute("analyze told")
    return read_frame(
        tx,
        "select record_key, kind, person_key, household_key, laboratory, postcode, sex, age_band, specimen_date,"
        " report_date, pathogen, result, small_area, district, place_given"
        " from identified.record join told using (record_key)",
        [],
        STATE_SCHEMA,
    )


def persons_sharing(
    tx: Transaction, *, national_ids: Set[str], demographic_keys: Set[str], person_keys: Set[str]
) -> list[Person]:
    """Every person who bears one of these identifiers, demographic keys or person keys."""
    rows = tx.execute(
        "select person_key::text, national_id, demographic_key from identified.person where national_id = any(%s)"
        " union select person_key::text, national_id, demographic_key from identified.person"
        "  where demographic_key = any(%s)"
        " union select person_key::text, national_id, demographic_key from identified.person"
        "  where person_key = any(%s::uuid[])",
        [sorted(national_ids), sorted(demographic_keys), sorted(person_keys)],
    ).fetchall()
    return [Person(*row) for row in rows]


def add_persons(tx: Transaction, persons: Sequence[Person], *, first_seen: date) -> None:
    copy_rows(
        tx,
        "identified.person",
        ("person_key", "national_id", "demographic_key", "first_seen"),
        ((one.person_key, one.national_id, one.demographic_key, first_seen) for one in persons),
    )


def learn_identifiers(tx: Transaction, persons: Sequence[Person]) -> None:
    with tx.cursor() as cursor:
        cursor.executemany(
            "update identified.person set national_id = %s where person_key = %s and national_id is null",
            [(one.national_id, one.person_key) for one in persons],
        )


def put_records(tx: Transaction, records: pl.DataFrame) -> None:
    """records : RECORD_COLUMNS; each takes the place of the state before it. Needs `states` in the same transaction."""
    tx.execute("delete from identified.record using told where record.record_key = told.record_key")
    insert_frame(tx, "identified.record", records.select(RECORD_COLUMNS))


def positives_of(tx: Transaction, person_keys: pl.Series) -> pl.DataFrame:
    """All standing positive records of these persons (STATE_SCHEMA)."""
    tx.execute("create temporary table concerned (person_key uuid primary key) on commit drop")
    copy_frame(tx, "concerned", person_keys.to_frame("person_key"))
    tx.execute("analyze concerned")
    return read_frame(
        tx,
        "select record_key, kind, person_key, household_key, laboratory, postcode, sex, age_band, specimen_date,"
        " report_date, pathogen, result, small_area, district, place_given"
        " from identified.record join concerned using (person_key)"
        " where result = 'positive' and kind <> 'retracted'",
        [],
        STATE_SCHEMA,
    )


def episodes_of_concerned(tx: Transaction) -> pl.DataFrame:
    """Stored episodes of the persons of `positives_of` (EPISODE_SCHEMA)."""
    return read_frame(
        tx,
        "select person_key, pathogen, start_date, first_record, small_area, district, household_key, age_band, sex"
        " from identified.episode join concerned using (person_key)",
        [],
        EPISODE_SCHEMA,
    )


def replace_episodes_of_concerned(tx: Transaction, episodes: pl.DataFrame) -> None:
    """episodes : EPISODE_SCHEMA."""
    tx.execute("delete from identified.episode using concerned where episode.person_key = concerned.person_key")
    insert_frame(tx, "identified.episode", episodes.select(list(EPISODE_SCHEMA)))


def add_changes(tx: Transaction, changes: pl.DataFrame) -> None:
    """changes : authority, record_key, version, change, reason, linked_on."""
    insert_frame(tx, "identified.change", changes)
