"""What an agreement no longer allows to be kept is erased, and no copy made before, of a package or of the whole house,
can be opened afterwards; counts and what is within its time stay as they were."""

import io
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pumphandle.actions.back_up import back_up, open_backup
from pumphandle.actions.choose_threshold import choose_threshold
from pumphandle.actions.collect import collect
from pumphandle.actions.purge import BACKUPS_DAYS, purge
from pumphandle.actions.rebuild import rebuild
from pumphandle.actions.verify import verify
from pumphandle.store.at_rest import MARK, AtRest, beside
from pumphandle.store.cluster import OWNER, Cluster
from pumphandle.store.decisions import timers
from pumphandle.store.engine import Database
from pumphandle.store.identified import purging
from pumphandle.store.programs import find_binaries
from pumphandle.vocabulary.errors import Broken, NotFound, NotPermitted, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode
from tests.actions.conftest import BY, House, moment
from tests.actions.outcome import contributions, ledger, opened
from tests.conftest import DatabaseUrls

OLD = date(2020, 3, 10)
NEW = date(2020, 6, 1)
LATE = NEW + timedelta(days=1)
DAYS = 60
"""Kept after the specimen by D1's agreement; D2's keeps a year."""
Line = Callable[..., str]
DIRECTOR = Actor("dora", Role.DIRECTOR, AreaCode("D1"))


@pytest.fixture
def kept(house: House, line: Line) -> House:
    """Old and new records of both authorities; one old positive of D1 has a later one in the same illness."""
    house.put(OLD, *[line(at, OLD) for at in range(6)], line(50, OLD, area="C"), line(51, OLD, area="C", result="NEG"))
    house.run(OLD)
    again = line(99, OLD + timedelta(days=40), surname="Surname0", born="1940-1-01", address="0 Mill Lane")
    house.put(NEW, *[line(at, NEW) for at in range(20, 26)], again)
    house.run(NEW)
    with house.premises.database.transaction() as tx:  # not before: each day's run erases by itself
        tx.execute("update decisions.agreement set retention_days = %s where authority = 'D1'", [DAYS])
    return house


def erased(house: House, day: date = NEW, *, dry_run: bool = False) -> Any:
    return purge(
        house.premises.database, beside(house.premises.deliveries), day=day, dry_run=dry_run, by=BY, at=moment(LATE)
    )


def told(house: House, question: str) -> list[Any]:
    with house.premises.database.transaction() as tx:
        return tx.execute(question.encode()).fetchall()


def specimens(house: House, table: str = "record") -> set[tuple[str, date]]:
    return set(told(house, f"select specimen_id, specimen_date from identified.{table}"))


def test_what_is_past_its_time_goes_and_nothing_else(kept: House) -> None:
    counted = [contributions(kept, measure) for measure in ("tests", "positives", "cases")]
    public, before = ledger(kept), specimens(kept)
    assert {one for one, _ in before} >= {"S0", "S50", "S20", "S99"}
    (row,) = erased(kept).rows
    gone = {f"S{at}" for at in range(6)} | {"S99"}  # the later positive belongs to an illness that goes as a whole
    assert (row.authority, row.records, row.before) == ("D1", 7, NEW - timedelta(days=DAYS))
    for table in ("record", "event"):
        assert specimens(kept, table) == {one for one in before if one[0] not in gone}, table
    names = told(kept, "select family_name from identified.person")
    assert not {name for (name,) in names} & {f"surname{at}" for at in range(6)} and ("surname20",) in names
    for table, key in (("change", "record_key"), ("episode", "first_record"), ("membership", "case_key")):
        gone_keys = "select record_key from identified.erased_record"
        left = told(kept, f"select count(*) from identified.{table} where {key} in ({gone_keys})")
        assert left == [(0,)], table
    assert told(kept, "select count(*) from identified.record where district = 'D2'") == [(2,)]
    assert [contributions(kept, measure) for measure in ("tests", "positives", "cases")] == counted
    assert ledger(kept) == public
    with kept.premises.database.transaction() as tx:
        (logged,) = purging.every(tx)
    assert logged == row
    assert [one for (one,) in told(kept, "select deed from decisions.audit where deed = 'purge'")] == ["purge"]
    assert erased(kept).rows == []


