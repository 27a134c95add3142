"""The file of shapes holds every border once, and gives back every area as it was drawn."""

import json
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.publication.map_file import packed, shapes_file, zigzag
from pumphandle.publication.pictures import Box
from pumphandle.publication.topology import Border, ring_points, topology

# Four squares of 10: A B over C D, with a hole in B that E fills, and an island F.
PATHS = {
    "A": "M0 0l10 0 0 10-10 0z",
    "B": "M10 0l10 0 0 10-10 0zM13 3l0 4 4 0 0-4z",
    "C": "M0 10l10 0 0 10-10 0z",
    "D": "M10 10l10 0 0 10-10 0z",
    "E": "M17 3l0 4-4 0 0-4z",
    "F": "M40 40h1v1h-1z",
}
DISTRICTS = {"A": "west", "B": "east", "C": "west", "D": "east", "E": "east", "F": "west"}


def numbers(written: bytes) -> Iterator[int]:
    """Another reading of the format than the browser's."""
    value = shift = 0
    for byte in written:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


def signed(value: int) -> int:
    return value >> 1 if value % 2 == 0 else -(value + 1) // 2


def read(written: bytes) -> tuple[dict[str, Any], list[list[tuple[int, int]]], list[int], list[list[list[int]]]]:
    (size,) = struct.unpack("<I", written[:4])
    head = json.loads(written[4 : 4 + size])
    stream = numbers(written[4 + size :])
    arcs, borders, at = [], [], (0, 0)
    for _ in range(next(stream)):
        borders.append(next(stream))
        arc = []
        for _ in range(next(stream)):
            at = (at[0] + signed(next(stream)), at[1] + signed(next(stream)))
            arc.append(at)
        arcs.append(arc)
    rings = [[[signed(next(stream)) for _ in range(next(stream))] for _ in range(next(stream))] for _ in head["areas"]]
    assert next(stream, None) is None
    return head, arcs, borders, rings


def walked(arcs: list[list[tuple[int, int]]], ring: list[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        assert not found or found[-1] == arc[0]
        found += arc if not found else arc[1:]
    assert found[0] == found[-1]
    return found[:-1]


def turned(points: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    least = points.index(min(points))
    return tuple(points[least:] + points[:least])


def test_every_area_is_given_back() -> None:
    head, arcs, borders, rings = read(shapes_file(PATHS, DISTRICTS, Box(0, 0, 41, 41), about={"vintage": "2020"}))
    assert head["areas"] == list(PATHS)
    assert head["view"] == [0, 0, 41, 41]
    assert [head["districts"][number] for number in head["in"]] == list(DISTRICTS.values())
    for area, written in zip(PATHS, rings, strict=True):
        meant = {turned([tuple(point) for point in ring.tolist()]) for ring in ring_points(PATHS[area])}
        assert {turned(walked(arcs, ring)) for ring in written} == meant
    assert len(arcs) == len(borders)


def test_a_border_is_kept_once_and_knows_its_sides() -> None:
    drawn = topology(list(PATHS.values()), list(DISTRICTS.values()))
    edges = [frozenset(map(tuple, arc[at : at + 2].tolist())) for arc in drawn.arcs for at in range(len(arc) - 1)]
    assert len(edges) == len(set(edges))
    (a, b, c, d, e, f) = (
        {number if number >= 0 else ~number for ring in one for number in ring} for one in drawn.rings
    )
    kinds = drawn.borders
    assert {kinds[number] for number in a & b} == {Border.DISTRICT}
    assert {kinds[number] for number in a & c} | {kinds[number] for number in b & e} == {Border.INNER}
    assert {kinds[number] for number in f} == {Border.COAST}
    assert c & d and not a & d


def test_points_on_the_way_are_left_out_and_no_area_vanishes() -> None:
    staircase = "M0 0" + "l" + " ".join(["1 0"] * 50) + " 0 50" + " -1 0" * 50 + "z"
    drawn = topology([staircase, "M100 100l1 0 0 1z"], ["west", "west"])
    assert max(len(arc) for arc in drawn.arcs) <= 6
    assert all(len(arc) >= 4 for arc in drawn.arcs)


def test_nothing_to_draw_is_a_file_too() -> None:
    assert read(shapes_file({}, {}, Box(0, 0, 1, 1), about={}))[1:] == ([], [], [])


@given(st.lists(st.integers(min_value=-(2**33), max_value=2**33), min_size=1))
def test_numbers_come_back(values: list[int]) -> None:
    assert [signed(one) for one in numbers(packed(zigzag(np.array(values, dtype=np.int64))))] == values


@pytest.mark.parametrize(("path", "points"), [("", 0), ("M1 2l3 0z", 0), ("M1 2l3 0 0 3z", 1)])
def test_a_ring_needs_three_points(path: str, points: int) -> None:
    assert len(ring_points(path)) == points
