"""What an address for programs may ask, as one table: read, described and refused in the same words."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from pumphandle.publication.edition import Shown
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.errors import BadParameter
from pumphandle.vocabulary.places import AreaLevel
from pumphandle.web.errors import WebRequest

LONGEST: Final = 80
"""Characters of any one value; more is no code, day or name."""
MOST: Final = 1_000
"""Rows on a page."""
USUAL: Final = 100

Given = Mapping[str, Any]
"""What was asked, read: only what was given stands in it."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of an address.

    allowed : what it may be, in words that end "… must be …"; schema : the same as JSON Schema
    read    : the value; raises ValueError
    """

    name: str
    meaning: str
    allowed: str
    schema: Mapping[str, Any]
    read: Callable[[str], Any]
    longest: int = LONGEST

    def read_or_refuse(self, value: str) -> Any:
        """The value. Raises BadParameter."""
        try:
            if len(value) <= self.longest:
                return self.read(value)
        except ValueError:
            pass
        raise BadParameter(self.name, self.allowed)


def given(request: WebRequest, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Everything asked, each parameter once. Raises BadParameter, naming the parameter and what it may be."""
    known = {one.name: one for one in parameters}
    found: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        one = known.get(name)
        if one is None:
            shown = name if re.fullmatch(r"[A-Za-z_]{1,30}", name) else "A parameter of that name"
            raise BadParameter(shown, f"left out: parameters here are {', '.join(known) or 'none'}")
        if name in found:
            raise BadParameter(name, "given once")
        found[name] = one.read_or_refuse(value)
    if "release" in found and "as_of" in found:
        raise BadParameter("as_of", "left out where release is given: a release names its day")
    return found


def query(asked: Given) -> str:
    """Canonical: in order of name, as the links of an answer repeat it; empty, or with its question mark."""
    texts = {name: ",".join(value) if name == "fields" else str(value) for name, value in sorted(asked.items())}
    return f"?{urlencode(texts)}" if texts else ""


def _one_of(words: Sequence[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in words:
            raise ValueError
        return value

    return read


def _day(value: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError
    return date.fromisoformat(value)


def _matching(pattern: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError
        return value

    return read


def _limit(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", value) or not 1 <= int(value) <= MOST:
        raise ValueError
    return int(value)


def word(name: str, meaning: str, words: Sequence[str]) -> Parameter:
    """One of a few words."""
    schema = {"type": "string", "enum": list(words)}
    return Parameter(name, meaning, f"one of {', '.join(words)}", schema, _one_of(words))


def fields(columns: Sequence[str]) -> Parameter:
    """A choice of columns, in the order of the choice."""

    def read(value: str) -> tuple[str, ...]:
        chosen = tuple(value.split(","))
        if len(set(chosen)) != len(chosen) or not set(chosen) <= set(columns):
            raise ValueError
        return chosen

    return Parameter(
        "fields",
        "Which columns, with commas between; default all",
        f"one or more of {', '.join(columns)}, each once, with commas between",
        {"type": "array", "uniqueItems": True, "minItems": 1, "items": {"type": "string", "enum": list(columns)}},
        read,
        longest=1_000,
    )


CODE: Final = r"[A-Za-z0-9_.\-]{1,40}"
release_name: Final = _matching(CODE)
"""Reads the name of a release."""
_DAY_SCHEMA: Final = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}

DAY: Final = Parameter(
    "day", "Last of the seven days; default the release's day", "a day written as YYYY-MM-DD, such as 2020-06-30",
    _DAY_SCHEMA, _day,
)  # fmt: skip
RELEASE: Final = Parameter(
    "release", "A release by its name: the same answer for ever, but for what was recalled since",
    "the name of a release, such as 2020-06-30", {"type": "string", "pattern": f"^{CODE}$"}, _matching(CODE),
)  # fmt: skip
AS_OF: Final = Parameter(
    "as_of", "What was public on that day: the newest release about that day or an earlier one",
    "a day written as YYYY-MM-DD, such as 2020-06-30", _DAY_SCHEMA, _day,
)  # fmt: skip
MEASURE: Final = word("measure", "What the map shows; default cases", tuple(Shown))
COUNTED: Final = word("measure", "Which count; default all", (Measure.CASES.value, Measure.TESTS.value))
LEVEL: Final = word("level", "Areas of this level alone", tuple(level.value for level in AreaLevel))
AREA: Final = Parameter(
    "area", "The rows under this area alone", "the code of an area", {"type": "string", "pattern": f"^{CODE}$"},
    _matching(CODE),
)  # fmt: skip
RULE: Final = Parameter(
    "rule", "A status rule; default the one in force", "the name of a rule on /status, such as england-starter",
    {"type": "string", "pattern": f"^{CODE}$"}, _matching(CODE),
)  # fmt: skip
INSIDE: Final = Parameter(
    "inside", "Areas directly inside this one alone", "the code of an area",
    {"type": "string", "pattern": f"^{CODE}$"}, _matching(CODE),
)  # fmt: skip
FOCUS: Final = Parameter(
    "focus", "The areas on this area's map; default the nation's", "the code of an area",
    {"type": "string", "pattern": f"^{CODE}$"}, _matching(CODE),
)  # fmt: skip
LIMIT: Final = Parameter(
    "limit", f"Rows on a page; default {USUAL}", f"a whole number from 1 to {MOST}",
    {"type": "integer", "minimum": 1, "maximum": MOST}, _limit,
)  # fmt: skip


@dataclass(frozen=True)
class Cursor:
    """Where a page begins, in one release for ever: a page that was begun is not disturbed by a newer release."""

    release_id: str
    row: int

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.row}.{self.release_id}".encode()).decode().rstrip("=")


def _cursor(value: str) -> Cursor:
    text = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
    found = re.fullmatch(rf"([0-9]{{1,12}})\.({CODE})", text)
    if not found or str(Cursor(found[2], int(found[1]))) != value:
        raise ValueError
    return Cursor(found[2], int(found[1]))


CURSOR: Final = Parameter(
    "cursor", "Where the page before ended", "taken as it stands from links.next of the page before",
    {"type": "string", "pattern": r"^[A-Za-z0-9_\-]{1,80}$"}, _cursor,
)  # fmt: skip

STANDING: Final = (RELEASE, AS_OF)
"""Which release: every answer takes them."""
DATED: Final = (DAY, *STANDING)
