"""A day's queries give the same bytes embedded and on a cluster that speaks Spark Connect."""

import sys
import warnings
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from pumphandle.linelist.contributions import CONTRIBUTION_COLUMNS, triangle
from pumphandle.store.events.engines import Cluster, Embedded, for_spark

DAY = date(2020, 6, 1)
QUERIES = files("pumphandle.store.events").joinpath("queries")


@pytest.fixture(scope="module")
def cluster_engine() -> Iterator[Cluster]:
    """Sail, in this process and at the loopback address: a quick stand-in for Spark with the same protocol."""
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    main = sys.modules["__main__"]
    if not hasattr(main, "__file__"):  # a worker of the test runner: pyspark would take it for its own doctests
        main.__file__ = __file__
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        address: Any = server.listening_address
        port = address[1]
        session: Any = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
        yield Cluster(session)
        session.stop()
        server.stop()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Ten days of contributions, with corrections, places that are not known and groups that come to nothing."""
    folder, rng = tmp_path_factory.mktemp("lake"), np.random.default_rng(7)
    batches: dict[str, list[str]] = {"events": [], "triangle": []}
    for number in range(10):
        report = DAY + timedelta(days=number)
        rows = contributions(rng, report, 4_000)
        for name, frame in (("events", rows), ("triangle", triangle(rows).with_columns(report_date=pl.lit(report)))):
            path = folder / f"{name}-{report}.parquet"
            frame.write_parquet(path)
            batches[name].append(str(path))
    return batches


def contributions(rng: np.random.Generator, report: date, rows: int) -> pl.DataFrame:
    place = rng.integers(0, 400, rows)
    frame = pl.DataFrame(
        {
            "measure": rng.choice(["tests", "tests", "positives", "cases"], rows),
            "sign": rng.choice(np.array([1, 1, 1, -1], dtype=np.int8), rows),
            "contribution": [f"{report}-{at}" for at in range(rows)],
            "record_key": [f"{report}-{at}" for at in range(rows)],
            "person_key": [f"p{at % 997}" for at in range(rows)],
            "household_key": [f"h{at % 397}" for at in range(rows)],
            "small_area": [None if at < 9 else f"A{at:03}" for at in place],
            "district": [None if at < 9 else f"D{at % 20:02}" for at in place],
            "postcode": [None if at < 5 else f"PC{at:03}" for at in place],
            "age_band": rng.choice(["0-4", "25-44", "80+"], rows),
            "sex": rng.choice(["female", "male", "unknown"], rows),
            "laboratory": rng.choice(["north", "south"], rows),
            "specimen_date": [report - timedelta(days=int(lag)) for lag in rng.integers(0, 6, rows)],
            "pathogen": ["sars_cov_2"] * rows,
        }
    )
    return frame.select(CONTRIBUTION_COLUMNS).with_columns(report_date=pl.lit(report))


SPAN: dict[str, object] = {"pathogen": "sars_cov_2", "first": DAY - timedelta(days=6), "last": DAY + timedelta(days=9)}
PARAMETERS: dict[str, dict[str, object]] = {
    "arrivals": {"measure": "tests"},
    "arrivals_by_day": {"measure": "tests"},
    "standing_cases": SPAN,
    "told": {"first": SPAN["first"], "last": SPAN["last"]},
}


@pytest.mark.parametrize("name", sorted(path.name.removesuffix(".sql") for path in QUERIES.iterdir()))
def test_both_engines_give_the_same_bytes(cluster_engine: Cluster, lake: dict[str, list[str]], name: str) -> None:
    sql = QUERIES.joinpath(f"{name}.sql").read_text("utf-8")
    batches = lake["events" if "batch: events" in sql else "triangle"]
    parameters = PARAMETERS.get(name, {})
    here, there = (engine.query(sql, batches, parameters) for engine in (Embedded(), cluster_engine))
    assert here.height > 10
    assert here.columns == there.columns
    assert here.write_csv().encode() == there.write_csv().encode()


def test_a_lake_that_differs_is_noticed(cluster_engine: Cluster, lake: dict[str, list[str]]) -> None:
    sql = QUERIES.joinpath("triangle.sql").read_text("utf-8")
    here = Embedded().query(sql, lake["events"], {})
    there = cluster_engine.query(sql, lake["events"][1:], {})
    assert here.write_csv() != there.write_csv()


def test_the_triangle_told_by_either_engine_is_the_one_that_linking_keeps(lake: dict[str, list[str]]) -> None:
    sql = QUERIES.joinpath("triangle.sql").read_text("utf-8")
    told = Embedded().query(sql, lake["events"], {}).cast({"increment": pl.Int64})
    kept = pl.concat([pl.read_parquet(path) for path in lake["triangle"]])
    assert told.sort(told.columns).equals(kept.select(told.columns).sort(told.columns))


def test_parameters_become_literals_of_the_tree(tmp_path: Path) -> None:
    text = for_spark("select $name as n, $first as f", {"name": "O'Neil", "first": DAY})
    assert text == "SELECT 'O\\'Neil' AS n, CAST('2020-06-01' AS DATE) AS f"
