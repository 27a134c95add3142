"""Words for templates: markup with everything filled in escaped, and a mark on what is not in the page's language."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from markupsafe import Markup

from pumphandle.publication.wording import LANGUAGES, Words


@dataclass(frozen=True)
class Speaker:
    """`t` in templates."""

    words: Words

    def __call__(self, key: str, /, *, n: float | None = None, **given: object) -> Markup:
        """A text as markup. Raises KeyError for an unknown key or an unfilled gap."""
        phrase = self.words.phrase(key, n=n)
        text = Markup(phrase.text).format(**({"n": f"{n:,}"} if n is not None else {}), **given)
        if phrase.language == self.words.language:
            return text
        return Markup('<span lang="{}">{}</span>').format(phrase.language, text)

    def plain(self, key: str, /, *, n: float | None = None, **given: object) -> str:
        """A text for an attribute or a title, where no markup may stand."""
        return self.words.say(key, n=n, **({"n": f"{n:,}"} if n is not None else {}), **given)

    def day(self, value: date) -> str:
        return self.words.day(value)

    def short_day(self, value: date) -> str:
        return self.words.short_day(value)

    @property
    def language(self) -> str:
        return self.words.language

    @property
    def direction(self) -> str:
        return "rtl" if self.words.right_to_left else "ltr"

    @property
    def drafted(self) -> bool:
        return self.words.drafted

    @property
    def missing(self) -> int:
        return self.words.missing


LANGUAGE_NAMES: Final = tuple(LANGUAGES.items())
