"""The picture of all small areas shows each where it lies, in the colour of its class, and leaves none out."""

import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import pumphandle.web.public
from pumphandle.publication.map_picture import COLOURS, Paper, land, pictures
from pumphandle.publication.pictures import Box
from pumphandle.publication.raster import NOWHERE, area_pixels, borders

CSS = (Path(pumphandle.web.public.__path__[0]) / "static" / "site.css").read_text(encoding="utf-8")
SQUARES = ("M0 0l10 0 0 10-10 0z", "M10 0l10 0 0 10-10 0z", "M0 10l20 0 0 10-20 0zM4 14l4 0 0 4-4 0z")
VIEW = Box(0, 0, 20, 20)


def read(data: bytes) -> NDArray[np.uint8]:
    """(height, width, 4) by a reader of its own, for the one form that is written."""
    at, parts = 8, {}
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body)
        parts[kind], at = body, at + 12 + size
    width, height, depth, colours = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert (depth, colours) == (8, 3)
    lines = np.frombuffer(zlib.decompress(parts[b"IDAT"]), dtype=np.uint8).reshape(height, width + 1)
    assert not lines[:, 0].any()
    palette = np.frombuffer(parts[b"PLTE"], dtype=np.uint8).reshape(-1, 3)
    opaque = np.full(len(palette), 255, dtype=np.uint8)
    opaque[: len(parts[b"tRNS"])] = np.frombuffer(parts[b"tRNS"], dtype=np.uint8)
    return np.dstack([palette[lines[:, 1:]], opaque[lines[:, 1:]]])


def test_each_pixel_lies_in_the_area_that_it_names_and_a_hole_in_none() -> None:
    found = area_pixels(SQUARES, VIEW, width=20)
    assert found.shape == (20, 20)
    assert (found[:10, :10] == 0).all()
    assert (found[:10, 10:] == 1).all()
    assert (found[14:18, 4:8] == NOWHERE).all()
    assert (found[10:] == 2).sum() == 200 - 16


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(3, 9), st.integers(2, 18)), min_size=1, max_size=6
    )
)
def test_pixels_are_those_whose_middle_a_second_reader_finds_inside(given: list[tuple[int, int, int, int]]) -> None:
    for left, top, corners, radius in given:
        angles = 2 * np.pi * np.arange(corners) / corners
        points = np.rint(np.column_stack([np.cos(angles), np.sin(angles)]) * radius + (left + 20, top + 20)).astype(int)
        shape = shapely.Polygon(points)
        if not shape.is_valid or not shape.area:
            continue
        steps = "".join(f" {x} {y}" for x, y in np.diff(points, axis=0).tolist())
        found = area_pixels([f"M{points[0, 0]} {points[0, 1]}l{steps.strip()}z"], Box(0, 0, 100, 100), width=100)
        x, y = np.meshgrid(np.arange(100) + 0.5, np.arange(100) + 0.5)
        near = shapely.distance(shape.exterior, shapely.points(x, y)) < 1e-9  # on the border either answer is right
        assert ((found == 0) == shapely.contains_xy(shape, x, y))[~near].all()


def test_an_area_too_small_for_a_pixel_has_one_all_the_same() -> None:
    found = area_pixels(("M0 0l400 0 0 400-400 0z", "M200 200h1v1h-1z"), Box(0, 0, 400, 400), width=40)
    assert set(np.unique(found)) == {0, 1}


def test_borders_lie_between_districts_and_nowhere_else() -> None:
    found = borders(area_pixels(SQUARES, VIEW, width=20), np.array([0, 0, 1]))
    assert found[9].all()
    assert found.sum() == 20


@pytest.mark.parametrize("paper", list(Paper))
def test_colours_are_those_of_the_style_sheet(paper: Paper) -> None:
    light, dark = CSS.split("@media (prefers-color-scheme: dark)")
    sheet = light if paper is Paper.LIGHT else dark.split("\n}\n")[0]
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", sheet))
    assert {name: tokens[f"k{name}" if len(name) == 1 else name] for name in COLOURS[paper]} == COLOURS[paper]


def test_a_picture_shows_classes_and_hatches_what_is_open_and_what_is_held() -> None:
    drawn = land(SQUARES, ("D1", "D1", "D2"), VIEW)
    made = pictures(drawn, "6oh")
    shown, dark = read(made[Paper.LIGHT]), read(made[Paper.DARK])
    assert shown.shape[:2] == drawn.size[::-1]

    def at(area: int) -> set[str]:
        pixels = shown[(drawn.pixels == area) & ~drawn.borders]
        assert (pixels[:, 3] == 255).all()
        return {"#" + bytes(pixel).hex() for pixel in np.unique(pixels[:, :3], axis=0)}

    colours = COLOURS[Paper.LIGHT]
    assert at(0) == {colours["6"]}
    assert at(1) == {colours["open-ground"], colours["open-line"]}
    assert at(2) == {colours["held-ground"], colours["open-line"]}
    assert (dark[15, 15, :3] == list(bytes.fromhex(COLOURS[Paper.DARK]["6"][1:]))).all()
    assert not shown[drawn.pixels == NOWHERE][:, 3].any()
