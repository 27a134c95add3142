"""What detection reads of the lake: one pathogen's tests, cases and delays over the days of a study."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

import polars as pl

from pumphandle.store.engine import Transaction
from pumphandle.store.events.lake import Lake, query, statement

TESTS: Final = pl.Schema({"small_area": pl.String, "specimen_date": pl.Date, "tests": pl.Int64})
CASES: Final = pl.Schema(
    {
        "case_key": pl.String,
        "household_key": pl.String,
        "small_area": pl.String,
        "specimen_date": pl.Date,
        "postcode": pl.String,
    }
)
DELAYS: Final = pl.Schema(
    {"small_area": pl.String, "specimen_date": pl.Date, "report_date": pl.Date, "cases": pl.Int64}
)


@dataclass(frozen=True)
class Study:
    """As known on `last`. tests, cases, delays : TESTS, CASES, DELAYS; only what has a small area."""

    pathogen: str
    first: date
    last: date
    tests: pl.DataFrame
    cases: pl.DataFrame
    delays: pl.DataFrame


def pathogens(tx: Transaction, lake: Lake, *, last: date, days: int) -> list[str]:
    """Those that anything was reported of in the study, by name."""
    batches = lake.batches(tx, "triangle", first=last - timedelta(days=days - 1), last=last)
    if not batches:
        return []
    return query("select distinct pathogen from batch order by pathogen", batches, {})["pathogen"].to_list()


def study(tx: Transaction, lake: Lake, pathogen: str, *, last: date, days: int) -> Study:
    """Reads the batches since the first day only: nothing reported earlier can be about these days."""
    first = last - timedelta(days=days - 1)
    triangle, events = (lake.batches(tx, table, first=first, last=last) for table in ("triangle", "events"))
    asked = {"pathogen": pathogen, "first": first, "last": last}

    def read(name: str, batches: list[str], schema: pl.Schema) -> pl.DataFrame:
        if not batches:
            return pl.DataFrame(schema=schema)
        return query(statement(name), batches, asked).cast(schema)

    return Study(
        pathogen,
        first,
        last,
        read("area_days", triangle, TESTS),
        read("standing_cases", events, CASES),
        read("delays", triangle, DELAYS),
    )


def delays(tx: Transaction, lake: Lake, pathogen: str, *, first: date, last: date) -> pl.DataFrame:
    """DELAYS of specimen days first..last, as known on the last one."""
    batches = lake.batches(tx, "triangle", first=first, last=last)
    if not batches:
        return pl.DataFrame(schema=DELAYS)
    return query(statement("delays"), batches, {"pathogen": pathogen, "first": first, "last": last}).cast(DELAYS)


def batches_sha256(tx: Transaction, *, last: date, days: int) -> str:
    """One hash of every batch that a study of these days reads: the same hash, the same data, byte for byte."""
    rows = tx.execute(
        "select batch_id, sha256 from events.manifest where report_date between %s and %s order by batch_id",
        [last - timedelta(days=days - 1), last],
    ).fetchall()
    return sha256("\n".join(f"{name} {content}" for name, content in rows).encode()).hexdigest()
