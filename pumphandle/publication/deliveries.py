"""How long deliveries take, as files and answers say it: packages are counted, never people."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from pumphandle.governance.receipt_clock import LEGS, Gone
from pumphandle.publication.edition import Release
from pumphandle.publication.formats import csv_bytes
from pumphandle.publication.records import envelope

COLUMNS: Final = {
    "as_of": pl.Date, "first_day": pl.Date, "area_code": pl.String, "stage": pl.String, "unit": pl.String,
    "may_take": pl.Int64, "median": pl.Int64, "p95": pl.Int64, "no_package": pl.Int64, "packages": pl.Int64,
    "done": pl.Int64, "same_day": pl.Int64, "in_time": pl.Int64, "waiting": pl.Int64, "late": pl.Int64,
}  # fmt: skip
RESULT: Final = "result"
"""The row of the result time: specimen to available, in days, of the whole nation."""


@dataclass(frozen=True)
class ClockRow:
    """One run's account. result_* : whole days from specimen to available, None where too few results came to say"""

    as_of: date
    first_day: date
    days: int
    result_median_days: int | None
    result_p95_days: int | None
    written_at: datetime


@dataclass(frozen=True)
class LegRow(Gone):
    """One leg of an authority's packages, or of all. no_package : days on which none was made for it"""

    as_of: date
    area_code: str
    no_package: int


@dataclass(frozen=True)
class Account:
    """What was written with a run."""

    clock: ClockRow
    over_all: list[LegRow]
    authorities: dict[str, dict[str, LegRow]]


def account(found: tuple[ClockRow, Sequence[LegRow]] | None, *, nation: str) -> Account | None:
    """nation : its code, under which the legs over all stand"""
    if found is None:
        return None
    clock, legs = found
    authorities: dict[str, dict[str, LegRow]] = {}
    for one in legs:
        if one.area_code != nation:
            authorities.setdefault(one.area_code, {})[one.stage] = one
    return Account(clock, [one for one in legs if one.area_code == nation], authorities)


def within(stage: str) -> int:
    """Hours that a leg may take."""
    return int(LEGS[stage].within.total_seconds() / 3600)


def deliveries_csv(told: Account | None, *, nation: str) -> bytes:
    """One row for each area and leg, and one for the result time; empty where there is no number."""
    return csv_bytes(pl.DataFrame(_rows(told, nation), schema=COLUMNS))


def deliveries_json(told: Account | None, release: Release, *, nation: str) -> bytes:
    """The same rows; a number that is not known is null."""
    rows = [{name: row[name] for name in COLUMNS} for row in _rows(told, nation)]
    return envelope(release, {"legs": rows}, {"csv": "/deliveries.csv"})


def _rows(told: Account | None, nation: str) -> list[dict[str, Any]]:
    if told is None:
        return []
    clock = told.clock
    days = {"as_of": clock.as_of, "first_day": clock.first_day}
    listed = [*told.over_all, *(leg for legs in told.authorities.values() for leg in legs.values())]
    result = {"area_code": nation, "stage": RESULT, "unit": "days"}
    numbers = {"median": clock.result_median_days, "p95": clock.result_p95_days}
    hours = {"unit": "hours"}
    return [
        dict.fromkeys(COLUMNS) | days | result | numbers,
        *(
            asdict(one) | days | hours
            | {"may_take": within(one.stage), "median": one.median_hours, "p95": one.p95_hours}
            for one in listed
        ),
    ]  # fmt: skip
