"""Look ahead: what the last days will come to when all results are in, how fast cases grow, what is coming."""

import math
from datetime import date, timedelta
from typing import Final

import numpy as np

from pumphandle.detection.daily.ahead import HORIZON, ahead
from pumphandle.detection.daily.by_area import growth_by_authority
from pumphandle.detection.daily.frames import triangle_of
from pumphandle.detection.daily.known import Ground, Known
from pumphandle.detection.nowcast import nowcast
from pumphandle.detection.signals import look_of
from pumphandle.store.decisions import outlook
from pumphandle.store.decisions.outlook import ForecastDay, GrowthRow, NowcastDay
from pumphandle.store.engine import Transaction
from pumphandle.store.events import study
from pumphandle.store.events.lake import Lake

SHOWN_DAYS: Final = 14
MONDAY: Final = 0
FORECAST_DAYS: Final = 126
"""Days of the triangle that a forecast and the scores of earlier ones stand on."""


def look_ahead(known: Known, ground: Ground, *, on: date, tx: Transaction, lake: Lake) -> None:
    """From the run's own reporting triangle, in the caller's transaction; nothing where there is none yet.

    The forecast is made on Mondays: it reads months of the triangle, and last week's is still about the days ahead.
    """
    outlook.put(tx, [*_growth(known, ground, on), *_nowcast(known, ground, on)])
    if on.weekday() == MONDAY:
        outlook.put(tx, _forecast(known.pathogen, ground, on, tx, lake))


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


def _forecast(pathogen: str, ground: Ground, on: date, tx: Transaction, lake: Lake) -> list[ForecastDay]:
    """Of the authorities where it has beaten "this week goes on"; none while the past is too short to tell."""
    first = on - timedelta(days=FORECAST_DAYS - 1)
    told = study.delays(study.told(tx, lake, last=on, days=FORECAST_DAYS), pathogen)
    triangle = triangle_of(ground, told, first=first, days=FORECAST_DAYS)
    if triangle is None:
        return []
    begun = int(np.flatnonzero(triangle.sum(axis=(0, 2)) > 0)[:1].sum())
    found = ahead(triangle[:, begun:])
    if found is None:
        return []
    return [
        ForecastDay(
            run_date=on,
            pathogen=pathogen,
            authority=code,
            day=on + timedelta(days=step + 1),
            quantiles=[float(one) for one in found.quantiles[at, step]],
            score_ratio=float(found.ratio[at]),
        )
        for at, code in enumerate(ground.authorities)
        if found.shown[at]
        for step in range(HORIZON)
    ]
