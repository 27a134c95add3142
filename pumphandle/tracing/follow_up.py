"""What becomes of a contact: states, clocks, and what a contact needs before anybody can follow them up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from pumphandle.governance.lifecycle import Lifecycle, Move
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.vocabulary.tracing import ContactKind

_TRACER: Final = "tracer"
MACHINE: Final = "machine"
_OPEN: Final = ("to_reach", "reached", "isolating", "symptomatic", "tested")
_SPOKEN: Final = _OPEN[1:]
_STILL: Final = {"isolate": "isolating", "fall_ill": "symptomatic", "test": "tested"}
"""What a call can say of a contact of whom it was known already."""

FOLLOW_UP: Final = Lifecycle(
    "follow-up",
    {
        "to_reach": "Named by a case; nobody has spoken to them yet.",
        "reached": "Somebody has spoken to them.",
        "isolating": "Stays at home until the last day of isolation.",
        "symptomatic": "Fell ill after the contact; needs a test.",
        "tested": "A test was taken; waits for the result.",
        "closed": "Nothing more to do.",
        "lost": "Could not be reached in time.",
        "handed_over": "Lives elsewhere; the other authority follows them up.",
        "became_case": "Their own result came positive; they are followed as a case.",
    },
    (
        Move("try", "to_reach", "to_reach", _TRACER),
        Move("reach", "to_reach", "reached", _TRACER),
        Move("reach", "lost", "reached", _TRACER),
        Move("lose", "to_reach", "lost", _TRACER),
        Move("isolate", "reached", "isolating", _TRACER),
        *(Move("try", state, state, _TRACER) for state in (*_SPOKEN, "lost")),
        *(Move("check", state, state, _TRACER) for state in _SPOKEN),
        Move("fall_ill", "reached", "symptomatic", _TRACER),
        Move("fall_ill", "isolating", "symptomatic", _TRACER),
        Move("fall_ill", "tested", "symptomatic", _TRACER),
        Move("test", "reached", "tested", _TRACER),
        Move("test", "isolating", "tested", _TRACER),
        Move("test", "symptomatic", "tested", _TRACER),
        Move("isolate", "tested", "isolating", _TRACER),
        Move("isolate", "symptomatic", "isolating", _TRACER),
        Move("close", "reached", "closed", _TRACER),
        Move("close", "isolating", "closed", _TRACER),
        Move("close", "symptomatic", "closed", _TRACER),
        Move("close", "tested", "closed", _TRACER),
        Move("close", "to_reach", "closed", "director"),  # named by mistake
        Move("close", "lost", "closed", "director"),
        Move("reopen", "closed", "to_reach", "director"),
        *(Move("hand_over", state, "handed_over", _TRACER) for state in (*_OPEN, "lost")),
        *(Move("become_case", state, "became_case", MACHINE) for state in (*_OPEN, "lost")),
    ),
)


@dataclass(frozen=True)
class Clocks:
    """Hours until somebody must have acted, and days that isolation lasts from the last contact. People choose them."""

    reach_hours: int
    check_hours: int
    isolation_days: int


@dataclass(frozen=True)
class Named:
    """A contact as a case or a tracer named them."""

    family_name: str | None
    given_name: str | None
    date_of_birth: date | None
    phone: str | None
    email: str | None
    address: str | None
    postcode: str | None
    kind: ContactKind
    exposure_day: date
    setting: int | None = None


def check_named(contact: Named, *, case_day: date, today: date, clocks: Clocks) -> None:
    """Silence, or NotUnderstood with every fault as a sentence; no sentence repeats what was typed.

    case_day : specimen date of the case that named the contact
    """
    faults = list(_faults(contact, case_day=case_day, today=today, clocks=clocks))
    if faults:
        raise NotUnderstood(" ".join(faults))


def _faults(contact: Named, *, case_day: date, today: date, clocks: Clocks) -> list[str]:
    apart = abs((contact.exposure_day - case_day).days)
    said: Mapping[str, bool] = {
        "Give a name.": not _has(contact.family_name) and not _has(contact.given_name),
        "Give a way to reach them: a phone number, an e-mail address, or an address with postcode.": not (
            _has(contact.phone) or _has(contact.email) or (_has(contact.address) and _has(contact.postcode))
        ),
        "The day of the contact lies in the future.": contact.exposure_day > today,
        f"The day of the contact lies more than {clocks.isolation_days} days from the case's specimen.": (
            apart > clocks.isolation_days
        ),
        "The date of birth lies in the future.": contact.date_of_birth is not None and contact.date_of_birth > today,
        "The day of the contact lies before the date of birth.": (
            contact.date_of_birth is not None and contact.exposure_day < contact.date_of_birth
        ),
        "Choose the setting where the contact took place from the register.": (
            contact.kind is ContactKind.SETTING and contact.setting is None
        ),
    }
    return [sentence for sentence, wrong in said.items() if wrong]


def path(state: str, event: str) -> tuple[str, ...]:
    """The events that bring `event` about from this state: whoever speaks to a contact has reached them on the way.

    Raises Refused where the table has no such way.
    """
    events = FOLLOW_UP.events(state)
    if event not in events and "check" in events and (event == "reach" or _STILL.get(event) == state):
        return ("check",)  # asked again, and it is as it was
    if event not in events and "reach" in events:
        FOLLOW_UP.check(FOLLOW_UP.check(state, "reach"), event)
        return ("reach", event)
    FOLLOW_UP.check(state, event)
    return (event,)


def due(state: str, since: datetime, *, exposure_day: date, clocks: Clocks) -> datetime | None:
    """When somebody must have acted next; None when nothing is due.

    since : when the contact came into this state or was last checked
    Isolation ends with its last day; whoever isolates is asked once in so many hours until then.
    """
    if state == "to_reach":
        return since + timedelta(hours=clocks.reach_hours)
    if state in ("reached", "symptomatic", "tested"):
        return since + timedelta(hours=clocks.check_hours)
    if state == "isolating":
        last = datetime.combine(
            exposure_day + timedelta(days=clocks.isolation_days + 1), datetime.min.time(), tzinfo=since.tzinfo
        )
        return min(since + timedelta(hours=clocks.check_hours), last)
    return None


def _has(text: str | None) -> bool:
    return bool(text and text.strip())
