"""A national day's packages: 2,000,000 results, 150,000 of them positive, to 314 authorities."""

import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import polars as pl

from bench.figures import Figure
from bench.memory import PeakMemory
from pumphandle.actions.agree import agree_for_trial
from pumphandle.actions.deliver import DayDelivered, deliver
from pumphandle.actions.register_key import make_keys
from pumphandle.delivery.package import Laboratory
from pumphandle.store import cluster, migrate
from pumphandle.store.engine import Database, Transaction, insert_frame
from pumphandle.store.events.lake import Lake
from pumphandle.store.keys import keys
from pumphandle.vocabulary.people import THE_TIMER

TITLE = "A national day's packages to 314 authorities"
DAY = date(2020, 10, 1)
AT = datetime(2020, 10, 1, 18, tzinfo=UTC)
AUTHORITIES = 314
POSTCODES = 4_000
"""Postcodes of each authority: England has about 1.3 million in use."""


@dataclass(frozen=True)
class Measured:
    seconds: float
    processor: float
    mib: float
    done: DayDelivered
    bytes_written: int


def figures(*, quick: bool = False) -> list[Figure]:
    """Everything is in the database, as linking leaves it; measured is the deed of delivering alone."""
    results, positives = (200_000, 15_000) if quick else (2_000_000, 150_000)
    with tempfile.TemporaryDirectory() as place:
        measured = _measure(Path(place), results, positives)
    done = measured.done
    return [
        Figure(f"{done.new:,} results in {done.packages} packages: built, sealed, signed, written",
               f"{measured.seconds:.1f} s", "≤ 60 s", measured.seconds <= 60),
        Figure("– of it, processor time of our own process", f"{measured.processor:.1f} s", "–"),
        Figure("sealed bytes written", f"{measured.bytes_written / 1e6:,.0f} MB", "–"),
        Figure("peak memory, ours and PostgreSQL's together", f"{measured.mib:,.0f} MiB", "≤ 3,072 MiB",
               measured.mib <= 3072),
    ]  # fmt: skip


def _measure(home: Path, results: int, positives: int) -> Measured:
    server = cluster.Cluster(home)
    try:
        server.start()
        migrate.prepare(server.url(cluster.OWNER))
        database = Database(server.url(cluster.DEEDS))
        lake, folder = Lake(home / "lake"), home / "deliveries"
        with database.transaction() as tx:
            _places(tx)
        make_keys(home / "keys" / "authorities", database=database, by=THE_TIMER, at=AT)
        agree_for_trial(database=database, expires_on=date(2099, 12, 31), by=THE_TIMER, at=AT)
        with database.transaction() as tx:
            _day(tx, lake, results, positives)
        with database.transaction() as tx:
            tx.execute("analyze identified.record, identified.change")
        signer = keys(home / "keys").signer
        laboratories = tuple(Laboratory(f"lab{number}", 10_000, 400_000, 100_000) for number in range(20))
        with PeakMemory(server.data) as peak:
            begun, worked = perf_counter(), process_time()
            with database.transaction() as tx:
                done = deliver(
                    DAY,
                    tx=tx,
                    lake=lake,
                    folder=folder,
                    signer=signer,
                    laboratories=laboratories,
                    unplaced=0,
                    by=THE_TIMER,
                    at=AT,
                )
            seconds, processor = perf_counter() - begun, process_time() - worked
        written = sum(path.stat().st_size for path in folder.rglob("*.age"))
        database.close()
    finally:
        server.remove()
    return Measured(seconds, processor, peak.mib, done, written)


def _places(tx: Transaction) -> None:
    areas = [("NAT", "nation", "Nation", None), ("REG", "region", "Region", "NAT")]
    areas += [(f"D{number:03}", "district", f"District {number}", "REG") for number in range(AUTHORITIES)]
    for area in areas:
        tx.execute(
            "insert into reference.area (area_code, level, name, parent, vintage) values (%s, %s, %s, %s, '2020')", area
        )


def _day(tx: Transaction, lake: Lake, results: int, positives: int) -> None:
    """Every result is of another invented person; authorities differ in size as districts do (log-normal)."""
    rng = np.random.default_rng(1854)
    shares = rng.lognormal(0, 0.6, AUTHORITIES)
    district = rng.choice(AUTHORITIES, results, p=shares / shares.sum())
    number = pl.Series("n", np.arange(results))
    frame = pl.DataFrame({"n": number, "d": district, "p": rng.integers(0, POSTCODES, results)}).with_columns(
        record_key=pl.format("00000000-0000-4000-8000-{}", pl.col("n").cast(pl.String).str.zfill(12)),
        district=pl.format("D{}", pl.col("d").cast(pl.String).str.zfill(3)),
        postcode=pl.format("AA{}BB", pl.col("d") * POSTCODES + pl.col("p")),
        result=pl.when(pl.col("n") < positives).then(pl.lit("positive")).otherwise(pl.lit("negative")),
        specimen_date=pl.lit(DAY) - pl.duration(days=pl.col("n") % 4),
    )
    for part in frame.iter_slices(250_000):
        _records(tx, part)
    counted = frame.select("district", "postcode", "specimen_date", "result", sign=pl.lit(1, pl.Int8))
    tests = counted.with_columns(measure=pl.lit("tests"))
    found = counted.filter(pl.col("result") == "positive").with_columns(measure=pl.lit("positives"))
    lake.add(tx, "events", pl.concat([tests, found]), report_date=DAY, at=AT)


def _records(tx: Transaction, part: pl.DataFrame) -> None:
    text = pl.col("n").cast(pl.String)
    rows = part.select(
        "record_key", version=pl.lit(1), kind=pl.lit("reported"), person_key="record_key",
        household_key=pl.format("house-{}", pl.col("n")), laboratory=pl.format("lab{}", pl.col("n") % 20),
        specimen_id=pl.format("S{}", pl.col("n")), national_id=pl.lit("999") + text.str.zfill(7),
        family_name=pl.format("Family{}", pl.col("n") % 40_000), given_name=pl.format("Given{}", pl.col("n") % 5_000),
        date_of_birth=pl.lit(date(1970, 1, 1)), sex=pl.lit("female"), age_band=pl.lit("45-64"),
        address=pl.format("{} Long Invented Lane", pl.col("n") % 300), postcode="postcode",
        phone=pl.lit("01632 ") + text.str.zfill(6), specimen_date="specimen_date", report_date=pl.lit(DAY),
        pathogen=pl.lit("sars_cov_2"), result="result", placement=pl.lit("unique"), small_area="district",
        district="district", responsible_authority="district", linked_on=pl.lit(DAY),
    )  # fmt: skip
    insert_frame(tx, "identified.record", rows)
    changes = part.select(
        "record_key", authority="district", version=pl.lit(1), change=pl.lit("new"), reason=pl.lit("result reported"),
        linked_on=pl.lit(DAY),
    )  # fmt: skip
    insert_frame(tx, "identified.change", changes)
