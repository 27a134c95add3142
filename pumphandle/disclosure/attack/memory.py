"""What the attacker keeps of a district between days: the days that could still be narrowed, and the windows on them.

Sealed days leave the problem. It shares no code with the planner: windows come to it as numbers, as published.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pumphandle.disclosure.attack.equations import Flags, Integers
from pumphandle.disclosure.attack.ledger import Attacked, Side, Sum, SumsAttacked, attack
from pumphandle.disclosure.attack.unions import unions_of_runs
from pumphandle.disclosure.attack.windows import UNTOLD, Blocks

MARGIN = 2  # days before the oldest cell in question that may move too; more is slower, not safer
PATIENCE = 7  # days after which what could not be sealed is looked at with more days
DEPTH = 35  # days before those, for a second look at what seems narrow


@dataclass(frozen=True)
class Live:
    """One measure of a district.

    base   : the day of the first line of `counts`
    since  : lines before it are sealed, and stand as they are
    deep   : lines before it stand even at a second look; they are kept for the windows that reach across
    counts : (days, areas) true arrivals since `base`
    sealed : (days, areas) area-days that stay wide whatever is published later
    blocks : windows that reach into these days, counted from `base`
    """

    base: int
    since: int
    deep: int
    counts: Integers = field(repr=False)
    sealed: Flags = field(repr=False)
    blocks: Blocks = field(repr=False)


@dataclass(frozen=True)
class Told:
    """What one measure of a district tells on one day; days of the ledger, the last is today.

    area, first, value : (n,) windows that close by themselves
    total              : first day and value of the district's window, if it closes
    pool_area, pool_first : windows that close together with the one number `pooled`
    """

    area: Integers
    first: Integers
    value: Integers
    total: tuple[int, int] | None
    pool_area: Integers
    pool_first: Integers
    pooled: int

    @property
    def nothing(self) -> bool:
        return self.total is None and not len(self.area) and not len(self.pool_area)


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


def nothing_yet(areas: int, *, day: int) -> Live:
    """Before the first day."""
    none = np.empty(0, dtype=np.int64)
    return Live(
        base=day,
        since=0,
        deep=0,
        counts=np.empty((0, areas), dtype=np.int64),
        sealed=np.empty((0, areas), dtype=np.bool_),
        blocks=Blocks(area=none, first=none, last=none, value=none, totals=np.empty((0, 3), dtype=np.int64)),
    )


def grown(live: Live, arrivals: Integers) -> Live:
    """One more day. arrivals : (areas,)"""
    counts = np.vstack([live.counts, arrivals[None, :]])
    sealed = np.vstack([live.sealed, np.zeros((1, len(arrivals)), dtype=np.bool_)])
    return replace(live, counts=counts, sealed=sealed)


def without(live: Live, gone: Sequence[tuple[int, int, int]]) -> Live:
    """What was withdrawn before any number held it. gone : (day of the ledger, area, how many)"""
    counts = live.counts.copy()
    for day, area, number in gone:
        counts[day - live.base, area] -= number
    return replace(live, counts=counts)


def told(live: Live, today: Told) -> Live:
    """The windows with today's."""
    blocks, base, last = live.blocks, live.base, len(live.counts) - 1
    totals, pools = blocks.totals, blocks.pools
    if today.total is not None:
        totals = np.vstack([totals, [[today.total[0] - base, last, today.total[1]]]])
    if len(today.pool_area):
        pools = np.vstack([pools, [[last, today.pooled]]])
    fresh = len(today.area) + len(today.pool_area)
    return replace(
        live,
        blocks=Blocks(
            area=np.concatenate([blocks.area, today.area, today.pool_area]),
            first=np.concatenate([blocks.first, today.first - base, today.pool_first - base]),
            last=np.concatenate([blocks.last, np.full(fresh, last)]),
            value=np.concatenate([blocks.value, today.value, np.full_like(today.pool_area, UNTOLD)]),
            totals=totals,
            pools=pools,
        ),
    )


