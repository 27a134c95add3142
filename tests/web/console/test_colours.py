"""Every pair of text and ground that the console uses has a contrast of at least 4.5, by day and by night."""

import re
from pathlib import Path

import pytest

import pumphandle.web.console.house as house

STYLE = (house.HERE / "static" / "console.css").read_text(encoding="utf-8")
GROUNDS = ("ground", "surface", "sunken")
PAIRS = [
    *[(ink, ground) for ink in ("ink", "ink-soft", "link", "red") for ground in GROUNDS],
    *[(colour, f"{colour}-ground") for colour in ("red", "amber", "green", "blue")],
    ("accent-ink", "accent"),
]
EDGES = (
    [("line-strong", ground) for ground in GROUNDS] + [("focus", ground) for ground in GROUNDS] + [("bar", "surface")]
)


def tokens(scheme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    return found | (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark)) if scheme == "dark" else {})


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(scheme: str) -> None:
    colours = tokens(scheme)
    faint = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_fields_and_focus_can_be_seen(scheme: str) -> None:
    colours = tokens(scheme)
    faint = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in EDGES}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 3} == {}


def test_colours_stand_in_the_tokens_only() -> None:
    rest = STYLE.split("*, *::before")[1]
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(", rest) == []
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert Path(house.HERE / "static" / "mark.svg").read_text(encoding="utf-8").count("http") == 1
