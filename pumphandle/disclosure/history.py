"""A history of records, decided day by day: what a data frame holds, district by district."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Protocol, runtime_checkable

import numpy as np
import polars as pl

from pumphandle.disclosure.gate import Arrivals, Gate, Watched, decide_together, watch
from pumphandle.disclosure.heads import most_of_a_household
from pumphandle.disclosure.lots import rests
from pumphandle.disclosure.residual import Flags, Integers
from pumphandle.vocabulary.errors import NotUnderstood

BLOCKS = {"area": pl.String, "first_day": pl.Date, "last_day": pl.Date, "value": pl.Int64}
TOTALS = {"district": pl.String, "first_day": pl.Date, "last_day": pl.Date, "value": pl.Int64}
WAITING = {"area": pl.String, "since": pl.Date, "records": pl.Int64}
ONE_DISTRICT = "all"


@runtime_checkable
class ByArrow(Protocol):
    """A frame of another library that hands its columns over by Arrow's C stream."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


PlainFrame = pl.DataFrame | ByArrow | Mapping[str, Sequence[object]]


@dataclass(frozen=True)
class Columns:
    """Which column of a frame holds what; None: the frame does not say."""

    area: str
    day: str
    household: str | None = None
    person: str | None = None
    district: str | None = None


@dataclass(frozen=True)
class History:
    """records : area, day, person, household, district; areas : of each district, in order of code."""

    records: pl.DataFrame = field(repr=False)
    areas: Mapping[str, list[str]] = field(repr=False)
    first: date
    days: int

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    def of(self, district: str) -> pl.DataFrame:
        return self.records.filter(pl.col("district") == district)

    def grid(self, district: str) -> Integers:
        """(days, areas) records."""
        codes = self.areas[district]
        grid = np.zeros((self.days, len(codes)), dtype=np.int64)
        place = {code: at for at, code in enumerate(codes)}
        for code, came, count in self.of(district).group_by("area", "day").len().iter_rows():
            grid[(came - self.first).days, place[code]] = count
        return grid


@dataclass(frozen=True)
class Outcome:
    """One district: blocks (BLOCKS), totals (TOTALS), waiting (WAITING, never to be shown)."""

    blocks: pl.DataFrame
    totals: pl.DataFrame
    waiting: pl.DataFrame = field(repr=False)
    narrowest: int | None
    linear_programs: int


def history(frame: PlainFrame, columns: Columns, *, areas: Mapping[str, str] | None, until: date | None) -> History:
    """Raises NotUnderstood for what is missing, empty, no day, after `until`, or in two districts."""
    records = _records(polars_frame(frame), columns)
    home = _home(records, areas, told=columns.district is not None)
    records = records.with_columns(district=pl.col("area").replace_strict(home, return_dtype=pl.String))
    days = records["day"].to_list()
    first, last = min(days), until or max(days)
    if max(days) > last:
        raise NotUnderstood(f"There are records after {last}, the last day to decide. Leave them out.")
    codes = {name: sorted(code for code, district in home.items() if district == name) for name in home.values()}
    return History(records, codes, first, (last - first).days + 1)


def decided(told: History, *, k: int, h: int, lots: bytes, rest_percent: int) -> Iterator[Outcome]:
    """Every district, in order of code. lots, rest_percent : see lots.rests"""
    for name in sorted(told.areas):
        resting = frozenset(
            at
            for at in range(told.days)
            if rests(lots, name, "all", told.first + timedelta(days=at), percent=rest_percent)
        )
        yield _district(told, name, k=k, h=h, resting=resting)


def _district(told: History, name: str, *, k: int, h: int, resting: frozenset[int]) -> Outcome:
    codes, first = told.areas[name], told.first
    counts = told.grid(name)
    windows = _Windows(told.of(name), codes, k=k, h=h)
    watched: Watched = watch(len(codes), k=k)
    blocks: list[tuple[str, date, date, int]] = []
    totals: list[tuple[str, date, date, int]] = []
    narrowest: list[int] = []
    programs = 0
    for at in range(told.days):
        today = first + timedelta(days=at)
        heads = windows.arrive(today, since=first + timedelta(days=_oldest(watched)))
        arrivals = Arrivals(
            counts[at],
            heads=heads,
            may_close=windows.ready(),
            total_may_close=windows.total_ready() and at not in resting,
        )
        outcome = decide_together([watched], [arrivals], day=at, gate=Gate())
        watched, closing = outcome.sides[0].watched, outcome.sides[0].closing
        windows.close(closing.areas, total=closing.district is not None)
        for one in np.flatnonzero(closing.areas).tolist():
            began = first + timedelta(days=int(closing.first[one]))
            blocks.append((codes[one], began, today, int(closing.value[one])))
        if closing.district is not None:
            totals.append((name, first + timedelta(days=closing.district[0]), today, closing.district[1]))
        narrowest += [] if outcome.narrowest is None else [outcome.narrowest]
        programs += outcome.linear_programs
    left = watched.district
    waiting = [
        (code, first + timedelta(days=int(start)), int(pending))
        for code, start, pending in zip(codes, left.start, left.pending[0], strict=True)
    ]
    return Outcome(
        pl.DataFrame(blocks, schema=BLOCKS, orient="row"),
        pl.DataFrame(totals, schema=TOTALS, orient="row"),
        pl.DataFrame(waiting, schema=WAITING, orient="row"),
        min(narrowest, default=None),
        programs,
    )


