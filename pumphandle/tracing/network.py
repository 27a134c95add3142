"""Where the cases of a network are drawn, so that those with links lie near each other: the same picture every time."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

ROUNDS: Final = 150
_GOLDEN: Final = np.pi * (3 - np.sqrt(5))


def positions(count: int, edges: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """`count` places in the unit square, as rows of (x, y).

    Forces as Fruchterman and Reingold (1991): all push each other away, links pull; the step shrinks with every round.
    It begins on a sunflower spiral in the order given and knows no chance. Cost: ROUNDS times count squared.
    """
    if count == 0:
        return np.zeros((0, 2))
    order = np.arange(count)
    radius = np.sqrt((order + 0.5) / count)
    place = np.column_stack((radius * np.cos(order * _GOLDEN), radius * np.sin(order * _GOLDEN)))
    best = np.sqrt(4.0 / count)
    pairs = np.array(edges, dtype=np.int64).reshape(-1, 2)
    for turn in range(ROUNDS):
        apart = place[:, None, :] - place[None, :, :]
        distance = np.maximum(np.hypot(apart[..., 0], apart[..., 1]), 1e-6)
        force = (apart * (best**2 / distance**2)[..., None]).sum(axis=1)
        if len(pairs):
            along = place[pairs[:, 0]] - place[pairs[:, 1]]
            pull = along * (np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6) / best)[:, None]
            np.add.at(force, pairs[:, 0], -pull)
            np.add.at(force, pairs[:, 1], pull)
        force -= 0.5 * place  # a little towards the middle: parts without links do not drift off
        length = np.maximum(np.hypot(force[:, 0], force[:, 1]), 1e-9)
        step = np.minimum(length, 0.25 * (1 - turn / ROUNDS))
        place = place + force * (step / length)[:, None]
    low, high = place.min(axis=0), place.max(axis=0)
    span = float(np.max(high - low))
    return np.full((count, 2), 0.5) if span < 1e-9 else 0.5 + (place - (low + high) / 2) / span
