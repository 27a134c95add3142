"""A hold keeps numbers of an area from the public for a while: by whom, why, since when, until when, in public.

It never keeps anything from a director: deliveries do not know that holds exist.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pumphandle.governance.concerns import ConcernKind, Product
from pumphandle.governance.lifecycle import Lifecycle, Move
from pumphandle.vocabulary.errors import Refused

HOLD: Final = Lifecycle(
    "hold",
    {
        "ACTIVE": "The windows in its scope stay open; they close later as one.",
        "LIFTED": "Ended before its time, with the outcome.",
        "EXPIRED": "Ended by the clock.",
    },
    (
        Move("extend", "ACTIVE", "ACTIVE", "a decision of the national centre"),
        Move("lift", "ACTIVE", "LIFTED", "the body that placed it, or the national centre"),
        Move("expire", "ACTIVE", "EXPIRED", "the clock"),
    ),
)

LONGEST_DAYS: Final = 90
"""No hold ends later than this many days from when it was placed or extended."""
REVIEW_DAYS: Final = 14
"""England's rule of 2020 for local restrictions: reviewed at least every 14 days."""


class Answer(StrEnum):
    """What can be done about a worry, from the least that is kept back to the most."""

    CONTEXT = "publish with context"
    WAIT = "wait for a larger window"
    MERGE = "merge with neighbours"
    TESTS_ONLY = "publish tests only"
    HOLD = "hold cases and tests"


@dataclass(frozen=True)
class Hold:
    """body: the authority's code, or NATION; until_persons: ends early for a window that holds so many people."""

    hold_id: int
    area_code: str
    product: Product
    body: str
    category: ConcernKind
    answer: Answer
    placed_at: datetime
    review_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    until_persons: int | None = None

    @property
    def end(self) -> datetime:
        return min(self.expires_at, self.ended_at or self.expires_at)

    def active(self, at: datetime) -> bool:
        """At a moment: placed, not lifted, not past its end."""
        return self.placed_at <= at < self.end

    def state(self, at: datetime) -> str:
        if self.ended_at is not None and self.ended_at < self.expires_at:
            return "LIFTED"
        return "ACTIVE" if at < self.expires_at else "EXPIRED"


NATION: Final = "national centre"
"""The body of a hold that the national centre decided."""


def check_times(placed_at: datetime, review_at: datetime | None, expires_at: datetime | None) -> None:
    """A hold without an end, or without a day on which it is looked at again, cannot be made."""
    if expires_at is None:
        raise Refused("A hold needs the day on which it ends.")
    if review_at is None:
        raise Refused("A hold needs the day on which it is looked at again.")
    if expires_at <= placed_at:
        raise Refused("A hold ends after it begins.")
    if expires_at > placed_at + timedelta(days=LONGEST_DAYS):
        raise Refused(f"A hold lasts at most {LONGEST_DAYS} days; it can be extended by a further decision.")
    if not placed_at <= review_at <= expires_at:
        raise Refused("A hold is looked at again before it ends.")
    if review_at > placed_at + timedelta(days=REVIEW_DAYS):
        raise Refused(f"A hold is looked at again within {REVIEW_DAYS} days.")


def check_own_hold(expires_at: datetime, *, at: datetime, hours: int, earlier: Sequence[Hold]) -> None:
    """What a council may do by itself: once, and short. A further one on the same area needs a decision.

    earlier : holds that this council placed by itself on the same area
    """
    if expires_at > at + timedelta(hours=hours):
        raise Refused(f"A council's own hold lasts at most {hours} hours; a longer one needs a decision.")
    for one in earlier:
        if at - one.end < timedelta(days=REVIEW_DAYS):
            raise Refused(
                f"Your own hold on this area ran until {one.end:%-d %B %Y}; "
                f"a further one within {REVIEW_DAYS} days needs a decision of the national centre."
            )


def measures_held(product: Product, answer: Answer) -> tuple[str, ...]:
    """Whose windows stay open under an answer."""
    match answer:
        case Answer.CONTEXT:
            return ()
        case Answer.TESTS_ONLY:
            return ("cases",)
        case Answer.HOLD | Answer.WAIT | Answer.MERGE:
            return product.measures


def check_answer(answer: Answer, *, note: str, until_persons: int | None, k_persons: int) -> None:
    """Each answer with what it needs."""
    if answer is Answer.CONTEXT and not note.strip():
        raise Refused("Publishing with context needs the context: write the note.")
    if answer is Answer.WAIT and (until_persons is None or until_persons <= k_persons):
        raise Refused(f"Waiting for a larger window needs a number of people above {k_persons}.")
