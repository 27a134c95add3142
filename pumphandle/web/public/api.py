"""Answers about areas: one of them in four forms, all of them as a list, and the values of the map."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from pumphandle.publication.charts import LONGEST
from pumphandle.publication.edition import Shown
from pumphandle.publication.formats import csv_bytes, parquet_bytes
from pumphandle.publication.map_classes import frames as map_frames
from pumphandle.publication.map_picture import SUFFIXES
from pumphandle.publication.map_values import day_file, map_file, slider_days
from pumphandle.publication.records import area_geojson, area_json, envelope
from pumphandle.publication.tables import FIGURE_COLUMNS, figures_row
from pumphandle.vocabulary.errors import NotFound
from pumphandle.web.errors import WebRequest
from pumphandle.web.public.answers import CSV, GEOJSON, JSON, PARQUET, PNG
from pumphandle.web.public.asking import Asked
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.map_data import still
from pumphandle.web.public.maps import in_view
from pumphandle.web.public.pages import area_page
from pumphandle.web.public.parameters import (
    CURSOR,
    DATED,
    FOCUS,
    INSIDE,
    LEVEL,
    LIMIT,
    MEASURE,
    STANDING,
    USUAL,
    Cursor,
    Given,
    fields,
    query,
)

PICTURES: Final = {f"{shown}{suffix}.png": (shown, paper) for shown in Shown for paper, suffix in SUFFIXES.items()}
FORMS: Final = ("json", "csv", "parquet", "geojson")
LISTED: Final = (LEVEL, INSIDE, fields(FIGURE_COLUMNS), LIMIT, CURSOR, *DATED)
FRAMED: Final = (MEASURE, FOCUS, *DATED)

Answer = Response[bytes]


@get("/areas/{name:str}", sync_to_thread=True)
def area(
    request: WebRequest, name: FromPath[str], desk: NamedDependency[Desk], wish: NamedDependency[Asked]
) -> Answer | Redirect:
    """A page and its data share an address."""
    code, dot, form = name.rpartition(".")
    if not dot or form not in FORMS:
        return area_page(request, desk, wish, name)
    parameters = DATED if form in ("json", "geojson") else STANDING
    visit, asked = desk.ask(request, parameters)
    visit.shelf.atlas.place(code)
    makers: dict[str, tuple[str, Callable[[], bytes]]] = {
        "json": (JSON, lambda: area_json(desk.edition(visit), code, visit.day, query=query(asked))),
        "csv": (CSV, lambda: csv_bytes(visit.ledger_of(code))),
        "parquet": (PARQUET, lambda: parquet_bytes(visit.ledger_of(code))),
        "geojson": (
            GEOJSON,
            lambda: area_geojson(desk.edition(visit), code, visit.day, desk.holdings.geometries((code,)).get(code)),
        ),
    }
    media, make = makers[form]
    saved = f"{code}-{visit.release.release_id}.{form}" if form != "json" else None
    return desk.answer(request, visit, asked, make, media_type=media, file_name=saved)


@get("/areas.json", sync_to_thread=True)
def areas(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """Seven-day figures of many areas, page by page, in order of level and name."""
    visit, asked = desk.ask(request, LISTED)

    def make() -> bytes:
        edition, atlas = desk.edition(visit), visit.shelf.atlas
        inside, level = asked.get("inside"), asked.get("level")
        codes = list(atlas.children.get(atlas.place(inside).code, ()) if inside else atlas.places)
        codes = [code for code in codes if level in (None, atlas.places[code].level)]
        begin, size = page_of(asked)
        shown = codes[begin : begin + size]
        rows = [figures_row(edition, code, visit.day) for code in shown]
        chosen = asked.get("fields", FIGURE_COLUMNS)
        told = {"areas": [{name: row[name] for name in chosen} for row in rows], "total": len(codes)}
        links = links_of("/areas.json", asked, visit.release.release_id, begin, size, len(codes))
        return envelope(visit.release, told, links)

    return desk.answer(request, visit, asked, make, media_type=JSON)


def page_of(asked: Given) -> tuple[int, int]:
    """Where the page begins, and how many rows it has."""
    cursor: Cursor | None = asked.get("cursor")
    return cursor.row if cursor else 0, asked.get("limit", USUAL)


def links_of(path: str, asked: Given, release_id: str, begin: int, size: int, total: int) -> dict[str, str | None]:
    """`next` is null on the last page."""
    if begin + size >= total:
        return {"next": None}
    rest = {name: value for name, value in asked.items() if name != "as_of"}
    return {"next": path + query(rest | {"cursor": Cursor(release_id, begin + size)})}


@get("/map/{name:str}", sync_to_thread=True)
def map_values(request: WebRequest, name: FromPath[str], desk: NamedDependency[Desk]) -> Answer:
    """cases.json, tests.json, positivity.json: classes of many days; day.json: figures of one day; pictures."""
    if name in PICTURES:
        return _picture(request, name, desk)
    if name == "day.json":
        visit, asked = desk.ask(request, DATED)
        return desk.answer(
            request,
            visit,
            asked,
            lambda: envelope(visit.release, day_file(desk.edition(visit), visit.day), {}),
            media_type=JSON,
        )
    known = {f"{shown.value}.json": shown for shown in Shown}
    if name not in known:
        raise NotFound(f"The map has {', '.join([*known, 'day.json', *PICTURES])}.")
    visit, asked = desk.ask(request, STANDING)

    def make() -> bytes:
        edition = desk.edition(visit)
        return envelope(visit.release, map_file(edition, known[name], slider_days(edition)), {})

    return desk.answer(request, visit, asked, make, media_type=JSON)


def _picture(request: WebRequest, name: str, desk: Desk) -> Answer:
    """cases.png, and cases-dark.png for dark paper."""
    measure, paper = PICTURES[name]
    visit, asked = desk.ask(request, DATED)
    shown = replace(visit, asked=replace(visit.asked, measure=measure))
    return desk.answer(request, shown, asked, lambda: still(desk, shown, paper), media_type=PNG)


@get("/frames.json", sync_to_thread=True)
def frames(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """For the areas on the map of `focus` (default: the nation): each day one string of codes, in order of `areas`."""
    visit, asked = desk.ask(request, FRAMED)
    edition = desk.edition(visit)
    inside = visit.shelf.atlas.place(visit.asked.focus or visit.nation.code)
    length = min(LONGEST, (visit.release.as_of - visit.shelf.start).days + 1)
    days = tuple(visit.release.as_of - timedelta(days=back) for back in reversed(range(length)))
    return desk.answer(
        request,
        visit,
        asked,
        lambda: envelope(visit.release, map_frames(edition, visit.asked.measure, days, in_view(visit, inside)), {}),
        media_type=JSON,
    )
