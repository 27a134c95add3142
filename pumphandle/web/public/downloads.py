"""Everything at once: the ledger, and the figures of all areas."""

from collections.abc import Callable
from typing import Final

import polars as pl
from litestar import Response, get
from litestar.di import NamedDependency

from pumphandle.publication.formats import csv_bytes, parquet_bytes
from pumphandle.publication.public_files import areas_geojson as all_shapes
from pumphandle.publication.public_files import dictionary_json
from pumphandle.publication.records import envelope, nodes_and_districts
from pumphandle.publication.tables import FIGURE_COLUMNS, figures_frame
from pumphandle.store.published.reading import LEDGER_COLUMNS
from pumphandle.web.errors import WebRequest
from pumphandle.web.public.answers import CSV, GEOJSON, JSON, PARQUET
from pumphandle.web.public.api import links_of, page_of
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.parameters import AREA, COUNTED, CURSOR, DATED, LIMIT, STANDING, fields
from pumphandle.web.public.visit import Visit

PAGED: Final = (AREA, COUNTED, fields(tuple(LEDGER_COLUMNS)), LIMIT, CURSOR, *STANDING)
CHOSEN: Final = (fields(FIGURE_COLUMNS), *DATED)

Answer = Response[bytes]
Form = Callable[[pl.DataFrame], bytes]


def _saved(visit: Visit, name: str) -> str:
    stem, _, form = name.rpartition(".")
    return f"{visit.nation.code}-{stem}-{visit.release.release_id}.{form}"


@get("/ledger.csv", sync_to_thread=True)
def ledger_csv(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """Every window ever published, in order of publication."""
    return _ledger(request, desk, csv_bytes, CSV)


@get("/ledger.parquet", sync_to_thread=True)
def ledger_parquet(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """The rows of ledger.csv with their types."""
    return _ledger(request, desk, parquet_bytes, PARQUET)


def _ledger(request: WebRequest, desk: Desk, form: Form, media: str) -> Answer:
    visit, asked = desk.ask(request, STANDING)
    name = _saved(visit, request.url.path[1:])
    return desk.answer(
        request, visit, asked, lambda: form(visit.shelf.rows(visit.release)), media_type=media, file_name=name
    )


@get("/ledger.json", sync_to_thread=True)
def ledger(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """The ledger page by page, in order of publication."""
    visit, asked = desk.ask(request, PAGED)

    def make() -> bytes:
        rows = visit.shelf.rows(visit.release)
        if "area" in asked:
            visit.shelf.atlas.place(asked["area"])
            rows = rows.filter(rows["node"].is_in(nodes_and_districts(visit.shelf.atlas, asked["area"])))
        if "measure" in asked:
            rows = rows.filter(rows["measure"] == asked["measure"])
        begin, size = page_of(asked)
        shown = rows.slice(begin, size).select(asked.get("fields", tuple(LEDGER_COLUMNS)))
        links = links_of("/ledger.json", asked, visit.release.release_id, begin, size, rows.height)
        return envelope(visit.release, {"rows": shown.to_dicts(), "total": rows.height}, links)

    return desk.answer(request, visit, asked, make, media_type=JSON)


@get("/areas.csv", sync_to_thread=True)
def areas_csv(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """One line an area, in order of level and name."""
    return _areas(request, desk, csv_bytes, CSV)


@get("/areas.parquet", sync_to_thread=True)
def areas_parquet(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """The rows of areas.csv with their types."""
    return _areas(request, desk, parquet_bytes, PARQUET)


def _areas(request: WebRequest, desk: Desk, form: Form, media: str) -> Answer:
    visit, asked = desk.ask(request, CHOSEN)
    edition = desk.edition(visit)
    columns = asked.get("fields", FIGURE_COLUMNS)
    name = _saved(visit, request.url.path[1:])

    def make() -> bytes:
        return form(figures_frame(edition, visit.day).select(columns))

    return desk.answer(request, visit, asked, make, media_type=media, file_name=name)


@get("/areas.geojson", sync_to_thread=True)
def areas_geojson(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """A FeatureCollection; areas without a shape have a null geometry."""
    visit, asked = desk.ask(request, DATED)
    edition = desk.edition(visit)

    def make() -> bytes:
        shapes = desk.holdings.geometries(tuple(visit.shelf.atlas.places))
        return all_shapes(edition, visit.day, shapes)

    return desk.answer(request, visit, asked, make, media_type=GEOJSON, file_name=_saved(visit, "areas.geojson"))


@get("/dictionary.json", sync_to_thread=True)
def dictionary(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """File, column, unit, meaning."""
    visit, asked = desk.ask(request, STANDING)
    return desk.answer(request, visit, asked, lambda: dictionary_json(visit.release), media_type=JSON)
