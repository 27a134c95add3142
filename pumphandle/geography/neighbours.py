"""Who lies beside whom."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely
from shapely import STRtree

from pumphandle.geography.boundaries import Shape

NEAR_ENOUGH: Final = 1e-5
"""Share of the nation's extent across which two borders still touch: 12 m in New South Wales. Files are rounded."""


def neighbours(shapes: Mapping[str, Shape]) -> dict[str, list[str]]:
    """Areas that share a border or a corner (queen contiguity), sorted; both ways.

    An area that touches none is given the nearest one, and is given to it.
    """
    codes = sorted(shapes)
    if len(codes) < 2:
        return {code: [] for code in codes}
    drawn = np.array([shapes[code] for code in codes], dtype=object)
    corners = shapely.get_coordinates(drawn)
    extent = float(np.ptp(corners, axis=0).max())
    tree = STRtree(drawn)
    pairs: list[tuple[int, int]] = tree.query(drawn, predicate="dwithin", distance=extent * NEAR_ENOUGH).T.tolist()
    beside: dict[str, set[str]] = {code: set() for code in codes}
    for one, other in pairs:
        if one != other:
            beside[codes[one]].add(codes[other])
    for code in codes:
        if not beside[code]:
            nearest: list[int] = tree.query_nearest(shapes[code], exclusive=True, all_matches=False).tolist()
            for other in nearest:
                beside[code].add(codes[other])
                beside[codes[other]].add(code)
    return {code: sorted(others) for code, others in beside.items()}
