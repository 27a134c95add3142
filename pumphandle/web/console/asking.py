"""What somebody asks of the line list, read from fields and written back as fields."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from pumphandle.store.identified.line_list import ORDERS, PLAIN_FILTERS, LineQuestion
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.vocabulary.pathogens import TestResult
from pumphandle.vocabulary.records import Change

T = TypeVar("T")

LONGEST_TEXT: Final = 100
LONGEST_KEY: Final = 200
MOST_DAYS: Final = 3660

COLUMN_FIELDS: Final[Mapping[str, str | None]] = {
    "name": "family_name",
    "born": "date_of_birth",
    "age_band": None,
    "sex": "sex",
    "address": "address",
    "postcode": "postcode",
    "area": "small_area",
    "phone": "phone",
    "national_id": "national_id",
    "household": None,
    "specimen": None,
    "arrived": None,
    "pathogen": None,
    "result": None,
    "laboratory": "laboratory",
    "setting": "setting_kind",
}
"""Column -> the field that an agreement must allow; None: every agreement does."""

COLUMN_NAMES: Final[Mapping[str, str]] = {
    "name": "Name",
    "born": "Born",
    "age_band": "Age band",
    "sex": "Sex",
    "address": "Address",
    "postcode": "Postcode",
    "phone": "Telephone",
    "household": "Household",
    "specimen": "Specimen",
    "arrived": "Arrived",
    "pathogen": "Looked for",
    "result": "Result",
    "laboratory": "Laboratory",
    "setting": "Kind of place",
}
"""As people read them; the area and the identifier are called as the nation calls them."""

USUAL: Final = ("name", "born", "sex", "address", "postcode", "area", "specimen", "arrived", "result", "laboratory")


def question_of(asked: Mapping[str, str]) -> LineQuestion:
    """Raises NotUnderstood for what no field can send: a filter that is not understood must not be ignored."""
    return LineQuestion(
        result=_read(asked, "result", lambda text: TestResult(text).value),
        first=_read(asked, "first", date.fromisoformat),
        last=_read(asked, "last", date.fromisoformat),
        days=_read(asked, "days", _days),
        small_area=_read(asked, "small_area", _short),
        laboratory=_read(asked, "laboratory", _short),
        sex=_read(asked, "sex", _short),
        age_band=_read(asked, "age_band", _short),
        cluster=_read(asked, "cluster", _key),
        came=_read(asked, "came", date.fromisoformat),
        came_from=_read(asked, "came_from", date.fromisoformat),
        change=_read(asked, "change", lambda text: Change(text).value),
        search=_read(asked, "search", _short),
        order=_read(asked, "order", _order) or "newest",
        after=_read(asked, "after", lambda text: str(UUID(text))),
    )


def columns_of(asked: Mapping[str, str]) -> tuple[str, ...]:
    """Those that were ticked, or listed in an address, or else the usual ones. Raises NotUnderstood for an unknown."""
    ticked = [name.removeprefix("column.") for name in asked if name.startswith("column.")]
    listed = [name for name in asked.get("columns", "").split(",") if name]
    chosen = ticked or listed or list(USUAL)
    if set(chosen) - set(COLUMN_FIELDS):
        raise NotUnderstood("The field columns could not be understood.")
    return tuple(name for name in COLUMN_FIELDS if name in chosen)


def fields_of(question: LineQuestion, columns: tuple[str, ...] = USUAL) -> dict[str, str]:
    """The question as form fields, without search and place; what is usual is left out."""
    told = {name: getattr(question, name) for name in PLAIN_FILTERS}
    told["order"] = None if question.order == "newest" else question.order
    told["columns"] = None if set(columns) == set(USUAL) else ",".join(columns)
    return {name: str(value) for name, value in told.items() if value is not None}


def address_of(question: LineQuestion, columns: tuple[str, ...] = USUAL) -> str:
    """Where a question without a search can be asked again."""
    place = {} if question.after is None else {"after": question.after}
    return "/lines?" + urlencode(fields_of(question, columns) | place)


def _read(asked: Mapping[str, str], name: str, understand: Callable[[str], T]) -> T | None:
    text = asked.get(name, "").strip()
    if not text:
        return None
    try:
        return understand(text)
    except ValueError:
        raise NotUnderstood(f"The field {name.replace('_', ' ')} could not be understood.") from None


def _short(text: str) -> str:
    if len(text) > LONGEST_TEXT or "\x00" in text:
        raise ValueError(text[:0])
    return text


def _key(text: str) -> str:
    if len(text) > LONGEST_KEY or "\x00" in text:
        raise ValueError(text[:0])
    return text


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(text[:0])
    return days


def _order(text: str) -> str:
    if text not in ORDERS:
        raise ValueError(text[:0])
    return text
