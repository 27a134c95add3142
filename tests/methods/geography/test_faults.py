"""Whatever is wrong with a nation's files is refused, naming file, line or feature, field and what to do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pumphandle.geography import describe
from pumphandle.geography.country import Country
from pumphandle.vocabulary.errors import BadDescription

Read = Callable[[], Country]
Spoil = Callable[[str, str, str], None]

SPOILT = [
    pytest.param(
        "areas.csv", "population\n", "people\n", ["areas.csv", "field population", "The file has"], id="column"
    ),
    pytest.param(
        "areas.csv", "Alder Quay,DA,", "Alder Quay,,", ["line 4", "lies in no district", "Add a rule"], id="orphan"
    ),
    pytest.param(
        "areas.csv", "Alder Quay,DA,", "Alder Quay,DX,", ["line 4", "DX, which is no area"], id="unknown parent"
    ),
    pytest.param(
        "areas.csv",
        "Alder Quay,DA,",
        "Alder Quay,R1,",
        ["line 4", "R1, a region", "lies in a district"],
        id="wrong level",
    ),
    pytest.param(
        "areas.csv", "Woodshire,PL,", "Woodshire,DA,", ["field parent", "in a circle", "DA in R1 in DA"], id="circle"
    ),
    pytest.param("areas.csv", "Alderton,R1,", "Alderton,DA,", ["circle: DA in DA"], id="own parent"),
    pytest.param(
        "areas.csv", "A2,small", "A1,small", ["line 3", "field area_code", "A1 has come before"], id="double code"
    ),
    pytest.param(
        "areas.csv",
        "DA,district",
        "A1,district",
        ["A1 stands in areas.csv too", "code of its own"],
        id="double across levels",
    ),
    pytest.param("areas.csv", "C1,small", ",small", ["line 7", "field area_code", "is empty"], id="no code"),
    pytest.param("areas.csv", "Alder Rise", "", ["line 2", "field name", "is empty"], id="no name"),
    pytest.param(
        "areas.csv",
        "DA,1200",
        "DA,-3",
        ["line 2", "field population", "-3 is not a number", "0 or more"],
        id="negative",
    ),
    pytest.param("areas.csv", "DA,1200", "DA,many", ["line 2", "many is not a number"], id="no number"),
    pytest.param("areas.csv", "DA,1200", "DA,1.5", ["line 2", "1.5 is not a number"], id="half a person"),
    pytest.param("areas.csv", "DA,1200", "DA,1200,9", ["areas.csv", "cannot be read as a table"], id="ragged"),
    pytest.param(
        "postcodes.csv",
        "PA2 1AA,A2",
        "PA2 1AA,A9",
        ["line 4", "field small_area", "A9 is no small area"],
        id="postcode nowhere",
    ),
    pytest.param(
        "postcodes.csv", "PA2 1AA,A2", "PA2 1AA,DA", ["line 4", "DA is no small area"], id="postcode in a district"
    ),
    pytest.param("postcodes.csv", "PA2 1AA,A2", "PA1 1AA,A2", ["line 4", "PA11AA lies in two"], id="postcode twice"),
    pytest.param("postcodes.csv", "PA2 1AA,A2", "PA2 1A,A2", ["line 4", "postcode_pattern"], id="postcode malformed"),
    pytest.param("postcodes.csv", "PA2 1AA,A2", ",A2", ["line 4", "field postcode", "is empty"], id="postcode empty"),
    pytest.param("boundaries.geojson", '"B1"', '"B9"', ["feature 3", "B9 is no area"], id="shape of nobody"),
    pytest.param(
        "boundaries.geojson", '"B1"', '"A1"', ["feature 3", "A1 has come before", "feature 1"], id="shape twice"
    ),
    pytest.param(
        "boundaries.geojson", '"B1"', "null", ["feature 3", "field area_code", "missing"], id="shape without code"
    ),
    pytest.param(
        "boundaries.geojson", "[[[0, 1000]", "[[[null, 1000]", ["feature 3", "field geometry"], id="broken ring"
    ),
    pytest.param("boundaries.geojson", '"Polygon"', '"Point"', ["feature 1", "no polygon"], id="no polygon"),
    pytest.param(
        "boundaries.geojson",
        "[1000, 0], [1000, 1000], [0, 1000], [0, 0]",
        "[9, 0], [0, 0]",
        ["feature 1", "geometry"],
        id="encloses nothing",
    ),
    pytest.param(
        "boundaries.geojson", '{"type": "FeatureCollection"', "", ["boundaries.geojson", "GeoJSON"], id="no JSON"
    ),
    pytest.param(
        "nation.toml", 'coordinates = "plane"', "", ["feature 1", 'coordinates = "plane"'], id="metres as degrees"
    ),
    pytest.param(
        "nation.toml", 'coordinates = "plane"', 'coordinates = "feet"', ["coordinates", "degrees, plane"], id="word"
    ),
    pytest.param("nation.toml", 'name = "Plainland"', "", ["nation.toml", "field name", "missing"], id="key missing"),
    pytest.param("nation.toml", 'code = "PL"', "code = 7", ["field code", "not a text"], id="key of another kind"),
    pytest.param(
        "nation.toml", 'code = "PL"', 'code = "PL"\ncolour = "red"', ["field colour", "not known"], id="key unknown"
    ),
    pytest.param("nation.toml", "Europe/London", "Europe/Lundon", ["time_zone", "tz list"], id="time zone"),
    pytest.param("nation.toml", "{2}$'", "{2$('", ["postcode_pattern", "regular expression"], id="pattern"),
    pytest.param("nation.toml", '["Ward", "Wards"]', '["Ward"]', ["levels.small_area", "1 words"], id="one word"),
    pytest.param("nation.toml", "district =", "county =", ["levels.county", "not known"], id="level unknown"),
    pytest.param(
        "nation.toml",
        'district = ["Borough", "Boroughs"]',
        "",
        ["field level", "small_area, district"],
        id="level missing",
    ),
    pytest.param("nation.toml", "[-2000.0, -2000.0]", "[-2000.0]", ["picture.move.C1", "1 numbers"], id="move"),
    pytest.param("nation.toml", "C1 =", "C9 =", ["field picture.move", "C9 has no boundary"], id="move nobody"),
    pytest.param("nation.toml", "name =", "name ==", ["nation.toml", "cannot be read"], id="no TOML"),
]


@pytest.mark.parametrize(("file", "old", "new", "words"), SPOILT)
def test_refused_by_name(read: Read, spoil: Spoil, file: str, old: str, new: str, words: list[str]) -> None:
    spoil(file, old, new)
    with pytest.raises(BadDescription) as refusal:
        read()
    for word in words:
        assert word in str(refusal.value)


@pytest.mark.parametrize("file", ["areas.csv", "postcodes.csv", "boundaries.geojson"])
def test_a_missing_file_is_named(read: Read, folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(BadDescription, match=f"{file}: the file is missing"):
        read()


def test_another_encoding_is_named(read: Read, folder: Path) -> None:
    content = (folder / "areas.csv").read_text(encoding="utf-8").replace("Alder Rise", "Äldern")
    (folder / "areas.csv").write_bytes(content.encode("cp1252"))
    with pytest.raises(BadDescription, match=r"areas\.csv.*UTF-8"):
        read()


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(BadDescription, match="no such folder"):
        describe.choose(tmp_path / "nowhere", descriptions=tmp_path)
