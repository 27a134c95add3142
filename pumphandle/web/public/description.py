"""The description of the interface, OpenAPI 3.1: made from the tables that the answers are read with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar import Response, get
from litestar.di import NamedDependency

from pumphandle.publication.formats import json_bytes
from pumphandle.vocabulary.places import AreaLevel
from pumphandle.web.public import api, changes, downloads, former_asking, status
from pumphandle.web.public.answers import CSV, GEOJSON, JSON, PARQUET, PNG
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.parameters import CODE, DATED, MOST, STANDING, USUAL, Parameter
from pumphandle.web.public.problems import PROBLEM
from pumphandle.web.public.releases import ATOM, RELEASE_FILES
from pumphandle.web.public.schemas import SCHEMAS, ref
from pumphandle.web.public.visit import Visit

Answer = Response[bytes]


@dataclass(frozen=True)
class Endpoint:
    """One address of the interface. answers : media type -> name of a schema, or None where it is no JSON."""

    path: str
    summary: str
    answers: Mapping[str, str | None]
    parameters: Sequence[Parameter] = STANDING
    named: str | None = None
    """What the part in braces names: area or release."""


def _json(schema: str) -> dict[str, str | None]:
    return {JSON: schema}


ENDPOINTS: Final = (
    Endpoint("/areas.json", "Seven-day figures of many areas, page by page", _json("Areas"), api.LISTED),
    Endpoint("/areas.csv", "Seven-day figures of all areas", {CSV: None}, downloads.CHOSEN),
    Endpoint("/areas.parquet", "The same with types", {PARQUET: None}, downloads.CHOSEN),
    Endpoint("/areas.geojson", "The same with shapes", {GEOJSON: "Collection"}, DATED),
    Endpoint("/areas/{code}.json", "One area: figures, open and newest closed windows", _json("Area"), DATED, "area"),
    Endpoint("/areas/{code}.csv", "One area: its rows of the ledger", {CSV: None}, named="area"),
    Endpoint("/areas/{code}.parquet", "The same with types", {PARQUET: None}, named="area"),
    Endpoint("/areas/{code}.geojson", "One area: its shape with figures", {GEOJSON: "Collection"}, DATED, "area"),
    Endpoint("/ledger.json", "Every published window, page by page", _json("Rows"), downloads.PAGED),
    Endpoint("/ledger.csv", "The whole ledger", {CSV: None}),
    Endpoint("/ledger.parquet", "The same with types", {PARQUET: None}),
    Endpoint("/map/cases.json", "Map classes of cases: one string a day, one character an area", _json("Map")),
    Endpoint("/map/tests.json", "The same of tests", _json("Map")),
    Endpoint("/map/positivity.json", "The same of cases per 100 tests", _json("Map")),
    Endpoint("/map/day.json", "Figures of all small areas on one day, as columns", _json("Day"), DATED),
    *(
        Endpoint(f"/map/{name}", f"Map of {shown}, {paper} paper: all small areas in their colours", {PNG: None}, DATED)
        for name, (shown, paper) in api.PICTURES.items()
    ),
    Endpoint("/frames.json", "Map classes of one area's map", _json("Map"), api.FRAMED),
    Endpoint("/status.csv", "Status of every area on every day, as each day knew it", {CSV: None}, status.JUDGED),
    Endpoint("/deliveries.csv", "How long deliveries to authorities take, by leg", {CSV: None}),
    Endpoint("/deliveries.json", "The same as JSON", _json("Deliveries")),
    Endpoint("/holds.json", "The public register: holds, outcomes of concerns, recalls", _json("Register"), ()),
    Endpoint("/releases.atom", "Releases, holds, recalls and chosen rules as an Atom feed", {ATOM: None}, ()),
    Endpoint("/changelog.json", "Everything that happened to what is published", _json("Log")),
    Endpoint("/releases.json", "All releases, newest first", _json("Releases")),
    *(
        Endpoint(f"/releases/{{release_id}}/{name}", words, {media: "Sealed" if media == JSON else None}, (), "release")
        for name, (media, words) in RELEASE_FILES.items()
    ),
    Endpoint("/changes.json", "What changed between two releases, and why", _json("Changes"), changes.PARAMETERS),
    Endpoint("/dictionary.json", "What every column means", _json("Columns")),
    Endpoint("/schema/openapi.json", "This description", _json("Described"), ()),
    Endpoint(
        "/v1/data", "Figures in the form of the former dashboard of the United Kingdom, version 1",
        {JSON: "FormerPage", CSV: None, former_asking.XML: None}, former_asking.PARAMETERS,
    ),
    Endpoint("/v1/timestamp", "When the newest release was made", _json("Timestamp"), ()),
    Endpoint("/v1/metrics.json", "The names that /v1/data knows", _json("Names"), ()),
)  # fmt: skip

LIMITS: Final = (
    f"Lists give {USUAL} rows a page, at most {MOST}; /v1/data gives {former_asking.PAGE}. There is no quota and "
    "no key: take whole files where you want everything. An answer changes with a release, about once a day: send back "
    "its ETag in If-None-Match and take 304 for an answer. Values are at most 80 characters long (filters 400, fields "
    "1,000, structure 4,000). A number that cannot be told is null or absent, with a code beside it that says why."
)


def describe(visit: Visit | None) -> dict[str, Any]:
    """The whole description; examples are of the nation that is published."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pumphandle: published figures",
            "version": "1",
            "description": LIMITS,
            "license": {"name": "Open data: see the attribution on the site"},
        },
        "servers": [{"url": "/"}],
        "paths": {one.path: {"get": _operation(one, visit)} for one in ENDPOINTS},
        "components": {"schemas": SCHEMAS},
    }


