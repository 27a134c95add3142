"""One district, day by day: decide what closes, attack it before it goes out, hold what would give a count away.

The planner proposes (residual), the attacker judges (attack.judging). A district window that would narrow a count of
1..k-1 waits; then the area windows where something narrow lies; at worst nothing closes, which is always safe.
All measures of a district are judged together, because what is known of one bounds the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from pumphandle.disclosure.attack.intervals import summed
from pumphandle.disclosure.attack.judging import Sealed, Verdict, judge, seal
from pumphandle.disclosure.attack.memory import Live, Told, grown, nothing_yet, told, trimmed, without
from pumphandle.disclosure.residual import (
    Closing,
    District,
    Flags,
    Integers,
    arrive,
    choose,
    close,
    nothing,
    opened,
    take_back,
)

SECONDS = 1.0  # for one integer program; what it cannot prove in time counts as narrow


@dataclass(frozen=True)
class Watched:
    """One measure of a district, and what its attacker remembers."""

    district: District
    live: Live = field(repr=False)


@dataclass(frozen=True)
class Arrivals:
    """One measure's day in one district.

    counts          : (areas,) what arrived
    heads           : (areas,) see disclosure/heads.py; None: each counts one person of a household of its own
    may_close       : (areas,) windows with enough persons in enough households; None: with k persons
    total_may_close : False: the district's window waits, because a hold stands in the district
    beside          : area that is told only with its neighbours -> (areas,) which they are; see residual.choose
    """

    counts: Integers = field(repr=False)
    heads: Integers | None = field(repr=False, default=None)
    may_close: Flags | None = field(repr=False, default=None)
    total_may_close: bool = True
    beside: Mapping[int, Flags] = field(repr=False, default_factory=dict[int, Flags])


@dataclass(frozen=True)
class Gate:
    """What the gate goes by.

    width      : narrowest interval allowed to a count of 1..k-1; None: k - 1, the most that any rule can promise
    within     : (inner, outer) measures: inner's count of an area and day never exceeds outer's, as everyone knows
    pool_after : days after which open windows close together with the district's; None: never
    """

    width: int | None = None
    within: tuple[tuple[int, int], ...] = ()
    pool_after: int | None = None
    seconds: float = SECONDS


@dataclass(frozen=True)
class Settled:
    """One measure's outcome. waited : (areas,) windows that held k or more on an earlier day and did not close then."""

    closing: Closing
    watched: Watched
    waited: Flags = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """One day of one district, and the figures of its certificate.

    cells, narrowest : small area-days asked for, and the narrowest of their intervals; None where there was none
    methods          : by how their intervals were found
    held_by_audit    : something was taken back
    """

    sides: tuple[Settled, ...]
    linear_programs: int
    integer_programs: int
    cells: int
    narrowest: int | None
    methods: dict[str, int] = field(repr=False)
    held_by_audit: bool


def watch(areas: int, *, k: int, day: int = 0) -> Watched:
    """A district whose ledger begins on `day`."""
    return Watched(district=opened(areas, k=k, day=day), live=nothing_yet(areas, day=day))


@dataclass(frozen=True)
class Decided:
    """A district with one measure: what closes, and the figures of its certificate."""

    closing: Closing
    watched: Watched
    linear_programs: int
    cells: int
    narrowest: int | None
    held_by_audit: bool


def decide(
    watched: Watched,
    arrivals: Integers,
    *,
    day: int,
    may_close: Flags | None = None,
    total_may_close: bool = True,
    width: int | None = None,
) -> Decided:
    """One day of a district with one measure: see Arrivals and decide_together."""
    today = Arrivals(arrivals, may_close=may_close, total_may_close=total_may_close)
    one = decide_together([watched], [today], day=day, gate=Gate(width=width))
    side = one.sides[0]
    return Decided(side.closing, side.watched, one.linear_programs, one.cells, one.narrowest, one.held_by_audit)


def decide_together(sides: Sequence[Watched], arrivals: Sequence[Arrivals], *, day: int, gate: Gate) -> Outcome:
    """One day of one district: the most that may go out.

    Raises LedgerBroken for a day that is sealed, NotUnderstood for counts that are none, CertificateRefused where the
    solver fails.
    """
    before = [_arrived(side, today, day=day) for side, today in zip(sides, arrivals, strict=True)]
    proposals = [
        _Proposal(side.district, old.district, today) for side, old, today in zip(before, sides, arrivals, strict=True)
    ]
    closings, sealed, verdict, held, (linear, integer) = _settle(before, proposals, gate)
    after = [close(side.district, closing) for side, closing in zip(before, closings, strict=True)]
    lives, tried = _remembered(sealed.lives, [district.start for district in after], k=before[0].district.k, gate=gate)
    linear, integer = linear + tried[0], integer + tried[1]
    widths = [sealed.narrowest, verdict.narrowest if verdict else None]
    return Outcome(
        sides=tuple(
            Settled(closing, Watched(district, live), waited=proposal.late)
            for closing, district, live, proposal in zip(closings, after, lives, proposals, strict=True)
        ),
        linear_programs=linear,
        integer_programs=integer,
        cells=sealed.cells + (verdict.cells if verdict else 0),
        narrowest=min((width for width in widths if width is not None), default=None),
        methods=summed([sealed.methods, verdict.methods if verdict else {}]),
        held_by_audit=held,
    )


def wait(watched: Watched, arrivals: Arrivals, *, day: int) -> Watched:
    """A day on which nothing may go out: what arrived joins what waits."""
    after = _arrived(watched, arrivals, day=day)
    return Watched(close(after.district, nothing(after.district)), after.live)


