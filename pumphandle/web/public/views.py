"""What templates are given: one frozen object a page, every number already a figure of the edition."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pumphandle.publication.atlas import LevelName, Place
from pumphandle.publication.charts import Chart, RateChart, chart, rate_charts
from pumphandle.publication.edition import Edition, Figure, Shown, State
from pumphandle.publication.estimates import SPAN
from pumphandle.publication.groups_shown import Margin, margins
from pumphandle.publication.map_picture import Land
from pumphandle.publication.pictures import Box
from pumphandle.publication.testing import Change, Reading, read_change
from pumphandle.publication.windows_shown import (
    WindowRow,
    closed_sentence,
    count_words,
    few,
    open_sentence,
    window_rows,
)
from pumphandle.publication.wording import Words
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.places import AreaLevel
from pumphandle.web.public.maps import RATIO, MapDrawn, Plate, draw, map_codes, plate, view_of
from pumphandle.web.public.visit import Visit


@dataclass(frozen=True)
class Row:
    """An area in a table: seven days of cases, tests and both together."""

    place: Place
    state: State
    cases: Figure
    tests: Figure
    positivity: Figure
    inside: tuple["Row", ...] = ()


def row(edition: Edition, place: Place, day: date, *, inside: Sequence[Place] = ()) -> Row:
    """One area and, where asked, those inside it."""
    cases, tests, both = edition.three(place.code, day)
    state = State.COMBINED if place.node not in (None, place.code) else cases.state
    return Row(place, state, cases, tests, both, tuple(row(edition, one, day) for one in inside))


def exactly(edition: Edition, place: Place, measure: Measure, day: date, words: Words) -> str | None:
    """Seven days of a district or more, where the totals of the districts add up to just these days; else None."""
    if not edition.totals.get(measure):
        return None
    row = edition.atlas.at_level(place.level).index(place)
    last = edition.column(day)
    value, known = edition.running(place.level, measure).span(np.array([last - SPAN + 1]), np.array([last]))
    if not known[row, 0]:
        return None
    return count_words(measure, int(value[row, 0]), day - timedelta(days=SPAN - 1), day, words)


def reading(edition: Edition, code: str, now: Row, day: date) -> Reading:
    """Seven days against the seven before: how far a rise is more testing. Nothing is said of a young ledger."""
    before = day - timedelta(days=SPAN)
    if before < edition.start + timedelta(days=SPAN - 1):
        return Reading(Change.UNSAID)
    cases, tests = (edition.figure(code, shown, before) for shown in (Shown.CASES, Shown.TESTS))
    states = {now.cases.state, now.tests.state, cases.state, tests.state}
    if states != {State.PUBLISHED}:
        return Reading(Change.UNSAID)
    return read_change(now.cases.estimate, cases.estimate, now.tests.estimate, tests.estimate)


@dataclass(frozen=True)
class Group:
    """Districts of one region; `place` is the region, or the nation where it has no regions."""

    place: Place
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class NationalPage:
    """The first page. `before`: the seven days before; None while the ledger is too young."""

    visit: Visit
    nation: Row
    before: Row | None
    reading: Reading
    exact: tuple[str | None, ...]
    published: Mapping[Measure, int]
    map: MapDrawn | None
    plate: Plate | None
    chart: Chart | None
    few: str
    groups: tuple[Group, ...]


def national(visit: Visit, edition: Edition, *, land_drawn: Callable[[Visit], Land]) -> NationalPage:
    """Everything on the first page."""
    atlas, shelf = visit.shelf.atlas, visit.shelf
    drawn = map_codes(visit, atlas.top)
    detailed = not drawn or atlas.places[drawn[0]].level is AreaLevel.SMALL_AREA
    week_before = visit.day - timedelta(days=SPAN)
    focus = _focus(visit)
    regions = atlas.at_level(AreaLevel.REGION)
    nation = row(edition, atlas.top, visit.day)
    live = plate(visit, edition, focus=focus, land_drawn=land_drawn)
    return NationalPage(
        visit=visit,
        nation=nation,
        reading=reading(edition, atlas.top.code, nation, visit.day),
        exact=tuple(exactly(edition, atlas.top, measure, visit.day, visit.asked.words) for measure in edition.windows),
        before=row(edition, atlas.top, week_before) if week_before >= shelf.start + timedelta(days=SPAN - 1) else None,
        published={measure: int(edition.windows[measure].value.sum()) for measure in edition.windows},
        map=draw(
            visit,
            edition,
            atlas.top,
            view=focus or shelf.view.padded(0.02),
            crowded=focus is None,
            classes=live.classes if live else None,
        ),
        plate=live,
        chart=chart(edition, atlas.top.code, visit.asked.words),
        few=few(edition, visit.asked.words),
        groups=tuple(_group(visit, edition, place, detailed=detailed) for place in regions or (atlas.top,)),
    )


def _group(visit: Visit, edition: Edition, place: Place, *, detailed: bool) -> Group:
    atlas = visit.shelf.atlas
    districts = [atlas.places[code] for code in atlas.children.get(place.code, ())]
    inside = {one.code: [atlas.places[code] for code in atlas.children.get(one.code, ())] for one in districts}
    return Group(
        place, tuple(row(edition, one, visit.day, inside=inside[one.code] if detailed else ()) for one in districts)
    )


def _focus(visit: Visit) -> Box | None:
    code = visit.asked.focus
    if code is None:
        return None
    visit.shelf.atlas.place(code)
    box = visit.shelf.boxes.get(code)
    return box.padded(0.15, ratio=RATIO) if box else None


@dataclass(frozen=True)
class AreaPage:
    """One area. Sentences and windows only where it has one node; children only where it has some.

    combined : windows told in one number with neighbours: measure, first and last day, that number
    """

    visit: Visit
    place: Place
    line: tuple[Place, ...]
    level: LevelName
    together: tuple[Place, ...]
    figures_row: Row
    people: int | None
    sentences: tuple[tuple[Measure, str | None, str | None], ...]
    exact: tuple[str | None, ...]
    open_since: date | None
    chart: Chart | None
    windows: tuple[WindowRow, ...]
    window_count: int
    children: tuple[Row, ...]
    child_level: LevelName | None
    map: MapDrawn | None
    beside: tuple[tuple[str, Row], ...]
    reading: Reading
    withdrawn: tuple[tuple[str, date, date, int], ...]
    margins: tuple[Margin, ...]
    combined: tuple[tuple[str, date, date, int], ...]
    few: str


def area(visit: Visit, edition: Edition, code: str, *, neighbours: Sequence[str]) -> AreaPage:
    """Everything on an area's page. Raises NotFound."""
    atlas, say = visit.shelf.atlas, visit.asked.words
    place = atlas.place(code)
    small = place.level is AreaLevel.SMALL_AREA
    nodes = atlas.nodes_under(code)
    children = tuple(atlas.places[one] for one in atlas.children.get(code, ()))
    alone = small and bool(nodes)
    mine = row(edition, place, visit.day)
    return AreaPage(
        visit=visit,
        place=place,
        line=atlas.line(code),
        level=atlas.level_names[place.level],
        together=tuple(atlas.places[one] for one in edition.stands_for(code)),
        figures_row=mine,
        people=atlas.population_published(code),
        sentences=tuple(
            (measure, closed_sentence(edition, code, measure, say), open_sentence(edition, code, measure, say))
            for measure in (edition.windows if alone else ())
        ),
        exact=() if small else tuple(exactly(edition, place, measure, visit.day, say) for measure in edition.windows),
        open_since=date.fromordinal(int(edition.seven[Measure.CASES].open_since[nodes[0]])) if alone else None,
        chart=chart(edition, code, say),
        windows=window_rows(edition, code) if alone else (),
        window_count=int((edition.windows[Measure.CASES].node == nodes[0]).sum()) if alone else 0,
        children=tuple(row(edition, one, visit.day) for one in children),
        child_level=atlas.level_names[children[0].level] if children else None,
        map=_area_map(visit, edition, place),
        beside=_beside(visit, edition, place, neighbours),
        reading=reading(edition, code, mine, visit.day),
        withdrawn=_withdrawn(visit, code) if place.level is AreaLevel.DISTRICT else (),
        margins=margins(visit.shelf.rows(visit.release), code, measures=tuple(edition.windows), words=say)
        if place.level is AreaLevel.DISTRICT
        else (),
        combined=_combined(edition, nodes[0]) if alone else (),
        few=few(edition, say),
    )


