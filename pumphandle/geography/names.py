"""Two writings of one name."""

import re
from collections.abc import Mapping

from pumphandle.geography.description import Names


def plainly(text: str, names: Names) -> str:
    """What is compared: `same` said first, patterns taken away, then letters and digits only, in one case."""
    kept = shortened(dict(names.same).get(text, text), names)
    return "".join(letter for letter in kept.casefold() if letter.isalnum())


def shortened(text: str, names: Names) -> str:
    """The name without the patterns that are to be taken away."""
    for pattern in names.drop:
        text = re.sub(pattern, "", text)
    return text.strip()


def by_plain_name(written: Mapping[str, str], names: Names) -> dict[str, str | None]:
    """Plain name -> code, from code -> name; None where several codes share a plain name, so that none is guessed."""
    found: dict[str, str | None] = {}
    for code, name in written.items():
        key = plainly(name, names)
        found[key] = None if key in found else code
    return found
