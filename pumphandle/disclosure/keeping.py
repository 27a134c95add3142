"""What the gate must remember of a district between days, as plain lists and back."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pumphandle.disclosure.attack.memory import Live
from pumphandle.disclosure.attack.windows import Blocks
from pumphandle.disclosure.gate import Watched
from pumphandle.disclosure.residual import District


def as_data(watched: Watched) -> dict[str, object]:
    """What must be kept between days, as plain lists. It holds counts of 1..k-1: for the inner shelves only."""
    district, live = watched.district, watched.live
    blocks = live.blocks
    return {
        "k": district.k,
        "day": district.day,
        "start": district.start.tolist(),
        "pending": district.pending.tolist(),
        "first": district.first,
        "waiting": district.waiting.tolist(),
        "edges": district.edges.tolist(),
        "left": district.left.tolist(),
        "base": live.base,
        "since": live.since,
        "deep": live.deep,
        "counts": live.counts.tolist(),
        "sealed": live.sealed.astype(np.int64).tolist(),
        "windows": np.stack([blocks.area, blocks.first, blocks.last, blocks.value], axis=1).tolist(),
        "totals": blocks.totals.tolist(),
        "pools": blocks.pools.tolist(),
    }


def from_data(data: Mapping[str, Any]) -> Watched:
    """The district as `as_data` kept it."""
    start = _integers(data["start"])
    areas = len(start)
    windows = _integers(data["windows"]).reshape(-1, 4).T
    return Watched(
        district=District(
            k=int(data["k"]),
            day=int(data["day"]),
            start=start,
            pending=_integers(data["pending"]).reshape(2, areas),
            first=int(data["first"]),
            waiting=_integers(data["waiting"]),
            edges=_integers(data["edges"]),
            left=_integers(data["left"]).reshape(2, -1),
        ),
        live=Live(
            base=int(data["base"]),
            since=int(data["since"]),
            deep=int(data["deep"]),
            counts=_integers(data["counts"]).reshape(-1, areas),
            sealed=_integers(data["sealed"]).reshape(-1, areas).astype(np.bool_),
            blocks=Blocks(
                area=windows[0],
                first=windows[1],
                last=windows[2],
                value=windows[3],
                totals=_integers(data["totals"]).reshape(-1, 3),
                pools=_integers(data["pools"]).reshape(-1, 2),
            ),
        ),
    )


def _integers(values: object) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)
