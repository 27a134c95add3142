"""Everything at once: the ledger, and the figures of all areas."""

from litestar import Response, get
from litestar.di import NamedDependency

from pumphandle.publication.formats import csv_bytes, geojson_bytes, parquet_bytes
from pumphandle.publication.tables import DICTIONARY, figures_frame, figures_row
from pumphandle.web.errors import WebRequest
from pumphandle.web.public.answers import CSV, GEOJSON, JSON, PARQUET
from pumphandle.web.public.api import envelope, release_record
from pumphandle.web.public.asking import Asked
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.visit import Visit

Answer = Response[bytes]


def _saved(visit: Visit, name: str) -> str:
    stem, _, form = name.rpartition(".")
    return f"{visit.nation.code}-{stem}-{visit.release.release_id}.{form}"


@get("/ledger.csv", sync_to_thread=True, summary="The whole ledger as it was at a release")
def ledger_csv(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Answer:
    """Every window ever published, in order of publication."""
    visit = desk.visit(wish)
    return desk.send(
        request,
        visit,
        lambda: csv_bytes(visit.shelf.rows(visit.release)),
        path="/ledger.csv",
        media_type=CSV,
        file_name=_saved(visit, "ledger.csv"),
    )


@get("/ledger.parquet", sync_to_thread=True, summary="The whole ledger, columnar")
def ledger_parquet(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Answer:
    """The rows of ledger.csv with their types."""
    visit = desk.visit(wish)
    return desk.send(
        request,
        visit,
        lambda: parquet_bytes(visit.shelf.rows(visit.release)),
        path="/ledger.parquet",
        media_type=PARQUET,
        file_name=_saved(visit, "ledger.parquet"),
    )


@get("/areas.csv", sync_to_thread=True, summary="Seven-day figures of all areas")
def areas_csv(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Answer:
    """One line an area, in order of level and name."""
    visit = desk.visit(wish)
    edition = desk.edition(visit)
    return desk.send(
        request,
        visit,
        lambda: csv_bytes(figures_frame(edition, visit.day)),
        path="/areas.csv",
        media_type=CSV,
        file_name=_saved(visit, "areas.csv"),
    )


@get("/areas.geojson", sync_to_thread=True, summary="Shapes of all areas with seven-day figures")
def areas_geojson(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Answer:
    """A FeatureCollection; areas without a shape have a null geometry."""
    visit = desk.visit(wish)
    edition = desk.edition(visit)

    def make() -> bytes:
        codes = tuple(visit.shelf.atlas.places)
        shapes = desk.holdings.geometries(codes)
        features = ((code, shapes.get(code), figures_row(edition, code, visit.day)) for code in codes)
        return geojson_bytes(features, about=release_record(visit.release))

    return desk.send(
        request,
        visit,
        make,
        path="/areas.geojson",
        media_type=GEOJSON,
        file_name=_saved(visit, "areas.geojson"),
    )


@get("/dictionary.json", sync_to_thread=True, summary="What every column means")
def dictionary(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Answer:
    """File, column, unit, meaning."""
    visit = desk.visit(wish)
    rows = [dict(zip(("file", "column", "unit", "meaning"), row, strict=True)) for row in DICTIONARY]
    return desk.send(
        request,
        visit,
        lambda: envelope(visit, {"columns": rows}, {"page": "/downloads"}),
        path="/dictionary.json",
        media_type=JSON,
    )
