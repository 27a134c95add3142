"""Maps as templates are given them: shapes with their classes and labels, the legend, the crowded part."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from pumphandle.publication.atlas import Place
from pumphandle.publication.charts import LONGEST
from pumphandle.publication.edition import Edition, Shown
from pumphandle.publication.map_classes import NOT_YET, OPEN, SCALES, area_classes
from pumphandle.publication.pictures import Box, around, inset
from pumphandle.publication.windows_shown import few, figure_words
from pumphandle.web.public.visit import Visit

MOST_DRAWN: Final = 1_500
"""Small areas that one page draws; a larger nation's first page draws districts, and each district its own areas."""
RATIO: Final = 1.25
"""Width by height of a map."""


@dataclass(frozen=True)
class ShapeDrawn:
    """One area on a map. `marks`: class names of the style sheet; `label`: what is read out and shown."""

    code: str
    marks: str
    path: str
    label: str


@dataclass(frozen=True)
class LegendRow:
    """One colour or pattern and its words."""

    mark: str
    words: str


@dataclass(frozen=True)
class MapDrawn:
    """A map and its legend. `inset`: the crowded part, drawn again larger; `frames`, `first`: for the slider."""

    shown: Shown
    title: str
    view: Box
    shapes: tuple[ShapeDrawn, ...]
    legend: tuple[LegendRow, ...]
    inset: Box | None
    inset_shapes: tuple[ShapeDrawn, ...]
    frames: str
    first: date


def draw(visit: Visit, edition: Edition, inside: Place, *, view: Box, crowded: bool) -> MapDrawn | None:
    """A map of the areas inside a place, with what else lies in view around it. None without shapes."""
    shelf, atlas, shown = visit.shelf, visit.shelf.atlas, visit.asked.measure
    own, codes = set(map_codes(visit, inside)), in_view(visit, inside)
    if not codes:
        return None
    found = area_classes(edition, shown, visit.day, codes)
    shapes = {code: _shape(visit, edition, code, found[code], beyond=code not in own) for code in codes}
    people = {code: atlas.places[code].population or 0 for code in own}
    framed = inset({code: shelf.boxes[code] for code in own}, people, shelf.view, ratio=1) if crowded else None
    return MapDrawn(
        shown=shown,
        title=f"{SCALES[shown].title}, seven days to {visit.day.day} {visit.day:%B %Y}",
        view=view,
        shapes=tuple(shapes.values()),
        legend=legend(edition, shown),
        inset=framed,
        inset_shapes=tuple(shapes[code] for code in codes if framed and shelf.boxes[code].meets(framed)),
        frames=visit.asked.address("/frames.json", day=None, focus=inside.code),
        first=max(shelf.start, visit.release.as_of - timedelta(days=LONGEST - 1)),
    )


def _shape(visit: Visit, edition: Edition, code: str, mark: str, *, beyond: bool) -> ShapeDrawn:
    place = visit.shelf.atlas.places[code]
    joined = " j" if edition.stands_for(code) else ""
    words = figure_words(edition.figure(code, visit.asked.measure, visit.day), visit.asked.measure, edition)
    together = ", published together with its neighbours" if joined else ""
    marks = f"k{mark}{joined}{' x' if beyond else ''}"
    return ShapeDrawn(code, marks, visit.shelf.paths[place.level][code], f"{place.name}: {words}{together}")


def legend(edition: Edition, shown: Shown) -> tuple[LegendRow, ...]:
    """Classes from the lowest up, then the patterns."""
    rows = [LegendRow(f"k{number}", words) for number, words in enumerate(SCALES[shown].labels)]
    open_words = few(edition)[0].upper() + few(edition)[1:]
    return (
        *rows,
        LegendRow(f"k{OPEN}", open_words),
        LegendRow(f"k{NOT_YET}", "Not yet published, or population not known"),
    )


def view_of(visit: Visit, place: Place) -> Box | None:
    """The frame of a place's own map."""
    box = around(visit.shelf.boxes[code] for code in map_codes(visit, place))
    return box.padded(0.08, ratio=RATIO) if box else None


def in_view(visit: Visit, place: Place) -> tuple[str, ...]:
    """Areas inside a place, and those of the same level that its frame shows around it."""
    shelf, own, view = visit.shelf, map_codes(visit, place), view_of(visit, place)
    if not own or view is None:
        return ()
    inside = set(own)
    drawn = shelf.paths[shelf.atlas.places[own[0]].level]
    return tuple(code for code in drawn if code in inside or shelf.boxes[code].meets(view))


def map_codes(visit: Visit, place: Place) -> tuple[str, ...]:
    """Areas inside a place that have a shape, as fine as one page can draw."""
    atlas, codes = visit.shelf.atlas, (place.code,)
    while finer := tuple(inside for code in codes for inside in atlas.children.get(code, ())):
        if len(finer) > MOST_DRAWN:
            break
        codes = finer
    return tuple(code for code in codes if code in visit.shelf.boxes)
