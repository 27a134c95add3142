"""Who acts, and for whom."""

from dataclasses import dataclass
from enum import StrEnum

from pumphandle.vocabulary.places import AreaCode


class Role(StrEnum):
    """What a person may do stands in governance.roles."""

    DIRECTOR = "director"
    ANALYST = "analyst"
    TRACER = "tracer"
    STEWARD = "steward"
    NATIONAL = "national"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """One who does a deed. `authority` is the district whose residents they serve, or None."""

    name: str
    role: Role
    authority: AreaCode | None = None


THE_TIMER = Actor(name="timer", role=Role.SYSTEM)
"""Who acts when a run is started by the clock."""
