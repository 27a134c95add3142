"""The database itself refuses what the console might forget: nothing without an authority, only one's own with it."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from pumphandle.store.engine import Database
from pumphandle.vocabulary.people import Role
from pumphandle.vocabulary.places import AreaCode

GUARDED = ("record", "episode", "change", "delivery", "receipt")
CLOSED = ("identified.event", "identified.person", "identified.merge", "identified.possible_match", "events.pending")
NORTH, SOUTH = AreaCode("NOR"), AreaCode("SOU")


@dataclass(frozen=True)
class Doors:
    deeds: Database
    console: Database
    public: Database


@pytest.fixture
def doors(database_urls: Any) -> Iterator[Doors]:
    made = Doors(*(Database(url) for url in (database_urls.deeds, database_urls.console, database_urls.public)))
    with made.deeds.transaction() as tx:
        for number, authority in enumerate((NORTH, SOUTH, None)):
            _seed(tx, number, authority)
    yield made
    for database in (made.deeds, made.console, made.public):
        database.close()


def _seed(tx: Any, number: int, authority: str | None) -> None:
    """One row of each guarded table; the third person's postcode led nowhere, so it belongs to no authority."""
    key = uuid.UUID(int=number + 1)
    tx.execute(
        "insert into identified.record (record_key, version, kind, person_key, household_key, laboratory, specimen_id, "
        "sex, age_band, specimen_date, report_date, pathogen, result, placement, small_area, district, linked_on) "
        "values (%s, 1, 'reported', %s, 'h', 'lab', 's', 'female', '25-44', '2020-06-01', '2020-06-02', 'sars_cov_2', "
        "'positive', %s, %s, %s, '2020-06-02')",
        [key, key, "unique" if authority else "missing", authority, authority],
    )
    tx.execute(
        "insert into identified.episode values (%s, 'sars_cov_2', '2020-06-01', %s, %s, %s, 'h', '25-44', 'female')",
        [key, key, authority, authority],
    )
    if authority is None:
        return
    tx.execute(
        "insert into decisions.agreement (authority, state, since, fields, purpose, legal_basis, retention_days, "
        "expires_on, signed_at, signed_by) values (%s, 'ACTIVE', now(), '{sex}', 'x', 'x', 9, '2099-12-31', "
        "now(), 'x')",
        [authority],
    )
    tx.execute(
        "insert into identified.change (authority, record_key, version, change, reason, linked_on) "
        "values (%s, %s, 1, 'new', 'test', '2020-06-02')",
        [authority, key],
    )
    tx.execute(
        "insert into identified.delivery values (%s, '2020-06-02', 'f', 1, 0, 0, 'c', 's', 1, 'p', now(), true)",
        [authority],
    )
    tx.execute("insert into identified.receipt values (%s, '2020-06-02', 'available', now(), 'timer')", [authority])


def seen(tx: Any, table: str) -> list[Any]:
    column = "district" if table in ("record", "episode") else "authority"
    return [row[0] for row in tx.execute(f"select {column} from identified.{table}".encode()).fetchall()]


@pytest.mark.parametrize("authority", [None, AreaCode(""), AreaCode("EAST"), AreaCode("NOR' or '1'='1")])
def test_without_an_authority_of_its_own_the_console_sees_nobody(doors: Doors, authority: AreaCode | None) -> None:
    with doors.console.transaction(authority=authority) as tx:
        assert {table: seen(tx, table) for table in GUARDED} == {table: [] for table in GUARDED}


def test_with_one_it_sees_its_own_rows_and_no_others(doors: Doors) -> None:
    for authority in (NORTH, SOUTH):
        with doors.console.transaction(authority=authority, role=Role.DIRECTOR) as tx:
            assert {table: seen(tx, table) for table in GUARDED} == {table: [authority] for table in GUARDED}


def test_without_a_role_it_sees_nobody_and_can_add_nothing(doors: Doors) -> None:
    with doors.console.transaction(authority=NORTH) as tx:
        assert {table: seen(tx, table) for table in GUARDED} == {table: [] for table in GUARDED}
    with pytest.raises(psycopg.errors.InsufficientPrivilege), doors.console.transaction(authority=NORTH) as tx:
        tx.execute("insert into identified.receipt values ('NOR', '2020-06-02', 'opened', now(), 'rowan')")


def test_the_authority_ends_with_its_transaction(doors: Doors) -> None:
    """On a pooled connection the setting of one request must never reach the next."""
    for _ in range(20):
        with doors.console.transaction(authority=NORTH, role=Role.DIRECTOR) as tx:
            assert seen(tx, "record") == [NORTH]
        with doors.console.transaction() as tx:
            assert seen(tx, "record") == []


