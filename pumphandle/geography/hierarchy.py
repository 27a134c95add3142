"""Area within area: who lies in whom, all the way up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pumphandle.geography.faults import fault
from pumphandle.vocabulary.errors import NotFound
from pumphandle.vocabulary.places import AreaLevel

ORDER: Final = (AreaLevel.SMALL_AREA, AreaLevel.DISTRICT, AreaLevel.REGION, AreaLevel.NATION)


@dataclass(frozen=True)
class Place:
    """Where an area was described: for the message when something is wrong with it."""

    file: str
    line: int | None = None


@dataclass(frozen=True)
class Hierarchy:
    """Every area's level and parent (None for the nation alone). Only check() tells whether it is sound."""

    level: Mapping[str, AreaLevel]
    parent: Mapping[str, str | None]

    def children(self, code: str) -> list[str]:
        """The areas directly below, sorted."""
        return sorted(area for area, parent in self.parent.items() if parent == code)

    def ancestors(self, code: str) -> Iterator[str]:
        """The areas above, from the next one up to the nation. Raises NotFound for a code that is no area."""
        if code not in self.level:
            raise NotFound(f"There is no area {code}.")
        above = self.parent[code]
        while above is not None:
            yield above
            above = self.parent[above]

    def district_of(self, code: str) -> str | None:
        """The district in which an area lies, or which it is; None above the districts. Raises NotFound."""
        line = (code, *self.ancestors(code))
        return next((area for area in line if self.level[area] is AreaLevel.DISTRICT), None)


def check(hierarchy: Hierarchy, *, places: Mapping[str, Place]) -> None:
    """Silence when every area lies in one of the next level, up to the one nation; BadDescription otherwise."""
    for code in hierarchy.level:
        _check_round(code, hierarchy, places)
    described = [level for level in ORDER if level in set(hierarchy.level.values())]
    for code, level in hierarchy.level.items():
        if level is AreaLevel.NATION:
            continue
        wanted, parent = described[described.index(level) + 1], hierarchy.parent[code]
        if parent is None:
            what, remedy = f"{code} lies in no {wanted}", "Add a rule that places it, or give its parent by hand."
        elif parent not in hierarchy.level:
            what, remedy = f"{code} lies in {parent}, which is no area", f"Correct the code, or add the {wanted}."
        elif hierarchy.level[parent] is not wanted:
            what, remedy = f"{code} lies in {parent}, a {hierarchy.level[parent]}", f"A {level} lies in a {wanted}."
        else:
            continue
        place = places[code]
        raise fault(what, file=place.file, line=place.line, field="parent", remedy=remedy)


def _check_round(code: str, hierarchy: Hierarchy, places: Mapping[str, Place]) -> None:
    """Raises BadDescription when following the parents comes back."""
    walked, above = [code], hierarchy.parent[code]
    while above is not None and above in hierarchy.parent:
        walked.append(above)
        if above in walked[:-1]:
            place = places[code]
            what = f"parents go round in a circle: {' in '.join(walked[walked.index(above) :])}"
            remedy = "Give each a parent of the next level."
            raise fault(what, file=place.file, line=place.line, field="parent", remedy=remedy)
        above = hierarchy.parent[above]
