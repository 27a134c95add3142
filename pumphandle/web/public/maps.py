"""Maps as templates are given them: the picture that works everywhere, and what the map of all small areas needs."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Final

from pumphandle.publication.atlas import Place
from pumphandle.publication.charts import LONGEST
from pumphandle.publication.codes import CODES, State
from pumphandle.publication.edition import Edition, Shown
from pumphandle.publication.map_classes import NOT_YET, OPEN, SCALES, area_classes, support
from pumphandle.publication.map_picture import SUFFIXES, Land, land
from pumphandle.publication.pictures import Box, around, inset
from pumphandle.publication.windows_shown import few, label
from pumphandle.vocabulary.places import AreaLevel
from pumphandle.web.public.visit import Visit

MOST_DRAWN: Final = 1_500
"""Shapes that the server draws into one page; a larger nation's first page has districts, each district its areas."""
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
    """One colour or pattern, its words, and of small areas how many bear it, with that as a share of the most."""

    mark: str
    words: str
    areas: int
    share: float


@dataclass(frozen=True)
class MapDrawn:
    """A map and its legend. `support`: the deepest class of few cases; `inset`: the crowded part, larger."""

    title: str
    view: Box
    shapes: tuple[ShapeDrawn, ...]
    level: AreaLevel
    legend: tuple[LegendRow, ...]
    support: tuple[tuple[int, str], ...]
    inset: Box | None
    inset_shapes: tuple[ShapeDrawn, ...]


@dataclass(frozen=True)
class Plate:
    """What a browser needs to draw all small areas itself: addresses, today's classes, what is in view.

    classes : one character an area, in the order of the file of shapes
    first   : first day of the slider
    """

    shapes: str
    labels: str
    frames: str
    classes: str
    first: date
    focus: Box | None
    still: "Still | None"


@dataclass(frozen=True)
class Still:
    """All small areas as pictures, light and dark, where they are too many for the page itself; size in pixels."""

    light: str
    dark: str
    width: int
    height: int


def draw(
    visit: Visit, edition: Edition, inside: Place, *, view: Box, crowded: bool, classes: str | None = None
) -> MapDrawn | None:
    """A map of the areas inside a place, with what else lies in view around it. None without shapes.

    classes : of the areas that the legend counts, one character each; default those that are drawn
    """
    shelf, atlas, shown = visit.shelf, visit.shelf.atlas, visit.asked.measure
    own, codes = set(map_codes(visit, inside)), in_view(visit, inside)
    if not codes:
        return None
    found = area_classes(edition, shown, visit.day, codes)
    shapes = {code: _shape(visit, edition, code, found[code], beyond=code not in own) for code in codes}
    people = {code: atlas.places[code].population or 0 for code in own}
    framed = inset({code: shelf.boxes[code] for code in own}, people, shelf.view, ratio=1) if crowded else None
    say = visit.asked.words
    return MapDrawn(
        title=say.say(f"map.title_{shown.value}", day=say.day(visit.day)),
        view=view,
        shapes=tuple(shapes.values()),
        level=atlas.places[codes[0]].level,
        legend=legend(visit, edition, Counter(classes or (found[code] for code in own))),
        support=support(shown),
        inset=framed,
        inset_shapes=tuple(shapes[code] for code in codes if framed and shelf.boxes[code].meets(framed)),
    )


def plate(visit: Visit, edition: Edition, *, focus: Box | None, land_drawn: Callable[[Visit], Land]) -> Plate | None:
    """For the first page. None for a nation without shapes."""
    codes = small_areas(visit)
    if not codes:
        return None
    found = area_classes(edition, visit.asked.measure, visit.day, codes)
    asked = visit.asked
    return Plate(
        shapes=f"/map/shapes.bin?v={shapes_digest(visit)}",
        labels=asked.address("/map/labels.json", day=visit.day, focus=None),
        frames=asked.address("/map/days.json", day=None, focus=None, lang="en"),
        classes="".join(found[code] for code in codes),
        first=max(visit.shelf.start, visit.release.as_of - timedelta(days=LONGEST - 1)),
        focus=focus,
        still=_still(visit, land_drawn(visit)) if len(codes) > MOST_DRAWN and focus is None else None,
    )


def _still(visit: Visit, drawn: Land) -> Still:
    light, dark = (
        visit.asked.address(
            f"/map/{visit.asked.measure}{suffix}.png", day=visit.day, measure=Shown.CASES, focus=None, lang="en"
        )
        for suffix in SUFFIXES.values()
    )
    return Still(light, dark, *drawn.size)


def land_of(visit: Visit) -> Land:
    """The pixels of all small areas. Work of a second for 7,000: kept by who asks."""
    atlas, paths = visit.shelf.atlas, visit.shelf.paths[AreaLevel.SMALL_AREA]
    return land(list(paths.values()), [atlas.places[code].parent or "" for code in paths], visit.shelf.view)


def small_areas(visit: Visit) -> tuple[str, ...]:
    """Small areas that have a shape, in the order of the file of shapes."""
    return tuple(visit.shelf.paths[AreaLevel.SMALL_AREA])


def shapes_digest(visit: Visit) -> str:
    """Changes with the boundaries and the districts, and with nothing else."""
    digest = sha256(visit.shelf.atlas.vintage.encode())
    for code, path in visit.shelf.paths[AreaLevel.SMALL_AREA].items():
        digest.update(f"{code} {visit.shelf.atlas.places[code].parent} {path}".encode())
    return digest.hexdigest()[:16]


def _shape(visit: Visit, edition: Edition, code: str, mark: str, *, beyond: bool) -> ShapeDrawn:
    place = visit.shelf.atlas.places[code]
    joined = " j" if edition.stands_for(code) else ""
    marks = f"k{mark}{joined}{' x' if beyond else ''}"
    return ShapeDrawn(
        code, marks, visit.shelf.paths[place.level][code], label(edition, code, visit.day, visit.asked.words)
    )


def legend(visit: Visit, edition: Edition, counted: Counter[str]) -> tuple[LegendRow, ...]:
    """Classes from the lowest up, then the patterns; a pattern that is nowhere on the map is left out."""
    say, scale = visit.asked.words, SCALES[visit.asked.measure]
    bounds = [f"{bound:,g}" for bound in scale.breaks]
    texts = [
        say.say("map.under", bound=bounds[0]),
        *(say.say("map.between", low=low, high=high) for low, high in pairwise(bounds)),
        say.say("map.over", bound=bounds[-1]),
    ]
    opened = few(edition, say)
    marks = [(str(number), text) for number, text in enumerate(texts)]
    marks += [(OPEN, opened[0].upper() + opened[1:]), (NOT_YET, say.say("map.not_yet"))]
    marks += [
        (str(code.mark), code.short(say).capitalize())
        for code in (CODES[State.HELD], CODES[State.RECALLED])
        if counted[str(code.mark)]
    ]
    most = max(counted.values(), default=0) or 1
    return tuple(
        LegendRow(f"k{mark}", text, counted[mark], counted[mark] / most)
        for mark, text in marks
        if mark != NOT_YET or counted[mark]
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
