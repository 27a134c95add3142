"""The picture has north up, keeps shared borders shared, stays small, and nobody vanishes from it."""

import re
from math import cos, radians

import numpy as np
import pytest
from shapely.geometry import Polygon, box

from pumphandle.geography import picture
from pumphandle.geography.boundaries import Shape
from pumphandle.geography.description import Coordinates


def points(path: str) -> list[tuple[int, int]]:
    """Corners of a path of M and l commands, as SVG would walk them. A slow twin of svg_path."""
    found: list[tuple[int, int]] = []
    for ring in path.split("M")[1:]:
        start, steps = ring.rstrip("z").split("l")
        x, y = map(int, start.split())
        found.append((x, y))
        numbers = [int(number) for number in re.findall(r"-?\d+", steps)]
        for across, down in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + across, y + down
            found.append((x, y))
    return found


def test_north_is_up_and_west_is_left() -> None:
    shapes: dict[str, Shape] = {"south": box(0, 0, 10, 10), "north": box(0, 10, 10, 20)}
    frame = picture.frame(shapes, coordinates=Coordinates.PLANE, moved={})
    paths = picture.paths(shapes, picture=frame, moved={})
    assert frame.view_box == "0 0 5000 10000"
    assert sorted(points(paths["north"])) == [(0, 0), (0, 5000), (5000, 0), (5000, 5000)]
    assert min(y for _, y in points(paths["south"])) == 5000


def test_degrees_are_narrowed_and_metres_are_not() -> None:
    shapes: dict[str, Shape] = {"a": box(0, 59, 2, 61)}
    assert picture.frame(shapes, coordinates=Coordinates.DEGREES, moved={}).width == round(10_000 * cos(radians(60)))
    assert picture.frame(shapes, coordinates=Coordinates.PLANE, moved={}).width == 10_000


def test_a_moved_island_does_not_widen_the_picture() -> None:
    shapes: dict[str, Shape] = {"land": box(0, 0, 100, 100), "isle": box(1000, 0, 1010, 10)}
    frame = picture.frame(shapes, coordinates=Coordinates.PLANE, moved={"isle": (-895.0, 0.0)})
    paths = picture.paths(shapes, picture=frame, moved={"isle": (-895.0, 0.0)})
    assert (frame.width, frame.height) == (10_000, round(10_000 * 100 / 115))
    assert max(x for x, _ in points(paths["isle"])) == 10_000


def test_what_is_too_small_to_be_seen_is_one_unit() -> None:
    shapes: dict[str, Shape] = {"land": box(0, 0, 1e6, 1e6), "rock": box(5e5, 2e6, 5e5 + 1, 2e6 + 1)}
    frame = picture.frame(shapes, coordinates=Coordinates.PLANE, moved={})
    assert re.fullmatch(r"M\d+ \d+h1v1h-1z", picture.paths(shapes, picture=frame, moved={})["rock"])


def test_holes_are_kept() -> None:
    ring = Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    assert picture.svg_path(ring).count("M") == 2


@pytest.mark.parametrize("corners", [200, 20_000])
def test_a_coast_of_many_corners_fits_the_budget(corners: int) -> None:
    rng = np.random.default_rng(1854)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = 1 + 0.2 * rng.random(corners)
    coast = list(zip(radius * np.cos(angle), radius * np.sin(angle), strict=True))
    west = Polygon(coast).intersection(box(-2, -2, 0, 2)).buffer(0)
    east = Polygon(coast).intersection(box(0, -2, 2, 2)).buffer(0)
    assert isinstance(west, Polygon)
    assert isinstance(east, Polygon)
    shapes: dict[str, Shape] = {"west": west, "east": east}
    frame = picture.frame(shapes, coordinates=Coordinates.PLANE, moved={})
    paths = picture.paths(shapes, picture=frame, moved={})
    assert sum(map(len, paths.values())) <= picture.BYTES_A_LEVEL + 2 * picture.BYTES_AN_AREA
    # the border is shared: both sides keep the same corners on it
    border = {
        code: {point for point in points(path) if abs(point[0] + round(frame.west * frame.across)) <= 1}
        for code, path in paths.items()
    }
    assert border["west"] & border["east"]
