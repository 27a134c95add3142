"""Everything that the public reads, by key: one reviewed file a language, in `words/`; what is missing is English."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, TypeGuard

from babel import Locale
from babel.dates import format_date, get_date_format

from pumphandle.vocabulary.errors import NotUnderstood

FIRST: Final = "en"
LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "cy": "Cymraeg"}
"""Code, and the language's own name for itself."""
DRAFTED: Final = frozenset({"cy"})
"""Translated by machine; nobody who speaks the language has read the words yet, and every page in it says so."""
_REGION: Final = {"en": "en_GB", "cy": "cy_GB"}


@dataclass(frozen=True)
class Phrase:
    """A text as it was found. `language` differs from the one asked for where a translation is missing."""

    text: str
    language: str


@dataclass(frozen=True)
class Words:
    """One language. `texts`: key -> text, or key -> plural form -> text."""

    language: str
    locale: Locale
    texts: Mapping[str, str | Mapping[str, str]]
    instead: "Words | None" = None

    def phrase(self, key: str, *, n: float | None = None) -> Phrase:
        """A text before its gaps are filled. `n` chooses among plural forms. Raises KeyError for an unknown key."""
        found = self.texts.get(key)
        if found is None:
            if self.instead is None:
                raise KeyError(f"There is no text {key!r} in words/{FIRST}.toml.")
            return self.instead.phrase(key, n=n)
        if isinstance(found, str):
            return Phrase(found, self.language)
        form = self.locale.plural_form(n) if n is not None else "other"
        return Phrase(found.get(form, found["other"]), self.language)

    def say(self, key: str, /, *, n: float | None = None, **given: object) -> str:
        """A text with its gaps filled: `{name}` by name. Raises KeyError for a gap without a value."""
        return self.phrase(key, n=n).text.format(**given)

    def day(self, value: date) -> str:
        """30 June 2020"""
        return format_date(value, "d MMMM y", locale=self.locale)

    def short_day(self, value: date) -> str:
        """30 Jun 2020"""
        return format_date(value, "d MMM y", locale=self.locale)

    def day_of_month(self, value: date) -> str:
        """30 June"""
        return format_date(value, "d MMMM", locale=self.locale)

    def short_day_of_month(self, value: date) -> str:
        """30 Jun"""
        return format_date(value, "d MMM", locale=self.locale)

    def month(self, value: date) -> str:
        """Jun 2020"""
        return format_date(value, "MMM y", locale=self.locale)

    @property
    def missing(self) -> int:
        """Texts that are still English."""
        return len(set(self.instead.texts) - set(self.texts)) if self.instead else 0

    @property
    def drafted(self) -> bool:
        return self.language in DRAFTED

    @property
    def right_to_left(self) -> bool:
        return self.locale.text_direction == "rtl"


@cache
def words(language: str = FIRST) -> Words:
    """Raises NotUnderstood for a language that we do not have."""
    if language not in LANGUAGES:
        raise NotUnderstood(f"lang can be {', '.join(LANGUAGES)}.")
    text = files("pumphandle.publication").joinpath("words", f"{language}.toml").read_text(encoding="utf-8")
    locale = Locale.parse(_REGION[language])
    get_date_format(locale=locale)  # read now, not at the first page
    return Words(language, locale, _flat(tomllib.loads(text)), None if language == FIRST else words(FIRST))


def _flat(tree: Mapping[str, object], above: str = "") -> dict[str, str | Mapping[str, str]]:
    """Tables within tables become keys with dots; a table with a form `other` is one text in its plural forms."""
    found: dict[str, str | Mapping[str, str]] = {}
    for name, value in tree.items():
        key = f"{above}{name}"
        if isinstance(value, str):
            found[key] = value.strip()
        elif _is_plural(value):
            found[key] = {form: text.strip() for form, text in value.items()}
        elif isinstance(value, dict):
            found |= _flat(value, f"{key}.")  # pyright: ignore[reportUnknownArgumentType]
    return found


def _is_plural(value: object) -> TypeGuard[Mapping[str, str]]:
    return isinstance(value, dict) and "other" in value and all(isinstance(one, str) for one in value.values())  # pyright: ignore[reportUnknownVariableType]


ENGLISH: Final = words(FIRST)
