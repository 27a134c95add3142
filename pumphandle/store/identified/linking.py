"""Events waiting for a person and a place; records as they stand; episodes; changes to tell."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final, LiteralString

import polars as pl

from pumphandle.identity.descriptions import BLOCKS
from pumphandle.identity.linkage import PERSON_SCHEMA
from pumphandle.store.engine import Transaction, copy_frame, insert_frame, read_frame
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


def prepare(tx: Transaction) -> None:
    """A day is joined and sorted whole: with the server's usual 4 MB it would go to disk again and again.

    And looked up by index: as the server usually thinks of disks, it would rather read the whole history.
    """
    tx.execute("set local work_mem = '256MB'")
    tx.execute("set local random_page_cost = 1.1")
    tx.execute("set local jit = off")


def unlinked(tx: Transaction, *, after: date, to: date, files: Sequence[int] | None = None) -> pl.DataFrame:
    """The last event of every record with news received after `after`, up to and including `to` (EVENT_SCHEMA).

    files : of the laboratories' lines only those of these files, and of our own deeds only those that no record shows
        yet; None: all, where no round has linked any of them
    A place that a person gave among the same news holds while the last event has the postcode that it was given for.
    """
    events = read_frame(
        tx,
        _EVENTS if files is None else _LEFT,
        {"after": after, "to": to, "files": list(files or [])},
        EVENT_SCHEMA,
    )
    # sorted here: the server would sort whole lines, on one core
    events = events.sort("record_key", "version")
    last = events.unique("record_key", keep="last", maintain_order=True)
    given = (
        events.drop_nulls("place_given")
        .unique("record_key", keep="last")
        .select("record_key", "postcode", decided="place_given")
    )
    if given.is_empty():
        return last
    met = last.join(given, on=["record_key", "postcode"], how="left", nulls_equal=True, maintain_order="left")
    return met.with_columns(place_given=pl.coalesce("place_given", "decided")).drop("decided")


_COLUMNS: Final[LiteralString] = (
    "select e.record_key, e.version, e.kind, e.reason, e.laboratory, e.specimen_id, e.national_id,"
    " e.family_name, e.given_name, e.date_of_birth, e.sex, e.address, e.postcode, e.phone, e.specimen_date,"
    " e.pathogen, e.result, e.test_code, e.test_site, e.test_site_postcode, e.workplace, e.workplace_postcode,"
    " e.setting_kind, e.person_key, e.small_area from identified.event e"
)
_KEPT: Final[LiteralString] = " not exists (select from identified.erased_record g where g.record_key = e.record_key)"
_EVENTS: Final[LiteralString] = _COLUMNS + " where e.received_on > %(after)s and e.received_on <= %(to)s and" + _KEPT
_OF_DEEDS: Final[LiteralString] = (
    " where e.received_on > %(after)s and e.received_on <= %(to)s and e.file_id is null and e.version > coalesce("
    "(select r.version from identified.record r where r.record_key = e.record_key), 0) and" + _KEPT
)
_LEFT: Final[LiteralString] = (
    _COLUMNS + " join identified.file f on f.received_on = e.received_on and f.file_id = e.file_id"
    " where f.file_id = any(%(files)s) and" + _KEPT + " union all " + _COLUMNS + _OF_DEEDS
)


def deeds_left(tx: Transaction, day: date) -> bool:
    """Whether something that we did ourselves on this day is shown by no record yet."""
    query = "select exists (select from identified.event e" + _OF_DEEDS + ")"
    row = tx.execute(query, {"after": day - timedelta(days=1), "to": day}).fetchone()
    return row is not None and bool(row[0])


def states(tx: Transaction, record_keys: pl.Series) -> pl.DataFrame:
    """These records as they stand before the news (STATE_SCHEMA)."""
    tx.execute("create temporary table told (record_key uuid) on commit drop")
    copy_frame(tx, "told", record_keys.sort().to_frame("record_key"))  # as the index is, page after page
    tx.execute("analyze told")
    return read_frame(
        tx,
        "select record_key, kind, person_key, household_key, laboratory, postcode, sex, age_band, specimen_date,"
        " report_date, pathogen, result, small_area, district, place_given"
        " from identified.record join told using (record_key)",
        [],
        STATE_SCHEMA,
    )


_PERSON: Final = (
    " select p.person_key, case when p.merged_into is null then p.person_key"
    " else identified.standing(p.merged_into) end, p.national_id, p.family_name,"
    " p.given_name, p.date_of_birth, p.sex, p.postcode, p.phone, p.block_birth_first, p.block_birth_last,"
    " p.block_home from identified.person p"
)


def persons_named(tx: Transaction, lines: pl.DataFrame) -> pl.DataFrame:
    """PERSON_SCHEMA of everyone who bears an identifier of these lines (LINE_SCHEMA), and of every `previous`."""
    tx.execute("create temporary table named (national_id text, previous uuid) on commit drop")
    copy_frame(tx, "named", lines.select("national_id", "previous").unique().sort("national_id"))
    tx.execute("analyze named")
    query = (
        (_PERSON + " where p.national_id in (select national_id from named) union all")
        + _PERSON
        + " where p.person_key in (select previous from named) and (p.national_id is null"
        + " or not exists (select from named n where n.national_id = p.national_id))"
    )
    return read_frame(tx, query, [], PERSON_SCHEMA)


def persons_alike(tx: Transaction, lines: pl.DataFrame) -> pl.DataFrame:
    """PERSON_SCHEMA of everyone who shares a block with one of these lines, and might be it.

    A line with an identifier might only be somebody who has none.
    """
    tx.execute(
        'create temporary table open_line (block text collate "C", kind smallint, bears smallint) on commit drop'
    )
    blocks = [
        lines.drop_nulls(block).select(
            block=pl.col(block), kind=pl.lit(kind, pl.Int16), bears=pl.col("national_id").is_not_null().cast(pl.Int8)
        )
        for kind, block in enumerate(BLOCKS, start=1)
    ]
    copy_frame(tx, "open_line", pl.concat(blocks).unique())
    tx.execute("analyze open_line")
    return read_frame(tx, _ALIKE, [], PERSON_SCHEMA)


_ALIKE: Final = (
    "with found as ("
    " select p.person_key from open_line o join identified.person p on p.block_birth_first = o.block"
    "  where o.kind = 1 and o.bears = 0"
    " union select p.person_key from open_line o join identified.person p on p.block_birth_last = o.block"
    "  where o.kind = 2 and o.bears = 0"
    " union select p.person_key from open_line o join identified.person p on p.block_home = o.block"
    "  where o.kind = 3 and o.bears = 0"
    " union select p.person_key from open_line o join identified.person p on p.block_birth_first = o.block"
    "  where o.kind = 1 and o.bears = 1 and p.national_id is null"
    " union select p.person_key from open_line o join identified.person p on p.block_birth_last = o.block"
    "  where o.kind = 2 and o.bears = 1 and p.national_id is null"
    " union select p.person_key from open_line o join identified.person p on p.block_home = o.block"
    "  where o.kind = 3 and o.bears = 1 and p.national_id is null)" + _PERSON + " join found using (person_key)"
)


def add_persons(tx: Transaction, persons: pl.DataFrame, *, first_seen: date) -> None:
    """persons : PERSON_SCHEMA. By birthday: two of the table's indexes begin with it."""
    ordered = persons.drop("unique_id").sort("block_birth_first", "person_key")
    copy_frame(tx, "identified.person", ordered.with_columns(first_seen=pl.lit(first_seen)))


