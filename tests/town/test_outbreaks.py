"""Planted outbreaks can be found again: every case stands in the files, positive, with its place, day and parent."""

from collections import Counter

import polars as pl
import pytest

from pumphandle_town.ages import household_ages
from pumphandle_town.chance import Chance
from pumphandle_town.households import settle
from pumphandle_town.outbreaks import plant
from pumphandle_town.people import People
from pumphandle_town.places import lay_out
from pumphandle_town.postcodes import name_postcodes


@pytest.fixture(scope="module")
def planted(town) -> tuple[pl.DataFrame, pl.DataFrame]:
    return pl.read_csv(town.truth / "outbreaks.csv"), pl.read_csv(town.truth / "outbreak_cases.csv", infer_schema=False)


def test_every_cause_is_planted(planted) -> None:
    assert set(planted[0]["cause"]) == {"household", "workplace", "care_home", "community"}


def test_every_case_stands_in_the_files(planted, reading) -> None:
    for row in planted[1].iter_rows(named=True):
        line = reading.latest[row["laboratory"], row["specimen_id"]]
        assert line["result"] == "positive" and line["status"] != "withdrawn"
        assert line["specimen_date"] == row["specimen_date"]


def test_outbreaks_are_the_sum_of_their_cases(planted) -> None:
    outbreaks, cases = planted
    found = cases.group_by("outbreak_id").agg(
        size=pl.len().cast(pl.Int64), start=pl.col("specimen_date").min(), last=pl.col("specimen_date").max()
    )
    told = outbreaks.select("outbreak_id", "size", "start", "last")
    assert told.sort("outbreak_id").equals(found.select(told.columns).sort("outbreak_id"))


def test_no_planted_case_is_lost(planted) -> None:
    """Withdrawals, wrong results and broken lines strike others."""
    chance = Chance(1854)
    places = lay_out(150_000, chance)
    homes, area = settle(places.population, chance)
    people = People(chance, homes, name_postcodes(area, places, chance), household_ages(homes, chance), 18_414, ("", 3))
    outbreaks, cases = plant(places, people, 30, chance.generator("outbreaks"))
    assert len(outbreaks) == planted[0].height
    assert len(cases) == planted[1].height


def test_places_of_outbreaks_exist(planted, town) -> None:
    postcodes = dict(pl.read_csv(town.nation / "postcodes.csv").select("postcode", "small_area").iter_rows())
    for _, _, area, postcode, *_ in planted[0].iter_rows():
        assert postcodes[postcode] == area


def test_parents_come_before_children(planted) -> None:
    rows = {(row["laboratory"], row["specimen_id"]): row for row in planted[1].iter_rows(named=True)}
    without = Counter(row["outbreak_id"] for row in rows.values() if not row["parent_specimen_id"])
    assert all(count == 1 for count in without.values()), "an outbreak has one first case"
    for row in rows.values():
        if row["parent_specimen_id"]:
            parent = rows[row["parent_laboratory"], row["parent_specimen_id"]]
            assert parent["outbreak_id"] == row["outbreak_id"]
            assert parent["specimen_date"] < row["specimen_date"]


def test_outbreaks_stay_where_they_belong(planted, town) -> None:
    cause = dict(planted[0].select("outbreak_id", "cause").iter_rows())
    specimens = pl.read_parquet(town.truth / "specimens.parquet")
    homes = (
        planted[1]
        .join(specimens, on=["laboratory", "specimen_id"])
        .group_by("outbreak_id")
        .agg(homes=pl.col("household").n_unique(), people=pl.col("person").n_unique(), cases=pl.len())
    )
    for outbreak, many, people, cases in homes.iter_rows():
        assert people == cases
        if cause[outbreak] == "care_home":
            assert many == 1
        if cause[outbreak] == "household":
            assert many <= 4
        if cause[outbreak] == "workplace":
            assert many > cases / 2
