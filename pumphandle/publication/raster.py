"""Areas as pixels: which area lies under each, worked out once a vintage, and a picture of indexed colours as PNG."""

import struct
import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pumphandle.publication.pictures import Box
from pumphandle.publication.topology import ring_points

NOWHERE: Final = -1
_LEVEL: Final = 6


def area_pixels(paths: Sequence[str], view: Box, *, width: int) -> NDArray[np.int16]:
    """(height, width) number of the path that covers a pixel's middle, NOWHERE outside; square pixels over `view`.

    A path is filled by the even-odd rule, so that holes and islands need no order. At most 32,767 paths.
    """
    size = width / view.width
    height = max(1, round(view.height * size))
    edges, area = _edges(paths)
    x0, y0, x1, y1 = ((edges - np.tile([view.left, view.top], 2)) * size).T
    first = np.maximum(np.ceil(np.minimum(y0, y1) - 0.5), 0).astype(np.int64)
    last = np.minimum(np.ceil(np.maximum(y0, y1) - 0.5), height).astype(np.int64)
    count = np.maximum(last - first, 0)
    edge = np.repeat(np.arange(len(edges)), count)
    row = _runs(first, count)
    across = x0[edge] + (row + 0.5 - y0[edge]) * ((x1 - x0)[edge] / (y1 - y0)[edge])
    column = np.clip(np.ceil(across - 0.5), 0, width).astype(np.int64)
    order = np.lexsort((column, row, area[edge]))
    begin, end = order[::2], order[1::2]
    found = np.full(height * width, NOWHERE, dtype=np.int16)
    lengths = column[end] - column[begin]
    found[_runs(row[begin] * width + column[begin], lengths)] = np.repeat(area[edge[begin]], lengths)
    _keep_small(found, (x0, y0, area), width=width, height=height)
    return found.reshape(height, width)


def _keep_small(
    found: NDArray[np.int16],
    corners: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int16]],
    *,
    width: int,
    height: int,
) -> None:
    """An area that covers no pixel's middle gets the pixel of its first corner, so that none is missing."""
    x, y, area = corners
    every, at = np.unique(area, return_index=True)
    missing = ~np.isin(every, found)
    column = np.clip(x[at], 0, width - 1).astype(np.int64)
    row = np.clip(y[at], 0, height - 1).astype(np.int64)
    found[(row * width + column)[missing]] = every[missing]


def borders(pixels: NDArray[np.int16], groups: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(height, width) whether the pixel to the right or below lies in another group. groups : of each area"""
    group = np.where(pixels >= 0, groups[pixels], NOWHERE)
    found = np.zeros(pixels.shape, dtype=np.bool_)
    for mine, other, here in (
        (group[:, :-1], group[:, 1:], found[:, :-1]),
        (group[:-1], group[1:], found[:-1]),
    ):
        np.logical_or(here, (mine != other) & (mine >= 0) & (other >= 0), out=here)
    return found


def png(indexed: NDArray[np.uint8], palettes: Sequence[Sequence[str]]) -> list[bytes]:
    """The same picture of at most 256 colours in each palette: #rrggbb; the first colour is drawn as nothing."""
    height, width = indexed.shape
    lines = np.zeros((height, width + 1), dtype=np.uint8)  # each line begins with its filter: none
    lines[:, 1:] = indexed
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))
    body = _chunk(b"tRNS", b"\0") + _chunk(b"IDAT", zlib.compress(lines.tobytes(), _LEVEL)) + _chunk(b"IEND", b"")
    colours = [b"".join(bytes.fromhex(colour[1:]) for colour in palette) for palette in palettes]
    return [b"\x89PNG\r\n\x1a\n" + head + _chunk(b"PLTE", one) + body for one in colours]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _runs(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """start, start + 1, … for each start, one run after the other."""
    before = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)


def _edges(paths: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.int16]]:
    """(n, 4) x y x y of every edge, and the number of its path; paths as `geography.picture` writes them."""
    made: list[NDArray[np.float64]] = []
    of: list[int] = []
    for number, path in enumerate(paths):
        for ring in ring_points(path):
            made.append(np.hstack([ring, np.roll(ring, -1, axis=0)]).astype(np.float64))
            of.append(number)
    if not made:
        return np.zeros((0, 4)), np.zeros(0, dtype=np.int16)
    return np.vstack(made), np.repeat(np.array(of, dtype=np.int16), [len(one) for one in made])
