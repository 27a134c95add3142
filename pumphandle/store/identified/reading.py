"""What the console reads: one authority's records and deliveries.

The authority is never an argument: every transaction is opened for one, and the database shows its rows only, and of
them only the fields that the authority's agreement and the reader's role allow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from psycopg.rows import class_row
from psycopg.sql import SQL, Composable

from pumphandle.store.engine import Transaction


@dataclass(frozen=True)
class Line:
    """One record as it stands now."""

    record_key: str
    version: int
    kind: str
    person_key: str
    household_key: str
    laboratory: str
    specimen_id: str
    national_id: str | None
    family_name: str | None
    given_name: str | None
    date_of_birth: date | None
    sex: str
    age_band: str
    address: str | None
    postcode: str | None
    phone: str | None
    specimen_date: date
    report_date: date
    pathogen: str
    result: str
    small_area: str | None
    small_area_name: str | None
    setting_kind: str | None
    test_site: str | None

    @property
    def full_name(self) -> str:
        """GIVEN FAMILY, or what there is of it."""
        return " ".join(part for part in (self.given_name, self.family_name) if part) or "Name not shown"


@dataclass(frozen=True)
class DayCounts:
    """Results that the authority was told about in some days, and the positives among the new ones."""

    new: int
    changed: int
    withdrawn: int
    new_positives: int


@dataclass(frozen=True)
class SpecimenDay:
    """Records that stand, by the day their specimen was taken."""

    specimen_date: date
    positives: int
    tests: int


COLUMNS: Final = SQL(
    "r.record_key::text, r.version, r.kind, r.person_key::text, r.household_key, r.laboratory, r.specimen_id, "
    "r.national_id, r.family_name, r.given_name, r.date_of_birth, r.sex, r.age_band, r.address, r.postcode, r.phone, "
    "r.specimen_date, r.report_date, r.pathogen, r.result, r.small_area, a.name as small_area_name, "
    "r.setting_kind, r.test_site"
)
_FROM: Final = SQL("identified.shown_record r left join reference.area a on a.area_code = r.small_area")


def line(tx: Transaction, record_key: str) -> Line | None:
    """None: there is no such record, or it belongs to another authority; the two cannot be told apart."""
    found = _read(tx, SQL("where r.record_key = %(record)s::uuid"), {"record": record_key})
    return found[0] if found else None


def lines_of(tx: Transaction, record_keys: list[str]) -> list[Line]:
    """These records, as far as they are the reader's own, by specimen date."""
    return _read(
        tx,
        SQL("where r.record_key = any(%(keys)s::uuid[]) order by r.specimen_date, r.record_key"),
        {"keys": record_keys},
    )


def others_of_person(tx: Transaction, known: Line, *, largest: int = 50) -> list[Line]:
    """Further records of the same person, newest specimen first."""
    return _read(
        tx,
        SQL(
            "where r.person_key = %(person)s::uuid and r.record_key <> %(record)s::uuid and r.kind <> 'retracted' "
            "order by r.specimen_date desc, r.record_key limit %(largest)s"
        ),
        {"person": known.person_key, "record": known.record_key, "largest": largest},
    )


def others_of_household(tx: Transaction, known: Line, *, largest: int = 50) -> list[Line]:
    """Records of other persons of the same household, newest specimen first."""
    return _read(
        tx,
        SQL(
            "where r.household_key = %(household)s and r.person_key <> %(person)s::uuid and r.kind <> 'retracted' "
            "order by r.specimen_date desc, r.record_key limit %(largest)s"
        ),
        {"household": known.household_key, "person": known.person_key, "largest": largest},
    )


def positives_between(tx: Transaction, first: date, last: date, *, small_area: str | None, largest: int) -> list[Line]:
    """Positives by specimen date, both days included, of one small area or of the whole authority; by address."""
    return _read(
        tx,
        SQL(
            "where r.result = 'positive' and r.kind <> 'retracted' "
            "and r.specimen_date between %(first)s and %(last)s "
            "and (%(area)s::text is null or r.small_area = %(area)s) "
            "order by r.postcode, r.household_key, r.specimen_date, r.record_key limit %(largest)s"
        ),
        {"first": first, "last": last, "area": small_area, "largest": largest},
    )


def of_cluster(tx: Transaction, cluster_id: str, *, on: date, first: date, last: date, largest: int) -> list[Line]:
    """First records of the cases that a cluster had on a run, whose specimens lie on these days, both included; by
    address."""
    return _read(
        tx,
        SQL(
            "where r.record_key in (select case_key from identified.cluster_case where cluster_id = %(cluster)s "
            "and %(on)s between since and last_seen) "
            "and r.specimen_date between %(first)s and %(last)s and r.kind <> 'retracted' "
            "order by r.postcode, r.household_key, r.specimen_date, r.record_key limit %(largest)s"
        ),
        {"cluster": cluster_id, "on": on, "first": first, "last": last, "largest": largest},
    )


def counts_since(tx: Transaction, came_from: date) -> DayCounts:
    """Records that the authority was told about from this day on, as the line list counts them."""
    row = tx.execute(
        "select count(*) filter (where new and kind <> 'retracted'), "
        "count(*) filter (where changed and kind <> 'retracted'), count(*) filter (where withdrawn), "
        "count(*) filter (where new and kind <> 'retracted' and result = 'positive') "
        "from (select c.record_key, bool_or(c.change = 'new') as new, bool_or(c.change = 'changed') as changed, "
        "bool_or(c.change = 'withdrawn') as withdrawn from identified.change c where c.linked_on >= %s "
        "group by c.record_key) told join identified.shown_record r using (record_key)",
        [came_from],
    ).fetchone()
    return DayCounts(0, 0, 0, 0) if row is None else DayCounts(*row)


def specimen_days(tx: Transaction, first: date, last: date) -> list[SpecimenDay]:
    """Every day first..last, both included; void results are neither."""
    with tx.cursor(row_factory=class_row(SpecimenDay)) as cursor:
        return cursor.execute(
            "select d.day as specimen_date, coalesce(c.positives, 0) as positives, coalesce(c.tests, 0) as tests "
            "from (select %(first)s::date + n as day from generate_series(0, %(last)s::date - %(first)s::date) n) d "
            "left join (select r.specimen_date, count(*) filter (where r.result = 'positive') as positives, "
            "count(*) filter (where r.result in ('positive', 'negative')) as tests from identified.shown_record r "
            "where r.specimen_date between %(first)s and %(last)s and r.kind <> 'retracted' group by 1) c "
            "on c.specimen_date = d.day order by d.day",
            {"first": first, "last": last},
        ).fetchall()


def _read(tx: Transaction, rest: Composable, values: Mapping[str, object]) -> list[Line]:
    query = SQL("select {columns} from {tables} {rest}").format(columns=COLUMNS, tables=_FROM, rest=rest)
    with tx.cursor(row_factory=class_row(Line)) as cursor:
        return cursor.execute(query, values).fetchall()
