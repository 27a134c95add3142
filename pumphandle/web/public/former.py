"""The query form of the former dashboard of the United Kingdom, version 1, so that programs for it need a new address.

filters, structure, latestBy, page and format mean what they meant; so do the order of rows, the size of a page, the
pages' links, 204 where nothing fits, and the shape of an error. What differs is listed in docs/reference/interface.md.
"""

import math
import re
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC
from http import HTTPStatus
from threading import Lock
from typing import Any, Final, cast
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, tostring

import polars as pl
from litestar import Response, get
from litestar.di import NamedDependency

from pumphandle.publication.atlas import Place
from pumphandle.publication.edition import Edition
from pumphandle.publication.formats import csv_bytes, json_bytes
from pumphandle.publication.former import ABOUT, LEVELS, METRICS, days_of, rows
from pumphandle.vocabulary.errors import BadParameter
from pumphandle.web.errors import Fault, WebRequest
from pumphandle.web.public.answers import JSON
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.former_asking import MEDIA, NAMES, PAGE, PARAMETERS, Filters, read_filters, read_structure
from pumphandle.web.public.parameters import Given

KEPT: Final = 4
"""Whole results kept between the pages of one reader."""

Answer = Response[bytes]
Row = dict[str, Any]


class Results:
    """Whole results of the last few questions, so that the second page costs no more than its bytes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, tuple[Edition, list[Row]]] = OrderedDict()
        self._lock = Lock()

    def rows(self, edition: Edition, filters: Filters, names: tuple[str, ...]) -> list[Row]:
        key = filters, names
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept[0] is edition:
                self._kept.move_to_end(key)
                return kept[1]
            days = days_of(edition)
            if filters.day is not None:
                days = [filters.day] if filters.day in days else []
            made = rows(edition, _places(edition, filters), days, names)
            self._kept[key] = edition, made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return made


def _places(edition: Edition, filters: Filters) -> list[Place]:
    wanted = filters.name.lower() if filters.name is not None else None
    return [
        place
        for place in edition.atlas.at_level(filters.level)
        if (wanted is None or place.name.lower() == wanted)
        and (filters.code is None or place.code.upper() == filters.code.upper())
    ]


RESULTS: Final = Results()


@get("/v1/data", sync_to_thread=True)
def data(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """Figures as the former dashboard gave them out."""
    visit, asked = desk.ask(request, PARAMETERS)
    if "filters" not in asked:
        raise BadParameter("filters", f"given, beginning with areaType={'|'.join(LEVELS)}")
    if "latestBy" in asked and "page" in asked:
        raise BadParameter("page", "left out where latestBy is given")
    form = asked.get("format", "json")
    if "latestBy" in asked and form == "csv":
        raise BadParameter("format", "json or xml where latestBy is given")
    chosen = read_structure(asked["structure"]) if "structure" in asked else {name: name for name in NAMES[:8]}
    found = _found(desk.edition(visit), asked, tuple(chosen.values()))
    begin = (asked.get("page", 1) - 1) * PAGE
    shown = [{new: row[ours] for new, ours in chosen.items()} for row in found[begin : begin + PAGE]]
    if not shown:
        return Response(b"", status_code=204, media_type=MEDIA[form], headers={"access-control-allow-origin": "*"})
    saved = f"data_{visit.release.as_of}.csv" if form == "csv" else None
    make = {"csv": lambda: _csv(shown), "json": lambda: json_bytes(_about(asked, shown, len(found)))}
    make["xml"] = lambda: _xml(_about(asked, shown, len(found)))
    return desk.answer(request, visit, asked, make[form], media_type=MEDIA[form], file_name=saved)


def _found(edition: Edition, asked: Given, names: tuple[str, ...]) -> list[Row]:
    """All rows that fit, in the former order."""
    latest = asked.get("latestBy")
    columns = tuple({"date": 1} | dict.fromkeys(names, 1) | ({str(latest): 1} if latest else {}))
    found = RESULTS.rows(edition, read_filters(asked["filters"]), columns)
    if latest is None:
        return found
    newest = max((row["date"] for row in found if row[latest] is not None), default=None)
    return [row for row in found if row["date"] == newest]


def _about(asked: Given, shown: list[Row], total: int) -> dict[str, Any]:
    payload = {name: str(value) for name, value in asked.items() if name not in ("format", "page")}
    about: dict[str, Any] = {"length": len(shown), "maxPageLimit": PAGE, "totalRecords": total, "data": shown}
    about["requestPayload"] = payload
    if "page" in asked:
        about["pagination"] = _pagination(asked, total)
    return about


def _pagination(asked: Given, total: int) -> dict[str, str | None]:
    page, last = asked["page"], max(1, math.ceil(total / PAGE))
    rest = urlencode({name: str(value) for name, value in asked.items() if name != "page"})
    wanted = {"current": page, "next": page + 1, "previous": page - 1, "first": 1, "last": last}
    return {name: f"/v1/data?{rest}&page={number}" if 1 <= number <= last else None for name, number in wanted.items()}


def _csv(shown: list[Row]) -> bytes:
    return csv_bytes(pl.DataFrame(shown, infer_schema_length=None, strict=False))


def _xml(about: Mapping[str, Any]) -> bytes:
    """<document> with one <data> a row; a figure without a value is an empty element."""
    document = Element("document")
    for name, value in about.items():
        for one in cast("list[object]", value if isinstance(value, list) else [value]):
            child = SubElement(document, name)
            if isinstance(one, dict):
                for key, inner in cast("Row", one).items():
                    SubElement(child, _tag(key)).text = None if inner is None else str(inner)
            else:
                child.text = str(one)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(document, encoding="utf-8")


def _tag(name: str) -> str:
    """A reader's own column name as an element's name."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.\-]*", name) else "_" + re.sub(r"[^A-Za-z0-9_.\-]", "_", name)


@get("/v1/timestamp", sync_to_thread=True)
def timestamp(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """When the newest release was made."""
    visit, asked = desk.ask(request, ())
    told = {"websiteTimestamp": f"{visit.release.made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"}
    return desk.answer(request, visit, asked, lambda: json_bytes(told), media_type=JSON)


@get("/v1/metrics.json", sync_to_thread=True)
def metrics(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """The names that a structure may use."""
    visit, asked = desk.ask(request, ())
    told = {"about": list(ABOUT), "figures": list(METRICS), "areaTypes": list(LEVELS)}
    return desk.answer(request, visit, asked, lambda: json_bytes(told), media_type=JSON)


def former_problem(fault: Fault) -> Answer:
    """An error as the former dashboard told it."""
    told = {"response": fault.sentence, "status_code": fault.status, "status": HTTPStatus(fault.status).phrase}
    headers = {"cache-control": "no-store", "access-control-allow-origin": "*"}
    return Response(json_bytes(told), status_code=fault.status, media_type=JSON, headers=headers)