def _oldest(watched: Watched) -> int:
    """The earliest day whose arrivals a group that is not settled yet can hold."""
    district = watched.district
    return int(min(district.first, *district.start.tolist(), *district.edges.tolist()))


class _Windows:
    """Persons and households in each open window of a district, and the heads of what arrived (heads.py)."""

    def __init__(self, records: pl.DataFrame, codes: list[str], *, k: int, h: int) -> None:
        self._k, self._h = k, h
        self._most = most_of_a_household(k, h)
        place = {code: at for at, code in enumerate(codes)}
        self._open: list[list[tuple[object, object]]] = [[] for _ in codes]
        self._of_total: list[tuple[object, object]] = []
        self._heads: list[tuple[date, object, object]] = []
        self._came: dict[date, list[tuple[int, object, object]]] = {}
        for code, came, person, household in records.select("area", "day", "person", "household").iter_rows():
            self._came.setdefault(came, []).append((place[code], person, household))

    def arrive(self, today: date, *, since: date) -> Integers:
        """(areas,) heads of today's records, beside those that an unsettled group can hold: of `since` and later."""
        self._heads = [one for one in self._heads if one[0] >= since]
        persons = {person for _, person, _ in self._heads}
        households = Counter(household for _, _, household in self._heads)
        heads = np.zeros(len(self._open), dtype=np.int64)
        for at, person, household in sorted(self._came.get(today, []), key=repr):  # whatever the order of the lines
            self._open[at].append((person, household))
            self._of_total.append((person, household))
            if person not in persons and households[household] < self._most:
                persons.add(person)
                households[household] += 1
                self._heads.append((today, person, household))
                heads[at] += 1
        return heads

    def ready(self) -> Flags:
        """Which windows hold enough persons in enough households."""
        return np.array([self._enough(held) for held in self._open], dtype=np.bool_)

    def total_ready(self) -> bool:
        """Whether the district's own window does: a total of one family is a statement about it too."""
        return self._enough(self._of_total)

    def close(self, areas: Flags, *, total: bool) -> None:
        for at in np.flatnonzero(areas).tolist():
            self._open[at] = []
        if total:
            self._of_total = []

    def _enough(self, held: list[tuple[object, object]]) -> bool:
        return len({one for one, _ in held}) >= self._k and len({one for _, one in held}) >= self._h


def polars_frame(frame: PlainFrame) -> pl.DataFrame:
    """The frame itself, or a Polars frame of the same columns."""
    return frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(frame)


def _records(frame: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """area, day, person, household, district of every record. A missing value is refused: nothing is guessed."""
    used = {ours: theirs for ours, theirs in asdict(columns).items() if theirs is not None}
    missing = [theirs for theirs in used.values() if theirs not in frame.columns]
    if missing:
        raise NotUnderstood(f"There is no column {missing[0]}; there are {', '.join(frame.columns)}.")
    if frame.is_empty():
        raise NotUnderstood("There is no record.")
    out = frame.select(**{ours: pl.col(theirs) for ours, theirs in used.items()}).with_row_index("line")
    empty = [theirs for ours, theirs in used.items() if out[ours].null_count()]
    if empty:
        raise NotUnderstood(f"Column {empty[0]} is empty in some lines. Leave those lines out, or say what they are.")
    if not out["day"].dtype.is_temporal():
        out = out.with_columns(pl.col("day").cast(pl.String).str.to_date("%Y-%m-%d", strict=False))
        if out["day"].null_count():
            raise NotUnderstood(f"Column {columns.day} holds something that is no day. Write days as YYYY-MM-DD.")
    return out.with_columns(
        pl.col("area").cast(pl.String),
        pl.col("day").cast(pl.Date),
        **({} if columns.person else {"person": pl.col("line")}),
        **({} if columns.household else {"household": pl.lit(0)}),
        district=pl.col("district").cast(pl.String) if columns.district else pl.lit(ONE_DISTRICT),
    )


def _home(records: pl.DataFrame, areas: Mapping[str, str] | None, *, told: bool) -> dict[str, str]:
    """District by area. Raises NotUnderstood for an area in two districts, or outside those that there are."""
    pairs = records.select("area", "district").unique().sort("area", "district")
    found: dict[str, str] = {} if areas is None else dict(areas)
    for code, name in pairs.iter_rows():
        if areas is not None and code not in areas:
            raise NotUnderstood(f"Area {code} is none of the areas that were named.")
        if (told or areas is None) and found.setdefault(code, name) != name:
            raise NotUnderstood(f"Area {code} lies in two districts, {found[code]} and {name}.")
    return found
