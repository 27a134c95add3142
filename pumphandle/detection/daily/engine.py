"""The whole look of one morning: every method and level, one ranking, the same for any number of workers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pumphandle.detection.daily import by_area, by_circle, by_link
from pumphandle.detection.daily.expected import expected
from pumphandle.detection.daily.finding import Finding, Level, Method
from pumphandle.detection.daily.known import Ground, Known
from pumphandle.detection.daily.merging import Ranked, rank
from pumphandle.detection.daily.placing import Look
from pumphandle.detection.daily.settings import Settings
from pumphandle.detection.workers import IN_TURN, Workers


class Part(StrEnum):
    """What can be looked at by itself: one task each, for each pathogen."""

    POSTCODES = "postcodes"
    CIRCLES = "circles"
    AREAS = "areas"
    LINKS = "links"


PARTS: Final = tuple(Part)
LEAST_PAST: Final = 21
"""Days since the first test or case below which nothing is said: there is nothing yet to compare with."""


@dataclass(frozen=True)
class Task:
    """One part of one pathogen's morning; it knows everything it needs, so any process may do it."""

    part: Part
    ground: Ground
    known: Known
    settings: Settings


def look(
    ground: Ground, pathogens: Sequence[Known], settings: Settings, *, workers: Workers = IN_TURN
) -> list[list[Ranked]]:
    """For each pathogen its ranked findings, strongest first; those with odds of at most 1 are signals.

    workers : who does the tasks, one for each part of each pathogen; the result is the same for any
    A pathogen without cases has none. Raises NotUnderstood where a table does not fit the ground.
    """
    tasks = [Task(part, ground, known, settings) for known in pathogens for part in PARTS]
    parts = workers.map(findings_of, tasks)
    by_pathogen: list[list[Ranked]] = []
    for at, known in enumerate(pathogens):
        found = [one for part in parts[at * len(PARTS) : (at + 1) * len(PARTS)] for one in part]
        seen = levels(known)
        allowed = [(one, settings.allowed(one.method, one.level, seen=seen)) for one in found]
        by_pathogen.append(rank(allowed))
    return by_pathogen


def findings_of(task: Task) -> list[Finding]:
    """What one task finds."""
    known, settings = task.known, task.settings
    if not known.case_keys or known.past < LEAST_PAST:
        return []
    seen = Look(task.ground, known, expected(task.ground, known, known.counts()))
    with_postcodes = Level.POSTCODE in levels(known)
    if task.part is Part.POSTCODES:
        return by_circle.of_postcodes(seen) if with_postcodes else []
    if task.part is Part.LINKS:
        first = expected(task.ground, known, known.counts(known.first))
        return [*(by_link.of_homes(seen, first) if with_postcodes else []), *by_link.of_places(seen)]
    if task.part is Part.CIRCLES:
        allowed = settings.allowed(Method.AREA_SCAN, Level.SMALL_AREA, seen=levels(known))
        first = expected(task.ground, known, known.counts(known.first))
        return by_circle.of_small_areas(seen, settings, first, allowed=allowed)
    return [*by_area.of_small_areas(seen, settings), *by_area.of_districts(seen, settings)]


def levels(known: Known) -> frozenset[Level]:
    """What can be looked at: unit postcodes where most cases have one with a place, places where cases name any."""
    found = {Level.SMALL_AREA, Level.DISTRICT}
    if len(known.case_post) and float((known.case_post >= 0).mean()) > 0.5:
        found.add(Level.POSTCODE)
    if len(known.shared_case):
        found.add(Level.PLACE)
    return frozenset(found)
