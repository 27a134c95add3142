"""Truth is kept: after a replay every real test and every real case is in its cell, and nothing else is."""

import io
import json
import subprocess
import sys
import tarfile
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pyrage
import pytest

from pumphandle.actions.agree import agree_for_trial
from pumphandle.actions.load_nation import load_nation
from pumphandle.actions.register_key import make_keys
from pumphandle.actions.run_day import Premises, run_day
from pumphandle.actions.verify import verify
from pumphandle.linelist.feeds import read_contracts
from pumphandle.store.at_rest import beside
from pumphandle.store.decisions import thresholds
from pumphandle.store.decisions.runs import STEPS
from pumphandle.store.engine import Database
from pumphandle.store.events.counts import counts_by_postcode
from pumphandle.store.events.lake import Lake
from pumphandle.store.keys import keys
from pumphandle.store.reference import areas, nation
from pumphandle.vocabulary.people import THE_TIMER
from pumphandle.vocabulary.places import AreaLevel
from tests.actions.conftest import choose_notice
from tests.conftest import DatabaseUrls

FIRST, LAST = date(2020, 1, 1), date(2020, 6, 8)
REAL_TESTS = 539_050
BLOCKS = 10_000
LATE = timedelta(days=3)  # the last results arrive so long after their specimen date
DISTRICTS = 128

pytestmark = pytest.mark.heavy


def real_cells(folder: Path) -> pl.DataFrame:
    """specimen_date, postcode, tests, positives as the files lie; where cases outnumber tests, tests are the cases."""
    dates = {"test_date": pl.Date, "notification_date": pl.Date, "postcode": pl.String}
    tests = pl.read_csv(folder / "tests_postcode_daily_20200101_20200608.csv.gz", schema_overrides=dates).filter(
        pl.col("test_date").is_between(FIRST, LAST)
    )
    cases = pl.read_csv(folder / "cases_postcode_daily.csv.gz", schema_overrides=dates)
    both = tests.rename({"test_date": "specimen_date"}).join(
        cases.rename({"notification_date": "specimen_date"}).filter(pl.col("specimen_date").is_between(FIRST, LAST)),
        on=["specimen_date", "postcode"],
        how="full",
        coalesce=True,
    )
    return both.with_columns(
        pl.col("postcode").replace("unknown", None),
        tests=pl.max_horizontal(pl.col("tests").fill_null(0), pl.col("cases").fill_null(0)),
        positives=pl.col("cases").fill_null(0),
    ).select("specimen_date", "postcode", "tests", "positives")


