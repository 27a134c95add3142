"""Alarms, power, days to detection and precision of place, of findings whose truth is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from bench.trial.methods import Found
from bench.trial.morning import START
from bench.trial.world import World
from pumphandle.detection.identity import ClusterState, Followed, follow

MISSED: Final = 21
"""Days that an outbreak counts which is found later or never."""
WATCHED: Final = 28
WINDOW_DAYS: Final = 14
LEAST_SHARED: Final = 2
LEAST_SHARE: Final = 0.25
"""An outbreak is found where an alarm holds two of its cases that are a quarter of the alarm's."""

Season = Mapping[int, Sequence[Found]]


@dataclass(frozen=True)
class Power:
    """power : share of outbreaks found in time; delay : mean days from the first specimen, MISSED where not found;
    precision : share of an alarm's cases that belong to the outbreak."""

    power: float
    delay: float
    precision: float
    outbreaks: int


def alarms(season: Season, threshold: float) -> int:
    """How often somebody is told: new clusters, and clusters that grew (detection.identity)."""
    followed: dict[str, Followed] = {}
    told = 0
    for day in sorted(season):
        on = START + timedelta(days=day)
        found = [frozenset(map(str, one.cases)) for one in season[day] if one.score >= threshold]
        for step in follow(list(followed.values()), found, on=on, window_days=WINDOW_DAYS):
            told += step.raised
            if step.state is ClusterState.ENDED and step.cluster_id:
                del followed[step.cluster_id]
            elif step.found is not None:
                name = step.cluster_id or f"{day}/{step.found}"
                cases = found[step.found]
                raised = len(cases) if step.raised else followed[name].raised_cases
                followed[name] = Followed(name, cases, on, raised)
    return told


def rate(seasons: Sequence[Season], authorities: int, threshold: float) -> float:
    """Alarms a week in one authority."""
    weeks = sum(len(one) for one in seasons) / 7.0
    return sum(alarms(one, threshold) for one in seasons) / (weeks * authorities)


def threshold_for(seasons: Sequence[Season], authorities: int, wanted: float) -> float:
    """The lowest score at which quiet seasons keep to the rate."""
    scores = np.unique([round(one.score, 3) for season in seasons for found in season.values() for one in found])
    low, high = 0, len(scores) - 1
    while low < high:
        middle = (low + high) // 2
        if rate(seasons, authorities, float(scores[middle]) + 1e-3) <= wanted:
            high = middle
        else:
            low = middle + 1
    return float(scores[low]) + 1e-3 if len(scores) else np.inf


def power(worlds: Sequence[World], seasons: Sequence[Season], threshold: float, cause: str | None = None) -> Power:
    """Of the outbreaks of a cause, or of all, that begin and could be found while they are watched."""
    found: list[bool] = []
    delays: list[float] = []
    precise: list[float] = []
    for world, season in zip(worlds, seasons, strict=True):
        first, last = min(season), max(season)
        for number, outbreak in enumerate(world.outbreaks):
            planted = np.flatnonzero(world.case_planted == number)
            if len(planted) < 3 or (cause is not None and str(outbreak.cause) != cause):
                continue
            begun = int(world.case_day[planted].min())
            if not first - 3 <= begun <= last - MISSED:
                continue
            seen = _first_alarm(season, set(planted.tolist()), begun, threshold)
            found.append(seen is not None)
            delays.append(MISSED if seen is None else min(float(seen[0]), MISSED))
            precise += [] if seen is None else [seen[1]]
    if not found:
        return Power(float("nan"), float("nan"), float("nan"), 0)
    return Power(
        float(np.mean(found)), float(np.mean(delays)), float(np.mean(precise)) if precise else float("nan"), len(found)
    )


def _first_alarm(season: Season, planted: set[int], begun: int, threshold: float) -> tuple[int, float] | None:
    for day in sorted(season):
        if not begun <= day <= begun + WATCHED:
            continue
        for one in season[day]:
            shared = len(planted & one.cases)
            if one.score >= threshold and shared >= LEAST_SHARED and shared >= LEAST_SHARE * len(one.cases):
                return day - begun, shared / len(one.cases)
    return None
