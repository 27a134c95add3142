"""Our own ledger under attack: area windows beside district windows, all days, the rule known.

Reads the ledger's format only: who, first day, last day, what was counted. It shares no code with the planner.
A district's measures are attacked together: who was found positive was tested, so cases never exceed tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp

from pumphandle.disclosure.attack.equations import NO_BOUND, Flags, Integers, System
from pumphandle.disclosure.attack.intervals import Intervals, by_exchange, by_method, intervals
from pumphandle.disclosure.attack.propagation import propagate
from pumphandle.disclosure.attack.sums import Sum, SumsAttacked, with_sums
from pumphandle.disclosure.attack.windows import Blocks, window_system


@dataclass(frozen=True)
class Side:
    """One measure of a district.

    counts : (days, areas) the truth, which proves the ledger consistent and gives the first witness
    since  : days before it stand as they truly are. That takes freedom away, so a wide interval stays wide;
             a narrow one is only certain after an attack with since=0
    asked  : (days, areas) which small cells to ask for; None: all
    open   : (areas,) which small open windows to ask for; None: all
    frozen : as in attack_together, for this side alone
    k_of   : (days,) the rule's k on each day, where it changed; None: the k of the attack
    ahead  : the last line is a day to come on which nobody arrived: what could come on it is asked for everywhere
    """

    blocks: Blocks
    counts: Integers = field(repr=False)
    since: int = 0
    asked: Flags | None = field(repr=False, default=None)
    open: Flags | None = field(repr=False, default=None)
    frozen: bool = False
    k_of: Integers | None = field(repr=False, default=None)
    ahead: bool = False


@dataclass(frozen=True)
class Attacked:
    """One measure of a district under attack.

    cells, waiting     : (days, areas) area-days and (areas,) open windows of 1..k-1 persons that were asked for, and
                         area-days ahead
    low, high          : (days, areas) the intervals of `cells`; elsewhere outer bounds
    thin, thin_waiting : those of `cells` and `waiting` in an interval narrower than asked
    method             : (days, areas) and (areas,) how the intervals of `cells` and `waiting` were found
    result             : of the whole system, all measures
    """

    cells: Flags = field(repr=False)
    waiting: Flags = field(repr=False)
    low: Integers = field(repr=False)
    high: Integers = field(repr=False)
    thin: Flags = field(repr=False)
    thin_waiting: Flags = field(repr=False)
    method: tuple[Integers, Integers] = field(repr=False)
    result: Intervals = field(repr=False)

    @property
    def stands(self) -> bool:
        """Nothing is given away."""
        return not self.thin.any() and not self.thin_waiting.any()

    @property
    def narrow(self) -> int:
        """How many area-days are given away."""
        return int(self.thin.sum())

    @property
    def narrowest(self) -> int | None:
        """high - low of the narrowest area-day asked for; None where none was."""
        widths = (self.high - self.low)[self.cells]
        return int(widths.min()) if len(widths) else None

    @property
    def waiting_narrow(self) -> int:
        """How many sums of open windows are given away."""
        return int(self.thin_waiting.sum())

    @property
    def areas(self) -> Flags:
        """(areas,) where something narrow lies."""
        return self.thin.any(axis=0) | self.thin_waiting

    @property
    def methods(self) -> dict[str, int]:
        """How many intervals were found in which way."""
        return by_method(np.concatenate([self.method[0][self.cells], self.method[1][self.waiting]]))

    def looked_again(self, deeper: "Attacked") -> "Attacked":
        """What was thin, as another attack found it that asked for nothing else; what was wide stays wide."""
        return replace(
            deeper,
            cells=self.cells,
            waiting=self.waiting,
            low=np.where(self.thin, deeper.low, self.low),
            high=np.where(self.thin, deeper.high, self.high),
            method=(
                np.where(self.thin, deeper.method[0], self.method[0]),
                np.where(self.thin_waiting, deeper.method[1], self.method[1]),
            ),
        )


def attack_district(
    blocks: Blocks,
    counts: Integers,
    *,
    k: int,
    since: int = 0,
    width: int | None = None,
    asked: Flags | None = None,
    frozen: bool = False,
) -> Attacked:
    """One measure by itself: see attack_together."""
    (seen,) = attack_together([Side(blocks, counts, since, asked)], k=k, width=width, frozen=frozen)
    return seen


def attack_together(
    sides: Sequence[Side],
    *,
    k: int,
    width: int | None = None,
    frozen: bool = False,
    within: Sequence[tuple[int, int]] = (),
    seconds: float = 10.0,
) -> tuple[Attacked, ...]:
    """Where nothing is known or asked of sums: see attack."""
    return attack(sides, k=k, width=width, frozen=frozen, within=within, seconds=seconds)[0]


def attack(
    sides: Sequence[Side],
    *,
    k: int,
    width: int | None = None,
    frozen: bool = False,
    within: Sequence[tuple[int, int]] = (),
    sums: Sequence[Sum] = (),
    seconds: float = 10.0,
) -> tuple[tuple[Attacked, ...], SumsAttacked]:
    """Every small area-day of a district, and every small open window: how narrowly can it be placed?

    sides  : the measures, over the same days and areas; of several districts where `sums` tie them together
    within : (inner, outer) sides: everyone knows that inner's count of an area and day is at most outer's. Where the
             truth itself breaks that (a result corrected later), the attacker is not told so
    sums   : what is known of several days, areas or districts together, and which of it is asked for
    width  : what is wide enough; None: k - 1
    frozen : let no sum of an open window move either. A cell that is wide even so stays wide whatever is published
             later, for the two tables that show it differ in nothing that a later window could add up

    Knowledge of the rule: an open window holds fewer than k; a closed one held fewer than k on the day before it
    closed, or k and more where the ledger says that it waited. Raises NotUnderstood where the ledger contradicts
    the truth, LedgerBroken where `since` cuts a district window, CertificateRefused where the solver fails.
    """
    enough = k - 1 if width is None else width
    still = [frozen or side.frozen for side in sides]
    made = [
        window_system(
            side.blocks,
            side.counts,
            k=k if side.k_of is None else side.k_of,
            since=side.since,
            frozen=frozen,
        )
        for side, frozen in zip(sides, still, strict=True)
    ]
    targets = [
        _targets(side, truth, k=k, frozen=frozen) for side, frozen, (_, truth) in zip(sides, still, made, strict=True)
    ]
    systems = [_tightened(one) if within else one for one, _ in made]
    systems = _beside(sides, systems, within)
    coupling = _coupling(sides, systems, within)
    counts = [side.counts for side in sides]
    questions = [one for one in sums if one.ask]
    asked = np.concatenate(
        [
            *(
                np.concatenate([cells[side.since :].ravel(), waiting])
                for side, (cells, waiting) in zip(sides, targets, strict=True)
            ),
            np.ones(len(questions), dtype=np.bool_),
        ]
    )
    truth = np.concatenate(
        [*(truth for _, truth in made), np.array([one.truth(counts) for one in questions], dtype=np.int64)]
    )
    begins = np.cumsum([0, *(one.atoms for one in systems)]).tolist()
    since = [side.since for side in sides]
    system = with_sums(_joined(systems, coupling), sums, counts=counts, since=since, begins=begins)
    result = by_exchange(system, targets=asked, truth=truth, enough=enough)
    left = asked & ~result.wide
    if left.any():
        more = intervals(system, targets=left, truth=truth, enough=enough, seconds=seconds)
        result = result.with_more(more, left)
    out: list[Attacked] = []
    begin = 0
    for side, (cells, waiting), (one, _) in zip(sides, targets, made, strict=True):
        out.append(_read(side, cells, waiting, result, slice(begin, begin + one.atoms), enough=enough))
        begin += one.atoms
    end = slice(begin, begin + len(questions))
    thin = (result.width[end] < enough) | result.contradicted[end]
    return tuple(out), SumsAttacked(result.width[end], thin, result.method[end])


def _targets(side: Side, truth: Integers, *, k: int, frozen: bool) -> tuple[Flags, Flags]:
    """Small area-days asked for, and small open windows."""
    cells = (side.counts >= 1) & (side.counts < k)
    cells[-1] |= side.ahead
    if side.asked is not None:
        cells &= side.asked
    cells[: side.since] = False
    waiting = truth[-side.counts.shape[1] :]
    small = (waiting >= 1) & (waiting < k) & (not frozen)
    return cells, small if side.open is None else small & side.open


def _read(side: Side, cells: Flags, waiting: Flags, result: Intervals, mine: slice, *, enough: int) -> Attacked:
    """This side's part of the result."""
    areas = side.counts.shape[1]
    inside = (len(side.counts) - side.since) * areas
    low, high, method = side.counts.copy(), side.counts.copy(), np.zeros_like(side.counts)
    low[side.since :] = result.low[mine][:inside].reshape(-1, areas)
    high[side.since :] = result.high[mine][:inside].reshape(-1, areas)
    method[side.since :] = result.method[mine][:inside].reshape(-1, areas)
    thin = cells & (high - low < enough)
    thin[side.since :] |= cells[side.since :] & result.contradicted[mine][:inside].reshape(-1, areas)
    return Attacked(
        cells=cells,
        waiting=waiting,
        low=low,
        high=high,
        thin=thin,
        thin_waiting=waiting & (result.width[mine][inside:] < enough),
        method=(method, result.method[mine][inside:]),
        result=result,
    )