def learn_identifiers(tx: Transaction, learnt: pl.DataFrame) -> None:
    """learnt : person_key, national_id. An identifier that is somebody's already is not given to a second."""
    if learnt.height:
        tx.execute("create temporary table learnt (person_key uuid, national_id text) on commit drop")
        copy_frame(tx, "learnt", learnt)
        tx.execute(
            "update identified.person p set national_id = l.national_id from learnt l where p.person_key = l.person_key"
            " and p.national_id is null and not exists (select from identified.person o"
            " where o.national_id = l.national_id)"
        )


def add_possible(tx: Transaction, pairs: pl.DataFrame, *, found_on: date, owner: str, due_on: date) -> int:
    """pairs : person_key, other_key, probability. What was found before, or decided, stays as it is. Returns news."""
    if not pairs.height:
        return 0
    tx.execute("create temporary table maybe (person_key uuid, other_key uuid, probability float8) on commit drop")
    copy_frame(tx, "maybe", pairs.select("person_key", "other_key", "probability"))
    return tx.execute(
        "insert into identified.possible_match (person_key, other_key, probability, found_on, owner, due_on)"
        " select person_key, other_key, probability, %s, %s, %s from maybe on conflict do nothing",
        [found_on, owner, due_on],
    ).rowcount


def put_records(tx: Transaction, records: pl.DataFrame, *, known: pl.Series) -> None:
    """records : RECORD_COLUMNS; known : keys of those among them that take the place of a state.

    Home by home: most indexes of the table begin with the district, so that each of their pages is written once.
    """
    if len(known):
        tx.execute("create temporary table outdated (record_key uuid) on commit drop")
        copy_frame(tx, "outdated", known.sort().to_frame("record_key"))
        tx.execute("analyze outdated")
        tx.execute("delete from identified.record using outdated where record.record_key = outdated.record_key")
    ordered = records.select(RECORD_COLUMNS).sort("district", "postcode", "record_key")
    insert_frame(tx, "identified.record", ordered)


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


def standing_records(tx: Transaction) -> pl.DataFrame:
    """STATE_SCHEMA of every person's record; for comparing whole shelves, never for a day's work."""
    return read_frame(
        tx,
        "select record_key, kind, person_key, household_key, laboratory, postcode, sex, age_band, specimen_date,"
        " report_date, pathogen, result, small_area, district, place_given from identified.record r"
        " where not exists (select from decisions.canary f where f.record_key = r.record_key)",
        [],
        STATE_SCHEMA,
    )