def test_the_next_days_are_linked_as_if_nothing_had_been_erased(kept: House, line: Line) -> None:
    """A correction of what was erased is taken in and counted by nobody; the person's next illness is one more case."""
    erased(kept)
    cases = contributions(kept, "cases")
    kept.put(LATE, line(0, OLD, result="NEG", state="C"), line(120, LATE, surname="Surname0", born="1940-1-01"))
    done = kept.run(LATE)
    assert done["link"].summary["records"] == 1
    assert contributions(kept, "cases") == cases + 1
    verify(database=kept.premises.database)
    compared = rebuild(kept.premises.database, kept.premises.lake, by=Actor("S", Role.STEWARD), at=moment(LATE))
    assert compared.records == 9  # six, one more, and two of D2
    told(kept, "update identified.record set small_area = 'B' where specimen_id = 'S20' returning 1")
    with pytest.raises(Broken, match="sum of the reporting triangle"):
        rebuild(kept.premises.database, kept.premises.lake, by=Actor("S", Role.STEWARD), at=moment(LATE))


def test_a_dry_run_tells_the_same_and_erases_nothing(kept: House) -> None:
    before = specimens(kept), specimens(kept, "event")
    dry = erased(kept, dry_run=True)
    assert (specimens(kept), specimens(kept, "event")) == before
    assert opened(kept, "D1", OLD)[1]
    assert told(kept, "select count(*) from decisions.purge") == [(0,)]
    assert erased(kept).rows == dry.rows


def test_a_copied_package_cannot_be_opened_after_the_purge(
    kept: House, tmp_path: Path, database_urls: DatabaseUrls
) -> None:
    shelf = beside(kept.premises.deliveries)
    copy = AtRest(tmp_path / "copy", shelf.keys)
    shutil.copytree(kept.premises.deliveries, copy.folder)
    name = f"D1/{OLD}.tar.age"
    assert (copy.folder / name).read_bytes().startswith(MARK)
    assert b"age-encryption.org" not in (copy.folder / name).read_bytes()
    assert copy.read(name).startswith(b"age-encryption.org")
    (row,) = erased(kept).rows
    assert (row.packages, row.months_closed) == (1, [OLD.replace(day=1)])
    assert not (shelf.folder / name).exists()
    with pytest.raises(NotFound, match="destroyed"):
        copy.read(name)
    assert copy.read(f"D1/{NEW}.tar.age") and copy.read(f"D2/{OLD}.tar.age")
    console = Database(database_urls.console)
    with pytest.raises(NotFound, match="erased on"):
        collect(console, shelf.folder, OLD, by=DIRECTOR, at=moment(LATE))
    assert collect(console, shelf.folder, NEW, by=DIRECTOR, at=moment(LATE)).content.startswith(b"age-encryption.org")
    console.close()
    assert told(kept, "select destroyed_at is not null from decisions.resting_key order by authority, month") == [
        (True,), (False,), (False,), (False,)
    ]  # fmt: skip


def test_a_dump_holds_no_key(kept: House, cluster: Cluster) -> None:
    """A dump and the packages together open nothing: keys lie in files of the house and nowhere else."""
    (name,) = told(kept, "select current_database()")[0]
    url = cluster.url(OWNER, database=name)
    dump = subprocess.run(
        [find_binaries().program("pg_dump"), "--data-only", url], capture_output=True, check=True
    ).stdout
    keys = list(beside(kept.premises.deliveries).keys.rglob("*.key"))
    assert len(keys) == 4 and b"resting_key" in dump
    for path in keys:
        assert path.stat().st_mode & 0o077 == 0
        assert path.read_bytes() not in dump and path.read_bytes().hex().encode() not in dump