def _joined(systems: Sequence[System], coupling: tuple[Integers, Integers] | None) -> System:
    """Systems side by side, and rows that say: the first atom's count is at most the second's."""
    if len(systems) == 1 and coupling is None:
        return systems[0]
    matrix = sp.block_diag([one.matrix for one in systems], format="csr")
    row_low = np.concatenate([one.row_low for one in systems])
    row_high = np.concatenate([one.row_high for one in systems])
    if coupling is not None:
        inner, outer = coupling
        rows = np.arange(len(inner), dtype=np.int64)
        more = sp.coo_array(
            (
                np.concatenate([-np.ones_like(inner), np.ones_like(outer)]),
                (np.concatenate([rows, rows]), np.concatenate([inner, outer])),
            ),
            shape=(len(inner), matrix.shape[1]),
        )
        matrix = sp.vstack([matrix, more.tocsr()], format="csr")
        row_low = np.concatenate([row_low, np.zeros_like(inner)])
        row_high = np.concatenate([row_high, np.full_like(inner, NO_BOUND)])
    return System(
        matrix=sp.csr_array(matrix),
        row_low=row_low,
        row_high=row_high,
        low=np.concatenate([one.low for one in systems]),
        high=np.concatenate([one.high for one in systems]),
    )


def _tightened(system: System) -> System:
    """With the bounds that its own rows give."""
    bounds = propagate(system)
    return replace(system, low=bounds.low, high=bounds.high)


