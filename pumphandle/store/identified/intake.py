"""Files received, lines held, events added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from pumphandle.linelist.accounting import Account
from pumphandle.linelist.lines import HeldLine
from pumphandle.store.engine import Transaction, copy_frame, insert_frame, read_frame
from pumphandle.vocabulary.records import PLACE_FIELDS

EVENT_COLUMNS: Final = (
    "record_key",
    "version",
    "kind",
    "reason",
    "file_id",
    "line",
    "received_on",
    "laboratory",
    "content_hash",
    "specimen_id",
    "national_id",
    "family_name",
    "given_name",
    "date_of_birth",
    "sex",
    "address",
    "postcode",
    "phone",
    "specimen_date",
    "pathogen",
    "result",
    *PLACE_FIELDS,
    "known_at",
)


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file: outcome is accepted, refused or seen_before."""

    laboratory: str
    file_name: str
    outcome: str
    refusal: str | None
    account: Account


def outcome_of(tx: Transaction, *, sha256: str, file_name: str, received_on: date) -> FileOutcome | None:
    """The outcome of this very file on this day, if it was dealt with."""
    row = tx.execute(
        "select laboratory, file_name, outcome, refusal, lines_in, accepted, quarantined, duplicates, superseded"
        " from identified.file where sha256 = %s and file_name = %s and received_on = %s",
        [sha256, file_name, received_on],
    ).fetchone()
    return _outcome(row) if row else None


def _outcome(row: tuple[Any, ...]) -> FileOutcome:
    laboratory, file_name, outcome, refusal, *account = row
    return FileOutcome(laboratory, file_name, outcome, refusal, Account(*account))


def taken_before(tx: Transaction, sha256: str) -> int | None:
    """Lines of an earlier accepted file with the same content, or None."""
    row = tx.execute(
        "select lines_in from identified.file where sha256 = %s and outcome = 'accepted' limit 1", [sha256]
    ).fetchone()
    return row[0] if row else None


def latest(tx: Transaction, record_keys: pl.Series) -> pl.DataFrame:
    """record_key, known_version, known_hash, known_kind: the last event of each of these records that has one."""
    tx.execute("create temporary table asked (record_key uuid) on commit drop")
    copy_frame(tx, "asked", record_keys.unique().sort().to_frame("record_key"))  # as the index is, page after page
    tx.execute("analyze asked")
    return read_frame(
        tx,
        "select a.record_key, e.version, e.content_hash, e.kind from asked a cross join lateral"
        " (select version, content_hash, kind from identified.event"
        "  where event.record_key = a.record_key order by version desc limit 1) e",
        [],
        {"record_key": pl.String, "known_version": pl.Int32, "known_hash": pl.String, "known_kind": pl.String},
    )


def add_file(tx: Transaction, outcome: FileOutcome, *, sha256: str, received_on: date, at: datetime) -> int:
    """The file's row; its check constraint refuses an account that does not add up. Returns file_id."""
    account = outcome.account
    row = tx.execute(
        "insert into identified.file (laboratory, file_name, sha256, received_on, received_at, outcome, refusal,"
        " lines_in, accepted, quarantined, duplicates, superseded)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning file_id",
        [
            outcome.laboratory,
            outcome.file_name,
            sha256,
            received_on,
            at,
            outcome.outcome,
            outcome.refusal,
            account.lines_in,
            account.accepted,
            account.quarantined,
            account.duplicates,
            account.superseded,
        ],
    ).fetchone()
    if row is None:
        raise LookupError("insert returned no row")
    return int(row[0])


def add_held(tx: Transaction, file_id: int, held: Sequence[HeldLine]) -> None:
    """One row a line and reason; the same reason twice for one field is one."""
    rows = pl.DataFrame(
        [(file_id, one.line, one.field, one.code, one.remedy, one.content.replace("\x00", "") or " ") for one in held],
        schema={"file_id": pl.Int64, "line": pl.Int64}
        | dict.fromkeys(("field", "code", "remedy", "content"), pl.String),
        orient="row",
    )
    insert_frame(tx, "identified.quarantine", rows.unique(["line", "code", "field"], keep="first", maintain_order=True))


def add_events(tx: Transaction, events: pl.DataFrame) -> None:
    """events : EVENT_COLUMNS. In the order of the index, so that each of its pages is written once."""
    copy_frame(tx, "identified.event", events.select(EVENT_COLUMNS).sort("record_key"))