def test_a_backup_of_the_house_made_before_cannot_be_opened_after(
    kept: House, cluster: Cluster, tmp_path: Path
) -> None:
    shelf, target = beside(kept.premises.deliveries), tmp_path / "house.backup"
    (name,) = told(kept, "select current_database()")[0]
    asked: dict[str, Any] = {"program": find_binaries().program("pg_dump"), "url": cluster.url(OWNER, database=name)}
    size = back_up(kept.premises.database, shelf, target, **asked, by=BY, at=moment(NEW))
    assert size > 10_000 and b"PGDMP" not in target.read_bytes()
    plain = tmp_path / "house.dump"

    def opened(source: Path = target, to: Path = plain) -> None:
        open_backup(kept.premises.database, shelf, source, to, by=BY, at=moment(NEW))

    opened()
    assert plain.read_bytes().startswith(b"PGDMP") and plain.stat().st_size == size
    assert {path.stat().st_mode & 0o777 for path in (plain, target)} == {0o600}
    assert told(kept, "select subject ->> 'file' from decisions.audit where deed = 'open_backup'") == [
        ("house.backup",)
    ]
    with pytest.raises(Refused, match="already"):
        back_up(kept.premises.database, shelf, target, **asked, by=BY, at=moment(NEW))
    with pytest.raises(Refused, match="already"):
        opened()
    with pytest.raises(Refused, match="no folder"):
        opened(to=tmp_path / "nowhere" / "house.dump")
    (wrong := tmp_path / "wrong.backup").write_bytes(target.read_bytes()[:-5])
    with pytest.raises(Broken):
        opened(wrong, tmp_path / "wrong.dump")
    assert sorted(path.name for path in tmp_path.glob("*.dump*")) == ["house.dump"]  # and no part of the other
    end = date(2020, 6, 30)
    assert erased(kept, end + timedelta(days=BACKUPS_DAYS)).backups == []
    opened(to=tmp_path / "again.dump")
    assert (tmp_path / "again.dump").read_bytes() == plain.read_bytes()
    assert erased(kept, end + timedelta(days=BACKUPS_DAYS + 1)).backups == [NEW]
    with pytest.raises(NotFound, match="destroyed"):
        opened(to=tmp_path / "late.dump")
    assert not (tmp_path / "late.dump").exists()


@pytest.mark.parametrize("size", [0, 5, 1 << 20, (3 << 20) + 7])
def test_a_backup_that_was_changed_or_cut_off_is_not_opened(tmp_path: Path, size: int) -> None:
    shelf, out = AtRest(tmp_path, tmp_path / "keys"), io.BytesIO()
    parts = [b"x" * min(1 << 20, size - at) for at in range(0, size, 1 << 20)]
    assert shelf.write_backup(iter(parts), out, NEW) == size
    written = out.getvalue()
    assert b"".join(shelf.open_backup(io.BytesIO(written))) == b"x" * size
    last = len(written) - 16 - 4  # the last part alone: nothing, and its seal
    for wrong in (written[:last], written[:-1], written[:-1] + bytes([written[-1] ^ 1]), written[:26], written[:11]):
        with pytest.raises(Broken):
            b"".join(shelf.open_backup(io.BytesIO(wrong)))


