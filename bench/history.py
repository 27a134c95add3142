"""Seven hundred million results in the reporting triangle: does a day's reading cost more, the longer the history?"""

import sys
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from time import process_time
from typing import Any, Final

import numpy as np
import polars as pl

from bench.figures import SHARED, Figure
from pumphandle.store.events.engines import Cluster, Embedded, Engine
from pumphandle.store.events.lake import statement
from pumphandle.vocabulary.counts import AGE_BANDS

TITLE = "A long history: 700 million results, embedded and on a cluster engine"
FIRST: Final = date(2020, 1, 1)
PER_DAY: Final = 2_000_000
DAYS: Final = 350
AT: Final = (28, 90, 180, 350)
Numbers = np.ndarray[Any, Any]
WINDOW: Final = 28
"""Days that a morning's look reads."""


class Maker:
    """Days of tests, positives and cases over England's small areas, by age and sex; report lags of none to three."""

    def __init__(self, per_day: int) -> None:
        self._rng = np.random.default_rng(1854)
        areas = pl.read_csv(SHARED / "data" / "england" / "msoa11_lookup.csv")["msoa11cd"]
        self._keys = (
            pl.DataFrame({"small_area": areas})
            .join(pl.DataFrame({"lag": [0, 1, 2, 3]}), how="cross")
            .join(pl.DataFrame({"age_band": list(AGE_BANDS[:-1])}), how="cross")
            .join(pl.DataFrame({"sex": ["female", "male"]}), how="cross")
        )
        share: Numbers = np.asarray(self._rng.gamma(2.0, size=self._keys.height))
        self._mean: Numbers = share / share.sum() * per_day

    def day(self, report: date) -> pl.DataFrame:
        tests: Numbers = np.asarray(self._rng.poisson(self._mean))
        positives: Numbers = np.asarray(self._rng.binomial(tests, 0.08))
        cases: Numbers = np.asarray(self._rng.binomial(positives, 0.95))
        dated = self._keys.with_columns(
            specimen_date=pl.lit(report) - pl.duration(days=pl.col("lag")),
            report_date=pl.lit(report),
            pathogen=pl.lit("sars_cov_2"),
        ).drop("lag")
        parts = [
            dated.with_columns(measure=pl.lit(name), increment=pl.Series(counts, dtype=pl.Int64))
            for name, counts in (("tests", tests), ("positives", positives), ("cases", cases))
        ]
        return pl.concat(parts).filter(pl.col("increment") > 0)


@contextmanager
def cluster() -> Generator[Cluster]:
    """Sail, a server that speaks Spark Connect, at the loopback address."""
    from pysail.spark import SparkConnectServer  # pyright: ignore[reportMissingTypeStubs]
    from pyspark.sql import SparkSession

    main = sys.modules["__main__"]
    if not hasattr(main, "__file__"):
        main.__file__ = __file__
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        address: Any = server.listening_address
        session: Any = SparkSession.builder.remote(f"sc://127.0.0.1:{address[1]}").getOrCreate()
        yield Cluster(session)
        session.stop()
        server.stop()


def look(engine: Engine, files: list[str]) -> tuple[float, list[pl.DataFrame]]:
    """Processor seconds of what a morning reads: the last day's arrivals, and the window's by day."""
    begun = process_time()
    found = [
        engine.query(statement("arrivals"), files[-1:], {"measure": "tests"}),
        engine.query(statement("arrivals_by_day"), files[-WINDOW:], {"measure": "cases"}),
    ]
    return process_time() - begun, found


def same(ours: list[pl.DataFrame], theirs: list[pl.DataFrame]) -> bool:
    return all(one.equals(other.cast(one.schema)) for one, other in zip(ours, theirs, strict=True))  # pyright: ignore[reportArgumentType]


def figures(*, quick: bool) -> list[Figure]:
    per_day, days, stops = (20_000, 40, (30, 40)) if quick else (PER_DAY, DAYS, AT)
    maker, embedded = Maker(per_day), Embedded()
    found: list[Figure] = []
    results, files, firsts = 0, list[str](), dict[str, float]()
    with tempfile.TemporaryDirectory() as place, cluster() as spark:
        for number in range(days):
            report = FIRST + timedelta(days=number)
            batch = maker.day(report)
            path = Path(place) / f"{report}.parquet"
            batch.write_parquet(path, compression="zstd")
            files.append(str(path))
            results += int(batch.filter(measure="tests")["increment"].sum())
            if number + 1 not in stops:
                continue
            look(spark, files)  # the first time an engine sees a file it warms up
            ours, here = min((look(embedded, files) for _ in range(3)), key=lambda one: one[0])
            theirs, there = min((look(spark, files) for _ in range(3)), key=lambda one: one[0])
            assert same(here, there)
            what = f"{results:,} results of {number + 1} days: a morning's reading"
            first = firsts.setdefault("embedded", ours), firsts.setdefault("cluster", theirs)
            for name, seconds, before in (("embedded", ours, first[0]), ("cluster engine", theirs, first[1])):
                flat = None if seconds == before else seconds <= before * 1.5
                found.append(Figure(f"{what}, {name}", f"{seconds:.2f} processor s", "as with the first", flat))
        size = sum(Path(file).stat().st_size for file in files) / 2**20
    found.append(Figure("– files that each reading opened, of the history's", f"{WINDOW} of {days}", "–"))
    found.append(Figure("both engines gave the same rows", "yes", "the same", True))
    found.append(Figure("the triangle on disk", f"{size:,.0f} MiB", "–"))
    return found
