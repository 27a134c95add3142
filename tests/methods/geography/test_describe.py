"""A folder without nation.toml is known by its files; one that fits nothing, or several, is refused."""

import shutil
from pathlib import Path

import pytest

from pumphandle.geography import describe
from pumphandle.geography.description import Coordinates, ParentRule
from pumphandle.vocabulary.errors import BadDescription
from pumphandle.vocabulary.places import AreaLevel

NATIONS = Path(__file__).parents[3] / "nations"


@pytest.fixture
def known(tmp_path: Path, folder: Path) -> Path:
    """Descriptions that come with the house: one, of the plain nation."""
    (tmp_path / "known" / "plain").mkdir(parents=True)
    shutil.move(folder / "nation.toml", tmp_path / "known" / "plain" / "nation.toml")
    return tmp_path / "known"


def test_found_by_its_files(folder: Path, known: Path) -> None:
    chosen = describe.choose(folder, descriptions=known)
    assert (chosen.description.name, chosen.folder, chosen.files) == ("Plainland", known / "plain", folder)


def test_the_first_missing_file_is_named(folder: Path, known: Path) -> None:
    (folder / "postcodes.csv").unlink()
    with pytest.raises(BadDescription, match=r"postcodes\.csv is missing, which the description of plain names"):
        describe.choose(folder, descriptions=known)


def test_a_folder_that_has_nothing_in_common(tmp_path: Path, known: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadDescription, match=r"describe-a-nation\.md"):
        describe.choose(tmp_path / "empty", descriptions=known)


def test_several_that_fit_are_not_chosen_between(folder: Path, known: Path) -> None:
    shutil.copytree(known / "plain", known / "twin")
    with pytest.raises(BadDescription, match="several descriptions fit"):
        describe.choose(folder, descriptions=known)


def test_without_level_tables_the_plain_form_is_meant(folder: Path) -> None:
    nation = describe.read(folder / "nation.toml")
    assert describe.files_of(nation) == ("postcodes.csv", "areas.csv", "boundaries.geojson")
    assert nation.coordinates is Coordinates.PLANE
    assert nation.level_names[AreaLevel.DISTRICT] == ("Borough", "Boroughs")


@pytest.mark.parametrize("name", ["nsw", "england"])
def test_the_descriptions_of_this_house_are_sound(name: str) -> None:
    nation = describe.read(NATIONS / name / "nation.toml")
    assert [level.level for level in nation.levels] == ["small_area", "district", "region"]


LEVEL = """
[[level]]
level = "small_area"
[level.areas]
file = "areas.csv"
name = "name"
code = "area_code"
"""
RULES = [
    pytest.param('[[level.parent]]\nrule = "guess"', "column, correspondence, overlap, given", id="unknown rule"),
    pytest.param('[[level.parent]]\nrule = "column"', "field level[1].parent[1].column", id="rule without column"),
    pytest.param(
        '[[level.parent]]\nrule = "correspondence"\nfile = "c.csv"\nchild = "a"\nweight = "w"',
        "missing or given twice",
        id="correspondence without parent",
    ),
    pytest.param('[[level.parent]]\nrule = "given"\nareas = { A1 = "DA" }', "reason", id="by hand without reason"),
    pytest.param('[level.population]\nfrom = "thin air"', 'from = "children"', id="population from nowhere"),
    pytest.param(
        '[level.population]\nfile = "areas.csv"\ncode = "area_code"', "columns", id="population without columns"
    ),
    pytest.param("", "Say how an area's parent is found", id="no rule"),
]


@pytest.mark.parametrize(("rest", "words"), RULES)
def test_a_level_described_wrongly(folder: Path, rest: str, words: str) -> None:
    path = folder / "nation.toml"
    path.write_text(path.read_text() + LEVEL + rest)
    with pytest.raises(BadDescription) as refusal:
        describe.read(path)
    assert words in str(refusal.value)


def test_given_rules_keep_their_order(folder: Path) -> None:
    nation = describe.read(NATIONS / "nsw" / "nation.toml")
    rules = [rule.rule for rule in nation.levels[0].parents]
    assert rules == [ParentRule.GIVEN, ParentRule.CORRESPONDENCE, ParentRule.OVERLAP]
