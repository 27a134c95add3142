"""Brings a database to today's shelves: the database itself, the three roles, then every migration not yet done."""

from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow

from pumphandle.store.cluster import DEEDS, PUBLIC, ROLES
from pumphandle.vocabulary.errors import Broken, DatabaseMissing

MIGRATIONS: Final = Path(__file__).parent / "migrations"
LOCK: Final = 85400000
"""Of all who prepare one database, one works and the others wait."""


def prepare(admin_url: str) -> None:
    """Make what is missing; nothing to do is the usual case and takes milliseconds.

    admin_url : the owner's connection string, naming the database to prepare

    Raises DatabaseMissing (no server, or a role that may not make what is missing), Broken (a database newer than we).
    """
    _make_database(admin_url)
    try:
        with psycopg.connect(admin_url) as connection:
            connection.execute("select pg_advisory_lock(%s)", [LOCK])  # until the connection ends
            _make_roles(connection)
            connection.commit()
            done = _revision(connection)
            if done == newest():
                return
            if done is not None and not _file_of(done):
                raise Broken(f"The database is at migration {done}, which this version of Pumphandle does not know.")
            _upgrade(connection)
    except psycopg.errors.InsufficientPrivilege as failure:
        raise DatabaseMissing(f"The database's owner may not prepare it: {_sentence(failure)}.") from None
    except psycopg.OperationalError as failure:
        raise DatabaseMissing(f"PostgreSQL does not answer: {_sentence(failure)}.") from None


def newest() -> str:
    """The last migration's number: the start of its file's name, which its `revision` repeats (tested)."""
    return max(path.name.split("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*.py"))


def _file_of(revision: str) -> list[Path]:
    return list(MIGRATIONS.glob(f"versions/{revision}_*.py"))


def _make_database(admin_url: str) -> None:
    try:
        psycopg.connect(admin_url).close()
        return
    except psycopg.OperationalError as failure:
        refused = _sentence(failure)
    name = conninfo_to_dict(admin_url).get("dbname")
    try:
        with psycopg.connect(make_conninfo(admin_url, dbname="postgres"), autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                raise DatabaseMissing(f"PostgreSQL's database {name} cannot be opened: {refused}.")
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(str(name))))
    except psycopg.errors.DuplicateDatabase:  # another process was quicker
        return
    except psycopg.Error:
        raise DatabaseMissing(f"PostgreSQL's database {name} cannot be opened: {refused}.") from None


def _make_roles(connection: psycopg.Connection[TupleRow]) -> None:
    """Roles that may log in and nothing else, and doors open to them alone. Roles belong to the whole server."""
    known = {
        row[0] for row in connection.execute("select rolname from pg_roles where rolname = any(%s)", [list(ROLES)])
    }
    for role in ROLES:
        if role not in known:
            connection.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
    row = connection.execute(
        """select current_database(),
                  not has_database_privilege('public', oid, 'connect') and has_database_privilege(%s, oid, 'connect'),
                  (select rolsuper from pg_roles where rolname = current_user) or pg_has_role(current_user, %s, 'usage')
             from pg_database where datname = current_database()""",
        [PUBLIC, DEEDS],
    ).fetchone()
    name, closed, is_deeds = row if row is not None else ("", False, False)
    database = sql.Identifier(str(name))
    if not closed:
        connection.execute(sql.SQL("revoke all on database {} from public").format(database))
        for role in ROLES:
            connection.execute(sql.SQL("grant connect on database {} to {}").format(database, sql.Identifier(role)))
        connection.execute(sql.SQL("grant temporary on database {} to {}").format(database, sql.Identifier(DEEDS)))
    if not is_deeds:  # an owner who is no superuser would otherwise be shut out of the shelves by its own row security
        connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(DEEDS)))


def _revision(connection: psycopg.Connection[TupleRow]) -> str | None:
    if connection.execute("select to_regclass('public.alembic_version') is null").fetchone() == (True,):
        return None
    row = connection.execute("select version_num from public.alembic_version").fetchone()
    return str(row[0]) if row is not None else None


def _upgrade(connection: psycopg.Connection[TupleRow]) -> None:
    # imported here: half a second that only a database with something to do should pay
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import StaticPool

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    engine = create_engine("postgresql+psycopg://", creator=lambda: connection, poolclass=StaticPool)
    try:
        with engine.connect() as ours:
            config.attributes["connection"] = ours
            command.upgrade(config, "head")
    except DBAPIError as failure:
        raise Broken(f"A migration failed and was undone: {str(failure.orig).splitlines()[0]}.") from None


def _sentence(failure: psycopg.Error) -> str:
    """The first line of what the server or the driver says; it names databases and roles, never data."""
    return str(failure).strip().splitlines()[0].rstrip(".")
