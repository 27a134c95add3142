"""The public files of England: a release after 400 days from nothing, then some days more."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from bench.figures import SHARED, Figure
from bench.long_ledger import LongLedger, england
from pumphandle.actions.write_files import FilesWritten, write_files
from pumphandle.store import cluster, migrate
from pumphandle.store.engine import Database
from pumphandle.vocabulary.people import THE_TIMER

TITLE = "Public files of 6,791 small areas over 400 days"
DAYS_AFTER = 5
"""Each tree by turns has had its first of them."""


def figures(*, quick: bool) -> list[Figure]:
    days = 20 if quick else 400
    with tempfile.TemporaryDirectory() as place:
        server = cluster.Cluster(Path(place) / "home")
        try:
            server.start()
            migrate.prepare(server.url(cluster.OWNER))
            database = Database(server.url(cluster.DEEDS))
            england(SHARED / "data" / "england", database)
            ledger = LongLedger(database)
            ledger.add(days)
            rows = ledger.rows
            whole = _timed(Path(place) / "public", database)
            after: list[tuple[FilesWritten, float, float]] = []
            for _ in range(1 if quick else DAYS_AFTER):
                ledger.add(1)
                after.append(_timed(Path(place) / "public", database))
            day, slowest = _in_the_middle(after), max(one[1] for one in after)
            sizes = _sizes(Path(place) / "public" / "current")
            database.close()
        finally:
            server.remove()
    return [
        Figure("rows of the ledger", f"{rows:,}", "–"),
        Figure("all files from nothing", _told(whole), "≤ 60 s", whole[1] <= 60),
        Figure("one day's increment", _told(day), "≤ 10 s", day[1] <= 10),
        Figure(f"– slowest of {len(after)} days", f"{slowest:.1f} s", "≤ 10 s", slowest <= 10),
        Figure("files written for the day; taken over", f"{day[0].written:,}; {day[0].kept:,}", "–"),
        *(Figure(what, size, "–") for what, size in sizes),
    ]


def _timed(folder: Path, database: Database) -> tuple[FilesWritten, float, float]:
    """Seconds, and of processor, until the deed is done: with nothing left to be made, moved or cleared afterwards."""
    begun, worked = perf_counter(), sum(os.times()[:2])
    done = write_files(folder, database=database, by=THE_TIMER, at=datetime.now(UTC), progress=lambda _: None)
    assert done is not None
    return done, perf_counter() - begun, sum(os.times()[:2]) - worked


def _in_the_middle(timed: list[tuple[FilesWritten, float, float]]) -> tuple[FilesWritten, float, float]:
    return sorted(timed, key=lambda one: one[1])[len(timed) // 2]


def _told(timed: tuple[FilesWritten, float, float]) -> str:
    return f"{timed[1]:.1f} s ({timed[2]:.1f} s of processor)"


def _sizes(root: Path) -> list[tuple[str, str]]:
    """What a reader fetches: as it is sent, packed where a packed twin lies beside it."""
    wanted = (
        "map/cases.json.gz",
        "map/day.json.gz",
        "areas.csv.gz",
        "areas.geojson.gz",
        "ledger.parquet",
        "ledger.csv",
    )
    told = [(name, f"{(root / name).stat().st_size / 1_000:,.0f} kB") for name in wanted]
    area = sorted((root / "areas").glob("E02*.json.gz"))
    middle = sorted(one.stat().st_size for one in area)[len(area) // 2]
    return [*told, ("areas/E02….json.gz, the middle one", f"{middle / 1_000:.1f} kB")]
