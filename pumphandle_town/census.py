"""A real nation's published counts, and a made-up population that fits its census."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from pumphandle.vocabulary.errors import NotFound
from pumphandle_town.ages import Bands
from pumphandle_town.chance import Ints
from pumphandle_town.households import Postcodes

TESTS: Final = "tests_postcode_daily_20200101_20200608.csv.gz"
CASES: Final = "cases_postcode_daily.csv.gz"
RESIDENTS: Final = "postcodes.csv"
AGES: Final = "erp2020_age_by_postcode_nsw.csv"
UNKNOWN: Final = "unknown"
COUNTS: Final = {"test_date": pl.Date, "notification_date": pl.Date, "postcode": pl.String}
BAND_STARTS: Final = (0, 5, 12, 16, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 100)
LEAST_RESIDENTS: Final = 60  # a PO box or an institution with no census population still has somebody to test


@dataclass(frozen=True)
class Published:
    """cells : day (from the first asked for), post, tests, positives, added; one row a (day, postcode) with results.

    days_without_tests : days outside those for which the nation published tests by postcode
    """

    postcodes: Postcodes
    keys: list[str]
    people: Ints
    mean_household: list[float]
    bands: Bands
    cells: pl.DataFrame
    days_without_tests: int


def read_published(folder: Path, first: date, last: date) -> Published:
    """New South Wales as it lies in the folder. Raises NotFound naming the file that is missing."""
    for name in (TESTS, CASES, RESIDENTS, AGES):
        if not (folder / name).exists():
            raise NotFound(f"{folder} has no {name}. Expansion needs {TESTS}, {CASES}, {RESIDENTS} and {AGES}.")
    tests = pl.read_csv(folder / TESTS, schema_overrides=COUNTS).select(date="test_date", key="postcode", tests="tests")
    cases = pl.read_csv(folder / CASES, schema_overrides=COUNTS).select(
        date="notification_date", key="postcode", positives="cases"
    )
    residents = pl.read_csv(folder / RESIDENTS, schema_overrides={"postcode": pl.String})
    ages = pl.read_csv(folder / AGES, schema_overrides={"POA code": pl.String}).rename({"POA code": "key"})
    keys = pl.concat([tests["key"], cases["key"], residents["postcode"], ages["key"]]).unique().sort()
    table = _residents(keys, residents, tests, cases)
    asked = pl.date_range(first, last, eager=True)
    return Published(
        postcodes=Postcodes(
            text=keys.replace(UNKNOWN, ""),
            area=np.full(len(keys), -1),
            locality=table["suburb"],
        ),
        keys=keys.to_list(),
        people=table["people"].to_numpy(),
        mean_household=table["mean"].to_list(),
        bands=Bands(_bands(keys, ages), np.array(BAND_STARTS, dtype=np.float64)),
        cells=_cells(keys, tests, cases, first, last),
        days_without_tests=int((~asked.is_between(tests["date"].min(), tests["date"].max())).sum()),
    )


def _residents(keys: pl.Series, residents: pl.DataFrame, tests: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """people, mean household size and a suburb for each postcode; where the census has nobody, three a test."""
    frame = pl.DataFrame({"key": keys})
    for counted in (
        tests.group_by("key").agg(total=pl.col("tests").sum()),
        cases.group_by("key").agg(ill=pl.col("positives").sum()),
    ):
        frame = frame.join(counted, on="key", how="left", maintain_order="left")
    known = residents.select(
        key="postcode",
        people="population_erp2020",
        mean="census_avg_household_size",
        suburb=pl.col("suburbs").str.split("|").list.first(),
    )
    frame = frame.join(known, on="key", how="left", maintain_order="left")
    guess = 3 * (pl.col("total").fill_null(0) + pl.col("ill").fill_null(0))
    return frame.select(
        people=pl.when(pl.col("people").fill_null(0) >= LEAST_RESIDENTS)
        .then(pl.col("people"))
        .otherwise(guess.clip(LEAST_RESIDENTS))
        .cast(pl.Int64),
        mean=pl.col("mean").fill_null(0.0),
        suburb=pl.col("suburb").fill_null("New South Wales"),
    )


def _bands(keys: pl.Series, ages: pl.DataFrame) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """People by age band; the whole state's where a postcode has none."""
    columns = [name for name in ages.columns if name not in ("key", "Total")]
    own = (
        pl.DataFrame({"key": keys})
        .join(ages, on="key", how="left", maintain_order="left")
        .select(columns)
        .fill_null(0)
        .to_numpy()
        .astype(np.float64)
    )
    return np.where(own.sum(axis=1, keepdims=True) > 0, own, own.sum(axis=0, keepdims=True))


def _cells(keys: pl.Series, tests: pl.DataFrame, cases: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """added : results put in where more cases than tests were published for a day with tests."""
    both = tests.join(cases, on=["date", "key"], how="full", coalesce=True).filter(
        pl.col("date").is_between(first, last)
    )
    number = pl.DataFrame({"key": keys}).with_row_index("post")
    tested = both["date"].is_between(tests["date"].min(), tests["date"].max())
    return (
        both.with_columns(pl.col("tests", "positives").fill_null(0))
        .with_columns(added=pl.when(tested).then((pl.col("positives") - pl.col("tests")).clip(0)).otherwise(0))
        .join(number, on="key")
        .select(
            "date",
            "key",
            day=(pl.col("date") - first).dt.total_days(),
            post=pl.col("post").cast(pl.Int64),
            published="tests",
            tests=pl.max_horizontal("tests", "positives"),
            positives="positives",
            added="added",
        )
        .sort("day", "post")
    )