def test_a_session_wide_setting_is_overruled(doors: Doors) -> None:
    with doors.console.transaction() as tx:
        tx.execute("select set_config('pumphandle.authority', 'SOU', false)")
    for _ in range(5):
        with doors.console.transaction(authority=NORTH, role=Role.DIRECTOR) as tx:
            assert seen(tx, "record") == [NORTH]


def test_deeds_see_everyone(doors: Doors) -> None:
    with doors.deeds.transaction() as tx:
        assert len(seen(tx, "record")) == 3


@pytest.mark.parametrize("table", CLOSED)
def test_the_console_cannot_open_what_it_does_not_need(doors: Doors, table: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), doors.console.transaction(authority=NORTH) as tx:
        tx.execute(f"select 1 from {table}".encode())


@pytest.mark.parametrize(
    "statement",
    [
        "update identified.record set family_name = 'x'",
        "delete from identified.record",
        "insert into identified.change (authority, record_key, version, change, reason, linked_on) "
        "values ('NOR', gen_random_uuid(), 1, 'new', 'x', '2020-06-02')",
        "update identified.delivery set new_count = 0",
        "update identified.receipt set by_name = 'x'",
        "delete from identified.receipt",
        "update decisions.account set role = 'national'",
        "insert into decisions.account select 'x', 'x', 'national', null, 'x', null, now(), 'x'",
        "delete from decisions.sign_in_attempt",
        "update decisions.audit set deed = 'x'",
        "delete from decisions.signal",
        "update decisions.threshold set value = '1'",
        "truncate identified.record",
        "set role pumphandle_deeds",
        "alter table identified.record disable row level security",
    ],
)
def test_the_console_cannot_write(doors: Doors, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), doors.console.transaction(authority=NORTH) as tx:
        tx.execute(statement.encode())


def test_held_lines_are_shown_to_stewards_alone(doors: Doors) -> None:
    with doors.deeds.transaction() as tx:
        tx.execute(
            "insert into identified.file (laboratory, file_name, sha256, received_on, received_at, outcome, lines_in,"
            " accepted, quarantined, duplicates, superseded)"
            " values ('l', 'f', 's', now(), now(), 'accepted', 1, 0, 1, 0, 0)"
        )
        tx.execute("insert into identified.quarantine select file_id, 2, 'f', 'c', 'r', 'a name' from identified.file")
    for role, rows in ((Role.STEWARD, 1), (Role.DIRECTOR, 0), (Role.NATIONAL, 0), (None, 0)):
        with doors.console.transaction(authority=NORTH, role=role) as tx:
            assert tx.execute("select count(*) from identified.quarantine").fetchone() == (rows,)
    with doors.deeds.transaction() as tx:
        (file_id,) = tx.execute("select file_id from identified.file").fetchone() or (None,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), doors.console.transaction(role=Role.DIRECTOR) as tx:
        tx.execute(
            "insert into identified.mend_request (file_id, line, reason, by_name, at) values (%s, 2, 'r', 'b', now())",
            [file_id],
        )


def test_receipts_are_given_for_ones_own_deliveries_only(doors: Doors) -> None:
    give = b"insert into identified.receipt values (%s, '2020-06-02', 'opened', now(), 'rowan')"
    with doors.console.transaction(authority=NORTH, role=Role.DIRECTOR) as tx:
        tx.execute(give, ["NOR"])
    for role in (Role.DIRECTOR, Role.ANALYST):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            doors.console.transaction(authority=NORTH, role=role) as tx,
        ):
            tx.execute(give, ["SOU" if role is Role.DIRECTOR else "NOR"])


@pytest.mark.parametrize("schema", ["identified", "decisions", "events"])
def test_the_public_door_has_no_key_to_these_shelves(doors: Doors, schema: str) -> None:
    with doors.deeds.transaction() as tx:
        rows = tx.execute("select tablename from pg_tables where schemaname = %s", [schema]).fetchall()
    tables = [row[0] for row in rows]
    assert tables
    for table in tables:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), doors.public.transaction(authority=NORTH) as tx:
            tx.execute(f"select 1 from {schema}.{table}".encode())


def test_every_table_that_names_an_authority_is_guarded(doors: Doors) -> None:
    """A table added to the shelf of people with a district or authority must not be forgotten."""
    with doors.deeds.transaction() as tx:
        rows = tx.execute(
            "select distinct c.table_name, p.relrowsecurity, p.relforcerowsecurity from information_schema.columns c "
            "join pg_class p on p.oid = format('%I.%I', c.table_schema, c.table_name)::regclass "
            "where p.relkind = 'r' and c.table_schema = 'identified' and c.column_name in ('district', 'authority')"
        ).fetchall()
    assert {table for table, *_ in rows} >= set(GUARDED)
    assert [table for table, *guarded in rows if guarded != [True, True]] == []
