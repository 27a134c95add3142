"""The nearest places of many points at once: points that lie together look among the same candidates."""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from pumphandle.detection.kernels.near import keyed_distances

Values = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

FEW: Final = 48
"""Neighbours up to which the tree itself is quicker."""
TOGETHER: Final = 16
"""Points of a group: more share a search, but look among more candidates."""
ROOM: Final = 1 << 16
"""Candidates whose number fits beside a distance in 64 bits, so that one plain sort orders both."""


def nearest(tree: cKDTree, points: Values, ask: int) -> tuple[Values, Longs]:
    """(points, ask) distances and places, nearest first.

    points : near each other if they stand near each other (as along a curve): only the time depends on it

    All within d + 2 r of a group's middle are candidates, d being the distance to the middle's own `ask`-th place and r
    to the group's farthest point: nobody's nearest lie outside. Distances are told apart down to 2^-36 of their size.
    """
    if ask <= FEW or len(points) < TOGETHER:
        return _by_tree(tree, points, ask)
    far, near = np.empty((len(points), ask)), np.empty((len(points), ask), dtype=np.int64)
    every = np.asarray(tree.data, dtype=np.float64)
    groups = [points[at : at + TOGETHER] for at in range(0, len(points), TOGETHER)]
    middle = np.stack([(one.min(axis=0) + one.max(axis=0)) / 2.0 for one in groups])
    radius = np.array([np.sqrt(((one - at) ** 2).sum(axis=1).max()) for one, at in zip(groups, middle, strict=True)])
    reach, _ = tree.query(middle, k=[ask])
    for number, group in enumerate(groups):
        at = slice(number * TOGETHER, number * TOGETHER + len(group))
        within = (float(np.asarray(reach)[number, 0]) + 2.0 * radius[number]) * (1.0 + 1e-9) + 1e-12
        candidates = np.asarray(tree.query_ball_point(middle[number], within), dtype=np.int64)
        if not ask <= len(candidates) < min(ROOM, 8 * ask):
            far[at], near[at] = _by_tree(tree, group, ask)
            continue
        keys = np.empty((len(group), len(candidates)), dtype=np.int64)
        keyed_distances(group, every[candidates], ROOM, keys)
        keys.sort(axis=1)
        near[at] = candidates[keys[:, :ask] & (ROOM - 1)]
        far[at] = np.sqrt((keys[:, :ask] & ~np.int64(ROOM - 1)).view(np.float64))
    return far, near


def _by_tree(tree: cKDTree, points: Values, ask: int) -> tuple[Values, Longs]:
    far, near = tree.query(points, k=np.arange(1, ask + 1))
    return np.asarray(far, dtype=np.float64), np.asarray(near, dtype=np.int64)
