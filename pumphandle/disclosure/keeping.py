"""What the gate must remember of a district between days, as plain lists and back."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pumphandle.disclosure.attack.ledger import Blocks
from pumphandle.disclosure.gate import Watched
from pumphandle.disclosure.residual import District


def as_data(watched: Watched) -> dict[str, object]:
    """What must be kept between days, as plain lists. It holds counts of 1..k-1: for the inner shelves only."""
    district, blocks = watched.district, watched.blocks
    return {
        "k": district.k,
        "day": district.day,
        "start": district.start.tolist(),
        "pending": district.pending.tolist(),
        "first": district.first,
        "waiting": district.waiting,
        "edges": district.edges.tolist(),
        "left": district.left.tolist(),
        "base": watched.base,
        "since": watched.since,
        "deep": watched.deep,
        "counts": watched.counts.tolist(),
        "sealed": watched.sealed.tolist(),
        "windows": np.stack([blocks.area, blocks.first, blocks.last, blocks.value], axis=1).tolist(),
        "totals": blocks.totals.tolist(),
    }


def from_data(data: Mapping[str, Any]) -> Watched:
    """The district as `as_data` kept it."""
    start = np.array(data["start"], dtype=np.int64)
    areas = len(start)
    windows = np.array(data["windows"], dtype=np.int64).reshape(-1, 4).T
    return Watched(
        district=District(
            k=int(data["k"]),
            day=int(data["day"]),
            start=start,
            pending=np.array(data["pending"], dtype=np.int64),
            first=int(data["first"]),
            waiting=int(data["waiting"]),
            edges=np.array(data["edges"], dtype=np.int64),
            left=np.array(data["left"], dtype=np.int64),
        ),
        base=int(data["base"]),
        since=int(data["since"]),
        deep=int(data["deep"]),
        counts=np.array(data["counts"], dtype=np.int64).reshape(-1, areas),
        sealed=np.array(data["sealed"], dtype=np.bool_).reshape(-1, areas),
        blocks=Blocks(
            area=windows[0],
            first=windows[1],
            last=windows[2],
            value=windows[3],
            totals=np.array(data["totals"], dtype=np.int64).reshape(-1, 3),
        ),
    )
