"""Noisy counts at several levels made to agree: best linear unbiased estimates on a tree, in two passes.

Upwards each node weighs its own measurement against the sum of its children by their variances; downwards what is left
between a parent and the sum of its children is shared out by the children's variances. That is generalised least
squares on the whole tree, in time linear in its nodes. Nothing is clipped before it is added up: that would bias sums.
Source: Hay, Rastogi, Miklau and Suciu, VLDB 2010; BlueDown, arXiv 2603.10099.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pumphandle.vocabulary.errors import NotUnderstood

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tree:
    """parent : (nodes,) index of each node's parent, -1 for a root. Raises NotUnderstood for a circle."""

    parent: Integers = field(repr=False)
    depth: Integers = field(init=False, repr=False)

    def __post_init__(self) -> None:
        depth = np.where(self.parent < 0, 0, -1).astype(np.int64)
        for step in range(len(self.parent)):
            inner = (depth < 0) & (depth[self.parent] == step)
            if not inner.any():
                break
            depth[inner] = step + 1
        if (depth < 0).any():
            raise NotUnderstood("The areas do not make a tree: some never lead up to the top.")
        object.__setattr__(self, "depth", depth)

    def below(self) -> Iterator[Integers]:
        """Nodes with a parent, deepest first, a depth at a time."""
        for depth in range(int(self.depth.max(initial=0)), 0, -1):
            yield np.flatnonzero(self.depth == depth)


@dataclass(frozen=True)
class Agreed:
    """estimate : (nodes, groups) that add up exactly along the tree; variance : (nodes,) of each estimate."""

    estimate: Floats = field(repr=False)
    variance: Floats = field(repr=False)


def agree(tree: Tree, measured: Floats, variance: Floats) -> Agreed:
    """Generalised least squares.

    measured : (nodes, groups) noisy counts; of no meaning where `variance` is infinite
    variance : (nodes,) of a measurement, infinite where a node was not measured. Every node without children needs one

    Raises NotUnderstood for a node about which nothing is known.
    """
    value, spread = measured.astype(np.float64), variance.astype(np.float64).copy()
    value[np.isinf(spread)] = 0.0
    sums, spreads = np.zeros_like(value), np.zeros_like(spread)
    inner = np.zeros(len(spread), dtype=np.bool_)
    inner[tree.parent[tree.parent >= 0]] = True
    for nodes in [*tree.below(), np.flatnonzero(tree.depth == 0)]:
        _weigh(nodes[inner[nodes]], value, spread, sums, spreads)
        if np.isinf(spread[nodes]).any():
            raise NotUnderstood("An area was not measured, and neither was all that lies in it.")
        rising = nodes[tree.parent[nodes] >= 0]
        np.add.at(sums, tree.parent[rising], value[rising])
        np.add.at(spreads, tree.parent[rising], spread[rising])
    for nodes in reversed(list(tree.below())):
        above = tree.parent[nodes]
        share = np.divide(spread[nodes], spreads[above], out=np.zeros(len(nodes)), where=spreads[above] > 0)
        value[nodes] += share[:, None] * (value[above] - sums[above])
        spread[nodes] = spread[nodes] * (1 - share) + share**2 * spread[above]
    return Agreed(estimate=value, variance=spread)


def _weigh(nodes: Integers, value: Floats, spread: Floats, sums: Floats, spreads: Floats) -> None:
    """Each node's own measurement and the sum of its children, by the inverse of their variances."""
    own, children = spread[nodes], spreads[nodes]
    known = np.isfinite(own)
    total = np.where(known, own, 0.0) + children
    weight = np.divide(children, total, out=np.zeros_like(total), where=known & (total > 0))  # of the own measurement
    value[nodes] = weight[:, None] * value[nodes] + (1 - weight)[:, None] * sums[nodes]
    spread[nodes] = np.where(known, weight * np.where(known, own, 0.0), children)
