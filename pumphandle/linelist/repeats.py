"""Several answers to one test of one specimen in one message: which of them is the result, or that none can be told.

docs/reference/refusals.md says the order of these rules in words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from pumphandle.linelist.code_tables import PENDING


@dataclass(frozen=True)
class State:
    """What one answer says, in our words.

    part    : OBX-4, where a test has several answers side by side: targets, isolates; empty where that is not said
    moments : when it was observed, when analysed (ISO 8601, or what stands there)
    whose   : person and day of the specimen, which are the same for all answers to one test
    """

    part: str
    status: str
    result: str
    moments: tuple[str, ...]
    whose: tuple[str, ...]


def overtaken(states: Sequence[State]) -> set[int] | None:
    """Places of answers that another takes the place of; the others say the same. None: it cannot be told."""
    if len({one.whose for one in states if one.status != "withdrawn"}) > 1:
        return None
    gone: set[int] = set()
    numbered = sorted(enumerate(states), key=lambda one: one[1].part)
    for _, part in groupby(numbered, key=lambda one: one[1].part):
        found = _of_part(dict(part))
        if found is None:
            return None
        gone |= found
    firm = {at: one for at, one in enumerate(states) if at not in gone and one.status != PENDING}
    standing = {at for at, one in firm.items() if one.status != "withdrawn"}
    if len({firm[at].result for at in standing}) > 1:
        return None
    return gone | (firm.keys() - standing if standing else set())


def _of_part(states: dict[int, State]) -> set[int] | None:
    """Of answers under one number of OBX-4: firm before preliminary, corrected before final, repeated before first."""
    firm = {at: one for at, one in states.items() if one.status != PENDING}
    if not firm:
        return set()
    left = {at: one for at, one in firm.items() if one.status != "withdrawn"}
    back = {one.result for one in firm.values() if one.status == "withdrawn"}
    if left and back & {"void", *(one.result for one in left.values())}:
        last = _latest(firm)  # taken back is what stands beside it, or nobody knows what
        if last is None:
            return None
        return states.keys() - {last}
    left = left or firm
    left = {at: one for at, one in left.items() if one.status == "corrected"} or left
    # what could not be told says nothing against what could
    left = {at: one for at, one in left.items() if one.result != "void"} or left
    if len({one.result for one in left.values()}) > 1:
        last = _latest(left)
        if last is None:
            return None
        left = {last: left[last]}
    return states.keys() - left.keys()


def _latest(states: dict[int, State]) -> int | None:
    """The one that was observed after all others; where that was at one time, or is not said, analysed after them."""
    for moments in zip(*([*_moments(one)] for one in states.values()), strict=True):
        known = [one for one in moments if one is not None]
        if len(known) == len(states) and known.count(max(known)) == 1:
            return list(states)[known.index(max(known))]
    return None


def _moments(state: State) -> Iterator[datetime | None]:
    for moment in state.moments:
        try:
            when = datetime.fromisoformat(moment)
        except ValueError:
            yield None
            continue
        yield when if when.tzinfo else when.replace(tzinfo=UTC)