def _beside(visit: Visit, edition: Edition, place: Place, neighbours: Sequence[str]) -> tuple[tuple[str, Row], ...]:
    """The area, what it lies in, and what touches it, in order of name; with the key of the words for each."""
    atlas = visit.shelf.atlas
    above = [("lies_in", one) for one in reversed(atlas.line(place.code)) if one.code != place.code]
    near = sorted((atlas.places[one] for one in neighbours if one in atlas.places), key=lambda one: one.name)
    if not above:
        return ()
    rows = [("this", place), *above, *(("touches", one) for one in near)]
    return tuple((kind, row(edition, one, visit.day)) for kind, one in rows)


def _area_map(visit: Visit, edition: Edition, place: Place) -> MapDrawn | None:
    """A small area among those of its district; a larger area with what lies inside."""
    atlas = visit.shelf.atlas
    inside = atlas.places[place.parent] if place.level is AreaLevel.SMALL_AREA and place.parent else place
    view = view_of(visit, inside)
    return draw(visit, edition, inside, view=view, crowded=False) if view else None


def _withdrawn(visit: Visit, code: str) -> tuple[tuple[str, date, date, int], ...]:
    """Removals published at a district, newest first."""
    rows = visit.shelf.rows(visit.release)
    mine = rows.filter((rows["node"] == code) & rows["measure"].str.ends_with("_withdrawn")).select(
        "measure", "first_day", "last_day", "value"
    )
    return tuple(
        (str(name).removesuffix("_withdrawn"), first, last, value) for name, first, last, value in reversed(mine.rows())
    )


def _combined(edition: Edition, node: int) -> tuple[tuple[str, date, date, int], ...]:
    """Windows of a node that closed together with others, newest first."""
    return tuple(
        (
            measure.value,
            date.fromordinal(int(pool.begun[at])),
            date.fromordinal(int(pool.last[at])),
            int(pool.value[at]),
        )
        for measure, pool in edition.pooled.items()
        for at in np.flatnonzero(pool.node == node)[::-1]
    )


@dataclass(frozen=True)
class ComparePage:
    """Areas side by side in the order of the address. `found`: several areas fit what was written."""

    visit: Visit
    rows: tuple[Row, ...]
    charts: tuple[RateChart, ...]
    found: tuple[tuple[Place, LevelName, tuple[Place, ...]], ...]


def compare(visit: Visit, edition: Edition, codes: Sequence[str], found: Sequence[str]) -> ComparePage:
    """Raises NotFound for a code that no area has."""
    atlas = visit.shelf.atlas
    return ComparePage(
        visit=visit,
        rows=tuple(row(edition, atlas.place(code), visit.day) for code in codes),
        charts=rate_charts(edition, codes, visit.asked.words),
        found=tuple((atlas.places[one], atlas.level_names[atlas.places[one].level], atlas.line(one)) for one in found),
    )
