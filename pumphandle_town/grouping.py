"""Small areas joined into districts, districts into regions: each in one piece."""

from collections import Counter
from typing import Final

import numpy as np

from pumphandle_town.chance import Floats

LEAST: Final = 4
MOST: Final = 25


def grouped(
    points: Floats, borders: list[list[int]], middles: Floats, *, least: int = LEAST, most: int = MOST
) -> list[int]:
    """A group for each point, numbered from 0: by the nearest middle, then mended.

    points  : (count, 2); borders : neighbours of each; middles : (groups, 2)
    Every group hangs together and has least..most members, where the number of points allows it.
    """
    if len(points) < 2 * least:
        return [0] * len(points)
    apart = (
        np.linalg.norm(points[:, None, :] - middles[None, :, :], axis=2)
        if len(points) * len(middles) < 4_000_000
        else None
    )
    group = (apart.argmin(axis=1) if apart is not None else _nearest(points, middles)).tolist()
    for _ in range(60):
        group = _in_one_piece(group, borders)
        size = Counter(group)
        large = next((each for each in sorted(size) if size[each] > most), None)
        small = next((each for each in sorted(size, key=lambda each: (size[each], each)) if size[each] < least), None)
        if large is not None:
            _split(group, large, points)
        elif small is not None:
            _dissolve(group, small, borders)
        elif _pieces_are_whole(group, borders):
            break
    names = {each: number for number, each in enumerate(dict.fromkeys(group))}
    return [names[each] for each in group]


def joined_borders(group: list[int], borders: list[list[int]]) -> list[list[int]]:
    """Neighbours among the groups."""
    found: list[set[int]] = [set() for _ in range(max(group) + 1)]
    for one, others in enumerate(borders):
        found[group[one]].update(group[other] for other in others if group[other] != group[one])
    return [sorted(each) for each in found]


def _nearest(points: Floats, middles: Floats) -> Floats:
    return np.array([int(((middles - point) ** 2).sum(axis=1).argmin()) for point in points])


def _pieces(group: list[int], borders: list[list[int]]) -> list[list[int]]:
    seen, pieces = [False] * len(group), list[list[int]]()
    for start in range(len(group)):
        if seen[start]:
            continue
        seen[start], piece = True, [start]
        for one in piece:
            for other in borders[one]:
                if not seen[other] and group[other] == group[start]:
                    seen[other] = True
                    piece.append(other)
        pieces.append(piece)
    return pieces


def _pieces_are_whole(group: list[int], borders: list[list[int]]) -> bool:
    return len(_pieces(group, borders)) == len(set(group))


def _in_one_piece(group: list[int], borders: list[list[int]]) -> list[int]:
    """Fragments go to the neighbouring group that they touch most."""
    kept: set[int] = set()
    mended = list(group)
    for piece in sorted(_pieces(group, borders), key=lambda piece: (-len(piece), piece[0])):
        if group[piece[0]] not in kept:
            kept.add(group[piece[0]])
            continue
        touched = Counter(mended[other] for one in piece for other in borders[one] if mended[other] != group[piece[0]])
        if touched:
            new = min(touched, key=lambda each: (-touched[each], each))
            for one in piece:
                mended[one] = new
    return mended


def _split(group: list[int], large: int, points: Floats) -> None:
    members = [one for one, each in enumerate(group) if each == large]
    spread = points[members] - points[members].mean(axis=0)
    axis = np.linalg.svd(spread, full_matrices=False)[2][0]
    order = np.argsort(spread @ axis, kind="stable").tolist()
    fresh = max(group) + 1
    for place in order[: len(order) // 2]:
        group[members[place]] = fresh


def _dissolve(group: list[int], small: int, borders: list[list[int]]) -> None:
    """The whole small group joins the smallest group beside it."""
    size = Counter(group)
    beside = {group[other] for one, each in enumerate(group) if each == small for other in borders[one]} - {small}
    if beside:
        new = min(beside, key=lambda each: (size[each], each))
        group[:] = [new if each == small else each for each in group]
