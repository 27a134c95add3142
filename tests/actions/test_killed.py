"""Killed at any moment and run again, a run leaves exactly what an undisturbed one leaves."""

import multiprocessing
import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import psycopg
import pytest

from pumphandle.actions.agree import agree_for_trial
from pumphandle.actions.load_nation import load_nation
from pumphandle.actions.register_key import make_keys
from pumphandle.store.cluster import DEEDS, OWNER, Cluster
from pumphandle.store.engine import Database
from pumphandle.store.migrate import prepare
from tests.actions import killed_run
from tests.actions.conftest import BY, House, choose_notice, moment

DAYS = [date(2020, 6, 1) + timedelta(days=at) for at in range(3)]
POINTS = int(os.environ.get("KILL_POINTS", "24"))
"""Moments to die in; KILL_POINTS=120 pytest tests/actions/test_killed.py tries more."""
FORK = multiprocessing.get_context("forkserver")
STATE = {
    "files": "select laboratory, file_name, sha256, received_on, received_at, outcome, refusal, lines_in, accepted,"
    " quarantined, duplicates, superseded from identified.file order by received_on, file_name",
    "held": "select file_name, line, field, code, content from identified.quarantine"
    " join identified.file using (file_id) order by received_on, file_name, line, code",
    "events": "select record_key, version, kind, reason, line, received_on, content_hash from identified.event"
    " order by record_key, version",
    "persons": "select * from identified.person order by person_key",
    "records": "select * from identified.record order by record_key",
    "episodes": "select * from identified.episode order by person_key, start_date",
    "changes": "select authority, record_key, version, change, reason, linked_on from identified.change"
    " order by authority, record_key, version, change",
    "deliveries": "select authority, delivery_date, new_count, changed_count, withdrawn_count, content_sha256 from"
    " identified.delivery order by authority, delivery_date",
    "receipts": "select authority, delivery_date, stage, at, by_name from identified.receipt order by 1, 2, 3",
    "signals": "select * from decisions.signal order by signal_id",
    "clusters": "select * from decisions.cluster order by cluster_id",
    "cluster_days": "select * from decisions.cluster_day order by cluster_id, run_date",
    "looks": "select run_date, pathogen, pin::text, signals, sha256 from decisions.signal_look order by 1, 2",
    "nowcasts": "select * from decisions.nowcast order by run_date, pathogen, authority, specimen_date",
    "steps": "select run_date, step, summary from decisions.run_step order by run_date, step",
    "releases": "select release_id, sequence, hash, previous_hash, manifest::text from published.release"
    " order by sequence",
    "ledger": "select * from published.ledger order by block_id",
    "waiting": "select * from events.waiting order by node, measure, contribution, closed",
    "manifest": "select lake_table, report_date, path, sha256, line_count from events.manifest order by path",
    "watch": "select * from decisions.watch order by watch_date, laboratory, kind, field",
    "feeds": "select laboratory, received_on, line_count, positive_count, missing::text from decisions.feed_day"
    " order by laboratory, received_on",
    "reach": "select * from decisions.feed_reach order by laboratory, report_date, district",
    "doubts": "select person_key, other_key, probability from identified.possible_match order by 1, 2",
    "audit": "select at, by_name, deed, subject::text, hash from decisions.audit order by audit_id",
}


def state(url: str, home: Path) -> dict[str, object]:
    """Everything that a run leaves, without the numbers that a sequence gives and the chance in a seal."""
    with psycopg.connect(url) as connection:
        left: dict[str, object] = {name: connection.execute(query.encode()).fetchall() for name, query in STATE.items()}
    for path in sorted((home / "lake").rglob("*.parquet")):
        left[str(path.relative_to(home))] = pl.read_parquet(path).rows()
    for folder in ("deliveries", "releases"):
        left[folder] = sorted(
            str(path.relative_to(home)) for path in (home / folder).rglob("*") if path.suffix != ".part"
        )
    left |= {
        str(path): path.read_bytes() for path in (home / "releases").rglob("*") if path.suffix in {".csv", ".json"}
    }
    return {str(name).replace(str(home), ""): value for name, value in left.items()}


def fill(house: House, line: Callable[..., str]) -> None:
    """Three days with news of every kind, two files on the second."""
    first, second, third = DAYS
    house.put(first, *[line(at, first, area="ABC"[at % 3]) for at in range(24)])
    house.put(second, line(1, first, area="C", state="C"), line(2, first, state="X"), line(90, date(2099, 1, 1)))
    house.put(second, *[line(at, second) for at in range(30, 40)], name="northgate_late.csv")
    house.put(third, *[line(at, third, area="B") for at in range(40, 50)], line(3, first, result="NEG", state="C"))


def in_child(url: str, home: Path, nation: Path, die_at: int | None) -> int | None:
    child = FORK.Process(target=killed_run.run, args=(url, home, nation, DAYS, die_at))
    child.start()
    child.join(120)
    return child.exitcode


