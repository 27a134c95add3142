"""The register of settings, the visits to them that people told of, and the cases behind both."""

from dataclasses import dataclass, field
from datetime import date, datetime

from psycopg.rows import class_row

from pumphandle.store.engine import Transaction
from pumphandle.tracing.settings import Entry


@dataclass(frozen=True)
class Setting:
    """One entry as it stands, with its cases of the asked days; row-level security shows an authority its own only."""

    setting_id: int
    authority: str
    kind: str
    name: str
    address: str | None
    postcode: str
    small_area: str
    capacity: int | None
    responsible: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    version: int
    changed_at: datetime
    changed_by: str
    cases: int


def register(tx: Transaction, *, since: date) -> list[Setting]:
    """Every setting, most cases since that day first."""
    return _read(tx, since, setting_id=None)


def setting(tx: Transaction, setting_id: int, *, since: date) -> Setting | None:
    found = _read(tx, since, setting_id=setting_id)
    return found[0] if found else None


def _read(tx: Transaction, since: date, *, setting_id: int | None) -> list[Setting]:
    with tx.cursor(row_factory=class_row(Setting)) as cursor:
        return cursor.execute(
            "select s.setting_id, s.authority, s.kind, s.name, s.address, s.postcode, s.small_area, s.capacity, "
            "s.responsible, s.phone, s.version, s.changed_at, s.changed_by, "
            "(select count(*) from identified.membership m where m.kind = 'setting' and m.key = s.setting_id::text "
            "and m.day >= %(since)s) as cases from identified.setting s "
            "where %(one)s::bigint is null or s.setting_id = %(one)s order by cases desc, s.name, s.setting_id",
            {"since": since, "one": setting_id},
        ).fetchall()


def add(tx: Transaction, entry: Entry, *, authority: str, small_area: str, by_name: str, at: datetime) -> int:
    row = tx.execute(
        "insert into identified.setting (authority, kind, name, address, postcode, small_area, capacity, responsible, "
        "phone, changed_at, changed_by) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning setting_id",
        [authority, str(entry.kind), entry.name.strip(), entry.address, entry.postcode, small_area, entry.capacity,
         entry.responsible, entry.phone, at, by_name],
    ).fetchone()  # fmt: skip
    if row is None:
        raise LookupError("insert returned no row")
    return int(row[0])


def change(
    tx: Transaction, setting_id: int, entry: Entry, *, version: int, small_area: str, by_name: str, at: datetime
) -> bool:
    """False if somebody else has changed the entry since `version`."""
    changed = tx.execute(
        "update identified.setting set kind = %s, name = %s, address = %s, postcode = %s, small_area = %s, "
        "capacity = %s, responsible = %s, phone = %s, version = version + 1, changed_at = %s, changed_by = %s "
        "where setting_id = %s and version = %s",
        [str(entry.kind), entry.name.strip(), entry.address, entry.postcode, small_area, entry.capacity,
         entry.responsible, entry.phone, at, by_name, setting_id, version],
    )  # fmt: skip
    return changed.rowcount == 1


def add_visit(
    tx: Transaction,
    *,
    authority: str,
    case_key: str,
    day: date,
    postcode: str | None,
    setting_kind: str | None,
    setting_id: int | None,
    by_name: str,
    at: datetime,
) -> bool:
    """A case was there on that day, as an interview told; the next trace links it. False: there is no such case."""
    added = tx.execute(
        "insert into identified.visit (authority, person_key, case_key, day, postcode, setting_kind, setting_id, "
        "source, added_at, added_by) select %s, e.person_key, e.first_record, %s, %s, %s, %s, 'interview', %s, %s "
        "from identified.episode e where e.first_record = %s",
        [authority, day, postcode, setting_kind, setting_id, at, by_name, case_key],
    )
    return added.rowcount == 1