def expand(folder: Path, home: Path) -> None:
    words = ["--from", str(FIRST), "--to", str(LAST), "--inbox", str(home / "inbox"), "--truth", str(home / "truth")]
    done = subprocess.run(
        [sys.executable, "-m", "pumphandle_town", "expand", str(folder), *words, "--seed", "1854"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_replay_of_2020(shared: Path, tmp_path: Path, database_urls: DatabaseUrls) -> None:
    folder = shared / "data" / "nsw"
    expand(folder, tmp_path)
    database = Database(database_urls.deeds)
    at = datetime(2020, 1, 1, tzinfo=UTC)
    loaded = load_nation(folder, database=database, by=THE_TIMER, at=at, progress=lambda _: None)
    assert [loaded.areas[level] for level in (AreaLevel.SMALL_AREA, AreaLevel.DISTRICT, AreaLevel.REGION)] == [
        622,
        128,
        16,
    ]
    agree_for_trial(database=database, expires_on=date(2099, 12, 31), by=THE_TIMER, at=at)
    choose_notice(database, 0, at)
    with database.transaction() as tx:
        thresholds.choose(
            tx, "rest_percent", 10, chooser=THE_TIMER.name, chosen_on=at.date(), reason="as it is shipped"
        )
    assert make_keys(tmp_path / "authorities", database=database, by=THE_TIMER, at=at) == DISTRICTS
    with database.transaction() as tx:
        description = Path(nation.nation(tx).folder)
    premises = Premises(
        database=database,
        lake=Lake(tmp_path / "lake"),
        inbox=tmp_path / "inbox",
        deliveries=tmp_path / "deliveries",
        releases=tmp_path / "releases",
        keys=keys(tmp_path / "keys"),
        contracts=read_contracts(description),
    )
    days = [FIRST + timedelta(days=step) for step in range((LAST + LATE - FIRST).days + 1)]
    for day in days:
        moment = datetime.combine(day, time(18), UTC)
        steps = run_day(day, premises=premises, by=THE_TIMER, at=moment, stopwatch=lambda: 0.0, tell=lambda _: None)
        assert [step.step for step in steps if step.fresh] == list(STEPS)
    _every_cell_is_right(premises, folder, tmp_path)
    _every_line_is_accounted_for(premises, tmp_path)
    _every_package_opens_with_its_own_key(premises, tmp_path, days)
    _the_ledger_withstands(premises)
    database.close()


def _every_cell_is_right(premises: Premises, folder: Path, home: Path) -> None:
    real = real_cells(folder)
    with premises.database.transaction() as tx:
        kept = counts_by_postcode(tx, premises.lake, as_of=LAST + LATE)
    cells = real.join(
        kept, on=["specimen_date", "postcode"], how="full", coalesce=True, suffix="_kept", nulls_equal=True
    )
    wrong = cells.filter(
        pl.col("tests").ne_missing(pl.col("tests_kept")) | pl.col("positives").ne_missing(pl.col("positives_kept"))
    )
    assert wrong.height == 0, wrong
    added = pl.read_csv(home / "truth" / "added.csv")
    assert int(kept["tests"].sum()) == int(real["tests"].sum())
    assert int(kept["tests"].sum()) == REAL_TESTS + int(added["added"].sum())
    assert int(kept["positives"].sum()) == int(real["positives"].sum())


def _every_line_is_accounted_for(premises: Premises, home: Path) -> None:
    with premises.database.transaction() as tx:
        rows = tx.execute(
            "select file_name, lines_in, accepted + quarantined + duplicates + superseded from identified.file"
        ).fetchall()
    files = {path.name for path in premises.inbox.rglob("*.csv")}
    assert {name for name, _, _ in rows} == files
    assert all(lines == accounted for _, lines, accounted in rows)
    sent = sum(len(path.read_bytes().splitlines()) - 2 for path in premises.inbox.rglob("*.csv"))
    assert sum(lines for _, lines, _ in rows) == sent


def _every_package_opens_with_its_own_key(premises: Premises, home: Path, days: list[date]) -> None:
    with premises.database.transaction() as tx:
        codes = [row[0] for row in tx.execute("select authority from decisions.recipient order by 1").fetchall()]
        made = tx.execute("select count(*), sum(new_count), sum(withdrawn_count) from identified.delivery").fetchone()
        placed = tx.execute(
            "select count(*) from identified.record where kind <> 'retracted' and district is not null"
        ).fetchone()
    assert made is not None and placed is not None
    assert made[0] == len(days) * DISTRICTS
    assert made[1] - made[2] == placed[0]
    busiest = days[len(days) * 9 // 16]
    for code, other in pairwise(codes[:9]):
        sealed = beside(premises.deliveries).read(f"{code}/{busiest}.tar.age")
        own = pyrage.x25519.Identity.from_str((home / "authorities" / f"{code}.age-key").read_text().strip())
        wrong = pyrage.x25519.Identity.from_str((home / "authorities" / f"{other}.age-key").read_text().strip())
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(sealed, [wrong])
        with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(sealed, [own]))) as archive:
            stated, records = archive.extractfile("manifest.json"), archive.extractfile("records.csv")
            assert stated is not None and records is not None
            manifest = json.loads(stated.read())
            frame = pl.read_csv(records.read(), infer_schema=False)
        assert manifest["authority"] == code
        assert frame.height == manifest["new"] + manifest["changed"] + manifest["withdrawn"]
        with premises.database.transaction() as tx:
            own_areas = {str(area.area_code) for area in areas.children(tx, code)}
        assert set(frame["small_area"].drop_nulls()) <= own_areas


def _the_ledger_withstands(premises: Premises) -> None:
    assert verify(database=premises.database).blocks > BLOCKS
