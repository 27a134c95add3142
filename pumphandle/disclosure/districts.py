"""A day of every district: arrays of what moved, the gate's decision, and what to remember.

Districts share nothing, because each one's exact total is public: a nation is as many small problems.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from pumphandle.disclosure import keeping, margins
from pumphandle.disclosure.gate import Arrivals, Gate, Outcome, Watched, decide_together, wait, watch, withdrawn
from pumphandle.disclosure.lots import rests
from pumphandle.disclosure.margins import Margins
from pumphandle.disclosure.residual import Flags, Integers
from pumphandle.disclosure.rules import Rule
from pumphandle.disclosure.windows import MEASURES, Moved
from pumphandle.vocabulary.errors import LedgerBroken

WITHIN: Final = ((0, 1),)
"""Who was found positive was tested: everyone knows that an area's cases of a day are at most its tests."""


Merged = Mapping[tuple[str, str], frozenset[str]]
"""(node, measure) that is told only with neighbours -> the neighbours, in the same district."""
NOTHING_MERGED: Final[Merged] = {}


@dataclass(frozen=True)
class Ground:
    """What does not move: nodes and people are public.

    nodes    : publication node by small area
    district : by node
    people   : residents of each node; None where they are not known, which is fewer than any floor
    start    : first day of the ledger
    above    : by district, the places it lies in, the nearest first
    """

    nodes: Mapping[str, str]
    district: Mapping[str, str]
    people: Mapping[str, int | None]
    start: date
    above: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def by_district(self) -> dict[str, tuple[str, ...]]:
        """Nodes of each district, both in order of code."""
        out: dict[str, list[str]] = {}
        for node in sorted(self.district):
            out.setdefault(self.district[node], []).append(node)
        return {district: tuple(out[district]) for district in sorted(out)}

    def inside(self) -> dict[str, frozenset[str]]:
        """By node and by district, every place it lies in."""
        found = {district: frozenset(above) for district, above in self.above.items()}
        return found | {node: found.get(one, frozenset()) | {one} for node, one in self.district.items()}

    def day(self, day: date) -> int:
        return (day - self.start).days

    def date(self, day: int) -> date:
        return self.start + timedelta(days=day)


@dataclass(frozen=True)
class Memory:
    """One district between days; `sides` and `margins` in order of MEASURES. rule : k and h that it was kept under."""

    nodes: tuple[str, ...]
    rule: tuple[int, int]
    sides: tuple[Watched, ...] = field(repr=False)
    margins: tuple[Margins, ...] = field(repr=False)


@dataclass(frozen=True)
class Day:
    """What one district does today. outcome : None where everything waits."""

    memory: Memory
    outcome: Outcome | None = field(repr=False)


def remembered(ground: Ground, kept: Mapping[str, Memory], *, rule: Rule) -> dict[str, Memory]:
    """Every district's memory. Raises LedgerBroken where the nodes are not those of the ledger."""
    out: dict[str, Memory] = {}
    for district, nodes in ground.by_district().items():
        memory = kept.get(district) or _begun(nodes, rule=rule)
        if memory.nodes != nodes:
            raise LedgerBroken(
                f"District {district} has other publication nodes than its ledger. Nothing is published: load the "
                "nation that the ledger was begun with."
            )
        out[district] = _under(memory, rule)
    return out


def _begun(nodes: tuple[str, ...], *, rule: Rule) -> Memory:
    """A district before the ledger's first day."""
    return Memory(
        nodes=nodes,
        rule=(rule.k_persons, rule.h_households),
        sides=tuple(watch(len(nodes), k=rule.k_persons) for _ in MEASURES),
        margins=tuple(Margins(0, {}) for _ in MEASURES),
    )


def _under(memory: Memory, rule: Rule) -> Memory:
    """Under another rule: what was told stays told, and nobody who waited so far vouches for a group."""
    chosen = (rule.k_persons, rule.h_households)
    if memory.rule == chosen:
        return memory
    return replace(
        memory,
        rule=chosen,
        sides=tuple(_anew(side, rule.k_persons) for side in memory.sides),
        margins=tuple(margins.unknown(one) for one in memory.margins),
    )


def _anew(side: Watched, k: int) -> Watched:
    district, live = side.district, side.live
    none = np.array([[1], [0]], dtype=np.int64)
    return Watched(
        replace(
            district,
            k=k,
            pending=district.pending * none,
            waiting=district.waiting * none[:, 0],
            left=district.left * none,
        ),
        replace(live, sealed=np.ones_like(live.sealed)),
    )


@dataclass(frozen=True)
class Movements:
    """A day's movements by (district, measure); see `movements`.

    arrivals : counts, heads, may close, each (areas,)
    taken    : (day, area, how many) and heads (areas,)
    bands    : what arrived and what was taken back, by band
    """

    arrivals: Mapping[tuple[str, str], tuple[Integers, Integers, Flags]] = field(repr=False)
    taken: Mapping[tuple[str, str], tuple[list[tuple[int, int, int]], Integers]] = field(repr=False)
    bands: Mapping[tuple[str, str], Mapping[tuple[str, str], margins.Band]] = field(repr=False)
    taken_bands: Mapping[tuple[str, str], Mapping[tuple[str, str], margins.Band]] = field(repr=False)


