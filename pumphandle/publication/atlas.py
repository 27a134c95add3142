"""The country as the site walks through it: areas by code, and the nodes that they are published under."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pumphandle.vocabulary.errors import NotFound
from pumphandle.vocabulary.places import AreaLevel


@dataclass(frozen=True)
class Place:
    """One area. `node` is the area whose code its figures bear, None where it has none; only small areas have one."""

    code: str
    level: AreaLevel
    name: str
    parent: str | None
    population: int | None
    node: str | None = None


@dataclass(frozen=True)
class LevelName:
    """What people call one area of a level, and several."""

    one: str
    many: str


@dataclass(frozen=True)
class Members:
    """Which nodes each of many places is made of.

    position : code -> i; rows : nodes of all places one after the other; starts[i] : where those of place i begin
    """

    position: Mapping[str, int]
    rows: NDArray[np.int64]
    starts: NDArray[np.int64]


@dataclass(frozen=True)
class Atlas:
    """All places of one vintage. `places` stand in order of level and name."""

    nation: str
    vintage: str
    attribution: str
    places: Mapping[str, Place]
    level_names: Mapping[AreaLevel, LevelName]

    def place(self, code: str) -> Place:
        """Raises NotFound."""
        found = self.places.get(code)
        if found is None:
            raise NotFound(f"There is no area with the code {code!r}.")
        return found

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Codes of all publication nodes, sorted; figures are rows in this order."""
        return tuple(sorted({place.node for place in self.places.values() if place.node is not None}))

    @cached_property
    def index(self) -> Mapping[str, int]:
        return {node: row for row, node in enumerate(self.nodes)}

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """Node -> its small areas, the one that names it first."""
        found: dict[str, list[str]] = {node: [node] for node in self.nodes}
        for place in self.places.values():
            if place.node is not None and place.code != place.node:
                found[place.node].append(place.code)
        return {node: tuple(codes) for node, codes in found.items()}

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """Code -> the areas directly inside, in order of name."""
        found: dict[str, list[str]] = {}
        for place in self.places.values():
            if place.parent is not None:
                found.setdefault(place.parent, []).append(place.code)
        return {code: tuple(inside) for code, inside in found.items()}

    @cached_property
    def _nodes_under(self) -> Mapping[str, tuple[int, ...]]:
        found: dict[str, set[int]] = {code: set() for code in self.places}
        for place in self.places.values():
            if place.node is None:
                continue
            above: str | None = place.code
            while above is not None:
                found[above].add(self.index[place.node])
                above = self.places[above].parent
        return {code: tuple(sorted(rows)) for code, rows in found.items()}

    @cached_property
    def with_figures(self) -> "Members":
        """Every place that has nodes, with them, in order of the places."""
        codes = [code for code in self.places if self._nodes_under[code]]
        rows = [self._nodes_under[code] for code in codes]
        starts = np.cumsum([0, *(len(one) for one in rows[:-1])]) if rows else np.zeros(0, dtype=np.int64)
        flat = np.array([row for one in rows for row in one], dtype=np.int64)
        return Members({code: place for place, code in enumerate(codes)}, flat, starts.astype(np.int64))

    def nodes_under(self, code: str) -> tuple[int, ...]:
        """Rows of the nodes that an area's figures are made of; a small area's own node."""
        return self._nodes_under[code]

    def population_published(self, code: str) -> int | None:
        """People behind an area's figures: a small area's whole node, otherwise the area itself."""
        place = self.places[code]
        if place.node is None:
            return place.population
        return self.node_population[self.index[place.node]] or None

    @cached_property
    def node_population(self) -> tuple[int, ...]:
        """People of every node; an area whose population is not known counts as none."""
        return tuple(sum(self.places[code].population or 0 for code in self.members[node]) for node in self.nodes)

    @cached_property
    def node_district(self) -> Mapping[str, str]:
        """District of every node."""
        return {
            node: place.code for node in self.nodes for place in self.line(node) if place.level is AreaLevel.DISTRICT
        }

    @property
    def top(self) -> Place:
        """The nation."""
        return next(place for place in self.places.values() if place.level is AreaLevel.NATION)

    def at_level(self, level: AreaLevel) -> tuple[Place, ...]:
        """In order of name: never in order of figures."""
        return tuple(place for place in self.places.values() if place.level is level)

    def districts_of(self, code: str) -> tuple[str, ...]:
        """Codes of the districts that an area is or holds, in order of name."""
        place = self.places[code]
        if place.level is AreaLevel.SMALL_AREA:
            return ()
        if place.level is AreaLevel.DISTRICT:
            return (code,)
        return tuple(one for inside in self.children.get(code, ()) for one in self.districts_of(inside))

    def line(self, code: str) -> tuple[Place, ...]:
        """An area's parents, the nation first, without the area itself."""
        found: list[Place] = []
        above = self.place(code).parent
        while above is not None:
            found.append(self.places[above])
            above = self.places[above].parent
        return tuple(reversed(found))


def ordered(places: Iterable[Place]) -> dict[str, Place]:
    """By level from the nation down, then by name: the order of every list on the site."""
    rank = {level: -number for number, level in enumerate(AreaLevel)}
    return {
        place.code: place for place in sorted(places, key=lambda place: (rank[place.level], place.name, place.code))
    }
