"""A history of records, decided day by day: what a data frame holds, district by district."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Protocol, runtime_checkable

import numpy as np
import polars as pl

from pumphandle.disclosure.gate import Decided, Watched, decide, watch
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


def decided(told: History, *, k: int, h: int) -> Iterator[Outcome]:
    """Every district, in order of code."""
    for name in sorted(told.areas):
        yield _district(told, name, k=k, h=h)


def _district(told: History, name: str, *, k: int, h: int) -> Outcome:
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
        ready = windows.ready(today)
        outcome: Decided = decide(watched, counts[at], day=at, may_close=ready, total_may_close=windows.total_ready())
        watched, closing = outcome.watched, outcome.closing
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


class _Windows:
    """Persons and households in each open window of a district."""

    def __init__(self, records: pl.DataFrame, codes: list[str], *, k: int, h: int) -> None:
        self._k, self._h = k, h
        place = {code: at for at, code in enumerate(codes)}
        self._persons: list[set[object]] = [set() for _ in codes]
        self._households: list[set[object]] = [set() for _ in codes]
        self._of_total: tuple[set[object], set[object]] = set(), set()
        self._came: dict[date, list[tuple[int, object, object]]] = {}
        for code, came, person, household in records.select("area", "day", "person", "household").iter_rows():
            self._came.setdefault(came, []).append((place[code], person, household))

    def ready(self, today: date) -> Flags:
        """Which windows hold enough of both, once today's records have joined them."""
        for at, person, household in self._came.get(today, []):
            self._persons[at].add(person)
            self._households[at].add(household)
            self._of_total[0].add(person)
            self._of_total[1].add(household)
        return np.array(
            [
                len(persons) >= self._k and len(households) >= self._h
                for persons, households in zip(self._persons, self._households, strict=True)
            ],
            dtype=np.bool_,
        )

    def total_ready(self) -> bool:
        """Whether the district's own window holds enough of both: a total of one family is a statement about it too."""
        persons, households = self._of_total
        return len(persons) >= self._k and len(households) >= self._h

    def close(self, areas: Flags, *, total: bool) -> None:
        if total:
            self._of_total = set(), set()
        for at in np.flatnonzero(areas).tolist():
            self._persons[at], self._households[at] = set(), set()


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
