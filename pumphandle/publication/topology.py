"""Areas that share their borders, as arcs: each border once, each ring a walk along arcs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

_RING: Final = re.compile(r"M([^MLlhvz]*)(?:l([^Mhvz]*))?(h1v1h-1)?")
_WIDE: Final = 31
"""Bits of one of two whole numbers that are written as one."""

Points = NDArray[np.int64]

ROUGHNESS: Final = 0.8
"""Units of the picture by which a border may be off: less than one, which is 65 m in England."""
FEWEST_OF_A_LOOP: Final = 4
"""A closed arc of fewer points, the first counted twice, encloses nothing."""


class Border(IntEnum):
    """What lies on the two sides of an arc. In order of weight: a map draws the first kinds even when it is small."""

    COAST = 0
    DISTRICT = 1
    INNER = 2


@dataclass(frozen=True)
class Topology:
    """Shapes without repetition.

    arcs    : (points, 2) whole numbers each, two points at least
    borders : one for each arc
    rings   : for each area its rings; a ring is arcs in order, ~i (-1 - i) where arc i is walked backwards
    """

    arcs: tuple[Points, ...]
    borders: tuple[Border, ...]
    rings: tuple[tuple[tuple[int, ...], ...], ...]


def ring_points(path: str) -> list[Points]:
    """(points, 2) of each ring of a path of `geography.picture`, without repeating the first point at the end."""
    found: list[Points] = []
    for start, steps, unit_square in _RING.findall(path):
        origin = _numbers(start)[:2]
        if len(origin) < 2:
            continue
        moves = _numbers(steps)
        if unit_square:
            moves = np.array([1, 0, 0, 1, -1, 0], dtype=np.int64)
        points = np.vstack([origin, origin + np.cumsum(moves[: len(moves) // 2 * 2].reshape(-1, 2), axis=0)])
        if len(points) > 1 and (points[0] == points[-1]).all():
            points = points[:-1]
        if len(points) >= 3:
            found.append(points)
    return found


def _numbers(text: str) -> Points:
    """Whole numbers, each behind a blank or its own sign."""
    return np.fromstring(text.replace("-", " -"), dtype=np.int64, sep=" ")


def topology(paths: Sequence[str], districts: Sequence[str]) -> Topology:
    """Cut the rings of all areas where borders meet, and keep each piece once.

    paths, districts : one each per area
    """
    rings = [(area, points) for area, path in enumerate(paths) for points in ring_points(path)]
    if not rings:
        return Topology((), (), tuple(() for _ in paths))
    numbers = np.vstack([points for _, points in rings])
    low = numbers.min(axis=0)
    # one number a place sorts much quicker than two
    keys, walked = np.unique((numbers[:, 0] - low[0]) << _WIDE | (numbers[:, 1] - low[1]), return_inverse=True)
    places = np.stack([keys >> _WIDE, keys & ((1 << _WIDE) - 1)], axis=1) + low
    walks = np.split(walked.ravel(), np.cumsum([len(points) for _, points in rings])[:-1])
    meeting = _meeting(walks, len(places))
    arcs: dict[bytes, int] = {}
    kept: list[NDArray[np.int64]] = []
    beside: list[set[int]] = []
    drawn: list[list[tuple[int, ...]]] = [[] for _ in paths]
    for (area, _), walk in zip(rings, walks, strict=True):
        ring: list[int] = []
        for piece in _pieces(walk, meeting):
            number, forward = _kept(piece, arcs, kept)
            if number == len(beside):
                beside.append(set())
            beside[number].add(area)
            ring.append(number if forward else ~number)
        drawn[area].append(tuple(ring))
    return Topology(
        arcs=_plainer([places[piece] for piece in kept]),
        borders=tuple(_border(areas, districts) for areas in beside),
        rings=tuple(tuple(one) for one in drawn),
    )


def _meeting(walks: Sequence[NDArray[np.int64]], count: int) -> NDArray[np.bool_]:
    """(count,) whether a place has other than two neighbours along borders."""
    here = np.concatenate(walks)
    there = np.concatenate([np.roll(walk, -1) for walk in walks])
    edges = np.unique(np.minimum(here, there) << _WIDE | np.maximum(here, there))
    ends = np.concatenate([edges >> _WIDE, edges & ((1 << _WIDE) - 1)])
    return np.bincount(ends, minlength=count) != 2


def _pieces(walk: NDArray[np.int64], meeting: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """A closed walk cut at meeting places; without any, whole, from its least place on."""
    cuts = np.flatnonzero(meeting[walk])
    first = int(cuts[0]) if len(cuts) else int(walk.argmin())
    turned = np.concatenate([walk[first:], walk[: first + 1]])
    inner = cuts[1:] - first
    ends = [0, *inner.tolist(), len(walk)]
    return [turned[start : end + 1] for start, end in pairwise(ends)]


def _kept(piece: NDArray[np.int64], arcs: dict[bytes, int], kept: list[NDArray[np.int64]]) -> tuple[int, bool]:
    """Number of the arc, and whether it is walked as it is kept."""
    there, back = piece.tobytes(), piece[::-1].tobytes()
    if there in arcs:
        return arcs[there], True
    if back in arcs:
        return arcs[back], False
    arcs[there] = len(kept)
    kept.append(piece)
    return arcs[there], True


def _plainer(arcs: Sequence[Points]) -> tuple[Points, ...]:
    """Without the points that lie on the way between others, within ROUGHNESS; ends stay where they are."""
    points = np.vstack(arcs)
    number = np.repeat(np.arange(len(arcs)), [len(arc) for arc in arcs])
    drawn = shapely.simplify(shapely.linestrings(points, indices=number), ROUGHNESS, preserve_topology=False)
    corners, where = shapely.get_coordinates(drawn, return_index=True)
    fewer = np.split(corners.astype(np.int64), np.flatnonzero(np.diff(where)) + 1)
    return tuple(
        few if len(few) >= FEWEST_OF_A_LOOP or (few[0] != few[-1]).any() else arc
        for few, arc in zip(fewer, arcs, strict=True)
    )


def _border(areas: set[int], districts: Sequence[str]) -> Border:
    if len(areas) < 2:
        return Border.COAST
    return Border.DISTRICT if len({districts[area] for area in areas}) > 1 else Border.INNER
