"""The receipt clock: how long each leg from the laboratory to the director may take, and who acts when it is late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
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


@dataclass(frozen=True)
class Gone:
    """How packages went one leg, as everybody may read it: packages are counted, hours are whole and rounded up.

    packages : that came to the leg; same_day : done on the day that the package is about; waiting : not late yet
    median_hours, p95_hours : None where nothing went the leg, or where they fall on a package that is late
    """

    stage: str
    packages: int
    done: int
    same_day: int
    in_time: int
    waiting: int
    late: int
    median_hours: int | None
    p95_hours: int | None


def gone(deliveries: Sequence[tuple[date, Mapping[str, datetime]]], *, at: datetime, zone: tzinfo) -> list[Gone]:
    """Each leg in order. deliveries : day and its times by stage; zone : of the nation, for what a day is.

    A late package takes longer than any that went: its hours are not known yet, and are not left out either.
    """
    return [_leg_gone(before, stage, deliveries, at, zone) for before, stage in pairwise(STAGES)]


def _leg_gone(
    before: str, stage: str, deliveries: Sequence[tuple[date, Mapping[str, datetime]]], at: datetime, zone: tzinfo
) -> Gone:
    within = LEGS[stage].within
    came = [(day, times) for day, times in deliveries if before in times]
    done = [(day, times) for day, times in came if stage in times]
    late = sum(stage not in times and at - times[before] > within for _, times in came)
    took = sorted(times[stage] - times[before] for _, times in done)
    hours = [max(1, -(-one // timedelta(hours=1))) for one in took]
    return Gone(
        stage=stage,
        packages=len(came),
        done=len(done),
        same_day=sum(times[stage].astimezone(zone).date() == day for day, times in done),
        in_time=sum(one <= within for one in took),
        waiting=len(came) - len(done) - late,
        late=late,
        median_hours=_ranked(hours, late, 50),
        p95_hours=_ranked(hours, late, 95),
    )


def _ranked(hours: Sequence[int], late: int, hundredth: int) -> int | None:
    """The nearest rank among the hours and, after them, those that are late."""
    rank = -(-hundredth * (len(hours) + late) // 100)
    return hours[rank - 1] if 0 < rank <= len(hours) else None


RESULTS_NEEDED: Final = 1_000
"""Of a whole nation: with fewer, its result time could be one person's."""


def result_time(days: Mapping[int, int]) -> tuple[int, int] | None:
    """Median and 95th percentile of the days from specimen to available. days : whole days -> results"""
    results = sum(days.values())
    if results < RESULTS_NEEDED:
        return None
    return _day_at(days, -(-results // 2)), _day_at(days, -(-95 * results // 100))


def _day_at(days: Mapping[int, int], rank: int) -> int:
    so_far = 0
    for day in sorted(days):
        so_far += days[day]
        if so_far >= rank:
            return day
    return max(days)
