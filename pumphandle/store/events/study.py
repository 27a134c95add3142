"""What detection reads of the lake: one pathogen's tests, cases and delays over the days of a study."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

import polars as pl

from pumphandle.store.engine import Transaction
from pumphandle.store.events.lake import Lake, query, statement

CASES: Final = pl.Schema(
    {
        "case_key": pl.String,
        "household_key": pl.String,
        "small_area": pl.String,
        "specimen_date": pl.Date,
        "postcode": pl.String,
    }
)
TOLD: Final = pl.Schema(
    {
        "pathogen": pl.String,
        "measure": pl.String,
        "small_area": pl.String,
        "specimen_date": pl.Date,
        "report_date": pl.Date,
        "increment": pl.Int64,
    }
)


@dataclass(frozen=True)
class Study:
    """As known on `last`; only what has a small area.

    tests : small_area, specimen_date, tests; cases : CASES; delays : small_area, specimen_date, report_date, cases
    """

    pathogen: str
    first: date
    last: date
    tests: pl.DataFrame
    cases: pl.DataFrame
    delays: pl.DataFrame


def told(tx: Transaction, lake: Lake, *, last: date, days: int) -> pl.DataFrame:
    """TOLD of every pathogen, as known on `last`: read once for all of them.

    Reads the batches since the first day only: nothing reported earlier can be about these days.
    """
    first = last - timedelta(days=days - 1)
    batches = lake.batches(tx, "triangle", first=first, last=last)
    if not batches:
        return pl.DataFrame(schema=TOLD)
    return query(statement("told"), batches, {"first": first, "last": last}).cast(TOLD)


def pathogens(found: pl.DataFrame) -> list[str]:
    """Those that anything was told of, by name. found : TOLD"""
    return found["pathogen"].unique().sort().to_list()


def study(tx: Transaction, lake: Lake, pathogen: str, found: pl.DataFrame, *, last: date, days: int) -> Study:
    """found : TOLD of the same days; the cases themselves are read here."""
    first = last - timedelta(days=days - 1)
    events = lake.batches(tx, "events", first=first, last=last)
    asked = {"pathogen": pathogen, "first": first, "last": last}
    cases = query(statement("standing_cases"), events, asked).cast(CASES) if events else pl.DataFrame(schema=CASES)
    own = found.filter(pl.col("pathogen") == pathogen)
    tests = own.filter(pl.col("measure") == "tests").group_by("small_area", "specimen_date", maintain_order=True)
    return Study(pathogen, first, last, tests.agg(tests=pl.col("increment").sum()), cases, delays(found, pathogen))


def delays(found: pl.DataFrame, pathogen: str) -> pl.DataFrame:
    """small_area, specimen_date, report_date, cases of one pathogen. found : TOLD"""
    own = found.filter((pl.col("pathogen") == pathogen) & (pl.col("measure") == "cases"))
    return own.select("small_area", "specimen_date", "report_date", cases="increment")


def batches_sha256(tx: Transaction, *, last: date, days: int) -> str:
    """One hash of every batch that a study of these days reads: the same hash, the same data, byte for byte."""
    rows = tx.execute(
        "select batch_id, sha256 from events.manifest where report_date between %s and %s order by batch_id",
        [last - timedelta(days=days - 1), last],
    ).fetchall()
    return sha256("\n".join(f"{name} {content}" for name, content in rows).encode()).hexdigest()