def withdrawn(watched: Watched, gone: Sequence[tuple[int, int, int]], heads: Integers) -> Watched:
    """Arrivals of the district's open window that no number holds yet, and that were taken back.

    gone  : (day, area, how many)
    heads : (areas,) of them
    """
    counts = np.zeros_like(heads)
    for _, area, number in gone:
        counts[area] += number
    return Watched(take_back(watched.district, np.stack([counts, heads])), without(watched.live, gone))


def _arrived(watched: Watched, today: Arrivals, *, day: int) -> Watched:
    district = arrive(watched.district, today.counts, day=day, heads=today.heads)
    return Watched(district, grown(watched.live, today.counts))


def _remembered(
    lives: Sequence[Live], starts: Sequence[Integers], *, k: int, gate: Gate
) -> tuple[Sequence[Live], tuple[int, int]]:
    """With days gone that are of no more use, and the programs solved to see that they are of none.

    Days that stand still take freedom away. Where something would seem narrow without them, they stay: else nothing
    could ever close again.
    """
    shorter = trimmed(lives, starts)
    if all(one.since + one.base == old.since + old.base for one, old in zip(shorter, lives, strict=True)):
        return shorter, (0, 0)
    seen = judge(shorter, k=k, width=gate.width, within=gate.within, seconds=gate.seconds)
    return shorter if seen.stands else lives, (seen.linear_programs, seen.integer_programs)


class _Proposal:
    """What the planner would let out of one measure, and what it gives up when the attacker objects."""

    def __init__(self, district: District, before: District, today: Arrivals) -> None:
        self.district = district
        self.ready = district.pending[0] >= district.k
        if today.may_close is not None:
            self.ready = self.ready & today.may_close
        self.late = before.pending[0] >= district.k  # held before, or all in one household
        self.total = today.total_may_close
        self.beside = today.beside

    def closing(self, gate: Gate, over: Closing | None) -> Closing:
        ready = self.ready
        if over is not None:
            ready = ready & over.areas & (over.value >= self.district.pending[0])
        return choose(
            self.district,
            may_close=ready,
            district_may_close=self.total,
            pool_after=gate.pool_after,
            beside=self.beside,
        )

    def give_up(self, closing: Closing, narrow: Flags) -> bool:
        """First the district's window, then the windows where something narrow lies, then all. False: nothing left."""
        if closing.nothing:
            return False
        if closing.district is not None:
            self.total = False
        elif (closing.areas & narrow).any():
            self.ready = self.ready & ~narrow
        else:
            self.ready = np.zeros_like(self.ready)
        return True


def _settle(
    before: Sequence[Watched], proposals: Sequence[_Proposal], gate: Gate
) -> tuple[list[Closing], Sealed, Verdict | None, bool, tuple[int, int]]:
    """Propose, ask the attacker, take back until it finds nothing.

    Returns what closes, the days as the attacker then knows them, the attack that was passed (None: none was needed),
    whether something was taken back, and the programs solved. Days that can be sealed are, before the attack: they
    need not be looked at again.
    """
    k, linear, integer = before[0].district.k, 0, 0
    held = False
    while True:
        closings = _proposed(proposals, gate)
        lives = tuple(told(side.live, as_told(closing)) for side, closing in zip(before, closings, strict=True))
        if all(closing.nothing for closing in closings):  # an open window that holds fewer than k bounds nothing more
            return closings, Sealed(lives), None, held, (linear, integer)
        sealed = Sealed(lives)
        if any(closing.district is not None for closing in closings):
            sealed = seal(lives, k=k, width=gate.width, within=gate.within, seconds=gate.seconds)
        verdict = judge(sealed.lives, k=k, width=gate.width, within=gate.within, seconds=gate.seconds)
        linear += sealed.linear_programs + verdict.linear_programs
        integer += sealed.integer_programs + verdict.integer_programs
        if verdict.stands:
            return closings, sealed, verdict, held, (linear, integer)
        held = True
        _take_back(closings, proposals, verdict)


def _proposed(proposals: Sequence[_Proposal], gate: Gate) -> list[Closing]:
    """A window of an inner measure closes only with one of the outer that counts at least as much.

    Else everyone would know that its last day holds no more than was tested on it.
    """
    over = dict(gate.within)
    outer = {at: proposals[at].closing(gate, None) for at in range(len(proposals)) if at not in over}
    return [outer[at] if at in outer else proposals[at].closing(gate, outer[over[at]]) for at in range(len(proposals))]


def _take_back(closings: Sequence[Closing], proposals: Sequence[_Proposal], verdict: Verdict) -> None:
    """The measure where something narrow lies gives up first; if it has nothing to give, the others do."""
    narrow = np.zeros_like(proposals[0].ready)
    for side in verdict.sides:  # none, where no cell was in question and only a derivable group objects
        narrow = narrow | side.areas
    order = sorted(range(len(proposals)), key=lambda at: not verdict.spoiled[at])
    if not any(proposals[at].give_up(closings[at], narrow) for at in order):
        raise AssertionError("Nothing closes and the attacker objects: the caller asks only where something closes.")


def as_told(closing: Closing) -> Told:
    """The planner's decision as the ledger will tell it."""
    alone, pooled = np.flatnonzero(closing.alone), np.flatnonzero(closing.together)
    return Told(
        area=alone,
        first=closing.first[alone],
        value=closing.value[alone],
        total=closing.district,
        pool_area=pooled,
        pool_first=closing.first[pooled],
        pooled=closing.pooled,
    )
