"""A nation in the plain form is read whole, and what is not there is said."""

from collections.abc import Callable
from pathlib import Path

from pumphandle.geography.country import Country

Read = Callable[[], Country]
Spoil = Callable[[str, str, str], None]


def test_areas_keep_their_level_parent_and_people(read: Read) -> None:
    rows = {row["area_code"]: row for row in read().areas.to_dicts()}
    assert len(rows) == 12
    assert (rows["A2"]["level"], rows["A2"]["parent"], rows["A2"]["population"]) == ("small_area", "DA", 300)
    assert (rows["R1"]["parent"], rows["R2"]["parent"], rows["PL"]["parent"]) == ("PL", "PL", None)
    assert rows["PL"]["population"] == 3090


def test_people_not_known_stay_not_known(read: Read) -> None:
    found = read()
    assert found.areas.filter(area_code="A3")["population"].item() is None
    assert "Wards whose population is not known: A3." in found.notes


def test_what_is_left_out_is_said(read: Read) -> None:
    notes = read().notes
    assert "Wards without a boundary: A3." in notes
    assert "Wards that no postcode leads to: A3." in notes


def test_postcodes_are_written_alike_and_kept_once(read: Read) -> None:
    table = dict(read().postcodes.select("postcode", "small_area").iter_rows())
    assert table == {"PA11AA": "A1", "PA11AB": "A1", "PA21AA": "A2", "PB11AA": "B1", "PB21AA": "B2", "PC11AA": "C1"}


def test_points_lie_inside_and_every_shape_is_drawn(read: Read) -> None:
    found = read()
    assert set(found.paths) == set(found.shapes) == {"A1", "A2", "B1", "B2", "C1", "DA", "DB", "DC", "R1", "R2"}
    point = found.areas.filter(area_code="A2").select("point_x", "point_y").row(0)
    assert 1000 < point[0] < 2000
    assert 0 < point[1] < 1000


def test_a_nation_without_regions(read: Read, folder: Path, spoil: Spoil) -> None:
    spoil("nation.toml", 'region = ["Shire", "Shires"]\n', "")
    lines = (folder / "areas.csv").read_text().splitlines()
    kept = [line.replace(",R1,", ",,").replace(",R2,", ",PL,") for line in lines if ",region," not in line]
    (folder / "areas.csv").write_text("\n".join(kept) + "\n")
    features = (folder / "boundaries.geojson").read_text().splitlines()
    (folder / "boundaries.geojson").write_text(
        "\n".join(line for line in features if '"R' not in line).replace("},\n]}", "}\n]}")
    )
    spoil("nation.toml", "R2 = [-2000.0, -2000.0]\n", "")
    parents = dict(read().areas.filter(level="district").select("area_code", "parent").iter_rows())
    assert parents == {"DA": "PL", "DB": "PL", "DC": "PL"}


def test_a_nation_without_any_shape(read: Read, folder: Path) -> None:
    (folder / "boundaries.geojson").unlink()
    description, levels = (folder / "nation.toml").read_text(), ""
    for level, parent in (("small_area", True), ("district", True), ("region", False)):
        levels += f'\n[[level]]\nlevel = "{level}"\n[level.areas]\nfile = "areas.csv"\ncode = "area_code"\n'
        levels += f'name = "name"\nwhere = {{ level = "{level}" }}\n'
        levels += '[[level.parent]]\nrule = "column"\ncolumn = "parent"\n' if parent else ""
    (folder / "nation.toml").write_text(description.partition("[picture.move]")[0] + levels)
    found = read()
    assert (found.paths, found.neighbours, found.picture.view_box) == ({}, {}, "0 0 1 1")
    assert found.district["B2"] == "DB"
    assert found.areas.filter(area_code="PL")["population"].item() is None
