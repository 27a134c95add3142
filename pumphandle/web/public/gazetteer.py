"""The reference shelf in the words of the publication room."""

from collections.abc import Mapping
from typing import Final

from msgspec import Raw

from pumphandle.publication.pictures import Box
from pumphandle.store.engine import Transaction
from pumphandle.store.reference import areas, boundaries
from pumphandle.vocabulary.places import AreaLevel

_DRAWN: Final = (AreaLevel.SMALL_AREA, AreaLevel.DISTRICT, AreaLevel.REGION)


def paths(tx: Transaction) -> dict[AreaLevel, dict[str, str]]:
    """SVG path by level and area."""
    return {level: dict(boundaries.boundaries(tx, level)) for level in _DRAWN}


def view(tx: Transaction) -> Box:
    """The frame of the national picture."""
    return Box.of(boundaries.view_box(tx))


def geometries(tx: Transaction, codes: tuple[str, ...]) -> Mapping[str, Raw]:
    """GeoJSON geometry of those areas that have one, as it is sent."""
    return boundaries.written(tx, codes)


def search(tx: Transaction, text: str) -> tuple[str, ...]:
    """Codes of areas that fit, best first, each once; a whole postcode leads to its one area."""
    found = areas.search(tx, text)
    typed = text.replace(" ", "").upper()
    exact = [one.area_code for one in found if typed in (one.postcode, one.area_code.upper())]
    return tuple(dict.fromkeys(exact[:1] or [one.area_code for one in found]))


def neighbours(tx: Transaction, code: str) -> tuple[str, ...]:
    """Codes of the areas that touch a small area."""
    return areas.neighbours(tx, code)
