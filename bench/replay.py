"""All five steps on each day of a range, timed from outside, memory watched."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter

from bench.figures import Figure
from bench.memory import PeakMemory
from pumphandle.actions.agree import agree_for_trial
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


def steps(totals: Totals) -> list[Figure]:
    return [Figure(f"– {step}", f"{totals.seconds[step]:.1f} s", "–") for step in STEPS]


def town(words: list[str]) -> float:
    begun = perf_counter()
    subprocess.run([sys.executable, "-m", "pumphandle_town", *words], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - begun


def replay(nation: Path, home: Path, first: date, last: date) -> tuple[Totals, float, float]:
    """Seconds are those of the days alone: the nation is loaded and the keys are made before."""
    server = cluster.Cluster(home)
    try:
        server.start()
        migrate.prepare(server.url(cluster.OWNER))
        settings = read({"PUMPHANDLE_HOME": str(home)})
        house = House(
            settings,
            server.url(cluster.OWNER),
            server.url(cluster.DEEDS),
            server.url(cluster.CONSOLE),
            server.url(cluster.PUBLIC),
        )
        database = Database(house.deeds_url)
        at = datetime(first.year, 1, 1, tzinfo=UTC)
        load_nation(nation, database=database, by=THE_TIMER, at=at, progress=lambda _: None)
        make_keys(home / "keys" / "authorities", database=database, by=THE_TIMER, at=at)
        agree_for_trial(database=database, expires_on=date(2099, 12, 31), by=THE_TIMER, at=at)
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