def test_a_crash_between_the_mark_and_the_key_is_made_good_by_the_next_purge(
    kept: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = beside(kept.premises.deliveries)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(AtRest, "destroy", dies)
        erased(kept)
    assert (shelf.keys / "D1" / f"{OLD:%Y-%m}.key").exists()
    erased(kept)
    assert not (shelf.keys / "D1" / f"{OLD:%Y-%m}.key").exists()


def test_events_go_only_when_they_are_on_the_list_and_the_log_only_grows(kept: House) -> None:
    erased(kept)
    for statement in (
        "delete from identified.event",
        "update identified.event set family_name = null",
        "delete from decisions.purge",
        "update decisions.purge set records = 0",
        "delete from identified.erased_record",
        "update decisions.resting_key set destroyed_at = null where destroyed_at is not null",
        "delete from decisions.resting_key",
    ):
        with pytest.raises(psycopg.Error), kept.premises.database.transaction() as tx:
            tx.execute(statement.encode())


def test_who_has_no_such_duty_erases_nothing(kept: House) -> None:
    shelf = beside(kept.premises.deliveries)
    for role in Role:
        by = Actor("x", role, AreaCode("D1"))
        if role in (Role.STEWARD, Role.SYSTEM):
            continue
        with pytest.raises(NotPermitted):
            purge(kept.premises.database, shelf, day=NEW, dry_run=False, by=by, at=moment(LATE))
    assert told(kept, "select count(*) from decisions.purge") == [(0,)]


def unplaced(house: House) -> list[date]:
    rows = told(house, "select specimen_date from identified.record where district is null order by 1")
    return [day for (day,) in rows]


def test_what_belongs_to_no_authority_is_kept_by_the_nations_rule_alone(kept: House, line: Line) -> None:
    """Absent, nothing of it goes and the purge says so; chosen, what is past it goes, and the log tells of it."""
    database = kept.premises.database
    kept.put(LATE, line(200, OLD, postcode="ZZ99ZZ"), line(201, NEW, postcode=""))
    kept.run(LATE)
    assert unplaced(kept) == [OLD, NEW]
    done = erased(kept, LATE)
    assert (done.unplaced_days, done.summary["without_place"]) == (None, 0)
    assert unplaced(kept) == [OLD, NEW]
    with pytest.raises(NotPermitted):
        choose_threshold(database, "unplaced_keep_days", 60, reason="the law", by=DIRECTOR, at=moment(LATE))
    national = Actor("nat", Role.NATIONAL)
    choose_threshold(database, "unplaced_keep_days", 60, reason="the law", by=national, at=moment(LATE))
    done = erased(kept, LATE)
    assert [(row.authority, row.records, row.retention_days) for row in done.rows] == [("unplaced", 1, 60)]
    assert unplaced(kept) == [NEW]
    assert ("S200", OLD) not in specimens(kept, "event")
    with database.transaction() as tx:
        assert purging.every(tx)[0] == done.rows[0]
    assert erased(kept, LATE).rows == []
    assert told(kept, "select deed, by_name from decisions.audit where deed = 'threshold'") == [("threshold", "nat")]


def test_the_days_run_erases_and_tells_of_it(kept: House, line: Line) -> None:
    """A day that is run again erases nothing more; when it last went well is kept."""
    later = NEW + timedelta(days=DAYS + 1)
    kept.put(later, line(300, later))
    summary = kept.run(later)["purge"].summary
    assert (summary["records"], summary["authorities_left"], summary["unplaced_days"]) == (13, 0, None)
    assert not {one for one, _ in specimens(kept)} & {f"S{at}" for at in range(20, 26)}
    assert not kept.run(later)["purge"].fresh
    with kept.premises.database.transaction() as tx:
        last = timers.find(tx, "purge")
    assert last is not None and (last.done_at, last.summary) == (moment(later), summary)


def test_a_purge_that_lasts_too_long_is_gone_on_with_by_the_next(kept: House) -> None:
    clock = iter((0.0, 601.0, 1202.0))
    done = purge(
        kept.premises.database, beside(kept.premises.deliveries), day=NEW + timedelta(days=400), dry_run=False, by=BY,
        at=moment(LATE), stopwatch=lambda: next(clock),
    )  # fmt: skip
    assert ([row.authority for row in done.rows], done.left) == (["D1"], 1)
    assert [row.authority for row in erased(kept, NEW + timedelta(days=400)).rows] == ["D2"]
