"""A wide pool under attack: windows of whole districts that close together with one number, the districts as one.

Shares no code with the planner.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pumphandle.disclosure.attack.equations import Integers
from pumphandle.disclosure.attack.ledger import Sum, attack_together
from pumphandle.disclosure.attack.memory import Live, as_side, ended


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
class PoolAttacked:
    """stands : nothing is given away, today or by whatever is published later"""

    stands: bool
    linear_programs: int


def attack_wide(
    members: Sequence[Member],
    *,
    measure: int,
    k: int,
    within: Sequence[tuple[int, int]],
    seconds: float,
) -> PoolAttacked:
    """Every small count of these districts that is not sealed, with the pool's number known.

    Twice: with all that is open free to move, and once more with the other measures' open windows as they stand, which
    proves that the pooled days stay wide whatever is published later. Knowledge of the rule: if these districts could
    have pooled yesterday, they were fewer than k then.
    """
    told = [_told(member, measure) for member in members]
    sides_of = len(members[0].lives)
    pairs = [(sides_of * at + inner, sides_of * at + outer) for at in range(len(members)) for inner, outer in within]
    sums = _known(members, told, measure=measure, k=k)
    programs = 0
    for later in (False, True):
        sides = [
            as_side(live, frozen=later and at != measure, ask=not later or at == measure)
            for lives in told
            for at, live in enumerate(lives)
        ]
        seen = attack_together(sides, k=k, within=pairs, sums=sums, seconds=seconds)
        programs += seen[0].result.linear_programs
        if not all(one.stands for one in seen):
            return PoolAttacked(False, programs)
    return PoolAttacked(True, programs)


def _told(member: Member, measure: int) -> tuple[Live, ...]:
    return tuple(ended(live, member.area_first) if at == measure else live for at, live in enumerate(member.lives))


def _known(members: Sequence[Member], told: Sequence[tuple[Live, ...]], *, measure: int, k: int) -> list[Sum]:
    sides_of = len(members[0].lives)
    parts: list[tuple[int, int, int]] = []
    eve: list[tuple[int, int, int]] = []
    value = before = 0
    for number, (member, lives) in enumerate(zip(members, told, strict=True)):
        live = lives[measure]
        side, begin, last = sides_of * number + measure, member.first - live.base, len(live.counts) - 1
        parts.append((side, begin, last))
        value += int(live.counts[begin:].sum())
        if member.eve and last > begin:
            eve.append((side, begin, last - 1))
            before += int(live.counts[begin:last].sum())
    known = [Sum(tuple(parts), value, value)]
    return [*known, Sum(tuple(eve), 0, k - 1)] if eve and before < k else known
