"""England with a ledger of made-up people: its real areas, a seeded epidemic, every release made by the real deed."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pumphandle.actions.load_nation import load_nation
from pumphandle.actions.publish import publish
from pumphandle.linelist.contributions import CONTRIBUTION_COLUMNS
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.events.lake import Lake
from pumphandle.store.reference import areas
from pumphandle.vocabulary.people import THE_TIMER
from pumphandle.vocabulary.places import AreaLevel

FIRST = date(2020, 6, 1)
TESTS_A_PERSON = 0.0011
"""Tests a day for each resident: about 60,000 in England, as in June 2020."""


def made_up_england(folder: Path, home: Path, database: Database, *, days: int) -> None:
    """Load the nation from `folder` and publish `days` days."""
    at = datetime(FIRST.year, 1, 1, tzinfo=UTC)
    load_nation(folder, database=database, by=THE_TIMER, at=at, progress=lambda _: None)
    publish_days(home, database, days=days)


def publish_days(home: Path, database: Database, *, days: int) -> None:
    """A seeded epidemic: about one case for 20 tests, three waves that start in different places."""
    signer = Ed25519PrivateKey.generate()
    lake, rng = Lake(home / "lake"), np.random.default_rng(1854)
    with database.transaction() as tx:
        places = _places(tx)
    waves = _waves(places, days, rng)
    for number in range(days):
        day = FIRST + timedelta(days=number)
        at = datetime.combine(day, time(17), UTC)
        with database.transaction() as tx:
            lake.add(tx, "events", _contributions(places, waves[:, number], day, rng), report_date=day, at=at)
            publish(day, tx=tx, lake=lake, folder=home / "releases", signer=signer, by=THE_TIMER, at=at)


def _places(tx: Transaction) -> pl.DataFrame:
    found = [one for one in areas.areas(tx) if one.level == AreaLevel.SMALL_AREA and one.population]
    return pl.DataFrame(
        {
            "small_area": [str(one.area_code) for one in found],
            "district": [str(one.parent) for one in found],
            "people": [int(one.population or 0) for one in found],
        }
    ).sort("small_area")


def _waves(
    places: pl.DataFrame, days: int, rng: np.random.Generator
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """(areas, days) positives for each test: a quiet ground, and waves over districts that are near in code."""
    districts, place = np.unique(places["district"].to_numpy(), return_inverse=True)
    share = np.full((len(districts), days), 0.012)
    for _ in range(12):
        middle, peak = rng.integers(len(districts)), rng.integers(days)
        near = np.exp(-(((np.arange(len(districts)) - middle) / 9.0) ** 2))
        share += 0.12 * near[:, None] * np.exp(-(((np.arange(days) - peak) / 9.0) ** 2))[None, :]
    return np.minimum(0.4, share[place] * rng.lognormal(0, 0.5, places.height)[:, None])


def _contributions(
    places: pl.DataFrame, share: np.ndarray[tuple[int], np.dtype[np.float64]], day: date, rng: np.random.Generator
) -> pl.DataFrame:
    """A test row for everybody tested, a case row besides for the positive ones; some of them in one household."""
    tested = rng.poisson(places["people"].to_numpy() * TESTS_A_PERSON)
    area = np.repeat(np.arange(places.height), tested)
    positive = rng.random(len(area)) < share[area]
    number = np.arange(len(area))
    household = np.where(rng.random(len(area)) < 0.25, number - 1, number)
    rows = places.select("small_area", "district")[area].with_columns(
        sign=pl.lit(1, pl.Int8),
        record_key=pl.Series([f"{day}/{one}" for one in number]),
        household_key=pl.Series([f"h{day}/{one}" for one in household]),
        specimen_date=pl.lit(day - timedelta(days=1)),
        postcode=pl.lit(None, pl.String),
        laboratory=pl.lit("lab"),
        age_band=pl.lit("30-39"),
        sex=pl.lit("female"),
        pathogen=pl.lit("sars_cov_2"),
    )
    first = day.toordinal() * 1_000_000
    keys = pl.Series([f"{first + one:032x}" for one in number])
    rows = rows.with_columns(person_key=keys, contribution=pl.col("record_key"))
    kinds = [rows.with_columns(measure=pl.lit("tests")), rows.filter(positive).with_columns(measure=pl.lit("cases"))]
    return pl.concat(kinds).select(CONTRIBUTION_COLUMNS)
