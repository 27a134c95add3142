"""The console's door in the database: every table × role × authority shows and takes exactly what the table of
shelves says, whatever a page or a check may do; no table that belongs to somebody is forgotten."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier

from pumphandle.store.engine import Database
from pumphandle.vocabulary.people import Role
from pumphandle.vocabulary.places import AreaCode
from tests.web.console.planted import (
    AUTHORITIES,
    BEFORE_ANYBODY_IS_KNOWN,
    NOT_BEHIND_THIS_DOOR,
    SHELVES,
    owned_by,
)

SOMEBODYS = ("authority", "district", "body", "authorities", "earlier_authority", "from_authority", "giver")
OF_SOMEBODYS = ("cluster_id", "concern_id", "contact_id", "set_id", "flare_id", "outbreak_id")
OPENED_AS = [(role, authority) for role in (None, *Role) for authority in (None, *AUTHORITIES)]


@pytest.fixture
def door(planted: Any) -> Iterator[Database]:
    database = Database(planted.urls.console)
    yield database
    database.close()


def test_no_table_that_belongs_to_somebody_is_forgotten(planted: Any) -> None:
    """From the catalogue: a new table with an owner, or that hangs on one, needs its line in the table of shelves."""
    found = planted.ask(
        b"select distinct c.table_schema || '.' || c.table_name, p.relrowsecurity and p.relforcerowsecurity "
        b"from information_schema.columns c "
        b"join pg_class p on p.oid = format('%%I.%%I', c.table_schema, c.table_name)::regclass and p.relkind = 'r' "
        b"where c.column_name = any(%s) and c.table_schema in ('identified', 'decisions', 'published') "
        b"or c.column_name = any(%s) and c.table_schema in ('identified', 'decisions')",
        list(SOMEBODYS),
        list(OF_SOMEBODYS),
    )
    # the centre's own deeds: no authority's
    rest = {"published.recall", "published.exclusion", "decisions.feed_reach"}
    assert {table for table, _ in found} - rest == SHELVES.keys() | BEFORE_ANYBODY_IS_KNOWN | NOT_BEHIND_THIS_DOOR
    open_to_all = BEFORE_ANYBODY_IS_KNOWN | NOT_BEHIND_THIS_DOOR | {"decisions.feed_reach"}
    assert [table for table, guarded in found if not guarded and table not in open_to_all] == []
    for table in NOT_BEHIND_THIS_DOOR | {"decisions.feed_reach"}:
        with psycopg.connect(planted.urls.console) as console, pytest.raises(psycopg.errors.InsufficientPrivilege):
            console.execute(f"select from {table}".encode())


def test_every_shelf_holds_rows_of_both(planted: Any) -> None:
    with psycopg.connect(planted.urls.deeds) as deeds:
        for table in SHELVES:
            assert [bool(owned_by(deeds, table, one)) for one in AUTHORITIES] == [True, True], table


def test_each_sees_exactly_what_its_role_and_authority_open(door: Database) -> None:
    for role, authority in OPENED_AS:
        for table, shelf in SHELVES.items():
            if table.startswith("published."):
                continue
            with door.transaction(**opened(role, authority)) as tx:
                seen = {one for one in AUTHORITIES if owned_by(tx, table, one)}
            expected = set(AUTHORITIES) if role in shelf.wide else {authority} if role in shelf.local else set()
            assert seen == expected - {None}, (table, role, authority)


def test_each_changes_exactly_what_its_role_and_authority_open(door: Database, planted: Any) -> None:
    """An update that changes nothing tells which rows are open to change; a row put in again, whether it was refused
    for whose it is or only for being there already."""
    columns = {table: _column(planted, table) for table in SHELVES}
    for role, authority in OPENED_AS:
        for table, shelf in SHELVES.items():
            for owner in AUTHORITIES:
                own, asked = owner == authority, (table, role, authority, owner)
                may_change = role in shelf.change_wide or (own and role in shelf.change)
                changed = columns[table] is not None and _changes(
                    door, table, columns[table], owner, opened(role, authority)
                )
                assert changed == may_change, ("change", *asked)
                may_add = role in shelf.add_wide or (own and role in shelf.add)
                assert _adds(door, planted, table, owner, opened(role, authority)) == may_add, ("add", *asked)


def opened(role: Role | None, authority: str | None) -> dict[str, Any]:
    return {"authority": AreaCode(authority) if authority else None, "role": role}


def test_what_the_centre_holds_of_ones_areas_is_seen_there_and_nowhere_else(door: Database, planted: Any) -> None:
    planted.tell(
        b"insert into decisions.hold (area_code, product, body, category, answer, reason, own, placed_by, placed_at, "
        b"review_at, expires_at, outcome) select 'N1', product, 'national centre', category, answer, 'x', false, "
        b"'nat', placed_at, review_at, expires_at, '' from decisions.hold limit 1"
    )
    for role, authority, seen in (
        (Role.DIRECTOR, "NOR", 1), (Role.DIRECTOR, "SOU", 0), (Role.TRACER, "NOR", 0), (Role.NATIONAL, None, 1),
    ):  # fmt: skip
        with door.transaction(**opened(role, authority)) as tx:
            held = tx.execute("select count(*) from decisions.hold where body = 'national centre'").fetchone()
            changed = tx.execute("update decisions.hold set outcome = outcome where body = 'national centre'").rowcount
        assert held == (seen,), (role, authority)
        assert changed == (1 if role is Role.NATIONAL else 0), (role, authority)


def _column(planted: Any, table: str) -> str | None:
    """One that this door may write at all."""
    found = planted.ask(
        b"select column_name from information_schema.columns where table_schema || '.' || table_name = %s "
        b"and has_column_privilege('pumphandle_console', table_schema || '.' || table_name, column_name, 'update') "
        b"and is_identity = 'NO' order by ordinal_position limit 1",
        table,
    )
    return found[0][0] if found else None


def _changes(door: Database, table: str, column: str | None, owner: str, opened_as: dict[str, Any]) -> bool:
    statement = SQL("update {table} set {column} = {column} where %s = any ({owner})").format(
        table=_named(table),
        column=Identifier(str(column)),
        owner=SQL(SHELVES[table].owner),
    )
    with door.transaction(**opened_as) as tx:
        return tx.execute(statement, [owner]).rowcount > 0


def _adds(door: Database, planted: Any, table: str, owner: str, opened_as: dict[str, Any]) -> bool:
    """The same row once more. Row security is asked before anything else: what passes it fails as a double."""
    with psycopg.connect(planted.urls.deeds) as deeds:
        row = deeds.execute(
            SQL("select row_to_json(t)::text from {table} t where %s = any ({owner}) limit 1").format(
                table=_named(table),
                owner=SQL(SHELVES[table].owner),
            ),
            [owner],
        ).fetchone()
    assert row is not None
    given = planted.ask(
        b"select column_name from information_schema.columns where table_schema || '.' || table_name = %s "
        b"and has_column_privilege('pumphandle_console', table_schema || '.' || table_name, column_name, 'insert')",
        table,
    )
    if not given:
        return False
    statement = SQL(
        "insert into {table} ({columns}) overriding system value "
        "select {columns} from json_populate_record(null::{table}, %s::json)"
    ).format(table=_named(table), columns=SQL(", ").join(Identifier(name) for (name,) in given))
    try:
        with door.transaction(**opened_as) as tx:
            tx.execute(statement, [row[0]])
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.errors.IntegrityError:
        return True
    return True


def _named(table: str) -> Composed:
    return SQL("{}").format(Identifier(*table.split(".")))
