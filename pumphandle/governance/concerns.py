"""A worry about what is or will be published: a case with a kind, a scope, evidence, a clock and a public answer."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from pumphandle.governance.lifecycle import Lifecycle, Move
from pumphandle.vocabulary.errors import Refused

CENTRE: Final = "the national centre"

CONCERN: Final = Lifecycle(
    "concern",
    {
        "RAISED": "Somebody is worried, with a reason; nobody has answered yet.",
        "ACKNOWLEDGED": "Somebody has taken it on, by name.",
        "INVESTIGATING": "It is being looked into.",
        "UPHELD": "It is right; something must be put right.",
        "REMEDIED": "It has been put right.",
        "NOT_UPHELD": "It has been looked into and is not right.",
        "PUBLISHED": "The outcome stands in the public register.",
    },
    (
        Move("acknowledge", "RAISED", "ACKNOWLEDGED", CENTRE),
        Move("investigate", "ACKNOWLEDGED", "INVESTIGATING", CENTRE),
        Move("uphold", "INVESTIGATING", "UPHELD", CENTRE),
        Move("not uphold", "INVESTIGATING", "NOT_UPHELD", CENTRE),
        Move("remedy", "UPHELD", "REMEDIED", CENTRE),
        Move("publish", "REMEDIED", "PUBLISHED", CENTRE),
        Move("publish", "NOT_UPHELD", "PUBLISHED", CENTRE),
    ),
)

DECISIONS: Final = frozenset({"UPHELD", "NOT_UPHELD"})
DESKS: Final = ("the national centre", "the head of the national centre", "the national statistician")
"""Who has the case: the next one for every deadline that passes without a step."""


class ConcernKind(StrEnum):
    """What the worry is about."""

    IDENTIFICATION = "identification"
    STIGMA = "stigma or cohesion"
    ACCURACY = "accuracy"
    TIMING = "timing"


class Product(StrEnum):
    """Which numbers."""

    CASES = "cases"
    TESTS = "tests"
    ALL = "cases and tests"

    @property
    def measures(self) -> tuple[str, ...]:
        return ("cases", "tests") if self is Product.ALL else (str(self.value),)


@dataclass(frozen=True)
class Scope:
    """What a concern, a hold or a note is about: area, days, numbers. An open end is everything from then on."""

    area_code: str
    product: Product
    first: date
    last: date | None

    def check(self) -> None:
        if self.last is not None and self.last < self.first:
            raise Refused("The last day lies before the first.")


@dataclass(frozen=True)
class Hours:
    """How long a desk has: for a first answer and each short step, and for the decision and the remedy."""

    answer: int
    decision: int

    def of(self, state: str) -> int | None:
        """Hours until the next step, None where nothing is owed."""
        if state in ("INVESTIGATING", "UPHELD"):
            return self.decision
        return None if state in CONCERN.final else self.answer


@dataclass(frozen=True)
class Clock:
    """due: None when nothing is owed; desk: who has it now; overdue: deadlines passed in this state."""

    due: datetime | None
    desk: str
    overdue: int


def clock(state: str, since: datetime, hours: Hours, *, at: datetime) -> Clock:
    """Where the case stands in time. Each deadline that passes without a step brings it to the next desk."""
    allowed = hours.of(state)
    if allowed is None:
        return Clock(None, DESKS[0], 0)
    step = timedelta(hours=allowed)
    overdue = max(0, (at - since) // step) if step else 0
    return Clock(since + step * (overdue + 1), DESKS[min(overdue, len(DESKS) - 1)], overdue)


def is_open(state: str) -> bool:
    """Whether somebody still owes an answer."""
    return state not in CONCERN.final


def check_told(statement: str, evidence: str) -> None:
    """A concern without a reason is none. Length keeps records of people out of a field meant for reasons."""
    for name, text in (("what you are worried about", statement), ("the evidence", evidence)):
        if not text.strip():
            raise Refused(f"Say {name}.")
        if len(text) > LONGEST:
            raise Refused(f"Say {name} in at most {LONGEST:,} characters, and without naming anyone.")


LONGEST: Final = 1_000


def check_outcome(event: str, outcome: str) -> None:
    """A decision, a remedy and a publication need their sentence, because the public will read it."""
    if event in ("uphold", "not uphold", "remedy") and not outcome.strip():
        raise Refused("A decision or a remedy needs a sentence that the public can read.")
    if len(outcome) > LONGEST:
        raise Refused(f"The sentence has at most {LONGEST:,} characters.")
