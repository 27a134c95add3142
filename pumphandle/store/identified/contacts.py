"""Contacts of one authority's cases, where their follow-up stands, and who is on the telephone with them just now."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pumphandle.store.engine import Transaction
from pumphandle.tracing.follow_up import Named

PAGE_SIZE: Final = 50


@dataclass(frozen=True)
class Contact:
    """A contact as they stand now. Row-level security shows an authority its own only."""

    contact_id: str
    authority: str
    case_key: str
    case_authority: str
    became_case: str | None
    family_name: str | None = field(repr=False)
    given_name: str | None = field(repr=False)
    date_of_birth: date | None = field(repr=False)
    phone: str | None = field(repr=False)
    email: str | None = field(repr=False)
    address: str | None = field(repr=False)
    postcode: str | None = field(repr=False)
    kind: str
    setting_id: int | None
    exposure_day: date
    state: str
    since: datetime
    due: datetime | None
    named_at: datetime
    named_by: str
    reached_at: datetime | None
    claimed_by: str | None
    claimed_until: datetime | None
    version: int
    erased_on: date | None

    @property
    def full_name(self) -> str:
        """GIVEN FAMILY, or what there is of it."""
        return " ".join(part for part in (self.given_name, self.family_name) if part) or "Name not given"


@dataclass(frozen=True)
class Step:
    """One thing that happened in a follow-up; `answers` by question of the script."""

    version: int
    event: str
    state: str
    at: datetime
    by_name: str
    answers: dict[str, str] = field(repr=False)


_COLUMNS: Final[LiteralString] = (
    "contact_id::text, authority, case_key::text, case_authority, became_case::text, family_name, given_name, "
    "date_of_birth, phone, email, address, postcode, kind, setting_id, exposure_day, state, since, due, named_at, "
    "named_by, reached_at, claimed_by, claimed_until, version, erased_on"
)


def add(
    tx: Transaction,
    contact_id: UUID,
    named: Named,
    *,
    authority: str,
    case_key: str,
    state: str,
    due: datetime | None,
    by_name: str,
    at: datetime,
) -> None:
    """A contact of a case of this authority, and the first step of the follow-up."""
    tx.execute(
        "insert into identified.contact (contact_id, authority, case_key, case_authority, family_name, given_name, "
        "date_of_birth, phone, email, address, postcode, kind, setting_id, exposure_day, state, since, due, named_at, "
        "named_by) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [contact_id, authority, case_key, authority, named.family_name, named.given_name, named.date_of_birth,
         named.phone, named.email, named.address, named.postcode, str(named.kind), named.setting, named.exposure_day,
         state, at, due, at, by_name],
    )  # fmt: skip
    add_step(tx, str(contact_id), Step(1, "name", state, at, by_name, {}))


def add_step(tx: Transaction, contact_id: str, step: Step) -> None:
    tx.execute(
        "insert into identified.contact_step (contact_id, version, event, state, at, by_name, answers) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        [contact_id, step.version, step.event, step.state, step.at, step.by_name, Jsonb(step.answers)],
    )


def contact(tx: Transaction, contact_id: str, *, for_change: bool = False) -> Contact | None:
    """None: there is no such contact, or it is another authority's. `for_change` holds the row until the end."""
    lock: LiteralString = " for update" if for_change else ""
    with tx.cursor(row_factory=class_row(Contact)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from identified.contact where contact_id = %s{lock}", [contact_id]
        ).fetchone()


def steps(tx: Transaction, contact_id: str) -> list[Step]:
    """Oldest first."""
    with tx.cursor(row_factory=class_row(Step)) as cursor:
        return cursor.execute(
            "select version, event, state, at, by_name, answers from identified.contact_step "
            "where contact_id = %s order by version",
            [contact_id],
        ).fetchall()


def of_case(tx: Transaction, case_key: str) -> list[Contact]:
    with tx.cursor(row_factory=class_row(Contact)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from identified.contact where case_key = %s order by exposure_day, contact_id",
            [case_key],
        ).fetchall()


