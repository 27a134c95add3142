"""The shapes of all small areas in one compact file, from which a browser draws the map.

Bytes: the length of the head (4 bytes, little-endian), the head (JSON), then whole
numbers as in protocol buffers (base 128, signed ones as zigzag), in this order:

- number of arcs; for each arc its border (0 coast, 1 between districts, 2 inside one), its number of points, and its
  points, each as the step from the point before it in the file;
- for each area of the head its number of rings; for each ring its number of arcs and their numbers, ~i walked
  backwards.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pumphandle.publication.pictures import Box
from pumphandle.publication.topology import Topology, topology

_STEP: Final = 7
_LONGEST: Final = 5
"""Bytes of a number: up to 35 bits."""


def shapes_file(
    paths: Mapping[str, str], districts: Mapping[str, str], view: Box, *, about: Mapping[str, str]
) -> bytes:
    """All areas that have a path, in the order of `paths`.

    paths     : area -> SVG path in whole numbers
    districts : area -> the district that it lies in
    about     : who made the boundaries, and of when
    """
    codes = list(paths)
    drawn = topology([paths[code] for code in codes], [districts[code] for code in codes])
    groups = list(dict.fromkeys(districts[code] for code in codes))
    place = {group: number for number, group in enumerate(groups)}
    head = {
        "view": [round(view.left), round(view.top), round(view.right), round(view.bottom)],
        "areas": codes,
        "districts": groups,
        "in": [place[districts[code]] for code in codes],
        **about,
    }
    written = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    return struct.pack("<I", len(written)) + written + packed(_numbers(drawn))


def _numbers(drawn: Topology) -> NDArray[np.int64]:
    """Everything behind the head, as unsigned numbers in order."""
    parts: list[Sequence[int] | NDArray[np.int64]] = [[len(drawn.arcs)]]
    at = np.zeros(2, dtype=np.int64)
    for arc, border in zip(drawn.arcs, drawn.borders, strict=True):
        parts.append([border, len(arc)])
        parts.append(zigzag(np.diff(np.vstack([at, arc]), axis=0).ravel()))
        at = arc[-1]
    for rings in drawn.rings:
        parts.append([len(rings)])
        for ring in rings:
            parts.append([len(ring)])
            parts.append(zigzag(np.array(ring, dtype=np.int64)))
    return np.concatenate([np.asarray(part, dtype=np.int64) for part in parts])


def zigzag(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, -1, 1, -2 … as 0, 1, 2, 3 …"""
    return (values << 1) ^ (values >> 63)


def packed(values: NDArray[np.int64]) -> bytes:
    """Seven bits a byte, the least first; the top bit says that more follow. For 0 <= value < 2**35."""
    groups = (values[:, None] >> (_STEP * np.arange(_LONGEST))) & 0x7F
    length = np.maximum(1, _last(groups))
    more = np.arange(_LONGEST) < (length - 1)[:, None]
    used = np.arange(_LONGEST) < length[:, None]
    return (groups | (more << _STEP)).astype(np.uint8)[used].tobytes()


def _last(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) how many groups up to the last that is not zero."""
    return np.where(groups > 0, np.arange(1, _LONGEST + 1), 0).max(axis=1)
