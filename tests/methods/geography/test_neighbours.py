"""Neighbours share a border or a corner, both ways; the lonely get the nearest."""

from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from pumphandle.geography.boundaries import Shape
from pumphandle.geography.neighbours import neighbours

Cell = tuple[int, int]


def test_corners_count_and_gaps_lead_to_the_nearest_only() -> None:
    shapes: dict[str, Shape] = {
        "a": box(0, 0, 1, 1),
        "b": box(1, 1, 2, 2),
        "c": box(1.1, 0, 2, 0.8),
        "d": box(2, 1, 3, 2),
    }
    assert neighbours(shapes) == {"a": ["b", "c"], "b": ["a", "d"], "c": ["a"], "d": ["b"]}


def test_an_island_gets_the_nearest_which_gets_it() -> None:
    shapes: dict[str, Shape] = {"a": box(0, 0, 1, 1), "b": box(1, 0, 2, 1), "isle": box(5, 0, 6, 1)}
    assert neighbours(shapes) == {"a": ["b"], "b": ["a", "isle"], "isle": ["b"]}


def test_borders_rounded_apart_still_touch() -> None:
    shapes: dict[str, Shape] = {
        "a": box(140, -30, 147, -28),
        "b": box(147.0001, -30, 154, -28),
        "c": box(140, -34, 147, -30),
    }
    assert neighbours(shapes)["b"] == ["a", "c"]


def test_one_area_alone_has_none() -> None:
    assert neighbours({"a": box(0, 0, 1, 1)}) == {"a": []}


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=25))
def test_as_the_slow_way_finds_them(cells: set[Cell]) -> None:
    shapes: dict[str, Shape] = {f"{x}/{y}": box(x, y, x + 1, y + 1) for x, y in cells}
    touching = {f"{x}/{y}": {f"{u}/{v}" for u, v in cells if max(abs(u - x), abs(v - y)) == 1} for x, y in cells}
    for code, here in neighbours(shapes).items():
        assert here, "nobody is without a neighbour"
        assert touching[code] <= set(here)
        assert all(not touching[code] or not touching[other] for other in set(here) - touching[code])
        assert all(code in neighbours(shapes)[other] for other in here)