def _beside(sides: Sequence[Side], systems: Sequence[System], within: Sequence[tuple[int, int]]) -> Sequence[System]:
    """With the bounds that a day of one measure, which stands as it is, gives to the other that may move."""
    out = list(systems)
    for inner, outer in within:
        one, other = sides[inner], sides[outer]
        free, fixed = (inner, outer) if one.since < other.since else (outer, inner)
        days = slice(sides[free].since, min(sides[fixed].since, len(one.counts)))
        told = slice(0, max(days.stop - days.start, 0) * one.counts.shape[1])
        if told.stop == 0:
            continue
        honest = (one.counts[days] <= other.counts[days]).ravel()
        stands = sides[fixed].counts[days].ravel()
        low, high = out[free].low.copy(), out[free].high.copy()
        if free == inner:
            high[told] = np.where(honest, np.minimum(high[told], stands), high[told])
        else:
            low[told] = np.where(honest, np.maximum(low[told], stands), low[told])
        out[free] = replace(out[free], low=low, high=high)
    return out


def _coupling(
    sides: Sequence[Side], systems: Sequence[System], within: Sequence[tuple[int, int]]
) -> tuple[Integers, Integers] | None:
    """Pairs of atoms (inner, outer) where knowing inner <= outer could tell anything; None where it nowhere does.

    systems : tightened by their own rows
    """
    offsets = np.cumsum([0, *(one.atoms for one in systems)])
    inners: list[Integers] = []
    outers: list[Integers] = []
    for inner, outer in within:
        one, other = sides[inner], sides[outer]
        areas = one.counts.shape[1]
        since = max(one.since, other.since)
        days = len(one.counts) - since
        if days <= 0:
            continue
        most = systems[inner].high[(since - one.since) * areas :][: days * areas]
        least = systems[outer].low[(since - other.since) * areas :][: days * areas]
        honest = (one.counts[since:] <= other.counts[since:]).ravel()
        which = np.flatnonzero((most > least) & honest)
        inners.append(which + offsets[inner] + (since - one.since) * areas)
        outers.append(which + offsets[outer] + (since - other.since) * areas)
    if not sum(len(one) for one in inners):
        return None
    return np.concatenate(inners), np.concatenate(outers)
