"""Cases that hang together as a network: a dot a case, a line a link, those that hang together near each other."""

from dataclasses import dataclass
from typing import Final

from pumphandle.actions.look_sets import SetView
from pumphandle.tracing.network import positions

WIDTH: Final = 560
HEIGHT: Final = 400
MARGIN: Final = 24
MOST: Final = 300
"""Cases beyond these are left to the table: a picture of more says nothing, and takes too long to lay out."""


@dataclass(frozen=True)
class Node:
    """own : of the reader's authority; in_cluster : found by the scan too; number : its row in the table, None: none"""

    x: float
    y: float
    own: bool
    in_cluster: bool
    number: int | None


@dataclass(frozen=True)
class Edge:
    """A link between two nodes."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str
    strength: str


@dataclass(frozen=True)
class Network:
    """left_out : cases that are not drawn"""

    nodes: list[Node]
    edges: list[Edge]
    left_out: int
    width: int = WIDTH
    height: int = HEIGHT


def network(view: SetView) -> Network:
    """Own cases in the order of the table, then other authorities' that are linked to them."""
    own = [case.case_key for case in view.cases]
    in_cluster = {case.case_key for case in view.cases if case.cluster_id is not None}
    every = [*own, *view.elsewhere]
    keys = every[:MOST]
    at = {key: place for place, key in enumerate(keys)}
    links = [link for link in view.links if link.earlier in at and link.later in at]
    places = positions(len(keys), [(at[link.earlier], at[link.later]) for link in links])
    spots = [
        (round(MARGIN + (WIDTH - 2 * MARGIN) * float(x), 1), round(MARGIN + (HEIGHT - 2 * MARGIN) * float(y), 1))
        for x, y in places
    ]
    nodes = [
        Node(*spots[place], place < len(own), key in in_cluster, place + 1 if place < len(own) else None)
        for place, key in enumerate(keys)
    ]
    edges = [Edge(*spots[at[link.earlier]], *spots[at[link.later]], link.kind, link.strength) for link in links]
    return Network(nodes, edges, len(every) - len(keys))
