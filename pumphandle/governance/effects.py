"""What the public would learn of an area under each answer, worked out from the council's own part of the draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pumphandle.governance.holds import Answer


@dataclass(frozen=True)
class Waiting:
    """One window of the council's own areas as the draft knows it; closes: whether the draft would publish it."""

    node: str
    measure: str
    first: date
    last: date
    persons: int
    closes: bool


@dataclass(frozen=True)
class Learnt:
    """What the public learns of one measure: a number with its days, or nothing and since when."""

    measure: str
    value: int | None
    first: date
    last: date
    areas: int


@dataclass(frozen=True)
class Effect:
    """One answer. `also`: what it costs elsewhere, in a sentence, or empty."""

    answer: Answer
    learnt: tuple[Learnt, ...]
    also: str


def effects(
    node: str, waiting: Sequence[Waiting], neighbours: Sequence[str], *, until_persons: int
) -> tuple[Effect, ...]:
    """Of every answer, from the least that is kept back to the most.

    waiting    : the windows of all nodes of the district
    neighbours : nodes beside this one in the same district
    """
    own = {one.measure: one for one in waiting if one.node == node}
    district = "The district's total of these days waits with it, because the total less the others would tell it."
    merged = "The neighbours' own numbers of these days are told in the same sum and not by themselves."
    found: list[Effect] = []
    for answer in Answer:
        learnt = tuple(_learnt(answer, one, waiting, neighbours, until_persons) for one in own.values())
        hidden = any(told.value is None and own[told.measure].closes for told in learnt)
        costs = [merged] if any(told.areas > 1 for told in learnt) else []
        costs += [district] if hidden else []
        found.append(Effect(answer, learnt, " ".join(costs)))
    return tuple(found)


def _learnt(
    answer: Answer, one: Waiting, waiting: Sequence[Waiting], neighbours: Sequence[str], until_persons: int
) -> Learnt:
    as_it_is = Learnt(one.measure, one.persons if one.closes else None, one.first, one.last, 1)
    nothing = Learnt(one.measure, None, one.first, one.last, 1)
    match answer:
        case Answer.CONTEXT:
            return as_it_is
        case Answer.WAIT:
            return as_it_is if one.closes and one.persons >= until_persons else nothing
        case Answer.TESTS_ONLY:
            return nothing if one.measure == "cases" else as_it_is
        case Answer.HOLD:
            return nothing
        case Answer.MERGE:
            same = [other for other in waiting if other.measure == one.measure and other.closes]
            beside = [other for other in same if other.node in neighbours]
            together = [one, *beside]
            if not one.closes or not beside:
                return nothing
            return Learnt(
                one.measure,
                sum(other.persons for other in together),
                min(other.first for other in together),
                one.last,
                len(together),
            )
