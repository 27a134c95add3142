"""For anyone with a data frame: protect a history of records, audit a table. No database, no nation, no settings.

    from pumphandle.disclosure import plain

    out = plain.protect(records, area="ward", day="reported", household="address", person="person")
    out.blocks, out.totals                       # may be published
    seen = plain.audit(table, value="n", totals={"age": "all", "sex": "all"}, hidden=(1, 4))
    seen.cells.filter("exact")                   # what anyone can work out

Frames are Polars frames, or whatever hands its columns over by Arrow (pandas, PyArrow, DuckDB); answers are Polars.
Tutorial: docs/how-to/protect-and-audit-a-table.md. Methods: docs/methods/publish-once.md, docs/methods/attack.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from pumphandle.disclosure.attack.blocks import BlockFaults, attack_blocks
from pumphandle.disclosure.attack.equations import NO_BOUND
from pumphandle.disclosure.attack.intervals import Method, intervals
from pumphandle.disclosure.attack.ledger import attack_district
from pumphandle.disclosure.attack.published.tables import margins
from pumphandle.disclosure.attack.tables import table
from pumphandle.disclosure.attack.unions import unions_of_runs
from pumphandle.disclosure.attack.windows import Blocks
from pumphandle.disclosure.history import (
    BLOCKS,
    TOTALS,
    WAITING,
    Columns,
    History,
    PlainFrame,
    decided,
    history,
    polars_frame,
)
from pumphandle.vocabulary.errors import LedgerBroken, NotUnderstood


@dataclass(frozen=True)
class Audited:
    """A table under attack.

    cells : the table's rows in their order, and hidden, low, high (null: nothing bounds it), exact, and for hidden
            cells method: propagation, lp_integral, mip, undecided (bounds true but not sharp) or contradicted
    """

    cells: pl.DataFrame
    linear_programs: int
    integer_programs: int

    @property
    def narrowest(self) -> int | None:
        """high - low of the narrowest hidden cell; None where nothing hidden is bounded."""
        width = self.cells.filter(pl.col("hidden")).select((pl.col("high") - pl.col("low")).min()).item()
        return None if width is None else int(width)


@dataclass(frozen=True)
class Published:
    """A history of windows, as it may be published.

    blocks    : area, first_day, last_day, value: every record in exactly one block, each block once, never revised
    totals    : district, first_day, last_day, value: the same records once more, for whole districts
    waiting   : area, since, records: open windows. NOT to be published: counts of 1 .. k - 1 stand here
    until     : the last day decided
    narrowest : high - low of the narrowest small count that was attacked; None where none was
    """

    blocks: pl.DataFrame
    totals: pl.DataFrame
    waiting: pl.DataFrame = field(repr=False)
    until: date
    k: int
    h: int
    narrowest: int | None
    linear_programs: int


@dataclass(frozen=True)
class Withstood:
    """A published history attacked from nothing.

    small    : counts of 1 .. k - 1 by area and day
    narrow   : how many of them, and of small open windows, lie in an interval narrower than k - 1
    smallest : persons of the smallest group of 1 .. k - 1 that subtraction gives; None: there is none
    faults   : blocks, and totals of districts, that are at fault by themselves

    Where a window is told twice or is not true, no table fits: then nothing more is asked, and `small` is 0.
    """

    small: int
    narrow: int
    narrowest: int | None
    smallest: int | None
    faults: tuple[BlockFaults, BlockFaults]

    @property
    def holds(self) -> bool:
        return self.narrow == 0 and self.smallest is None and all(one.none for one in self.faults)


def audit(
    frame: PlainFrame,
    *,
    value: str,
    totals: Mapping[str, str | Mapping[str, str]],
    hidden: tuple[int, int | None] = (0, None),
    cap: str | None = None,
) -> Audited:
    """How narrowly can every hidden cell of a published table be placed, by anyone who can add and subtract?

    frame  : one line a cell, totals are cells too; null = hidden
    value  : column of counts
    totals : the table's other columns. Column -> the code of its total, where all codes add up to that one; or
             column -> {code: code of its total} for a hierarchy; or column -> {} for a column without totals
    hidden : what the publisher's rule lets a hidden cell be, such as (1, 4); None: no upper end
    cap    : column with the most that a cell can hold, such as residents

    Bounds are those of whole tables without a negative count and are exact unless `method` says undecided; where it
    says contradicted, no table fits these numbers and this rule, and nothing is known. Raises
    NotUnderstood for a column that is not there, a cell given twice, or a count that is negative or not whole.
    """
    cells = polars_frame(frame)
    missing = [name for name in (*totals, value) if name not in cells.columns]
    if missing:
        raise NotUnderstood(f"The table has no column {missing[0]}; it has {', '.join(cells.columns)}.")
    named = cells.with_columns(pl.col(list(totals)).cast(pl.String))
    flat = margins(named, {column: code for column, code in totals.items() if isinstance(code, str)})
    parents = {column: flat.get(column, {} if isinstance(code, str) else code) for column, code in totals.items()}
    most = NO_BOUND if hidden[1] is None else hidden[1]
    found = intervals(table(named, parents=parents, value=value, hidden=(hidden[0], most), cap=cap))
    unseen = cells[value].is_null()
    methods = [
        "contradicted" if broken else Method(one).name.lower()
        for one, broken in zip(found.method, found.contradicted, strict=True)
    ]
    attacked = cells.with_columns(
        low=pl.when(pl.Series(~found.contradicted)).then(pl.Series(found.low)),
        high=pl.when(pl.Series(~found.contradicted & (found.high < NO_BOUND))).then(pl.Series(found.high)),
        hidden=unseen,
        exact=pl.Series(found.exact) & unseen,
        method=pl.when(unseen).then(pl.Series(methods, dtype=pl.String)),
    )
    return Audited(attacked, found.linear_programs, found.integer_programs)


def protect(
    frame: PlainFrame,
    *,
    area: str,
    day: str,
    household: str | None = None,
    person: str | None = None,
    district: str | None = None,
    k: int = 5,
    h: int = 2,
    areas: Mapping[str, str] | None = None,
    until: date | None = None,
    earlier: Published | None = None,
    lots: bytes | None = None,
    rest_percent: int = 10,
) -> Published:
    """Decide, day by day, which windows of a history of records may be published, and attack each before it goes out.

    frame     : one line a record; the order of lines does not matter
    day       : column with the day on which a record ARRIVED; a late record counts on the day it came
    household : column; a window needs `h` of them. Without it, say h=1
    person    : column; a window needs `k` of them. Without it every record is a person
    district  : column; exact totals are published for whole districts. Without it all areas are one district
    areas     : area -> district of all areas there are; None: those that occur. Give it where areas can be without
                records, or the first record of an area tells that it was the first
    until     : last day to decide; None: the last that occurs
    earlier   : what was published before; refused if any of it would change
    lots      : a secret of 16 bytes and more, the same for every run: on `rest_percent` of 100 days a district's window
                rests by lot, so that nobody can conclude why one waited. None: none rests, and who replays this program
                can conclude from a total's waiting that somebody waits in an area

    A decision on a day rests on records up to that day, so running again with more days repeats what was published.
    Raises NotUnderstood for missing columns, LedgerBroken where `earlier` would change, CertificateRefused where a
    solver fails: nothing may be published then.
    """
    if household is None and h > 1:
        raise NotUnderstood(f"{h} households cannot be counted without their column. Name it, or say h=1.")
    told = history(frame, Columns(area, day, household, person, district), areas=areas, until=until)
    done = list(decided(told, k=k, h=h, lots=lots or b"", rest_percent=0 if lots is None else rest_percent))
    out = Published(
        blocks=_stacked([one.blocks for one in done], BLOCKS).sort("area", "first_day"),
        totals=_stacked([one.totals for one in done], TOTALS).sort("district", "first_day"),
        waiting=_stacked([one.waiting for one in done], WAITING).sort("area"),
        until=told.last,
        k=k,
        h=h,
        narrowest=min((one.narrowest for one in done if one.narrowest is not None), default=None),
        linear_programs=sum(one.linear_programs for one in done),
    )
    if earlier is not None:
        _refuse_change(earlier, out)
    return out


def attack_published(
    published: Published,
    frame: PlainFrame,
    *,
    area: str,
    day: str,
    household: str | None = None,
    person: str | None = None,
    district: str | None = None,
    areas: Mapping[str, str] | None = None,
    h: int | None = None,
) -> Withstood:
    """Attack a published history from nothing, with the records as the truth and the rule known.

    published : as protect made it; frame and columns : as given to protect
    h         : households that a block must hold; None: as many as protect was asked for, or 1 without their column

    Shares no code with the planner.
    """
    columns = Columns(area, day, household, person, district)
    told = history(frame, columns, areas=areas, until=published.until)
    enough = h if h is not None else published.h if household is not None else 1
    faults = _faults(published, told, h=enough)
    if any(one.reopened or one.untrue for one in faults):
        return Withstood(0, 0, None, None, faults)
    small = narrow = 0
    narrowest: list[int] = []
    groups: list[int] = []
    for name, codes in told.areas.items():
        counts = told.grid(name)
        blocks = _blocks(published, name, codes, told.first)
        seen = attack_district(blocks, counts, k=published.k)
        small += int(seen.cells.sum())
        narrow += seen.narrow + seen.waiting_narrow
        narrowest += [] if seen.narrowest is None else [seen.narrowest]
        spans = np.stack([blocks.area, blocks.first, blocks.last], axis=1)
        few = unions_of_runs(counts, spans, blocks.totals[:, :2], k=published.k)
        groups += [] if few is None else [few]
    return Withstood(small, narrow, min(narrowest, default=None), min(groups, default=None), faults)


def _faults(published: Published, told: History, *, h: int) -> tuple[BlockFaults, BlockFaults]:
    return (
        attack_blocks(
            published.blocks.rename({"area": "place"}),
            told.records.rename({"area": "place"}),
            k=published.k,
            h=h,
        ),
        attack_blocks(
            published.totals.rename({"district": "place"}),
            told.records.rename({"district": "place"}),
            k=published.k,
            h=h,
        ),
    )


def _blocks(published: Published, name: str, codes: list[str], first: date) -> Blocks:
    place = {code: at for at, code in enumerate(codes)}
    windows = [
        (place[code], (begun - first).days, (ended - first).days, value)
        for code, begun, ended, value in published.blocks.iter_rows()
        if code in place
    ]
    totals = [
        ((begun - first).days, (ended - first).days, value)
        for code, begun, ended, value in published.totals.sort("first_day").iter_rows()
        if code == name
    ]
    area, start, end, value = np.array(windows, dtype=np.int64).reshape(-1, 4).T
    return Blocks(area, start, end, value, np.array(totals, dtype=np.int64).reshape(-1, 3))


def _stacked(frames: list[pl.DataFrame], schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    return pl.concat(frames) if frames else pl.DataFrame(schema=dict(schema))


def _refuse_change(earlier: Published, now: Published) -> None:
    for before, after in ((earlier.blocks, now.blocks), (earlier.totals, now.totals)):
        held = after.filter(pl.col("last_day") <= earlier.until)
        if not held.equals(before):
            raise LedgerBroken(
                "What was published before would change. Records count on the day on which they came: give late ones "
                "that day, and leave out none that was there."
            )
