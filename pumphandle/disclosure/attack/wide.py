"""A wide pool under attack: windows of whole districts that close together with one number, the districts as one.

Shares no code with the planner.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from pumphandle.disclosure.attack.equations import NO_BOUND, Integers
from pumphandle.disclosure.attack.intervals import summed
from pumphandle.disclosure.attack.ledger import Side, attack
from pumphandle.disclosure.attack.memory import Live, as_side, ended, with_tomorrow
from pumphandle.disclosure.attack.sums import EVERY_AREA, Part, Sum

PAIR = 2
"""Districts that hold fewer than k each and k together would be placed: two never pool."""


@dataclass(frozen=True)
class Member:
    """One district. Days are of the ledger.

    lives      : its measures, today's windows told
    area_first : (areas,) first day of each open window of the measure that pools
    first      : first day of the district's own open window of that measure
    eve        : the district could have pooled yesterday too, as everyone knows
    """

    lives: tuple[Live, ...] = field(repr=False)
    area_first: Integers = field(repr=False)
    first: int
    eve: bool


@dataclass(frozen=True)
class Span:
    """A district's part of a wide pool, in lines of one side's counts.

    side        : which; first, last : its days, both included; eve : as in Member
    area_first  : (areas,) first line of each area's window, which ends with the pool too
    """

    side: int
    first: int
    last: int
    area_first: Integers = field(repr=False)
    eve: bool

    @property
    def whole(self) -> Part:
        return self.side, self.first, self.last, EVERY_AREA


@dataclass(frozen=True)
class PoolAttacked:
    """stands : nothing is given away, today or by whatever is published later; the rest is for the certificate."""

    stands: bool
    cells: int
    narrowest: int | None
    methods: Mapping[str, int] = field(repr=False)
    linear_programs: int
    integer_programs: int


def attack_wide(
    members: Sequence[Member],
    *,
    lower: Sequence[Sequence[int]],
    measure: int,
    k: int,
    within: Sequence[tuple[int, int]],
    seconds: float,
) -> PoolAttacked:
    """Every small count of these districts that is not sealed, and every small sum of windows, the number known.

    lower : groups of members that could have pooled nearer by today, and did not

    Twice: with all that is open free to move, and once more with the other measures' open windows as they stand, which
    proves that the pooled days and sums stay wide whatever is published later.
    """
    told = [_told(member, measure) for member in members]
    each = len(members[0].lives)
    pairs = [(each * at + inner, each * at + outer) for at in range(len(members)) for inner, outer in within]
    spans = [
        _span(each * at + measure, member, lives[measure])
        for at, (member, lives) in enumerate(zip(members, told, strict=True))
    ]
    ahead, grown = with_tomorrow([live for lives in told for live in lives], k=k)
    looks = [
        [as_side(live, ahead=ahead) for live in grown],
        [as_side(live, frozen=at != measure, ask=at == measure) for lives in told for at, live in enumerate(lives)],
    ]
    sums = pool_sums(spans, [side.counts for side in looks[0]], lower=lower, k=k)
    seen: list[PoolAttacked] = []
    for sides in looks:
        seen.append(_look(sides, sums, pairs, k=k, seconds=seconds))
        if not seen[-1].stands:
            break
    widths = [one.narrowest for one in seen if one.narrowest is not None]
    return PoolAttacked(
        stands=all(one.stands for one in seen),
        cells=sum(one.cells for one in seen),
        narrowest=min(widths, default=None),
        methods=summed(one.methods for one in seen),
        linear_programs=sum(one.linear_programs for one in seen),
        integer_programs=sum(one.integer_programs for one in seen),
    )


def pool_sums(
    spans: Sequence[Span], counts: Sequence[Integers], *, lower: Sequence[Sequence[int]], k: int
) -> list[Sum]:
    """What a wide pool tells, and what it might give away.

    counts : of each side; lower : groups of spans that could have pooled nearer by on the same day, and did not

    Knowledge of the rule, told wherever it is true: such a group holds fewer than k, and so does a district whose own
    window stayed open; where two and more could have pooled the day before, they held fewer than k then. (Where they
    hold more, nobody knows why they waited.) Asked for are small sums of districts, such groups and areas' windows.
    """
    known = Sum(tuple(one.whole for one in spans))
    out = [Sum(known.parts, known.truth(counts), known.truth(counts))]
    eve = Sum(tuple((one.side, one.first, one.last - 1, EVERY_AREA) for one in spans if one.eve))
    if len(eve.parts) > PAIR and eve.truth(counts) < k:
        out.append(Sum(eve.parts, most=k - 1))
    for group in [*([one] for one in range(len(spans))), *lower]:
        mine = Sum(tuple(spans[at].whole for at in group))
        if mine.truth(counts) < k:
            most = NO_BOUND if len(group) == PAIR else k - 1
            out.append(Sum(mine.parts, most=most, ask=mine.small(counts, k=k)))
    areas = (
        Sum(((one.side, int(first), one.last, area),), ask=True)
        for one in spans
        for area, first in enumerate(one.area_first)
    )
    return out + [one for one in areas if one.small(counts, k=k)]


def _look(
    sides: Sequence[Side], sums: Sequence[Sum], pairs: Sequence[tuple[int, int]], *, k: int, seconds: float
) -> PoolAttacked:
    seen, asked = attack(sides, k=k, within=pairs, sums=sums, seconds=seconds)
    widths = [one.narrowest for one in (*seen, asked) if one.narrowest is not None]
    return PoolAttacked(
        stands=all(one.stands for one in seen) and not asked.thin.any(),
        cells=sum(int(one.cells.sum()) for one in seen) + len(asked.width),
        narrowest=min(widths, default=None),
        methods=summed(one.methods for one in (*seen, asked)),
        linear_programs=seen[0].result.linear_programs,
        integer_programs=seen[0].result.integer_programs,
    )


def _told(member: Member, measure: int) -> tuple[Live, ...]:
    return tuple(ended(live, member.area_first) if at == measure else live for at, live in enumerate(member.lives))


def _span(side: int, member: Member, live: Live) -> Span:
    return Span(
        side=side,
        first=member.first - live.base,
        last=len(live.counts) - 1,
        area_first=np.maximum(member.area_first - live.base, 0),
        eve=member.eve,
    )
