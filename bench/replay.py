"""The main job: New South Wales 1 January to 8 June 2020, and the made-up country, all five steps on each day."""

import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter

from bench.figures import Figure
from bench.memory import PeakMemory
from pumphandle.actions.load_nation import load_nation
from pumphandle.actions.register_key import make_keys
from pumphandle.actions.run_day import Premises
from pumphandle.cli.opening import House, premises
from pumphandle.cli.run import Totals, run_days
from pumphandle.config import read
from pumphandle.store import cluster, migrate
from pumphandle.store.decisions.runs import STEPS
from pumphandle.store.engine import Database
from pumphandle.vocabulary.people import THE_TIMER

NSW_FIRST, NSW_LAST = date(2020, 1, 1), date(2020, 6, 8)
TOWN_FIRST = date(2020, 6, 1)


def new_south_wales(shared: Path) -> list[Figure]:
    """160 days of 539,050 real tests."""
    folder = shared / "data" / "nsw"
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        words = ["expand", str(folder), "--from", str(NSW_FIRST), "--to", str(NSW_LAST), "--seed", "1854"]
        made = _town([*words, "--inbox", str(home / "inbox"), "--truth", str(home / "truth")])
        totals, seconds, mib = _replay(folder, home, NSW_FIRST, NSW_LAST)
    return [
        Figure("real tests by postcode expanded into laboratory files", f"{made:.0f} s", "–"),
        Figure("160 days, all five steps on each", f"{seconds:.0f} s", "≤ 180 s", seconds <= 180),
        *_steps(totals),
        Figure("lines received", f"{totals.counts['receive.lines_in']:,}", "–"),
        Figure("packages sealed", f"{totals.counts['deliver.packages']:,}", "–"),
        Figure("peak memory, ours and PostgreSQL's together", f"{mib:,.0f} MiB", "≤ 2,048 MiB", mib <= 2048),
    ]


def made_up_country(people: int = 1_000_000, days: int = 60) -> list[Figure]:
    """The first README command's work, without installing."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        nation = home / "nation"
        words = ["make", "--people", str(people), "--days", str(days), "--seed", "1854", "--start", str(TOWN_FIRST)]
        made = _town([*words, "--nation", str(nation), "--inbox", str(home / "inbox"), "--truth", str(home / "truth")])
        totals, seconds, mib = _replay(nation, home, TOWN_FIRST, TOWN_FIRST + timedelta(days=days - 1))
    return [
        Figure(f"{days} days of {people:,} people made", f"{made:.0f} s", "< 60 s", made < 60),
        Figure(f"{days} days, all five steps on each", f"{seconds:.0f} s", "–"),
        *_steps(totals),
        Figure("made and replayed", f"{made + seconds:.0f} s", "≤ 120 s with the sites up", made + seconds <= 120),
        Figure("peak memory, ours and PostgreSQL's together", f"{mib:,.0f} MiB", "≤ 2,048 MiB", mib <= 2048),
    ]


def _steps(totals: Totals) -> list[Figure]:
    return [Figure(f"– {step}", f"{totals.seconds[step]:.1f} s", "–") for step in STEPS]


def _town(words: list[str]) -> float:
    begun = perf_counter()
    subprocess.run([sys.executable, "-m", "pumphandle_town", *words], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - begun


def _replay(nation: Path, home: Path, first: date, last: date) -> tuple[Totals, float, float]:
    """Seconds are those of the days alone: the nation is loaded and the keys are made before."""
    server = cluster.Cluster(home)
    try:
        server.start()
        migrate.prepare(server.url(cluster.OWNER))
        settings = read({"PUMPHANDLE_HOME": str(home)})
        house = House(settings, server.url(cluster.DEEDS), server.url(cluster.CONSOLE), server.url(cluster.PUBLIC))
        database = Database(house.deeds_url)
        at = datetime(first.year, 1, 1, tzinfo=UTC)
        load_nation(nation, database=database, by=THE_TIMER, at=at, progress=lambda _: None)
        make_keys(home / "keys" / "authorities", database=database, by=THE_TIMER, at=at)
        where: Premises = premises(house, database)
        days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
        with PeakMemory(server.data) as peak:
            begun = perf_counter()
            totals = run_days(days, where, time_zone="UTC")
            seconds = perf_counter() - begun
        database.close()
    finally:
        server.remove()
    return totals, seconds, peak.mib
