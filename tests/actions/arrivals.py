"""A day's contributions as linking leaves them in the lake, made by number: different numbers are different people."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import polars as pl

from pumphandle.linelist.contributions import CONTRIBUTION_COLUMNS
from pumphandle.store.engine import Database
from pumphandle.store.events.lake import Lake

DISTRICT = {"A": "D1", "B": "D1", "C": "D2"}


def arrive(
    database: Database,
    lake: Lake,
    day: date,
    cases: Mapping[str, int],
    *,
    at: datetime,
    tests: Mapping[str, int] | None = None,
) -> None:
    """So many people in each small area, each in a household of their own, with a case and a test."""
    rows: list[dict[str, object]] = []
    for area, number in cases.items():
        rows += [_row("cases", area, day, one) for one in range(number)]
    for area, number in (tests or cases).items():
        rows += [_row("tests", area, day, one) for one in range(number)]
    schema = dict.fromkeys(CONTRIBUTION_COLUMNS, pl.String) | {"sign": pl.Int8, "specimen_date": pl.Date}
    with database.transaction() as tx:
        lake.add(tx, "events", pl.DataFrame(rows, schema=schema), report_date=day, at=at)


def _row(measure: str, area: str, day: date, number: int) -> dict[str, object]:
    person = str(UUID(int=day.toordinal() * 100_000 + ord(area[0]) * 1_000 + number))
    return {
        "measure": measure, "sign": 1, "contribution": person, "record_key": person, "person_key": person,
        "household_key": f"h{person}", "small_area": area, "district": DISTRICT[area], "postcode": None,
        "age_band": "25-44", "sex": "female", "laboratory": "northgate", "specimen_date": day,
        "pathogen": "sars_cov_2",
    }  # fmt: skip