def ended(live: Live, first: Integers) -> Live:
    """Every open window ends today and is counted in a number about several districts, which is not this one's.

    first : (areas,) days of the ledger. What is sealed stays as it was
    """
    last, areas = len(live.counts) - 1, live.counts.shape[1]
    blocks = live.blocks
    return replace(
        live,
        blocks=replace(
            blocks,
            area=np.concatenate([blocks.area, np.arange(areas, dtype=np.int64)]),
            first=np.concatenate([blocks.first, first - live.base]),
            last=np.concatenate([blocks.last, np.full(areas, last)]),
            value=np.concatenate([blocks.value, np.full(areas, UNTOLD)]),
        ),
    )


def sealed_whole(live: Live) -> Live:
    """Every day so far stays wide whatever comes: the caller has proved it."""
    return replace(live, sealed=np.ones_like(live.sealed))


def as_side(live: Live, *, frozen: bool = False, ask: bool = True, ahead: bool = False) -> Side:
    """The live days for an attack of several districts together. ask : for what is not sealed; False: for nothing"""
    asked = ~live.sealed if ask else np.zeros_like(live.sealed)
    opened = None if ask else np.zeros(live.counts.shape[1], dtype=np.bool_)
    return Side(_from_first_line(live.blocks), live.counts, live.deep, asked, opened, frozen, ahead=ahead)


def with_tomorrow(lives: Sequence[Live], *, k: int) -> tuple[bool, Sequence[Live]]:
    """With a day to come, where a district's own window is open with 1..k-1 persons; and whether there is one.

    That the window stays open bounds what comes next. Where everything may come on the day ahead, no day on which
    nothing closes tells anything (docs/methods/publish-once.md).
    """
    ahead = any(_silent(live, k=k) for live in lives)
    return ahead, [grown(live, np.zeros_like(live.counts[0])) for live in lives] if ahead else lives


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
        blocks = _from_first_line(live.blocks)
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


