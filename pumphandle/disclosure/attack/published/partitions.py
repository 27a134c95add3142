"""Two maps of the same residents: where their borders cross, pieces fall out that nobody published."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from pumphandle.disclosure.attack.equations import NO_BOUND, Flags, Integers, incidence
from pumphandle.disclosure.attack.intervals import intervals
from pumphandle.disclosure.attack.layout import require
from pumphandle.disclosure.attack.published.finding import AREA, VALUE, Finding
from pumphandle.disclosure.attack.unions import Closure
from pumphandle.vocabulary.errors import NotUnderstood

ONE, OTHER = "one", "other"


@dataclass(frozen=True)
class Crossed:
    """Zones of two maps that hang together by shown values, and their pieces.

    values, others : (zones of the one map,), (of the other) published persons
    pieces         : (zones, others) whether residents can lie in both
    loose, stray   : zones of the one map, of the other, that reach into a zone whose value is hidden
    """

    values: Integers = field(repr=False)
    others: Integers = field(repr=False)
    pieces: Flags = field(repr=False)
    loose: Flags = field(repr=False)
    stray: Flags = field(repr=False)


def attack_partitions(pieces: pl.DataFrame, one: pl.DataFrame, other: pl.DataFrame, *, k: int = 5) -> Finding:
    """Published counts of the same persons on two maps, such as before and after a change of boundaries.

    pieces : one, other: a line for each pair of zones that share residents (a correspondence table)
    one, other : area, value (null = hidden), a line for each zone of the one map and of the other
    k      : groups of 1 .. k - 1 persons point at them

    Each piece's interval is exact (a transportation polytope is totally unimodular). A group is any sum of pieces
    that follows by subtraction; the smallest that holds a given piece is one minimum cut. Raises NotUnderstood for a
    zone that occurs twice.
    """
    require(pieces, ONE, OTHER)
    for zones in (one, other):
        require(zones, AREA, VALUE)
        if zones[AREA].is_duplicated().any():
            raise NotUnderstood("A map holds one zone twice. Give one release of each map.")
    drawn = pieces.select(ONE, OTHER).unique().sort(ONE, OTHER).with_row_index("piece")
    exact, few_pieces, contradicted = _intervals(drawn, one, other, k=k)
    derived = cuts = 0
    smallest: int | None = None
    for crossed in _components(drawn, one, other):
        found, solved, least = _groups(crossed, k=k)
        derived += found
        cuts += solved
        smallest = least if smallest is None else smallest if least is None else min(smallest, least)
    return Finding(
        attack="two maps of the same people",
        figures=(
            ("pieces", drawn.height),
            ("pieces whose count is exact", exact),
            ("small and exact", few_pieces),
            ("pieces of zones that contradict each other", contradicted),
            (f"pieces in a group of 1 to {k - 1} that subtraction gives", derived),
            ("persons of the smallest such group", smallest or 0),
            ("cuts", cuts),
        ),
        sentence=f"{derived:,} of {drawn.height:,} pieces lie in a group of 1 to {k - 1} persons that nobody published "
        "and anyone can subtract out.",
    )


def _intervals(drawn: pl.DataFrame, one: pl.DataFrame, other: pl.DataFrame, *, k: int) -> tuple[int, int, int]:
    """Pieces that are exact, of them those of 1 .. k - 1, and pieces that no table fits."""
    rows: list[Integers] = []
    atoms: list[Integers] = []
    values: list[Integers] = []
    count = 0
    for column, zones in ((ONE, one), (OTHER, other)):
        shown = zones.drop_nulls(VALUE).select(pl.col(AREA).alias(column), VALUE).with_row_index("row")
        met = drawn.join(shown, on=column)
        rows.append(met["row"].cast(pl.Int64).to_numpy() + count)
        atoms.append(met["piece"].cast(pl.Int64).to_numpy())
        values.append(shown[VALUE].cast(pl.Int64).to_numpy())
        count += shown.height
    held = np.concatenate(values)
    size = drawn.height
    found = intervals(
        incidence(
            np.concatenate(rows),
            np.concatenate(atoms),
            row_low=held,
            row_high=held,
            low=np.zeros(size, dtype=np.int64),
            high=np.full(size, NO_BOUND, dtype=np.int64),
        )
    )
    few = found.exact & (found.low >= 1) & (found.low < k)
    return int(found.exact.sum()), int(few.sum()), int(found.contradicted.sum())


def _components(drawn: pl.DataFrame, one: pl.DataFrame, other: pl.DataFrame) -> Iterator[Crossed]:
    """Zones with a shown value on both sides, part by part (diffman's decomposition)."""
    lines = drawn.join(one.select(pl.col(AREA).alias(ONE), here=VALUE), on=ONE, how="left").join(
        other.select(pl.col(AREA).alias(OTHER), there=VALUE), on=OTHER, how="left"
    )
    both = lines.drop_nulls(["here", "there"]).with_columns(
        row=pl.col(ONE).rank("dense").cast(pl.Int64) - 1, column=pl.col(OTHER).rank("dense").cast(pl.Int64) - 1
    )
    yield from _alone(lines, both)
    if both.is_empty():
        return
    loose = set(lines.filter(pl.col("there").is_null())[ONE].to_list())
    stray = set(lines.filter(pl.col("here").is_null())[OTHER].to_list())
    height, width = both["row"].n_unique(), both["column"].n_unique()
    row, column = both["row"].to_numpy(), both["column"].to_numpy()
    ends = (row, column + height)
    graph = sp.coo_array((np.ones(len(row)), ends), shape=(height + width, height + width))
    _, label = connected_components(graph.tocsr(), directed=False)
    for part in both.with_columns(part=pl.Series(label[row])).partition_by("part", maintain_order=True):
        zones = part.unique(ONE, maintain_order=True).sort(ONE)
        others = part.unique(OTHER, maintain_order=True).sort(OTHER)
        touching = np.zeros((zones.height, others.height), dtype=np.bool_)
        at = part[ONE].rank("dense").cast(pl.Int64).to_numpy() - 1
        of = part[OTHER].rank("dense").cast(pl.Int64).to_numpy() - 1
        touching[at, of] = True
        yield Crossed(
            values=zones["here"].cast(pl.Int64).to_numpy(),
            others=others["there"].cast(pl.Int64).to_numpy(),
            pieces=touching,
            loose=np.array([code in loose for code in zones[ONE].to_list()]),
            stray=np.array([code in stray for code in others[OTHER].to_list()]),
        )


def _alone(lines: pl.DataFrame, both: pl.DataFrame) -> Iterator[Crossed]:
    """Zones that only meet zones whose value is hidden: all that is known of their pieces is their sum."""
    none, yes = np.zeros(0, dtype=np.int64), np.ones(1, dtype=np.bool_)
    for zone, value in ((ONE, "here"), (OTHER, "there")):
        shown = lines.filter(pl.col(value).is_not_null() & ~pl.col(zone).is_in(both[zone].to_list()))
        for persons in shown.unique(zone, maintain_order=True)[value].cast(pl.Int64).to_list():
            one = np.array([persons], dtype=np.int64)
            if zone == ONE:
                yield Crossed(one, none, np.zeros((1, 0), dtype=np.bool_), loose=yes, stray=yes[:0])
            else:
                yield Crossed(none, one, np.zeros((0, 1), dtype=np.bool_), loose=yes[:0], stray=yes)


def _groups(crossed: Crossed, *, k: int) -> tuple[int, int, int | None]:
    """Pieces in a derivable group of 1 .. k - 1, cuts solved, and the smallest such group."""
    touch = np.zeros((len(crossed.values) + 1, len(crossed.others) + 1), dtype=np.bool_)
    touch[:-1, :-1] = crossed.pieces
    touch[:-1, -1], touch[-1, :-1] = crossed.loose, crossed.stray
    found: set[tuple[int, int]] = set()
    cuts = 0
    least: int | None = None
    for turned in (False, True):
        grid = touch.T if turned else touch
        blocks, totals = (crossed.others, crossed.values) if turned else (crossed.values, crossed.others)
        network = Closure(blocks, totals, grid)
        for total in range(len(totals)):
            for block in [*np.flatnonzero(grid[:-1, total]).tolist(), *([None] if grid[-1, total] else [])]:
                cuts += 1
                persons = network.least(total=total, left_out=block)
                if 1 <= persons < k:
                    inner = len(blocks) if block is None else block
                    found.add((total, inner) if turned else (inner, total))
                    least = persons if least is None else min(least, persons)
    return len(found), cuts, least
