"""Answers for programs: one envelope, explicit codes instead of blanks, next steps as links."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, Parameter
from litestar.response import Redirect

from pumphandle.publication.charts import LONGEST
from pumphandle.publication.edition import Edition, Release
from pumphandle.publication.formats import csv_bytes, geojson_bytes, json_bytes, manifest_bytes, parquet_bytes
from pumphandle.publication.map_classes import frames as map_frames
from pumphandle.publication.tables import area_record, figures_row
from pumphandle.vocabulary.errors import NotFound
from pumphandle.web.errors import WebRequest
from pumphandle.web.public.answers import CSV, GEOJSON, JSON, PARQUET
from pumphandle.web.public.asking import Asked
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.maps import in_view
from pumphandle.web.public.pages import area_page
from pumphandle.web.public.visit import Visit

BLOCK_FILE: Final = ("block_id", "node", "level", "measure", "first_day", "last_day", "value", "kind")
"""Columns of a release's blocks.csv, so that these bytes are those that the manifest names."""
FORMS: Final = ("json", "csv", "parquet", "geojson")

Answer = Response[bytes]
Named = Annotated[
    str,
    Parameter(
        description="An area code is a page; with .json (figures and windows), .csv or .parquet (its rows of the "
        "ledger) or .geojson (its shape with figures) behind it, it is data. Queries: day, release, as_of."
    ),
]


def envelope(visit: Visit, data: Mapping[str, Any], links: Mapping[str, str]) -> bytes:
    """Always an object: which release, what was asked, where to go next."""
    return json_bytes({"release": release_record(visit.release), "data": data, "links": links})


def release_record(release: Release) -> dict[str, Any]:
    """What identifies a release."""
    return {
        "release_id": release.release_id,
        "sequence": release.sequence,
        "as_of": release.as_of,
        "made_at": release.made_at,
        "hash": release.hash,
        "rule": release.rule,
    }


@get("/areas/{name:str}", sync_to_thread=True, summary="One area: page, figures, windows, shape")
def area(
    request: WebRequest, name: Named, desk: NamedDependency[Desk], wish: NamedDependency[Asked]
) -> Answer | Redirect:
    """A page and its data share an address."""
    code, dot, form = name.rpartition(".")
    if not dot or form not in FORMS:
        return area_page(request, desk, wish, name)
    visit = desk.visit(wish)
    visit.shelf.atlas.place(code)
    makers: dict[str, tuple[str, Callable[[], bytes]]] = {
        "json": (JSON, lambda: _json(desk.edition(visit), visit, code)),
        "csv": (CSV, lambda: csv_bytes(visit.ledger_of(code))),
        "parquet": (PARQUET, lambda: parquet_bytes(visit.ledger_of(code))),
        "geojson": (GEOJSON, lambda: _geojson(desk, visit, code)),
    }
    media, make = makers[form]
    saved = f"{code}-{visit.release.release_id}.{form}" if form != "json" else None
    return desk.send(
        request,
        visit,
        make,
        path=f"/areas/{name}",
        media_type=media,
        file_name=saved,
    )


def _json(edition: Edition, visit: Visit, code: str) -> bytes:
    place = visit.shelf.atlas.places[code]
    links = {"page": f"/areas/{code}", "csv": f"/areas/{code}.csv", "geojson": f"/areas/{code}.geojson"}
    if place.parent:
        links["parent"] = f"/areas/{place.parent}.json"
    children = [f"/areas/{one}.json" for one in visit.shelf.atlas.children.get(code, ())]
    return envelope(visit, area_record(edition, code, visit.day) | {"inside": children}, links)


def _geojson(desk: Desk, visit: Visit, code: str) -> bytes:
    shapes = desk.holdings.geometries((code,))
    figures = figures_row(desk.edition(visit), code, visit.day)
    return geojson_bytes([(code, shapes.get(code), figures)], about=release_record(visit.release))


@get("/frames.json", sync_to_thread=True, summary="Map classes of many days, for the date slider")
def frames(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Answer:
    """For the areas on the map of `focus` (default: the nation): each day one string of codes, in order of `areas`."""
    visit = desk.visit(wish)
    edition = desk.edition(visit)
    inside = visit.shelf.atlas.place(visit.asked.focus or visit.nation.code)
    length = min(LONGEST, (visit.release.as_of - visit.shelf.start).days + 1)
    days = tuple(visit.release.as_of - timedelta(days=back) for back in reversed(range(length)))
    return desk.send(
        request,
        visit,
        lambda: envelope(visit, map_frames(edition, visit.asked.measure, days, in_view(visit, inside)), {}),
        path="/frames.json",
        media_type=JSON,
    )


@get("/releases.json", sync_to_thread=True, summary="All releases, newest first")
def releases(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Answer:
    """What identifies every release, with links to its manifest."""
    visit = desk.visit(wish)
    listed = [
        release_record(one) | {"manifest": f"/releases/{one.release_id}/manifest.json"}
        for one in reversed(visit.shelf.releases)
    ]
    return desk.send(
        request,
        visit,
        lambda: envelope(visit, {"releases": listed}, {"page": "/releases"}),
        path="/releases.json",
        media_type=JSON,
    )


@get("/releases/{release_id:str}/{name:str}", sync_to_thread=True, summary="Manifest, certificate, blocks of a release")
def release_file(
    request: WebRequest,
    release_id: FromPath[str],
    name: FromPath[str],
    desk: NamedDependency[Desk],
    wish: NamedDependency[Asked],
) -> Answer:
    """The SHA-256 of manifest.json is the release's hash; it names the SHA-256 of certificate.json and blocks.csv."""
    visit = desk.visit(wish)
    one = visit.shelf.release(release_id)
    contents = {
        "manifest.json": (JSON, lambda: manifest_bytes(one.manifest)),
        "certificate.json": (JSON, lambda: manifest_bytes(one.certificate)),
        "blocks.csv": (CSV, lambda: csv_bytes(visit.shelf.rows_of(one).select(BLOCK_FILE))),
    }
    if name not in contents:
        raise NotFound(f"A release has {', '.join(contents)}, and nothing named {name[:40]!r}.")
    media, make = contents[name]
    return desk.send(request, visit, make, path=f"/releases/{release_id}/{name}", media_type=media)
