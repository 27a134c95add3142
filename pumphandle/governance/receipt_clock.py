"""The receipt clock: how long each leg from the laboratory to the director may take, and who acts when it is late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from pumphandle.vocabulary.people import Role

STAGES: Final = ("received", "routed", "available", "opened", "acknowledged")
"""In their order; a delivery's times only go forward."""


@dataclass(frozen=True)
class Leg:
    """The way to one stage from the one before. within : its service level; first, then : who is to act when it is
    late, and when twice the time is over."""

    stage: str
    within: timedelta
    first: Role
    then: Role
    means: str


LEGS: Final[Mapping[str, Leg]] = {
    leg.stage: leg
    for leg in (
        Leg("routed", timedelta(hours=6), Role.STEWARD, Role.NATIONAL, "linked to its person and place"),
        Leg("available", timedelta(hours=2), Role.STEWARD, Role.NATIONAL, "sealed and ready for its authority"),
        Leg("opened", timedelta(hours=24), Role.DIRECTOR, Role.NATIONAL, "opened by a named user or machine"),
        Leg("acknowledged", timedelta(hours=24), Role.DIRECTOR, Role.NATIONAL, "acknowledged as whole"),
    )
}
"""Stage -> the leg that ends with it. In June 2020 a week was lost between the second and the third."""


@dataclass(frozen=True)
class Standing:
    """Where a delivery stands. stage : the last one reached; leg, due : what it waits for, None when it is done
    acts : who is to act, None while nothing is late"""

    stage: str
    leg: Leg | None
    due: datetime | None
    acts: Role | None


def standing(times: Mapping[str, datetime], *, at: datetime) -> Standing:
    """times : stage -> moment; at least one."""
    reached = max((STAGES.index(stage) for stage in times), default=0)
    stage = STAGES[reached]
    if reached == len(STAGES) - 1:
        return Standing(stage, None, None, None)
    leg = LEGS[STAGES[reached + 1]]
    due = times[stage] + leg.within
    acts = None if at <= due else leg.first if at <= due + leg.within else leg.then
    return Standing(stage, leg, due, acts)


@dataclass(frozen=True)
class Taken:
    """How long a leg took, over deliveries that went it: median and 95th percentile in hours, and how many."""

    leg: Leg
    middle: float
    slowest: float
    deliveries: int


def taken(deliveries: Sequence[Mapping[str, datetime]]) -> list[Taken]:
    """By leg, in order; legs that no delivery went are left out. The 95th percentile is the nearest rank."""
    found: list[Taken] = []
    for before, stage in pairwise(STAGES):
        hours = sorted(
            (times[stage] - times[before]).total_seconds() / 3600
            for times in deliveries
            if stage in times and before in times
        )
        if hours:
            rank = max(0, -(-95 * len(hours) // 100) - 1)
            found.append(Taken(LEGS[stage], median(hours), hours[rank], len(hours)))
    return found