def _operation(one: Endpoint, visit: Visit | None) -> dict[str, Any]:
    former = one.path.startswith("/v1/")
    parameters = [_named(one, visit)] if one.named else []
    parameters += [_parameter(each) for each in one.parameters]
    problem = {JSON: {"schema": ref("FormerProblem")}} if former else {PROBLEM: {"schema": ref("Problem")}}
    content = {media: {"schema": ref(name)} if name else {} for media, name in one.answers.items()}
    answers: dict[str, Any] = {
        "200": {"description": one.summary, "headers": _HEADERS, "content": content},
        "304": {"description": "Nothing new since the ETag that was sent in If-None-Match"},
        "400": {"description": "A parameter cannot be read: it is named, with what it may be", "content": problem},
        "404": {"description": "No such area or release, or nothing published yet", "content": problem},
    }
    if one.path == "/v1/data":
        answers["204"] = {"description": "Nothing fits"}
    about = {"summary": one.summary, "operationId": _identifier(one.path)}
    return about | {"parameters": parameters, "responses": answers}


_HEADERS: Final = {
    "ETag": {"schema": {"type": "string"}, "description": "Changes when the answer does"},
    "Cache-Control": {"schema": {"type": "string"}},
}


def _identifier(path: str) -> str:
    return path.strip("/").replace("/", "_").replace(".", "_").replace("{", "").replace("}", "")


def _parameter(one: Parameter) -> dict[str, Any]:
    told: dict[str, Any] = {"name": one.name, "in": "query", "description": f"{one.meaning}: {one.allowed}"}
    told |= {"required": one.name == "filters", "schema": one.schema}
    if one.schema.get("type") == "array":
        told |= {"style": "form", "explode": False}
    return told


def _named(one: Endpoint, visit: Visit | None) -> dict[str, Any]:
    name = "code" if one.named == "area" else "release_id"
    told: dict[str, Any] = {
        "name": name,
        "in": "path",
        "required": True,
        "description": "The name of a release" if name == "release_id" else "The code of an area",
        "schema": {"type": "string", "pattern": f"^{CODE}$"},
    }
    if visit is not None:
        told["example"] = visit.release.release_id if name == "release_id" else _some_area(visit)
    return told


def _some_area(visit: Visit) -> str:
    small = visit.shelf.atlas.at_level(AreaLevel.SMALL_AREA)
    return small[0].code if small else visit.nation.code


@get("/schema/openapi.json", sync_to_thread=True)
def description(desk: NamedDependency[Desk]) -> Answer:
    """The description of the interface."""
    headers = {"access-control-allow-origin": "*", "cache-control": "public, max-age=300"}
    return Response(json_bytes(describe(desk.visit_or_none())), media_type=JSON, headers=headers)