def movements(moved: Moved, standing: pl.DataFrame, ground: Ground, *, rule: Rule) -> Movements:
    """standing : windows.standing of what waits after the movements."""
    districts = ground.by_district()
    place = {node: (district, at) for district, nodes in districts.items() for at, node in enumerate(nodes)}
    arrivals = {
        (district, measure): (_zeros(nodes), _zeros(nodes), _zeros(nodes) > 0)
        for district, nodes in districts.items()
        for measure in MEASURES
    }
    sums = moved.arrived.group_by("node", "measure").agg(pl.len(), pl.col("heads").sum())
    for node, measure, count, heads in sums.iter_rows():
        district, at = place[node]
        arrivals[district, measure][0][at], arrivals[district, measure][1][at] = count, heads
    enough = standing.filter(
        (pl.col("persons") >= rule.k_persons)
        & (pl.col("households") >= rule.h_households)
        & pl.col("measure").is_in(MEASURES)
    )
    for node, measure in enough.select("node", "measure").iter_rows():
        if (ground.people.get(node) or 0) >= rule.population_floor:
            district, at = place[node]
            arrivals[district, measure][2][at] = True
    taken: dict[tuple[str, str], tuple[list[tuple[int, int, int]], Integers]] = {}
    back = moved.taken.group_by("node", "measure", "report_date").agg(pl.len(), pl.col("heads").sum())
    for node, measure, day, count, heads in back.sort("node", "measure", "report_date").iter_rows():
        district, at = place[node]
        gone, vouched = taken.setdefault((district, measure), ([], _zeros(districts[district])))
        gone.append((ground.day(day), at, count))
        vouched[at] += heads
    return Movements(
        arrivals=arrivals,
        taken=taken,
        bands=margins.daily(moved.arrived, rule=rule),
        taken_bands=margins.daily(moved.taken, rule=rule),
    )


def day_of(
    district: str,
    memory: Memory,
    moves: Movements,
    *,
    day: int,
    at: date,
    rule: Rule,
    held: frozenset[tuple[str, str]],
    merged: Merged,
    lots: bytes,
    deciding: bool,
) -> Day:
    """One district's day; days since the last one on which nothing was run pass with nothing arriving.

    day, at  : day of the ledger, and its date
    held     : (node, measure) whose window stays open. Their district's window waits with them: it, less the blocks
               that do close, would tell the held number
    merged   : (node, measure) that is told only with neighbours -> which
    lots     : what is drawn with, see lots.rests
    deciding : False: what arrived joins what waits, and nothing closes

    Raises LedgerBroken for a day that is sealed, CertificateRefused where the solver fails.
    """
    memory = _passed(memory, day)
    memory = _taken_back(district, memory, moves)
    today = [_arrivals(district, measure, memory.nodes, moves, held, merged) for measure in MEASURES]
    marginal = tuple(
        margins.add(one, moves.bands.get((district, measure), {}), rule=rule)
        for one, measure in zip(memory.margins, MEASURES, strict=True)
    )
    if not deciding:
        sides = tuple(wait(side, arrived, day=day) for side, arrived in zip(memory.sides, today, strict=True))
        return Day(replace(memory, sides=sides, margins=marginal), None)
    gate = Gate(within=WITHIN, pool_after=rule.pool_days)
    outcome = decide_together(memory.sides, _rested(today, lots, district, at, rule), day=day, gate=gate)
    sides = tuple(side.watched for side in outcome.sides)
    return Day(replace(memory, sides=sides, margins=marginal), outcome)


def _rested(today: Sequence[Arrivals], lots: bytes, district: str, at: date, rule: Rule) -> list[Arrivals]:
    """The district's own windows stay open where a hold stands, and where the lot says so."""
    return [
        replace(arrived, total_may_close=False)
        if rests(lots, district, measure, at, percent=rule.rest_percent)
        else arrived
        for arrived, measure in zip(today, MEASURES, strict=True)
    ]


def _passed(memory: Memory, day: int) -> Memory:
    """Days on which nothing was run."""
    sides = list(memory.sides)
    for at, side in enumerate(sides):
        for missed in range(side.district.day, day):
            sides[at] = wait(sides[at], Arrivals(_zeros(memory.nodes)), day=missed)
    return replace(memory, sides=tuple(sides))


def _taken_back(district: str, memory: Memory, moves: Movements) -> Memory:
    sides, marginal = list(memory.sides), list(memory.margins)
    for at, measure in enumerate(MEASURES):
        if (district, measure) in moves.taken:
            gone, heads = moves.taken[district, measure]
            sides[at] = withdrawn(sides[at], gone, heads)
            marginal[at] = margins.subtract(marginal[at], moves.taken_bands[district, measure])
    return replace(memory, sides=tuple(sides), margins=tuple(marginal))


def _arrivals(
    district: str,
    measure: str,
    nodes: Sequence[str],
    moves: Movements,
    held: frozenset[tuple[str, str]],
    merged: Merged,
) -> Arrivals:
    counts, heads, ready = moves.arrivals[district, measure]
    still = np.array([(node, measure) in held for node in nodes], dtype=np.bool_)
    beside = {
        at: np.array([other in merged[node, measure] for other in nodes], dtype=np.bool_)
        for at, node in enumerate(nodes)
        if (node, measure) in merged
    }
    return Arrivals(counts, heads, ready & ~still, not bool(still.any()), beside)


def _zeros(nodes: Sequence[str]) -> Integers:
    return np.zeros(len(nodes), dtype=np.int64)


def as_data(memory: Memory) -> dict[str, Any]:
    """For the inner shelf."""
    return {
        "nodes": list(memory.nodes),
        "rule": list(memory.rule),
        "sides": [keeping.as_data(side) for side in memory.sides],
        "margins": [margins.as_data(one) for one in memory.margins],
    }


def from_data(data: Mapping[str, Any]) -> Memory:
    """As `as_data` kept it."""
    k, h = data["rule"]
    return Memory(
        nodes=tuple(data["nodes"]),
        rule=(int(k), int(h)),
        sides=tuple(keeping.from_data(side) for side in data["sides"]),
        margins=tuple(margins.from_data(one) for one in data["margins"]),
    )
