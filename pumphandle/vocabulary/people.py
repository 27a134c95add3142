"""Who acts, and for whom."""

from dataclasses import dataclass
from enum import StrEnum

from pumphandle.vocabulary.places import AreaCode


class Role(StrEnum):
    """What a person may do stands in governance.roles."""

    DIRECTOR = "director"
    ANALYST = "analyst"
    TRACER = "tracer"
    ENTRY = "entry"
    STEWARD = "steward"
    NATIONAL = "national"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    RECEIVER = "receiver"
    SYSTEM = "system"
    BREAK_GLASS = "break_glass"
    """What a director is while they read another authority's records: a role without any duty."""


class Purpose(StrEnum):
    """Why somebody opens the console today: said at sign-in, remembered with every look."""

    OUTBREAK = "outbreak"
    TRACING = "tracing"
    QUALITY = "quality"
    DELIVERY = "delivery"
    OVERSIGHT = "oversight"
    RELEASE = "release"
    AUDIT = "audit"


@dataclass(frozen=True)
class Actor:
    """One who does a deed. `authority` is the district whose residents they serve, or None.

    purpose : what they said at sign-in; None for deeds of the command line and the timer
    """

    name: str
    role: Role
    authority: AreaCode | None = None
    purpose: Purpose | None = None


THE_TIMER = Actor(name="timer", role=Role.SYSTEM)
"""Who acts when a run is started by the clock."""
