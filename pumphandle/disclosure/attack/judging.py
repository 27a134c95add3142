"""The attacker judges a day: what is not sealed, what ends in a pool, what anyone could subtract; and it seals days.

It shares no code with the planner: windows come to it as numbers, as published.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pumphandle.disclosure.attack.equations import Flags
from pumphandle.disclosure.attack.intervals import summed
from pumphandle.disclosure.attack.ledger import Attacked, Side, attack
from pumphandle.disclosure.attack.memory import Live, from_first_line, told_of, with_tomorrow
from pumphandle.disclosure.attack.sums import Sum, SumsAttacked
from pumphandle.disclosure.attack.unions import unions_of_runs
from pumphandle.disclosure.attack.windows import UNTOLD

PATIENCE = 7  # days after which what could not be sealed is looked at with more days


@dataclass(frozen=True)
class Verdict:
    """sides : the attack on each measure; few : the smallest derivable group of 1..k-1 of each, None: there is none.

    pooled : how many sums of windows that end in today's pool each measure gives away; (): there is no pool
    sums   : every look at those sums
    """

    sides: tuple[Attacked, ...]
    few: tuple[int | None, ...]
    pooled: tuple[int, ...] = ()
    sums: tuple[SumsAttacked, ...] = ()
    linear_programs: int = 0
    integer_programs: int = 0

    @property
    def stands(self) -> bool:
        return all(side.stands for side in self.sides) and not any(self.few) and not any(self.pooled)

    @property
    def spoiled(self) -> tuple[bool, ...]:
        """Which measures give something away."""
        placed = [not side.stands for side in self.sides] or [False] * len(self.few)
        pooled = self.pooled or (0,) * len(self.few)
        return tuple(
            one or few is not None or thin > 0 for one, few, thin in zip(placed, self.few, pooled, strict=True)
        )

    @property
    def cells(self) -> int:
        """Small counts and sums asked for."""
        return sum(int(side.cells.sum()) for side in self.sides) + sum(len(one.width) for one in self.sums)

    @property
    def narrowest(self) -> int | None:
        widths = [one.narrowest for one in (*self.sides, *self.sums)]
        return min((width for width in widths if width is not None), default=None)

    @property
    def methods(self) -> dict[str, int]:
        return summed(one.methods for one in (*self.sides, *self.sums))


def judge(
    lives: Sequence[Live], *, k: int, width: int | None, within: Sequence[tuple[int, int]], seconds: float
) -> Verdict:
    """Attack the live days; what seems narrow is looked at again with more days free to move.

    Without a small count that is not sealed, and without a small open window or one that ends in a pool today, there
    is nothing to place.
    """
    few = tuple(_few(live, k=k) for live in lives)
    sums = _pooled_today(lives, k=k)
    if not sums and not any(_in_question(live, k=k) for live in lives):
        return Verdict((), few)
    ask = _Question(lives, k=k, width=width, within=within, seconds=seconds)
    sides, asked = ask.open([live.since for live in lives], sums=sums)
    looks = [sides]
    if not all(side.stands for side in sides) and any(live.deep < live.since for live in lives):
        deep, _ = ask.open([live.deep for live in lives], after=sides)
        looks.append(deep)
        sides = tuple(one.looked_again(other) for one, other in zip(sides, deep, strict=True))
    passed: list[SumsAttacked] = [asked] if sums else []
    if sums and not asked.thin.any():
        still, again = ask.frozen([live.since for live in lives], [np.zeros_like(live.sealed) for live in lives], sums)
        passed.append(again)
        looks.append(still)
    thin = [int(number) for number in np.flatnonzero(passed[-1].thin)] if sums else []
    of_side = [sum(sums[number].parts[0][0] == at for number in thin) for at in range(len(lives))]
    return Verdict(
        sides=sides,
        few=few,
        pooled=tuple(of_side),
        sums=tuple(passed),
        linear_programs=sum(look[0].result.linear_programs for look in looks),
        integer_programs=sum(look[0].result.integer_programs for look in looks),
    )


def _pooled_today(lives: Sequence[Live], *, k: int) -> list[Sum]:
    """Small sums of windows that end today and are told with others only: nobody asks for them after today."""
    found: list[Sum] = []
    for at, live in enumerate(lives):
        last = len(live.counts) - 1
        blocks = from_first_line(live.blocks)
        ending = np.flatnonzero((blocks.value == UNTOLD) & (blocks.last == last))
        every = [Sum(((at, int(blocks.first[one]), last, int(blocks.area[one])),), ask=True) for one in ending]
        found += [one for one in every if one.small([side.counts for side in lives], k=k)]
    return found


@dataclass(frozen=True)
class Sealed:
    """Days with more of them sealed, and the figures of the attack that proved it; see Attacked."""

    lives: tuple[Live, ...]
    cells: int = 0
    narrowest: int | None = None
    methods: dict[str, int] = field(repr=False, default_factory=dict[str, int])
    linear_programs: int = 0
    integer_programs: int = 0


def seal(
    lives: Sequence[Live], *, k: int, width: int | None, within: Sequence[tuple[int, int]], seconds: float
) -> Sealed:
    """Area-days of closed windows, area's and district's, that are wide even if nothing open moves."""
    enough = k - 1 if width is None else width
    closed = [_closed(live) for live in lives]
    small = [(live.counts >= 1) & (live.counts < k) for live in lives]
    asked = [shut & few & ~live.sealed for live, shut, few in zip(lives, closed, small, strict=True)]
    free = [live.sealed | (shut & ~few) for live, shut, few in zip(lives, closed, small, strict=True)]
    if not any(one.any() for one in asked):
        return Sealed(tuple(replace(live, sealed=flags) for live, flags in zip(lives, free, strict=True)))
    ask = _Question(lives, k=k, width=width, within=within, seconds=seconds)
    looks = [ask.frozen([live.since for live in lives], asked)[0]]
    late = [_late(wanted & seen.thin) for wanted, seen in zip(asked, looks[0], strict=True)]
    if any(flags.any() for flags in late) and any(live.deep < live.since for live in lives):
        looks.append(ask.frozen([live.deep for live in lives], late)[0])
    wide = [[seen.cells & (seen.high - seen.low >= enough) for seen in look] for look in looks]
    found = [
        (seen, flags) for look, mine in zip(looks, wide, strict=True) for seen, flags in zip(look, mine, strict=True)
    ]
    widths = np.concatenate([(seen.high - seen.low)[flags] for seen, flags in found])
    return Sealed(
        lives=tuple(
            replace(live, sealed=np.logical_or.reduce([flags, *more]))
            for live, flags, *more in zip(lives, free, *wide, strict=True)
        ),
        cells=len(widths),
        narrowest=int(widths.min()) if len(widths) else None,
        methods=summed(seen.methods for seen, _ in found),
        linear_programs=sum(look[0].result.linear_programs for look in looks),
        integer_programs=sum(look[0].result.integer_programs for look in looks),
    )


def _late(flags: Flags) -> Flags:
    """Those that could not be sealed for so long that a look at more days is worth its while: else all days stay."""
    out = flags.copy()
    out[max(len(out) - PATIENCE, 0) :] = False
    return out


@dataclass(frozen=True)
class _Question:
    """The attack on these live days, with more or fewer of them free to move."""

    lives: Sequence[Live]
    k: int
    width: int | None
    within: Sequence[tuple[int, int]]
    seconds: float

    def open(
        self, since: Sequence[int], *, sums: Sequence[Sum] = (), after: Sequence[Attacked] = ()
    ) -> tuple[tuple[Attacked, ...], SumsAttacked]:
        """Everything may move. after : an attack with fewer days free; only what was thin there is asked for."""
        ahead, lives = with_tomorrow(self.lives, k=self.k)
        sides = [
            Side(from_first_line(live.blocks), live.counts, begin, ~live.sealed, ahead=ahead)
            for live, begin in zip(lives, since, strict=True)
        ]
        if after:
            sides = [
                replace(side, asked=seen.thin, open=seen.thin_waiting) for side, seen in zip(sides, after, strict=True)
            ]
        return self._attack(sides, sums, frozen=False)

    def frozen(
        self, since: Sequence[int], asked: Sequence[Flags], sums: Sequence[Sum] = ()
    ) -> tuple[tuple[Attacked, ...], SumsAttacked]:
        """Nothing open moves."""
        sides = [
            Side(from_first_line(live.blocks), live.counts, begin, wanted)
            for live, begin, wanted in zip(self.lives, since, asked, strict=True)
        ]
        return self._attack(sides, sums, frozen=True)

    def _attack(
        self, sides: Sequence[Side], sums: Sequence[Sum], *, frozen: bool
    ) -> tuple[tuple[Attacked, ...], SumsAttacked]:
        return attack(
            sides, k=self.k, width=self.width, frozen=frozen, within=self.within, sums=sums, seconds=self.seconds
        )


def _in_question(live: Live, *, k: int) -> bool:
    """Whether any small area-day is not sealed, or any open window holds 1..k-1."""
    if ((live.counts >= 1) & (live.counts < k) & ~live.sealed)[live.since :].any():
        return True
    opened = np.zeros(live.counts.shape[1], dtype=np.int64)
    np.maximum.at(opened, live.blocks.area, live.blocks.last + 1)
    days = np.arange(len(live.counts))[:, None]
    waiting = np.where(days >= opened, live.counts, 0).sum(axis=0)
    return bool(((waiting >= 1) & (waiting < k)).any())


def _few(live: Live, *, k: int) -> int | None:
    """The smallest group of 1..k-1 that anyone can subtract out of the live windows.

    One line stands for all the days before, and holds those of them whom a window across the first edge counts.
    """
    blocks = live.blocks
    totals = blocks.totals[blocks.totals[:, 0] >= live.deep, :2] - live.deep + 1
    inside = (blocks.last >= live.deep) & told_of(blocks)
    first = np.maximum(blocks.first[inside] - live.deep + 1, 0)
    spans = np.stack([blocks.area[inside], first, blocks.last[inside] - live.deep + 1], axis=1)
    pooled = np.where(blocks.value[inside] == UNTOLD, blocks.last[inside], -1)
    before = np.zeros((1, live.counts.shape[1]), dtype=np.int64)
    for at in np.flatnonzero(inside & (blocks.first < live.deep)):
        area = blocks.area[at]
        before[0, area] = live.counts[max(blocks.first[at], 0) : live.deep, area].sum()
    counts = np.vstack([before, live.counts[live.deep :]])
    return unions_of_runs(counts, spans, totals, k=k, together=pooled)


def _closed(live: Live) -> Flags:
    """Area-days whose window and whose total are closed."""
    done = np.zeros(live.counts.shape, dtype=np.bool_)
    for area, last in zip(live.blocks.area, live.blocks.last, strict=True):
        done[: last + 1, area] = True
    done[live.blocks.totals[-1, 1] + 1 if len(live.blocks.totals) else 0 :] = False
    return done
