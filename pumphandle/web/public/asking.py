"""What a visitor asks for: the address is the only state, and a bad one gets a sentence."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Final, TypedDict, Unpack
from urllib.parse import urlencode

from litestar.params import QueryParameter

from pumphandle.publication.edition import Shown
from pumphandle.publication.wording import FIRST, Words, words
from pumphandle.vocabulary.errors import BadParameter, NotUnderstood

LONGEST: Final = 80
"""Characters of any one value; more is no code, day or name."""


class Changes(TypedDict, total=False):
    """What a link may change."""

    measure: Shown
    day: date | None
    release: str | None
    as_of: date | None
    focus: str | None
    lang: str


@dataclass(frozen=True)
class Asked:
    """measure: what the map shows; day: last of seven; release or as_of: which release; focus: area in view."""

    measure: Shown = Shown.CASES
    day: date | None = None
    release: str | None = None
    as_of: date | None = None
    focus: str | None = None
    lang: str = FIRST

    @property
    def words(self) -> Words:
        """The language of the page."""
        return words(self.lang)

    def query(self) -> str:
        """Canonical: defaults left out, always in one order."""
        given = {
            "measure": None if self.measure is Shown.CASES else self.measure.value,
            "day": self.day,
            "release": self.release,
            "as_of": self.as_of,
            "focus": self.focus,
            "lang": None if self.lang == FIRST else self.lang,
        }
        return urlencode({name: str(value) for name, value in given.items() if value is not None})

    def address(self, path: str, **changes: Unpack[Changes]) -> str:
        """A link that keeps what was asked, with changes by name."""
        query = replace(self, **changes).query()
        return f"{path}?{query}" if query else path

    @property
    def settled(self) -> bool:
        """Whether the address names one release for ever."""
        return self.release is not None


def asked(
    measure: Annotated[str | None, QueryParameter(description="cases, tests or positivity")] = None,
    day: Annotated[str | None, QueryParameter(description="Last of the seven days, YYYY-MM-DD")] = None,
    release: Annotated[str | None, QueryParameter(description="A release by its name; default the newest")] = None,
    as_of: Annotated[str | None, QueryParameter(description="The newest release until that day")] = None,
    focus: Annotated[str | None, QueryParameter(description="Code of the area that a map shows")] = None,
    lang: Annotated[str | None, QueryParameter(description="Language of pages: en or cy")] = None,
) -> Asked:
    """Reads what we know and leaves the rest. Raises NotUnderstood."""
    for value in (measure, day, release, as_of, focus, lang):
        if value is not None and len(value) > LONGEST:
            raise NotUnderstood(f"A value in the address is longer than {LONGEST} characters.")
    return Asked(
        measure=_measure(measure),
        day=_day(day, "day"),
        release=release or None,
        as_of=_day(as_of, "as_of"),
        focus=focus or None,
        lang=words(lang or FIRST).language,
    )


def _measure(value: str | None) -> Shown:
    if not value:
        return Shown.CASES
    if value not in list(Shown):
        raise NotUnderstood(f"measure can be {', '.join(Shown)}.")
    return Shown(value)


def _day(value: str | None, name: str) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise BadParameter(name, "a day written as YYYY-MM-DD, such as 2020-06-30") from None
