"""Records that leave the console: who asks, who allows it, for what purpose, until when, and what marks each copy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pumphandle.governance.lifecycle import Lifecycle, Move
from pumphandle.vocabulary.errors import NotPermitted, NotUnderstood

LONGEST_DAYS: Final = 7
LONGEST_REASON: Final = 500
MOST_RECORDS: Final = 20_000
"""Records in one export; more is a delivery, and deliveries are sealed."""


class ExportForm(StrEnum):
    """What an export is written as."""

    LINE_LIST = "line list"
    GO_DATA = "go.data"
    SORMAS = "sormas"
    FHIR = "fhir"


EXPORT: Final = Lifecycle(
    name="export",
    states={
        "asked": "Somebody has said what they need and why; a director is to answer.",
        "allowed": "Who asked may fetch it until it expires; each copy bears their name.",
        "refused": "A director has said no, with a reason.",
        "expired": "The time that was asked for is over; nothing can be fetched.",
    },
    moves=(
        Move("allow", "asked", "allowed", "another director; a release reviewer where there is none"),
        Move("refuse", "asked", "refused", "director"),
        Move("expire", "asked", "expired", "clock"),
        Move("expire", "allowed", "expired", "clock"),
        Move("refuse", "allowed", "refused", "director"),  # thought better of it
    ),
)


@dataclass(frozen=True)
class Asked:
    """reason : what it is for, in a sentence; days : until it expires"""

    form: ExportForm
    reason: str
    days: int


def check_asked(asked: Asked) -> Asked:
    """The request with its reason trimmed. Raises NotUnderstood, every fault a sentence."""
    reason = " ".join(asked.reason.split())
    faults = {
        "Say what the export is for and who will use it.": not reason,
        f"Say it in at most {LONGEST_REASON} characters.": len(reason) > LONGEST_REASON,
        f"An export lasts between 1 and {LONGEST_DAYS} days.": not 1 <= asked.days <= LONGEST_DAYS,
    }
    found = [sentence for sentence, wrong in faults.items() if wrong]
    if found:
        raise NotUnderstood(" ".join(found))
    return Asked(asked.form, reason, asked.days)


ASKED_ALONE: Final = (
    "Who asked for a copy cannot allow it, and your authority has no other director: a national release reviewer "
    "answers. They see the request and its reason, and no record."
)


def check_other_person(asked_by: str, event: str, *, by_person: str, alone: bool) -> None:
    """A copy takes two people. Raises NotPermitted for who would allow their own request.

    asked_by, by_person : persons, not names of accounts; alone : the authority has no other director
    """
    if event == "allow" and asked_by == by_person:
        raise NotPermitted(
            ASKED_ALONE if alone else "Who asked for a copy cannot allow it: another director of your authority does."
        )


def state_at(state: str, expires_at: datetime, at: datetime) -> str:
    """What a request is now: the clock needs nobody to turn it."""
    return EXPORT.check(state, "expire") if at >= expires_at and "expire" in EXPORT.events(state) else state


def expiry(asked: Asked, at: datetime) -> datetime:
    return at + timedelta(days=asked.days)


def watermark(export_id: str, *, full_name: str, authority: str, expires_at: datetime) -> str:
    """What every row of a copy says, so that a copy that turns up says whose it was."""
    return f"{export_id} · {full_name} · {authority} · delete by {expires_at:%Y-%m-%d} · do not pass on"