def summed(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Numbers by name, added up."""
    out: dict[str, int] = {}
    for one in counts:
        for name, number in one.items():
            out[name] = out.get(name, 0) + number
    return out


def trimmed(lives: Sequence[Live], starts: Sequence[Integers]) -> tuple[Live, ...]:
    """Let sealed days leave: those before the district window, a margin earlier, of the oldest cell in question.

    starts : (areas,) for each measure, first days of open windows. Whole area windows are kept: on which day one
    reached k is known from its first day on. All measures keep the same days.
    """
    moved = [_since(live) for live in lives]
    deeps = [_deep(live, since) for live, since in zip(lives, moved, strict=True)]
    cut = min(_cut(live, deep, start) for live, deep, start in zip(lives, deeps, starts, strict=True))
    return tuple(
        _trimmed(live, since=since, deep=deep, cut=cut) for live, since, deep in zip(lives, moved, deeps, strict=True)
    )


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
            Side(_from_first_line(live.blocks), live.counts, begin, ~live.sealed, ahead=ahead)
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
            Side(_from_first_line(live.blocks), live.counts, begin, wanted)
            for live, begin, wanted in zip(self.lives, since, asked, strict=True)
        ]
        return self._attack(sides, sums, frozen=True)

    def _attack(
        self, sides: Sequence[Side], sums: Sequence[Sum], *, frozen: bool
    ) -> tuple[tuple[Attacked, ...], SumsAttacked]:
        return attack(
            sides, k=self.k, width=self.width, frozen=frozen, within=self.within, sums=sums, seconds=self.seconds
        )


def _silent(live: Live, *, k: int) -> bool:
    """Whether the district's own window is open with 1..k-1 persons."""
    ends = [live.blocks.totals[-1, 1]] if len(live.blocks.totals) else []
    wide = live.blocks.last[~_told_of(live.blocks)]
    return 1 <= int(live.counts[max([*ends, *wide], default=-1) + 1 :].sum()) < k


def _in_question(live: Live, *, k: int) -> bool:
    """Whether any small area-day is not sealed, or any open window holds 1..k-1."""
    if ((live.counts >= 1) & (live.counts < k) & ~live.sealed)[live.since :].any():
        return True
    opened = np.zeros(live.counts.shape[1], dtype=np.int64)
    np.maximum.at(opened, live.blocks.area, live.blocks.last + 1)
    days = np.arange(len(live.counts))[:, None]
    waiting = np.where(days >= opened, live.counts, 0).sum(axis=0)
    return bool(((waiting >= 1) & (waiting < k)).any())


def _from_first_line(blocks: Blocks) -> Blocks:
    """Windows that began before the first line end before anything moves: where they began is of no meaning."""
    return replace(blocks, first=np.maximum(blocks.first, 0))


def _few(live: Live, *, k: int) -> int | None:
    """The smallest group of 1..k-1 that anyone can subtract out of the live windows.

    One line stands for all the days before, and holds those of them whom a window across the first edge counts.
    """
    blocks = live.blocks
    totals = blocks.totals[blocks.totals[:, 0] >= live.deep, :2] - live.deep + 1
    inside = (blocks.last >= live.deep) & _told_of(blocks)
    first = np.maximum(blocks.first[inside] - live.deep + 1, 0)
    spans = np.stack([blocks.area[inside], first, blocks.last[inside] - live.deep + 1], axis=1)
    pooled = np.where(blocks.value[inside] == UNTOLD, blocks.last[inside], -1)
    before = np.zeros((1, live.counts.shape[1]), dtype=np.int64)
    for at in np.flatnonzero(inside & (blocks.first < live.deep)):
        area = blocks.area[at]
        before[0, area] = live.counts[max(blocks.first[at], 0) : live.deep, area].sum()
    counts = np.vstack([before, live.counts[live.deep :]])
    return unions_of_runs(counts, spans, totals, k=k, together=pooled)


def _told_of(blocks: Blocks) -> Flags:
    """Windows that count in a number of this district: by themselves, or in a pool of its own."""
    return (blocks.value != UNTOLD) | np.isin(blocks.last, blocks.pools[:, 0])


def _closed(live: Live) -> Flags:
    """Area-days whose window and whose total are closed."""
    done = np.zeros(live.counts.shape, dtype=np.bool_)
    for area, last in zip(live.blocks.area, live.blocks.last, strict=True):
        done[: last + 1, area] = True
    done[live.blocks.totals[-1, 1] + 1 if len(live.blocks.totals) else 0 :] = False
    return done


def _since(live: Live) -> int:
    unsealed = np.flatnonzero(~live.sealed.all(axis=1))
    oldest = int(unsealed[0]) if len(unsealed) else len(live.sealed)
    begins = live.blocks.totals[live.blocks.totals[:, 0] <= oldest - MARGIN, 0]
    return max(live.since, int(begins[-1])) if len(begins) else live.since


def _deep(live: Live, since: int) -> int:
    """First line of the second look: DEPTH lines before the first, where a district window begins."""
    begins = live.blocks.totals[live.blocks.totals[:, 0] <= since - DEPTH, 0]
    return max(live.deep, int(begins[-1])) if len(begins) else live.deep


def _cut(live: Live, deep: int, start: Integers) -> int:
    """How many first lines are of no use any more. All windows that a second look sees are known whole."""
    reaching = live.blocks.first[live.blocks.last >= deep]
    return int(max(min(deep, *reaching, *(start - live.base)), 0))


def _trimmed(live: Live, *, since: int, deep: int, cut: int) -> Live:
    blocks = live.blocks
    kept = blocks.last >= cut
    totals = blocks.totals[blocks.totals[:, 0] >= cut]
    pools = blocks.pools[blocks.pools[:, 0] >= cut]
    return Live(
        base=live.base + cut,
        since=since - cut,
        deep=deep - cut,
        counts=live.counts[cut:],
        sealed=live.sealed[cut:],
        blocks=Blocks(
            area=blocks.area[kept],
            first=blocks.first[kept] - cut,
            last=blocks.last[kept] - cut,
            value=blocks.value[kept],
            totals=totals - np.array([cut, cut, 0]),
            pools=pools - np.array([cut, 0]),
        ),
    )