def test_a_killed_run_ends_as_if_nothing_had_happened(
    house: House, line: Callable[..., str], threeland: Path, cluster: Cluster, migrated: str, tmp_path: Path
) -> None:
    FORK.set_forkserver_preload(["tests.actions.killed_run"])
    fill(house, line)
    for day in DAYS:
        house.run(day)
    undisturbed = state(cluster.url(OWNER, database=_name(house)), house.home)
    total = _touches(house, threeland, cluster, migrated, tmp_path / "count")
    assert total > 5 * POINTS
    for number in range(POINTS):
        die_at = 1 + number * total // POINTS
        home = tmp_path / f"killed{number}"
        url, owner = _fresh(house, home, threeland, cluster, migrated, f"killed_{number}")
        assert in_child(url, home, threeland, die_at) == -9, die_at
        assert in_child(url, home, threeland, None) == 0, die_at
        left = state(owner, home)
        for name in undisturbed.keys() | left.keys():
            assert left.get(name) == undisturbed.get(name), (die_at, name)


@pytest.mark.heavy
def test_a_disk_that_is_full_changes_nothing_and_the_next_try_ends_as_undisturbed(
    house: House, line: Callable[..., str], threeland: Path, cluster: Cluster, migrated: str, tmp_path: Path
) -> None:
    """The operating system refuses to write more than so many bytes into a file; at each size another write fails."""
    FORK.set_forkserver_preload(["tests.actions.killed_run"])
    fill(house, line)
    for day in DAYS:
        house.run(day)
    undisturbed = state(cluster.url(OWNER, database=_name(house)), house.home)
    for number, most in enumerate((200, 3_000)):
        home = tmp_path / f"full{number}"
        url, owner = _fresh(house, home, threeland, cluster, migrated, f"full_{number}")
        child = FORK.Process(target=killed_run.run_on_a_full_disk, args=(url, home, threeland, DAYS, most))
        child.start()
        child.join(120)
        assert child.exitcode not in (0, None), most
        assert in_child(url, home, threeland, None) == 0, most
        left = state(owner, home)
        for name in undisturbed.keys() | left.keys():
            assert left.get(name) == undisturbed.get(name), (most, name)


@pytest.mark.heavy
def test_two_runs_at_once_end_as_one(
    house: House, line: Callable[..., str], threeland: Path, cluster: Cluster, migrated: str, tmp_path: Path
) -> None:
    FORK.set_forkserver_preload(["tests.actions.killed_run"])
    fill(house, line)
    for day in DAYS:
        house.run(day)
    undisturbed = state(cluster.url(OWNER, database=_name(house)), house.home)
    home = tmp_path / "twice"
    url, owner = _fresh(house, home, threeland, cluster, migrated, "twice")
    both = [FORK.Process(target=killed_run.run, args=(url, home, threeland, DAYS, None)) for _ in range(2)]
    for child in both:
        child.start()
    for child in both:
        child.join(120)
    assert [child.exitcode for child in both] == [0, 0]
    left = state(owner, home)
    for name in undisturbed.keys() | left.keys():
        assert left.get(name) == undisturbed.get(name), name


def _name(house: House) -> str:
    with house.premises.database.transaction() as tx:
        row = tx.execute("select current_database()").fetchone()
    assert row is not None
    return str(row[0])


def _fresh(house: House, home: Path, nation: Path, cluster: Cluster, migrated: str, name: str) -> tuple[str, str]:
    """A house like the first: the same keys, the same files, nothing run yet."""
    with psycopg.connect(cluster.url(OWNER, database="postgres"), autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)".encode())
        connection.execute(f"create database {name} template {migrated}".encode())
    prepare(cluster.url(OWNER, database=name))
    url = cluster.url(DEEDS, database=name)
    home.mkdir()
    (home / "keys").mkdir(mode=0o700)
    for key in (house.home / "keys").glob("*.*"):
        (home / "keys" / key.name).write_bytes(key.read_bytes())
    (home / "inbox").symlink_to(house.premises.inbox)
    database = Database(url)
    load_nation(nation, database=database, by=BY, at=moment(date(2020, 1, 1)).replace(hour=0), progress=lambda _: None)
    choose_notice(database, 0, moment(date(2020, 1, 1)))
    (home / "keys" / "authorities").symlink_to(house.home / "keys" / "authorities")
    make_keys(home / "keys" / "authorities", database=database, by=BY, at=moment(date(2020, 1, 1)).replace(hour=0))
    begun = moment(date(2020, 1, 1)).replace(hour=0)
    agree_for_trial(database=database, expires_on=date(2099, 12, 31), by=BY, at=begun)
    database.close()
    return url, cluster.url(OWNER, database=name)


def _touches(house: House, nation: Path, cluster: Cluster, migrated: str, home: Path) -> int:
    """How many moments there are to die in."""
    url, _ = _fresh(house, home, nation, cluster, migrated, "counted")
    assert in_child(url, home, nation, None) == 0
    return int((home / "touches").read_text())
