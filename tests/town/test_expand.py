"""Expanded counts are New South Wales's own: by postcode and day, to the last test and case."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle_town.expand import expand
from pumphandle_town.rates import REAL, Rates

FEEDS = Path(__file__).resolve().parents[2] / "nations" / "nsw" / "feeds"
COUNTS = {"test_date": pl.Date, "notification_date": pl.Date, "postcode": pl.String}


def expanded(shared: Path, root: Path, first: date, last: date, rates: Rates = REAL) -> None:
    expand(
        shared / "data" / "nsw",
        first,
        last,
        inbox=root / "inbox",
        truth=root / "truth",
        seed=3,
        rates=rates,
        tell=lambda _: None,
    )


def published(shared: Path, first: date, last: date) -> dict[tuple[str, str], tuple[int, int]]:
    """What the nation says, with tests raised to cases where cases are more."""
    folder = shared / "data" / "nsw"
    tests = pl.read_csv(folder / "tests_postcode_daily_20200101_20200608.csv.gz", schema_overrides=COUNTS)
    cases = pl.read_csv(folder / "cases_postcode_daily.csv.gz", schema_overrides=COUNTS)
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for day, postcode, count in tests.filter(pl.col("test_date").is_between(first, last)).iter_rows():
        found[str(day), "" if postcode == "unknown" else postcode] = (count, 0)
    for day, postcode, count in cases.filter(pl.col("notification_date").is_between(first, last)).iter_rows():
        found[str(day), postcode] = (max(count, found.get((str(day), postcode), (0, 0))[0]), count)
    return found


def test_a_week_of_tests_is_the_published_one(shared: Path, tmp_path: Path, reader) -> None:
    first, last = date(2020, 3, 20), date(2020, 3, 26)
    expanded(shared, tmp_path, first, last)
    real = published(shared, first, last)
    reading = reader(tmp_path / "inbox", FEEDS)
    assert sum(positives for _, positives in real.values()) > 500
    assert reading.cells() == real
    truth = pl.read_csv(tmp_path / "truth" / "cells.csv", schema_overrides={"postcode": pl.String}).fill_null("")
    assert {(row[0], row[1]): (row[2], row[3]) for row in truth.iter_rows()} == real
    added = pl.read_csv(tmp_path / "truth" / "added.csv")
    assert (added["cases"] - added["tests"] == added["added"]).all()
    assert sum(reading.bad.values()) and sum(reading.duplicates.values()) and sum(reading.superseded.values())
    assert sorted(path.name for path in (tmp_path / "inbox").iterdir())[-1] <= "2020-03-29"


def test_days_without_published_tests_get_cases_only(shared: Path, tmp_path: Path, reader) -> None:
    first, last = date(2021, 7, 1), date(2021, 7, 3)
    expanded(shared, tmp_path, first, last)
    cells = reader(tmp_path / "inbox", FEEDS).cells()
    assert cells == published(shared, first, last)
    assert all(tests == positives > 0 for tests, positives in cells.values())
    assert pl.read_csv(tmp_path / "truth" / "added.csv").is_empty()


def test_ages_follow_the_census(shared: Path, tmp_path: Path, reader) -> None:
    expanded(shared, tmp_path, date(2020, 5, 25), date(2020, 5, 25))
    lines = reader(tmp_path / "inbox", FEEDS).latest.values()
    ages = np.array([(date(2020, 1, 1) - date.fromisoformat(line["date_of_birth"])).days / 365.25 for line in lines])
    # New South Wales in June 2020: 24 % under 20, 16.5 % from 65 on
    assert abs((ages < 20).mean() - 0.24) < 0.04
    assert abs((ages >= 65).mean() - 0.165) < 0.04


def test_refusals_name_the_remedy(shared: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="has no tests_postcode_daily"):
        expand(
            tmp_path, date(2020, 3, 1), date(2020, 3, 2), inbox=tmp_path, truth=tmp_path, seed=1, tell=lambda _: None
        )
    with pytest.raises(Refused, match="Choose days"):
        expanded(shared, tmp_path / "early", date(2019, 3, 1), date(2019, 3, 2))
