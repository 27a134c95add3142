"""Lines that part near places: read where a description names them, refused by name where they are spoilt."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pumphandle.geography import describe
from pumphandle.geography.country import Country
from pumphandle.vocabulary.errors import BadDescription

Read = Callable[[], Country]
RIVER = {"type": "LineString", "coordinates": [[0, 0], [900, 400]]}
RAILWAY = {"type": "MultiLineString", "coordinates": [[[0, 9], [5, 9]], [[7, 9], [9, 9]]]}


def described(folder: Path, *features: object, section: str = '[barriers]\nfile = "lines.geojson"\n') -> None:
    text = (folder / "nation.toml").read_text("utf-8")
    (folder / "nation.toml").write_text(text + "\n" + section, "utf-8")
    (folder / "lines.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")


def line(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_none_where_none_are_named(read: Read) -> None:
    assert read().barriers == ()


def test_kind_and_name(read: Read, folder: Path) -> None:
    described(folder, line(RIVER, kind="river", name="River Alder"), line(RAILWAY, kind="railway"))
    found = read()
    assert [(one.kind, one.name, one.as_geojson()["type"]) for one in found.barriers] == [
        ("river", "River Alder", "LineString"),
        ("railway", "", "MultiLineString"),
    ]
    assert "Barriers between places: 2, from lines.geojson." in found.notes


def test_properties_of_other_names(read: Read, folder: Path) -> None:
    section = '[barriers]\nfile = "lines.geojson"\nkind = "class"\nname = "called"\n'
    described(folder, line(RIVER, **{"class": "canal", "called": "Old Cut"}), section=section)
    assert [(one.kind, one.name) for one in read().barriers] == [("canal", "Old Cut")]
    assert "lines.geojson" in describe.files_of(describe.read(folder / "nation.toml"))


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        (line({"type": "Point", "coordinates": [0, 0]}, kind="river"), ["feature 2", "no line", "LineString"]),
        (line(None, kind="river"), ["feature 2", "no line"]),
        (line({"type": "LineString", "coordinates": [[0, None]]}, kind="river"), ["feature 2", "broken"]),
        (line({"type": "LineString", "coordinates": []}, kind="river"), ["feature 2", "empty"]),
        (line(RIVER, name="Alder"), ["feature 2", "field kind", "missing"]),
        ("river", ["feature 2", "no line"]),
    ],
)
def test_refused_by_name(read: Read, folder: Path, feature: object, words: list[str]) -> None:
    described(folder, line(RIVER, kind="river"), feature)
    with pytest.raises(BadDescription) as refusal:
        read()
    assert all(word in str(refusal.value) for word in ["lines.geojson", *words])


def test_no_lines_and_no_file(read: Read, folder: Path) -> None:
    described(folder)
    with pytest.raises(BadDescription, match="FeatureCollection of lines"):
        read()
    (folder / "lines.geojson").unlink()
    with pytest.raises(BadDescription, match=r"lines\.geojson.*missing"):
        read()
