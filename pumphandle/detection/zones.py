"""The places that a scan looks at together: circles over nearest neighbours, or lists given by people."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from pumphandle.detection.kernels.near import cut_lists
from pumphandle.detection.nearest import nearest
from pumphandle.vocabulary.errors import NotUnderstood

EARTH_RADIUS_KM: Final = 6371.0088  # mean radius, IUGG
SAME_DISTANCE: Final = 1e-9  # relative: places this near to equally far come in together
CHUNK_ENTRIES: Final = 1_000_000  # distances that a thread has in memory while circles are drawn

Values = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Zones:
    """Growing sets of places around centres: the first k members of a list, for each k that closes.

    centre : (places,) place at the middle; every place once, in any order
    start  : (centres + 1,) where each centre's list begins in `member`
    member : (entries,) places, nearest first
    closes : (entries,) false while the next place is as near as this one: a circle holds both or neither
    size   : (places,) what the cap counts, usually people
    total  : sum of `size`
    """

    centre: Indices
    start: npt.NDArray[np.int64]
    member: Indices
    closes: Flags
    size: Values
    total: float

    @property
    def places(self) -> int:
        return len(self.size)

    @property
    def without_circle(self) -> Indices:
        """Centres that are larger than the cap by themselves: nobody looks at them alone. Raise the cap."""
        return self.centre[np.diff(self.start) == 0]

    @property
    def rank(self) -> Indices:
        """(places,) position of each place among the centres."""
        rank = np.empty(len(self.centre), dtype=np.int32)
        rank[self.centre] = np.arange(len(self.centre), dtype=np.int32)
        return rank

    def members(self, centre: int, count: int) -> Indices:
        """The first `count` places around the centre in position `centre`, nearest first."""
        first = int(self.start[centre])
        return self.member[first : first + count]


def circles(
    points: npt.ArrayLike,
    size: npt.ArrayLike,
    *,
    distance: Literal["plane", "great_circle"] = "plane",
    max_share: float = 0.5,
    max_radius: float | None = None,
    max_places: int | None = None,
    total: float | None = None,
    threads: int = 1,
) -> Zones:
    """Circles around every place, by true distance, up to a share of `size`.

    points : (places, 2) metres east and north, or for `great_circle` degrees latitude and longitude
    size   : (places,) people, tests or cases: what `max_share` is a share of
    max_radius : in the unit of the plane; kilometres for `great_circle`
    max_places : nearest places looked at, at most (where a place stands among equally far ones, all or none come in)
    total  : what max_share is a share of; default the sum of `size`
    threads : the result is the same for any number

    Raises NotUnderstood: a place without coordinates, a size that is negative or not a number, nobody anywhere,
    one place alone (nothing to compare with), a share outside (0, 1].
    Source: Kulldorff 1997, Commun Stat Theory Methods 26:1481, section 2.
    """
    weights = np.ascontiguousarray(size, dtype=np.float64)
    given = np.asarray(points, dtype=np.float64)
    coordinates = _coordinates(given, distance)
    _check(coordinates, weights, max_share)
    everyone = float(weights.sum()) if total is None else total
    cap = max_share * everyone * (1.0 + 1e-12)
    radius = np.inf if max_radius is None else _chord(max_radius) if distance == "great_circle" else max_radius
    limit = len(weights) if max_places is None else min(max_places, len(weights))
    centre = _along_a_curve(given)
    lists, flags, lengths = _grow(coordinates, weights, cap, radius * (1.0 + SAME_DISTANCE), limit, threads, centre)
    start = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
    return Zones(centre=centre, start=start, member=lists, closes=flags, size=weights, total=everyone)


def listed(lists: Sequence[Sequence[int]], size: npt.ArrayLike, *, max_share: float = 1.0) -> Zones:
    """Zones from given neighbour lists, nearest first, the centre included (travel time, rivers, railways).

    lists : one a place; list i begins with place i
    Raises NotUnderstood for an unknown place, a place named twice, or a list that does not begin with its centre.
    """
    rings = [[[one] for one in near] for near in lists]
    return _from_rings(rings, np.ascontiguousarray(size, dtype=np.float64), max_share)


def adjacent(neighbours: Sequence[Sequence[int]], size: npt.ArrayLike, *, max_share: float, max_steps: int) -> Zones:
    """Zones that grow by whole rings: the place, all that touch it, all that touch those, up to `max_steps` rings.

    neighbours : for each place the places that touch it
    Raises NotUnderstood for an unknown place.
    """
    places = len(neighbours)
    rings: list[list[list[int]]] = []
    for middle in range(places):
        seen, ring, grown = {middle}, [middle], [[middle]]
        for _ in range(max_steps):
            touching = sorted({other for one in ring for other in neighbours[one] if other not in seen})
            if not touching or touching[0] < 0 or touching[-1] >= places:
                grown += [touching] if touching else []
                break
            seen.update(touching)
            grown.append(touching)
            ring = touching
        rings.append(grown)
    return _from_rings(rings, np.ascontiguousarray(size, dtype=np.float64), max_share)


def _from_rings(rings: list[list[list[int]]], weights: Values, max_share: float) -> Zones:
    if len(rings) != len(weights):
        raise NotUnderstood(f"{len(rings)} neighbour lists for {len(weights)} places: give one list a place.")
    _check_sizes(weights, max_share)
    total = float(weights.sum())
    cap = max_share * total * (1.0 + 1e-12)
    members: list[int] = []
    closes: list[bool] = []
    start = [0]
    for middle, grown in enumerate(rings):
        _check_list(middle, [one for ring in grown for one in ring], len(weights))
        held = 0.0
        for ring in grown:
            held += float(weights[ring].sum())
            if held > cap:
                break
            members += ring
            closes += [False] * (len(ring) - 1) + [True]
        start.append(len(members))
    return Zones(
        centre=np.arange(len(weights), dtype=np.int32),
        start=np.array(start, dtype=np.int64),
        member=np.array(members, dtype=np.int32),
        closes=np.array(closes, dtype=np.bool_),
        size=weights,
        total=total,
    )


def _check_list(middle: int, near: list[int], places: int) -> None:
    if not near or near[0] != middle:
        raise NotUnderstood(f"Neighbour list {middle} does not begin with place {middle}, its own centre.")
    if min(near) < 0 or max(near) >= places:
        raise NotUnderstood(f"Neighbour list {middle} names a place outside 0 to {places - 1}.")
    if len(set(near)) != len(near):
        raise NotUnderstood(f"Neighbour list {middle} names a place twice.")


def _check(coordinates: Values, weights: Values, max_share: float) -> None:
    if len(coordinates) != len(weights):
        raise NotUnderstood(f"{len(coordinates)} places have coordinates, {len(weights)} a size: give both for each.")
    lost = np.flatnonzero(~np.isfinite(coordinates).all(axis=1))
    if len(lost):
        raise NotUnderstood(f"{len(lost)} places have no coordinates, the first in position {lost[0]}.")
    if len(weights) < 2:
        raise NotUnderstood("A scan compares places with each other: give at least two.")
    _check_sizes(weights, max_share)


def _check_sizes(weights: Values, max_share: float) -> None:
    wrong = np.flatnonzero(~np.isfinite(weights) | (weights < 0))
    if len(wrong):
        raise NotUnderstood(f"{len(wrong)} places have a size below zero or none, the first in position {wrong[0]}.")
    if weights.sum() <= 0:
        raise NotUnderstood("Nobody lives in any of the places: their sizes sum to nothing.")
    if not 0.0 < max_share <= 1.0:
        raise NotUnderstood(f"max_share is {max_share}: a share lies above 0 and is at most 1.")


def _coordinates(points: Values, distance: str) -> Values:
    if points.ndim != 2 or points.shape[1] != 2:
        raise NotUnderstood("Points are an array of two columns, one row a place.")
    if distance == "plane":
        return points
    if distance != "great_circle":
        raise NotUnderstood(f"distance is {distance!r}: it is 'plane' or 'great_circle'.")
    latitude, longitude = np.radians(points).T
    if (np.abs(points[:, 0]) > 90).any() or (np.abs(points[:, 1]) > 360).any():
        raise NotUnderstood("A latitude lies beyond 90 or a longitude beyond 360 degrees: is the order latitude first?")
    flat = np.cos(latitude)
    ball = np.column_stack((flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)))
    return ball * EARTH_RADIUS_KM


def _chord(arc_km: float) -> float:
    """A straight line through the earth: it orders places as the arc does, and the tree knows straight lines."""
    return float(2.0 * EARTH_RADIUS_KM * np.sin(min(arc_km / (2.0 * EARTH_RADIUS_KM), np.pi / 2.0)))


def _grow(
    coordinates: Values, weights: Values, cap: float, radius: float, limit: int, threads: int, order: Indices
) -> tuple[Indices, Flags, npt.NDArray[np.int64]]:
    """Nearest neighbours of every place until the cap is passed; those who asked for too few ask again for more."""
    places = len(weights)
    tree = cKDTree(coordinates)
    lists: list[Indices] = [np.empty(0, dtype=np.int32)] * places
    flags: list[Flags] = [np.empty(0, dtype=np.bool_)] * places
    lengths = np.full(places, -1, dtype=np.int64)
    ask = int(min(limit + 1, places, 1.3 * min(1.0, cap / weights.sum()) * places + 17))
    while (lengths < 0).any():
        waiting = np.flatnonzero(lengths < 0)
        chunks = np.array_split(waiting, 1 + len(waiting) * ask // CHUNK_ENTRIES)

        def cut(chunk: npt.NDArray[np.int64], ask: int = ask) -> tuple[Indices, Flags, npt.NDArray[np.int64]]:
            far, near = nearest(tree, coordinates[order[chunk]], ask)
            member, closes = np.empty(near.shape, dtype=np.int32), np.empty(near.shape, dtype=np.bool_)
            kept = np.empty(len(chunk), dtype=np.int64)
            cut_lists(far, near, weights, cap, radius, limit, SAME_DISTANCE, member, closes, kept)
            return member, closes, kept

        with ThreadPoolExecutor(threads) as pool:
            for chunk, (member, closes, kept) in zip(chunks, pool.map(cut, chunks), strict=True):
                lengths[chunk] = kept
                for row in np.flatnonzero(kept > 0).tolist():
                    at, count = int(chunk[row]), int(kept[row])
                    lists[at], flags[at] = member[row, :count], closes[row, :count]
        ask = min(places, limit + 1, 2 * ask)
    return np.concatenate(lists), np.concatenate(flags), lengths


def _along_a_curve(points: Values) -> Indices:
    """Places in an order in which near ones stand near each other (Morton 1966): memory is read in that order."""
    low, high = points.min(axis=0), points.max(axis=0)
    cells = ((points - low) / np.where(high > low, high - low, 1.0) * 65535.0).astype(np.uint64)
    code = np.zeros(len(points), dtype=np.uint64)
    for bit in range(16):
        for axis in range(2):
            code |= ((cells[:, axis] >> np.uint64(bit)) & np.uint64(1)) << np.uint64(2 * bit + axis)
    return np.lexsort((points[:, 1], points[:, 0], code)).astype(np.int32)
