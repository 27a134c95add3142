"""Look ahead: what the last days will come to when all results are in, and how fast cases grow, by authority."""

import math
from datetime import date, timedelta
from typing import Final

import numpy as np

from pumphandle.detection.daily.by_area import growth_by_authority
from pumphandle.detection.daily.known import Ground, Known
from pumphandle.detection.nowcast import nowcast
from pumphandle.detection.signals import look_of
from pumphandle.store.decisions import outlook
from pumphandle.store.decisions.outlook import GrowthRow, NowcastDay
from pumphandle.store.engine import Transaction

SHOWN_DAYS: Final = 14


def look_ahead(known: Known, ground: Ground, *, on: date, tx: Transaction) -> None:
    """From the run's own reporting triangle, in the caller's transaction; nothing where there is none yet."""
    outlook.put(tx, [*_growth(known, ground, on), *_nowcast(known, ground, on)])


def _growth(known: Known, ground: Ground, on: date) -> list[GrowthRow]:
    rate, lower, upper, doubling = growth_by_authority(look_of(ground, known))
    return [
        GrowthRow(
            on, known.pathogen, code, float(rate[at]), float(lower[at]), float(upper[at]),
            float(doubling[at]) if math.isfinite(doubling[at]) else None,
        )
        for at, code in enumerate(ground.authorities)
        if np.isfinite((rate[at], lower[at], upper[at])).all()
    ]  # fmt: skip


def _nowcast(known: Known, ground: Ground, on: date) -> list[NowcastDay]:
    if known.triangle is None:
        return []
    found = nowcast(known.triangle)
    days = known.triangle.shape[1]
    return [
        NowcastDay(
            run_date=on,
            pathogen=known.pathogen,
            authority=code,
            specimen_date=on - timedelta(days=days - 1 - day),
            reported=round(float(found.reported[at, day])),
            completeness=float(found.completeness[at, day]),
            mean=float(found.mean[at, day]),
            lower=float(found.lower[at, day]),
            upper=float(found.upper[at, day]),
        )
        for at, code in enumerate(ground.authorities)
        for day in range(max(days - SHOWN_DAYS, 0), days)
    ]
