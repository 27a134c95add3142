"""The reference shelf in the words of the publication room."""

from collections.abc import Mapping
from typing import Final

from pumphandle.publication.atlas import Atlas, LevelName, Place, ordered
from pumphandle.publication.pictures import Box
from pumphandle.store.engine import Transaction
from pumphandle.store.reference import areas, boundaries, nation
from pumphandle.vocabulary.places import AreaLevel

Mark = tuple[str, str]
"""Code and vintage of the nation."""

_PLAIN: Final = {
    AreaLevel.SMALL_AREA: LevelName("Small area", "Small areas"),
    AreaLevel.DISTRICT: LevelName("District", "Districts"),
    AreaLevel.REGION: LevelName("Region", "Regions"),
    AreaLevel.NATION: LevelName("Nation", "Nations"),
}
_DRAWN: Final = (AreaLevel.SMALL_AREA, AreaLevel.DISTRICT, AreaLevel.REGION)


def mark(tx: Transaction) -> Mark:
    """Raises NotFound where no nation is loaded."""
    found = nation.nation(tx)
    return found.code, found.vintage


def atlas(tx: Transaction) -> Atlas:
    """All places, with the node of every small area that has one."""
    found, nodes = nation.nation(tx), areas.publication_nodes(tx)
    places = ordered(
        Place(one.area_code, AreaLevel(one.level), one.name, one.parent, one.population, nodes.get(one.area_code))
        for one in areas.areas(tx)
    )
    names = {AreaLevel(level): LevelName(*words) for level, words in found.level_names.items()}
    return Atlas(found.name, found.vintage, found.attribution, places, {**_PLAIN, **names})


def paths(tx: Transaction) -> dict[AreaLevel, dict[str, str]]:
    """SVG path by level and area."""
    return {level: dict(boundaries.boundaries(tx, level)) for level in _DRAWN}


def view(tx: Transaction) -> Box:
    """The frame of the national picture."""
    left, top, width, height = (float(number) for number in boundaries.view_box(tx).split())
    return Box(left, top, left + width, top + height)


def geometries(tx: Transaction, codes: tuple[str, ...]) -> Mapping[str, Mapping[str, object]]:
    """GeoJSON geometry of those areas that have one."""
    return boundaries.geometries(tx, codes)


def search(tx: Transaction, text: str) -> tuple[str, ...]:
    """Codes of areas that fit, best first, each once; a whole postcode leads to its one area."""
    found = areas.search(tx, text)
    typed = text.replace(" ", "").upper()
    exact = [one.area_code for one in found if typed in (one.postcode, one.area_code.upper())]
    return tuple(dict.fromkeys(exact[:1] or [one.area_code for one in found]))


def neighbours(tx: Transaction, code: str) -> tuple[str, ...]:
    """Codes of the areas that touch a small area."""
    return areas.neighbours(tx, code)
