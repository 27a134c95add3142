"""Shapes are read as they are, mended where they cross themselves, and joined without seams."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from shapely.geometry import box, shape

from pumphandle.geography import boundaries
from pumphandle.geography.description import Coordinates
from pumphandle.vocabulary.errors import BadDescription


def write(path: Path, *geometries: dict[str, object]) -> None:
    features = [{"type": "Feature", "properties": {"c": 7 + at}, "geometry": one} for at, one in enumerate(geometries)]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


SQUARE: dict[str, object] = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
BOW_TIE: dict[str, object] = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}


@pytest.mark.parametrize("name", ["a.geojson", "a.geojson.gz"])
def test_plain_and_compressed(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, SQUARE)
    (feature,) = boundaries.read(tmp_path, name, coordinates=Coordinates.DEGREES)
    assert (feature.place, feature.properties, feature.shape.area, feature.mended) == (1, {"c": "7"}, 1.0, False)


@pytest.mark.parametrize("damage", [lambda content: content[:-9], lambda content: b"no gzip" + content])
def test_a_damaged_compressed_file_is_named(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    write(tmp_path / "a.geojson.gz", SQUARE)
    (tmp_path / "a.geojson.gz").write_bytes(damage((tmp_path / "a.geojson.gz").read_bytes()))
    with pytest.raises(BadDescription, match=r"a\.geojson\.gz: cannot be read as GeoJSON"):
        boundaries.read(tmp_path, "a.geojson.gz", coordinates=Coordinates.DEGREES)


def test_a_shape_that_crosses_itself_is_mended_and_marked(tmp_path: Path) -> None:
    write(tmp_path / "a.geojson", SQUARE, BOW_TIE)
    square, tie = boundaries.read(tmp_path, "a.geojson", coordinates=Coordinates.DEGREES)
    assert (square.mended, tie.mended) == (False, True)
    assert tie.shape.is_valid
    assert tie.shape.area == pytest.approx(2.0)


def test_joined_areas_have_no_seam() -> None:
    whole = boundaries.joined([box(0, 0, 1, 1), box(1, 0, 2, 1)])
    assert whole is not None
    assert whole.equals(box(0, 0, 2, 1))
    assert boundaries.joined([]) is None


def test_geojson_goes_there_and_back() -> None:
    back = shape(json.loads(json.dumps(boundaries.as_geojson(box(0, 0, 2, 1)))))
    assert back.equals(box(0, 0, 2, 1))


def test_the_point_of_a_crescent_lies_inside_it() -> None:
    crescent = box(0, 0, 10, 10).difference(box(1, 1, 10, 9))
    assert isinstance(crescent, boundaries.Polygon)
    x, y = boundaries.point(crescent)
    assert crescent.contains(box(x - 1e-6, y - 1e-6, x + 1e-6, y + 1e-6))
