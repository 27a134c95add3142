"""The map of all small areas as a picture that needs no script: each pixel a class, open and held ones hatched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pumphandle.publication.map_classes import HELD, NOT_YET, OPEN, RECALLED
from pumphandle.publication.pictures import Box
from pumphandle.publication.raster import area_pixels, borders, png

WIDTH: Final = 1_000
"""Pixels: a phone shows 780 to 1,170 of its own across."""
ROOM: Final = 0.02
"""Free paper around the land, as a share of it."""
_PITCH, _STROKE = 7, 2
"""Pixels from one line of a hatching to the next, and of the line."""


class Paper(StrEnum):
    """Which of the two colour schemes of the site."""

    LIGHT = "light"
    DARK = "dark"


SUFFIXES: Final = {Paper.LIGHT: "", Paper.DARK: "-dark"}
"""Of the names of pictures: cases.png, cases-dark.png."""
COLOURS: Final[Mapping[Paper, Mapping[str, str]]] = {
    Paper.LIGHT: {
        "0": "#e6ecd9", "1": "#cbe0c6", "2": "#a1ccbb", "3": "#70b0b0", "4": "#438da2", "5": "#296589", "6": "#1d3d68",
        "n": "#e9e6db", "open-ground": "#f6f3e8", "open-line": "#cdc7b4", "held-ground": "#e8dcc0",
        "edge-district": "#5c6c6e",
    },
    Paper.DARK: {
        "0": "#243238", "1": "#28444b", "2": "#2d5c62", "3": "#3c7c7c", "4": "#5fa091", "5": "#98c5a4", "6": "#dfeabf",
        "n": "#22282a", "open-ground": "#1b2225", "open-line": "#4b5557", "held-ground": "#3d3524",
        "edge-district": "#8a9a9b",
    },
}  # fmt: skip
"""The tokens of the style sheet (a test compares them)."""

_GROUNDS: Final = {OPEN: "open-ground", HELD: "held-ground", RECALLED: NOT_YET}
_INDEX: Final = {name: 1 + number for number, name in enumerate(COLOURS[Paper.LIGHT])}


@dataclass(frozen=True)
class Land:
    """Pixels of all small areas of one vintage: made once, coloured again and again."""

    pixels: NDArray[np.int16]
    borders: NDArray[np.bool_]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.pixels.shape[1], self.pixels.shape[0]


def land(paths: Sequence[str], districts: Sequence[str], view: Box) -> Land:
    """Of areas in order; districts : the one that each lies in"""
    pixels = area_pixels(paths, view.padded(ROOM), width=WIDTH)
    _, group = np.unique(np.array(districts, dtype=np.str_), return_inverse=True)
    return Land(pixels, borders(pixels, group.astype(np.int64)))


def pictures(drawn: Land, classes: Sequence[str]) -> dict[Paper, bytes]:
    """A PNG for each paper. classes : one character an area, in the order of the land"""
    grounds = [_INDEX[_GROUNDS.get(mark, mark)] for mark in classes]
    colour = np.array([*grounds, 0], dtype=np.uint8)[drawn.pixels]
    row, column = np.arange(drawn.size[1])[:, None], np.arange(drawn.size[0])[None, :]
    line = _INDEX["open-line"]
    colour[(colour == _INDEX["open-ground"]) & ((row + column) % _PITCH < _STROKE)] = line
    colour[(colour == _INDEX["held-ground"]) & ((row - column) % _PITCH < _STROKE)] = line
    colour[drawn.borders] = _INDEX["edge-district"]
    made = png(colour, [["#000000", *COLOURS[paper].values()] for paper in Paper])
    return dict(zip(Paper, made, strict=True))