def became_cases(tx: Transaction, *, on: date, days: int) -> list[Contact]:
    """Note who of the contacts has become a case of their own authority, and return them.

    The same names and the same date of birth, or the same names and telephone number; a specimen from two days before
    the contact to so many days after it. Across all authorities: this is a deed of the run.
    """
    tx.execute(
        "update identified.contact c set became_case = m.first_record, person_key = m.person_key, became_on = %(on)s "
        "from (select distinct on (n.contact_id) n.contact_id, e.first_record, e.person_key "
        "from identified.contact n join identified.record r on r.district = n.authority and r.result = 'positive' "
        "and r.kind <> 'retracted' and r.specimen_date between n.exposure_day - 2 and n.exposure_day + %(days)s "
        "and lower(r.family_name) = lower(n.family_name) and lower(r.given_name) = lower(n.given_name) "
        "and (r.date_of_birth = n.date_of_birth or nullif(regexp_replace(r.phone, '\\D', '', 'g'), '') "
        "= nullif(regexp_replace(n.phone, '\\D', '', 'g'), '')) "
        "join identified.episode e on e.person_key = r.person_key and e.start_date >= n.exposure_day - 2 "
        "where n.became_case is null and n.state <> 'handed_over' and n.erased_on is null "
        "and e.first_record <> n.case_key order by n.contact_id, e.start_date, e.first_record) m "
        "where m.contact_id = c.contact_id",
        {"on": on, "days": days},
    )
    with tx.cursor(row_factory=class_row(Contact)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from identified.contact where became_on = %s order by contact_id for update", [on]
        ).fetchall()


def work_list(tx: Transaction, *, at: datetime, by_name: str, largest: int = PAGE_SIZE) -> list[Contact]:
    """What is due, most overdue first; whoever is claimed by somebody else just now is left out."""
    with tx.cursor(row_factory=class_row(Contact)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from identified.contact where due is not null "
            "and (claimed_until is null or claimed_until <= %(at)s or claimed_by = %(name)s) "
            "order by due, contact_id limit %(largest)s",
            {"at": at, "name": by_name, "largest": largest},
        ).fetchall()


def claim_next(tx: Transaction, *, at: datetime, until: datetime, by_name: str) -> str | None:
    """Take the most overdue contact whom nobody has; two callers at once get two different ones. None: nobody waits."""
    row = tx.execute(
        "update identified.contact set claimed_by = %(name)s, claimed_until = %(until)s where contact_id = ("
        "select contact_id from identified.contact where due is not null "
        "and (claimed_until is null or claimed_until <= %(at)s) "
        "order by due, contact_id limit 1 for update skip locked) returning contact_id::text",
        {"at": at, "until": until, "name": by_name},
    ).fetchone()
    return None if row is None else str(row[0])


def put(tx: Transaction, changed: Contact) -> None:
    """state, since, due, reached_at, claim and version as they are now."""
    tx.execute(
        "update identified.contact set state = %s, since = %s, due = %s, reached_at = %s, claimed_by = %s, "
        "claimed_until = %s, version = %s where contact_id = %s",
        [changed.state, changed.since, changed.due, changed.reached_at, changed.claimed_by, changed.claimed_until,
         changed.version, changed.contact_id],
    )  # fmt: skip


def overdue(tx: Transaction, *, at: datetime) -> int:
    row = tx.execute("select count(*) from identified.contact where due < %s", [at]).fetchone()
    return 0 if row is None else int(row[0])


def done_since(tx: Transaction, *, since: datetime) -> dict[str, int]:
    """What came of the team's work: event -> how many contacts."""
    rows = tx.execute(
        "select event, count(distinct contact_id) from identified.contact_step where at > %s group by 1 order by 1",
        [since],
    ).fetchall()
    return dict(rows)


def case_day(tx: Transaction, case_key: str) -> date | None:
    """Specimen date of a case of the reader's own authority; None: there is none."""
    row = tx.execute("select start_date from identified.episode where first_record = %s", [case_key]).fetchone()
    return None if row is None else row[0]


def times(tx: Transaction, *, since: datetime) -> list[tuple[datetime, datetime | None]]:
    """(named, reached or None) of every contact named since then: what reaching them in time is measured by."""
    return tx.execute("select named_at, reached_at from identified.contact where named_at >= %s", [since]).fetchall()


def taken_by(tx: Transaction, by_name: str, *, at: datetime) -> list[Contact]:
    """Whom this person has taken and not spoken of yet."""
    with tx.cursor(row_factory=class_row(Contact)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from identified.contact where claimed_by = %s and claimed_until > %s order by due",
            [by_name, at],
        ).fetchall()
