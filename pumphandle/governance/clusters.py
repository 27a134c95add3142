"""What may become of a cluster that was raised: who acts, by when, and what may follow what."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pumphandle.governance.lifecycle import Lifecycle, Move
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.people import Role

RAISED, ESCALATED, SILENT = "raised", "escalated", "silent"

_WAITS: Final = (RAISED, ESCALATED)

CLUSTER: Final = Lifecycle(
    name="cluster",
    states={
        RAISED: "Found by the machine; the director of the authority is to act, by the clock.",
        ESCALATED: "Nobody acted in time; the national centre is to act.",
        "taken_up": "Somebody looks into it.",
        "dismissed": "Looked at, and nothing to act on; it is raised again only if it grows.",
        "outbreak": "People have declared an outbreak.",
        "closed": "The outbreak is over.",
        SILENT: "Found, but a threshold says that nobody is to be told.",
    },
    moves=(
        *(Move("take up", state, "taken_up", "director") for state in _WAITS),
        *(Move("dismiss", state, "dismissed", "director") for state in (*_WAITS, "taken_up")),
        *(Move("declare", state, "outbreak", "director") for state in (*_WAITS, "taken_up", "dismissed", SILENT)),
        Move("close", "outbreak", "closed", "director"),
        Move("escalate", RAISED, ESCALATED, "clock"),
        *(Move("raise again", state, RAISED, "machine") for state in ("dismissed", "closed", SILENT)),
    ),
)

ACTS: Final = {RAISED: Role.DIRECTOR, ESCALATED: Role.NATIONAL}
"""Status -> who is to act. In every other status nobody is waited for."""

LONGEST_REASON: Final = 500


@dataclass(frozen=True)
class Clock:
    """Who is to act, and until when; both None where nobody is waited for."""

    role: str | None
    act_by: datetime | None


def clock(status: str, *, at: datetime, hours: int) -> Clock:
    """The clock that begins with a status."""
    role = ACTS.get(status)
    return Clock(None, None) if role is None else Clock(str(role), at + timedelta(hours=hours))


def check_reason(reason: str) -> str:
    """The reason without white space around it. Raises Refused: what people decide has a reason."""
    given = " ".join(reason.split())
    if not given:
        raise Refused("Say why, in a sentence: it stands beside the decision.")
    if len(given) > LONGEST_REASON:
        raise Refused(f"Say why in at most {LONGEST_REASON} characters.")
    return given