def events_received(tx: Transaction, received_on: date) -> int:
    """Events on the shelf that came on one day."""
    row = tx.execute(
        "select count(*)::int from identified.event where received_on = %s and file_id is not null", [received_on]
    ).fetchone()
    return row[0] if row else 0


def held_by_code(tx: Transaction, received_on: date) -> list[tuple[str, int, str, str, str, int]]:
    """(file_name, first line, field, code, remedy, lines) of one day's quarantine, most lines first."""
    return tx.execute(
        "select f.file_name, min(q.line), q.field, q.code, q.remedy, count(*)::int from identified.quarantine q"
        " join identified.file f using (file_id) where f.received_on = %s group by 1, 3, 4, 5 order by 6 desc, 1, 3, 4",
        [received_on],
    ).fetchall()


def lines_by_laboratory(tx: Transaction, received_on: date) -> dict[str, int]:
    """Lines of accepted files of one day."""
    rows = tx.execute(
        "select laboratory, sum(lines_in)::int from identified.file"
        " where received_on = %s and outcome = 'accepted' group by 1",
        [received_on],
    ).fetchall()
    return dict(rows)


def outcomes(tx: Transaction, received_on: date) -> list[FileOutcome]:
    """Every file of one day, by name."""
    rows = tx.execute(
        "select laboratory, file_name, outcome, refusal, lines_in, accepted, quarantined, duplicates, superseded"
        " from identified.file where received_on = %s order by file_name, file_id",
        [received_on],
    ).fetchall()
    return [_outcome(row) for row in rows]


def total(files: Sequence[FileOutcome]) -> Account:
    accounts = [one.account for one in files]
    return Account(
        lines_in=sum(one.lines_in for one in accounts),
        accepted=sum(one.accepted for one in accounts),
        quarantined=sum(one.quarantined for one in accounts),
        duplicates=sum(one.duplicates for one in accounts),
        superseded=sum(one.superseded for one in accounts),
    )


@dataclass(frozen=True)
class FeedDay:
    """One laboratory's day. missing : field -> lines without it; arrived_at : of its first file, None for silence."""

    laboratory: str
    received_on: date
    lines: int
    positives: int
    missing: dict[str, int]
    arrived_at: datetime | None


WATCHED_FIELDS: Final = ("national_id", "family_name", "date_of_birth", "postcode", "address", "phone")


def put_feed_day(tx: Transaction, received_on: date) -> None:
    """What every laboratory sent on a day, counted once from the day's own events."""
    tx.execute(
        "insert into decisions.feed_day (laboratory, received_on, line_count, positive_count, missing,"
        " first_received_at) select f.laboratory, %(day)s, f.lines, coalesce(e.positives, 0),"
        " coalesce(e.missing, '{}'), f.first_at from (select laboratory, sum(lines_in)::int as lines,"
        "  min(received_at) as first_at from identified.file where received_on = %(day)s and outcome = 'accepted'"
        "  group by 1) f left join (select laboratory, count(*) filter (where result = 'positive')::int as positives,"
        "  jsonb_build_object('national_id', count(*) filter (where national_id is null), 'family_name',"
        "   count(*) filter (where family_name is null), 'date_of_birth',"
        "   count(*) filter (where date_of_birth is null),"
        "   'postcode', count(*) filter (where postcode is null),"
        "   'address', count(*) filter (where address is null),"
        "   'phone', count(*) filter (where phone is null)) as missing from identified.event"
        "  where received_on = %(day)s and file_id is not null group by 1) e using (laboratory)"
        " on conflict (laboratory, received_on) do update set line_count = excluded.line_count,"
        " positive_count = excluded.positive_count, missing = excluded.missing,"
        " first_received_at = excluded.first_received_at",
        {"day": received_on},
    )


def last_received(tx: Transaction, *, first: date, last: date) -> dict[date, datetime]:
    """Day -> when the last of its laboratories began to send; days on which none did are left out."""
    return dict(
        tx.execute(
            "select received_on, max(first_received_at) from decisions.feed_day "
            "where received_on between %s and %s and first_received_at is not null group by 1",
            [first, last],
        ).fetchall()
    )


def feed_days(tx: Transaction, *, first: date, last: date) -> list[FeedDay]:
    """Days on which something came, both ends included, by laboratory and day."""
    rows = tx.execute(
        "select laboratory, received_on, line_count, positive_count, missing, first_received_at"
        " from decisions.feed_day where received_on between %s and %s order by 1, 2",
        [first, last],
    ).fetchall()
    return [FeedDay(*row) for row in rows]
