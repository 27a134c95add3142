"""The country cut into small areas: no gaps, no overlaps, shared borders equal to the last digit."""

from typing import Final, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

from pumphandle.vocabulary.errors import Broken
from pumphandle_town.chance import Chance, Floats
from pumphandle_town.outline import GRID

Shapes: TypeAlias = NDArray[np.object_]

JAG: Final = (
    0.11  # sideways step of a border, in parts of its length: enough to look grown, too little to cross another
)
FEW: Final = 1_500  # up to so many areas borders get three rounds of steps, beyond that one: files stay small


def centres(count: int, towns: int, land: Polygon, chance: Chance) -> tuple[Floats, Floats]:
    """Where small areas lie, close together in towns: (count, 2); and the towns themselves: (towns, 2)."""
    rng = chance.generator("centres")
    shapely.prepare(land)
    town = _inside(land, rng, towns)
    reach = np.sqrt(land.area / towns)
    weight = 1 / np.arange(1, towns + 1) ** 0.6
    points = np.empty((0, 2))
    while len(points) < count:
        home = rng.choice(towns, size=2 * count, p=weight / weight.sum())
        urban = town[home] + rng.normal(size=(2 * count, 2)) * (
            0.22 * reach * (weight[home] / weight.mean())[:, None] ** 0.5
        )
        open_land = _inside(land, rng, 2 * count)
        drawn = np.where((rng.random(2 * count) < 0.72)[:, None], urban, open_land)
        points = np.concatenate([points, drawn[shapely.contains_xy(land, drawn[:, 0], drawn[:, 1])]])
    points = points[:count]
    for _ in range(2):
        points = _relaxed(points, land)
    return points, town


def tessellate(points: Floats, land: Polygon, chance: Chance) -> list[BaseGeometry]:
    """One area around each point, all cut from lines that are noded once: so neighbours share every corner."""
    if len(points) == 1:
        return [land]
    edges = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(points), extend_to=land, only_edges=True))
    margin = 0.02 * float(np.sqrt(land.area))
    kept = shapely.get_parts(shapely.intersection(edges, land.buffer(margin)))
    corners, line = shapely.get_coordinates(kept, return_index=True)
    follows = line[1:] == line[:-1]
    jagged = _jagged(corners[:-1][follows], corners[1:][follows], 3 if len(points) <= FEW else 1, chance)
    lines = [*(LineString(path) for path in jagged), LineString(land.exterior.coords)]
    noded = shapely.unary_union(lines, grid_size=GRID)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    shapely.prepare(land)
    faces = faces[shapely.contains(land, shapely.point_on_surface(faces))]
    return _gathered(faces, points)


def neighbours(areas: list[BaseGeometry]) -> list[list[int]]:
    """For each area the numbers of those with which it shares a border line."""
    corners, owner = shapely.get_coordinates(np.array(areas), return_index=True)
    whole = np.rint(corners / GRID).astype(np.int64)
    ends = np.stack([whole[:-1], whole[1:]], axis=1)[owner[1:] == owner[:-1]]
    owners = owner[:-1][owner[1:] == owner[:-1]]
    swap = (ends[:, 0, 0] > ends[:, 1, 0]) | ((ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1]))
    ends[swap] = ends[swap][:, ::-1]
    _, edge = np.unique(ends.reshape(-1, 4), axis=0, return_inverse=True)
    order = np.lexsort((owners, edge.ravel()))
    edge, owners = edge.ravel()[order], owners[order]
    meet = (edge[1:] == edge[:-1]) & (owners[1:] != owners[:-1])
    pairs = np.unique(np.column_stack([owners[:-1][meet], owners[1:][meet]]), axis=0)
    found: list[set[int]] = [set() for _ in areas]
    for pair in pairs:
        one, other = int(pair[0]), int(pair[1])
        found[one].add(other)
        found[other].add(one)
    return [sorted(each) for each in found]


def _inside(land: Polygon, rng: np.random.Generator, count: int) -> Floats:
    west, south, east, north = land.bounds
    found = np.empty((0, 2))
    while len(found) < count:
        drawn = rng.uniform((west, south), (east, north), size=(3 * count + 10, 2))
        found = np.concatenate([found, drawn[shapely.contains_xy(land, drawn[:, 0], drawn[:, 1])]])
    return found[:count]


def _relaxed(points: Floats, land: Polygon) -> Floats:
    """Lloyd's step: each point goes to the middle of its cell, if that lies on land."""
    if len(points) < 3:
        return points
    cells = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(points), extend_to=land, ordered=True))
    middle = shapely.get_coordinates(shapely.centroid(shapely.intersection(cells, land)))
    return np.where(shapely.contains_xy(land, middle[:, 0], middle[:, 1])[:, None], middle, points)


def _jagged(start: Floats, end: Floats, rounds: int, chance: Chance) -> Floats:
    """Midpoints pushed sideways, again and again: (lines, 2 ** rounds + 1, 2)."""
    path = np.stack([start, end], axis=1)
    rng = chance.generator("borders")
    for _ in range(rounds):
        along = path[:, 1:] - path[:, :-1]
        aside = (
            np.stack([-along[..., 1], along[..., 0]], axis=-1) * rng.uniform(-JAG, JAG, size=along.shape[:2])[..., None]
        )
        middle = (path[:, 1:] + path[:, :-1]) / 2 + aside
        grown = np.empty((path.shape[0], 2 * path.shape[1] - 1, 2))
        grown[:, 0::2], grown[:, 1::2] = path, middle
        path = grown
    return path


def _gathered(faces: Shapes, points: Floats) -> list[BaseGeometry]:
    """One area a point: its own face, and splinters without a point given to the neighbour with the longest border."""
    face_list: list[BaseGeometry] = list(faces)
    tree = shapely.STRtree(face_list)
    owner: dict[int, int] = {}
    for place, point in enumerate(points):
        face = int(tree.nearest(Point(point)))
        if face in owner:
            raise Broken("the made-up country could not be cut: two small areas share one face. Take another seed.")
        owner[face] = place
    loose = [number for number in range(len(face_list)) if number not in owner]
    while loose:
        borders = {number: _longest(face_list, tree, number, owner) for number in loose}
        number = max(loose, key=lambda each: borders[each][0])
        owner[number] = borders[number][1]
        loose.remove(number)
    parts: list[list[BaseGeometry]] = [[] for _ in points]
    for number, place in sorted(owner.items()):
        parts[place].append(face_list[number])
    return [shapely.coverage_union_all(own) if len(own) > 1 else own[0] for own in parts]


def _longest(faces: list[BaseGeometry], tree: shapely.STRtree, number: int, owner: dict[int, int]) -> tuple[float, int]:
    """Length of the longest border that the face shares with an owned one, and its owner."""
    near: list[int] = tree.query(faces[number], predicate="intersects").tolist()
    best = (0.0, 0)
    for other in near:
        if other in owner:
            length = float(faces[number].intersection(faces[other]).length)
            best = max(best, (length, owner[other]))
    return best
