"""Words are legible in both colour schemes, and the map's colours go one way in lightness, so that nobody needs hue."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

import pumphandle.web.public

CSS = (Path(pumphandle.web.public.__path__[0]) / "static" / "site.css").read_text(encoding="utf-8")
SCHEMES = CSS.split("@media (prefers-color-scheme: dark)")
WORDS = (
    ("ink", 7.0),
    ("soft", 4.5),
    ("link", 4.5),
    ("link-over", 4.5),
    ("rule-strong", 3.0),
    ("focus", 3.0),
    ("line", 3.0),
)


def tokens(dark: bool) -> dict[str, str]:
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", SCHEMES[0]))
    return found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", SCHEMES[1].split("\n}\n")[0])) if dark else found


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_words_stand_out_from_their_ground(dark: bool) -> None:
    found = tokens(dark)
    for name, least in WORDS:
        assert contrast(found[name], found["paper"]) >= least, name
    assert contrast(found["soft"], found["plate"]) >= 4.5
    assert contrast(found["paper"], found["mark"]) >= 4.5  # buttons
    assert contrast(found["ink"], found["notice"]) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_more_always_stands_out_more(dark: bool) -> None:
    found = tokens(dark)
    steps = [contrast(found[f"k{number}"], found["paper"]) for number in range(7)]
    assert all(later / earlier > 1.12 for earlier, later in pairwise(steps)), steps


@pytest.mark.parametrize("dark", [False, True])
def test_no_class_is_red(dark: bool) -> None:
    found = tokens(dark)
    for number in range(7):
        digits = found[f"k{number}"][1:]
        red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
        assert red <= max(green, blue), number
