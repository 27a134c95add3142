"""Every feed contract can be read, maps all fields and all codes, and those of New South Wales are as generated."""

import tomllib
from pathlib import Path

import pytest

from pumphandle.vocabulary.counts import SEXES
from pumphandle.vocabulary.pathogens import Pathogen, TestResult
from pumphandle.vocabulary.records import LINE_FIELDS, PLACE_FIELDS
from pumphandle_town.laboratories import contract
from pumphandle_town.rosters import ALDERMARK, NEW_SOUTH_WALES

NSW_FEEDS = Path(__file__).resolve().parents[2] / "nations" / "nsw" / "feeds"


@pytest.mark.parametrize("laboratory", [*ALDERMARK, *NEW_SOUTH_WALES], ids=lambda each: each.key)
def test_contract_maps_everything(laboratory) -> None:
    read = tomllib.loads(contract(laboratory, time_zone="Europe/London", minimum=3))
    told = {"workplace_postcode"} & set(laboratory.columns)
    assert told or laboratory not in ALDERMARK
    assert set(read["columns"]) == (set(LINE_FIELDS) - set(PLACE_FIELDS)) | told
    assert len(set(read["columns"].values())) == len(read["columns"])
    assert set(read["codes"]["result"].values()) == set(TestResult)
    assert set(read["codes"]["pathogen"].values()) <= set(Pathogen)
    assert set(read["codes"]["sex"].values()) <= set(SEXES)
    assert set(read["codes"]["status"].values()) == {"final", "corrected", "withdrawn"}
    assert read["delimiter"] == laboratory.delimiter and read["trailer"] == "END"


def test_laboratories_disagree() -> None:
    assert len({laboratory.delimiter for laboratory in ALDERMARK}) == 4
    assert len({laboratory.encoding for laboratory in ALDERMARK}) >= 3
    assert len({laboratory.dates for laboratory in ALDERMARK}) == 5


def test_new_south_wales_feeds_are_as_generated() -> None:
    written = {path.stem: path.read_text("utf-8") for path in NSW_FEEDS.glob("*.toml")}
    made = {each.key: contract(each, time_zone="Australia/Sydney", minimum=1) for each in NEW_SOUTH_WALES}
    assert written == made, "run: python -m pumphandle_town contracts nations/nsw/feeds"
