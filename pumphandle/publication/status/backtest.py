"""On which days a rule would have acted, how often it would have flapped, and what another one would have done."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from pumphandle.publication.status.engine import NOT_JUDGED, Course, walk
from pumphandle.publication.status.inputs import Inputs
from pumphandle.publication.status.rules import StatusRule

FLAP_DAYS: Final = 14
"""A level that is entered again within so many days of being left has flapped."""


@dataclass(frozen=True)
class LevelTested:
    """areas: how many were ever at this level or above; days: area-days at or above it; entered, flaps: how often."""

    name: str
    areas: int
    days: int
    entered: int
    flaps: int


@dataclass(frozen=True)
class Tested:
    """One rule over a stretch of days. judged: areas that it judges; area_days: days on which it judged them.

    acting : (days,) areas at the first level or above, day by day
    """

    rule: StatusRule
    course: Course
    judged: int
    area_days: int
    levels: tuple[LevelTested, ...]
    acting: tuple[int, ...]


@dataclass(frozen=True)
class Compared:
    """Two rules on the same area-days, by whether each acts at all (first level or above)."""

    both: int
    neither: int
    only_first: int
    only_second: int


def back_test(rule: StatusRule, inputs: Inputs) -> Tested:
    """The rule over everything that is given."""
    course = walk(rule, inputs)
    ranks = course.in_force
    judged = (ranks != NOT_JUDGED).any(axis=1)
    levels = tuple(_level(name, ranks >= number) for number, name in enumerate(rule.names[1:], 1))
    return Tested(
        rule=rule,
        course=course,
        judged=int(judged.sum()),
        area_days=int((ranks != NOT_JUDGED).sum()),
        levels=levels,
        acting=tuple(int(one) for one in (ranks >= 1).sum(axis=0)),
    )


def compare(first: Tested, second: Tested) -> Compared:
    """On the area-days that both judge."""
    one, other = first.course.in_force, second.course.in_force
    common = (one != NOT_JUDGED) & (other != NOT_JUDGED)
    acts, also = (one >= 1) & common, (other >= 1) & common
    return Compared(
        both=int((acts & also).sum()),
        neither=int((common & ~acts & ~also).sum()),
        only_first=int((acts & ~also).sum()),
        only_second=int((also & ~acts).sum()),
    )


def spells(acting: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """First and last column of every unbroken stretch."""
    padded = np.concatenate([[0], acting.astype(np.int8), [0]])
    change = np.diff(padded)
    return [
        (int(begin), int(end) - 1)
        for begin, end in zip(np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True)
    ]


def _level(name: str, at_or_above: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> LevelTested:
    entered = flaps = 0
    for row in np.flatnonzero(at_or_above.any(axis=1)):
        stretches = spells(at_or_above[row])
        entered += len(stretches)
        flaps += sum(after[0] - before[1] <= FLAP_DAYS for before, after in pairwise(stretches))
    return LevelTested(name, int(at_or_above.any(axis=1).sum()), int(at_or_above.sum()), entered, flaps)
