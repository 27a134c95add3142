"""Break-glass: one director reads another authority's records for a coded purpose and a stated time, under review."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pumphandle.governance.lifecycle import Lifecycle, Move
from pumphandle.vocabulary.errors import NotUnderstood

MACHINES: Final = (
    "A machine never breaks glass: nobody could be asked why, and told that it was not justified. "
    "A director opens it, at the console or by `pumphandle break-glass`."
)
LONGEST_NOTE: Final = 500


class Verdict(StrEnum):
    """What a review comes to."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not justified"


GLASS: Final = Lifecycle(
    name="break-glass",
    states={
        "open": "One named director reads another authority's records; its own directors are told at once.",
        "ended": "Nothing can be read any more; another person is to say whether it was justified.",
        "overdue": "Nobody has said so in time; the national centre is to.",
        "reviewed": "A director of the authority, or the national centre, has said whether it was justified.",
    },
    moves=(
        Move("end", "open", "ended", "the clock, who reads, or a director of the authority"),
        Move("review", "ended", "reviewed", "a director of the authority, or the national centre"),
        Move("escalate", "ended", "overdue", "clock"),
        Move("review", "overdue", "reviewed", "a director of the authority, or the national centre"),
    ),
)


def check_asked(purpose: str, hours: int, *, known: frozenset[str], longest: int) -> None:
    """known : codes of the closed list; longest : hours. Raises NotUnderstood, every fault a sentence."""
    faults = {
        "Choose one of the purposes of the list: nothing else opens another authority's records.": purpose not in known,
        f"Break-glass lasts between 1 and {longest} hours.": not 1 <= hours <= longest,
    }
    found = [sentence for sentence, wrong in faults.items() if wrong]
    if found:
        raise NotUnderstood(" ".join(found))


def check_verdict(verdict: str, note: str) -> tuple[Verdict, str]:
    """Verdict and the note, trimmed. Raises NotUnderstood."""
    said = " ".join(note.split())
    try:
        found = Verdict(verdict)
    except ValueError:
        raise NotUnderstood("Say whether it was justified or not justified.") from None
    if not said or len(said) > LONGEST_NOTE:
        raise NotUnderstood(f"Say why, in at most {LONGEST_NOTE} characters and without naming a resident.")
    return found, said


def review_due(opened_at: datetime, *, days: int) -> datetime:
    return opened_at + timedelta(days=days)


def state_at(
    *, ends_at: datetime, ended_at: datetime | None, due: datetime, reviewed_at: datetime | None, at: datetime
) -> str:
    """What it is now: the clock needs nobody to turn it."""
    if reviewed_at is not None:
        return "reviewed"
    if ended_at is None and at < ends_at:
        return GLASS.first
    ended = GLASS.check("open", "end")
    return GLASS.check(ended, "escalate") if at >= due else ended
