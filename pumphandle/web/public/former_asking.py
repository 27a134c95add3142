"""What the former dashboard's query form asks: filters, structure and the rest, read or refused in a sentence."""

import difflib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from pumphandle.publication.former import ABOUT, LEVELS, METRICS
from pumphandle.vocabulary.errors import BadParameter
from pumphandle.vocabulary.places import AreaLevel
from pumphandle.web.public.answers import CSV, JSON
from pumphandle.web.public.parameters import AS_OF, RELEASE, Parameter

PAGE: Final = 2_500
"""Rows on a page."""
XML: Final = "application/xml"
MEDIA: Final[Mapping[str, str]] = {"json": JSON, "csv": CSV, "xml": XML}
NAMES: Final = (*ABOUT, *METRICS)
FILTERS: Final = ("areaType", "areaName", "areaCode", "date")
MOST_METRICS: Final = 12
KEPT: Final = 4
"""Whole results kept between the pages of one reader."""


@dataclass(frozen=True)
class Filters:
    """What must hold of a row, read from areaType=ltla;areaName=…"""

    area_type: str
    name: str | None
    code: str | None
    day: date | None

    @property
    def level(self) -> AreaLevel:
        return LEVELS[self.area_type]


def _closest(word: str, words: Sequence[str]) -> str:
    found = difflib.get_close_matches(word, words, 1, 0.4)
    return f"; the closest to what was asked is {found[0]}" if found else ""


def read_filters(value: str) -> Filters:
    """Raises BadParameter."""
    given: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in value.split(";"))):
        name, sign, wanted = (one.strip() for one in part.partition("="))
        if not sign or name not in FILTERS:
            words = f"made of {', '.join(FILTERS)}, each with = and a value"
            raise BadParameter("filters", words + _closest(name, FILTERS))
        if name in given:
            raise BadParameter("filters", f"made of filters that stand once: {name} stands twice")
        given[name] = wanted
    if given.get("areaType", "").lower() not in LEVELS:
        raise BadParameter("filters", f"begun with areaType={'|'.join(LEVELS)}")
    day = None
    if "date" in given:
        try:
            day = date.fromisoformat(given["date"][:10])
        except ValueError:
            raise BadParameter("filters", "with a date written as YYYY-MM-DD, such as date=2020-06-30") from None
    found = Filters(given["areaType"].lower(), given.get("areaName"), given.get("areaCode"), day)
    if found.level is AreaLevel.SMALL_AREA and not (found.name or found.code or found.day):
        raise BadParameter("filters", "more than areaType=msoa: add areaCode, areaName or date; /ledger.csv has all")
    return found


def read_structure(value: str) -> dict[str, str]:
    """New name -> our name, from a JSON object or array. Raises BadParameter."""
    try:
        given: object = json.loads(value)
    except (ValueError, RecursionError):
        raise BadParameter("structure", 'a JSON object such as {"name":"areaName"}, or a JSON array of names') from None
    named = {name: name for name in cast("list[str]", given)} if _is_names(given) else given
    if not isinstance(named, dict) or not named or not _is_names(list(cast("dict[str, object]", named).values())):
        raise BadParameter("structure", 'a flat JSON object such as {"name":"areaName"}, or a JSON array of names')
    chosen = cast("dict[str, str]", named)
    for name in chosen.values():
        if name not in NAMES:
            words = "made of names that this server has; /v1/metrics.json lists them"
            raise BadParameter("structure", f"{words}{_closest(name, NAMES)}")
    if len(chosen) > MOST_METRICS + len(ABOUT):
        raise BadParameter("structure", f"of at most {MOST_METRICS} figures")
    return {new[:80]: ours for new, ours in chosen.items()}


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in cast("list[object]", value))


def _page(value: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,5}", value):
        raise ValueError
    return int(value)


def _word(words: Sequence[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in words:
            raise ValueError
        return value

    return read


PARAMETERS: Final = (
    Parameter(
        "filters", "Which rows: areaType, and areaName, areaCode, date where wanted, with ; between",
        f"such as areaType=ltla;date=2020-06-30, with areaType one of {', '.join(LEVELS)}",
        {"type": "string", "pattern": r"^areaType=(nation|region|ltla|msoa)(;(areaName|areaCode|date)=[^;]+)*$"},
        str, longest=400,
    ),
    Parameter(
        "structure", "Which columns, and what they are called in the answer",
        "a flat JSON object of names, or a JSON array of names", {"type": "string"}, str, longest=4_000,
    ),
    Parameter(
        "latestBy", "Only the newest day on which this figure has a value", "the name of a figure",
        {"type": "string", "enum": list(METRICS)}, _word(tuple(METRICS)),
    ),
    Parameter(
        "format", "Form of the answer; default json", "one of json, csv, xml",
        {"type": "string", "enum": list(MEDIA)}, _word(tuple(MEDIA)),
    ),
    Parameter(
        "page", f"Which page of {PAGE} rows, from 1; left out: the first, without links", "a whole number from 1",
        {"type": "integer", "minimum": 1, "maximum": 999_999}, _page,
    ),
    RELEASE,
    AS_OF,
)  # fmt: skip
