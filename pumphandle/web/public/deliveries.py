"""How long deliveries take, by authority and over all: as a page and as data. Packages are counted, never people."""

from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl
from litestar import Response, get
from litestar.di import NamedDependency

from pumphandle.governance.receipt_clock import LEGS
from pumphandle.publication.formats import csv_bytes
from pumphandle.publication.records import envelope
from pumphandle.store.published.deliveries import ClockRow, LegRow
from pumphandle.web.errors import WebRequest
from pumphandle.web.public.answers import CSV, JSON
from pumphandle.web.public.asking import Asked
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.parameters import STANDING
from pumphandle.web.public.visit import Visit

Answer = Response[bytes]

COLUMNS: Final = {
    "as_of": pl.Date, "first_day": pl.Date, "area_code": pl.String, "stage": pl.String, "unit": pl.String,
    "may_take": pl.Int64, "median": pl.Int64, "p95": pl.Int64, "no_package": pl.Int64, "packages": pl.Int64,
    "done": pl.Int64, "same_day": pl.Int64, "in_time": pl.Int64, "waiting": pl.Int64, "late": pl.Int64,
}  # fmt: skip
RESULT: Final = "result"
"""The row of the result time: specimen to available, in days, of the whole nation."""


@dataclass(frozen=True)
class Account:
    """What was written with the run of the visit's release, or of the last day before it."""

    clock: ClockRow
    over_all: list[LegRow]
    authorities: dict[str, dict[str, LegRow]]


def _account(desk: Desk, visit: Visit) -> Account | None:
    found = desk.holdings.deliveries(visit.release.as_of)
    if found is None:
        return None
    clock, legs = found
    authorities: dict[str, dict[str, LegRow]] = {}
    for one in legs:
        if one.area_code != visit.nation.code:
            authorities.setdefault(one.area_code, {})[one.stage] = one
    return Account(clock, [one for one in legs if one.area_code == visit.nation.code], authorities)


def _within(stage: str) -> int:
    return int(LEGS[stage].within.total_seconds() / 3600)


@get("/deliveries", sync_to_thread=True, include_in_schema=False)
def deliveries_page(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Answer:
    """Whether directors get their records the same day: legs over all, and each authority in order of name."""
    visit = desk.visit(wish)

    def context() -> dict[str, Any]:
        account, places = _account(desk, visit), visit.shelf.atlas.places
        named = [
            (places[code].name if code in places else code, legs)
            for code, legs in (account.authorities.items() if account else ())
        ]
        return {"account": account, "authorities": sorted(named, key=lambda one: one[0]), "within": _within}

    return desk.page(request, visit, "deliveries.html", context, path="/deliveries")


@get("/deliveries.csv", sync_to_thread=True)
def deliveries_csv(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """One row for each area and leg, and one for the result time; empty where there is no number."""
    visit, asked = desk.ask(request, STANDING)

    def make() -> bytes:
        return csv_bytes(pl.DataFrame(_rows(_account(desk, visit), visit), schema=COLUMNS))

    name = f"deliveries-{visit.release.release_id}.csv"
    return desk.answer(request, visit, asked, make, media_type=CSV, file_name=name)


def _rows(account: Account | None, visit: Visit) -> list[dict[str, Any]]:
    if account is None:
        return []
    clock = account.clock
    days = {"as_of": clock.as_of, "first_day": clock.first_day}
    listed = [*account.over_all, *(leg for legs in account.authorities.values() for leg in legs.values())]
    result = {"area_code": visit.nation.code, "stage": RESULT, "unit": "days"}
    numbers = {"median": clock.result_median_days, "p95": clock.result_p95_days}
    hours = {"unit": "hours"}
    return [
        dict.fromkeys(COLUMNS) | days | result | numbers,
        *(
            asdict(one) | days | hours
            | {"may_take": _within(one.stage), "median": one.median_hours, "p95": one.p95_hours}
            for one in listed
        ),
    ]  # fmt: skip


@get("/deliveries.json", sync_to_thread=True)
def deliveries_json(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """The same rows; a number that is not known is null."""
    visit, asked = desk.ask(request, STANDING)

    def make() -> bytes:
        rows = [{name: row[name] for name in COLUMNS} for row in _rows(_account(desk, visit), visit)]
        return envelope(visit.release, {"legs": rows}, {"csv": "/deliveries.csv"})

    return desk.answer(request, visit, asked, make, media_type=JSON)
