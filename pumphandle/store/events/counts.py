"""Counts from the reporting triangle, as known on a day."""

from collections.abc import Collection
from datetime import date
from typing import Any, Final

import polars as pl

from pumphandle.linelist.contributions import TRIANGLE_KEY
from pumphandle.store.engine import Transaction
from pumphandle.store.events import early
from pumphandle.store.events.lake import Lake, query, statement

_ARRIVALS: Final[dict[str, Any]] = {
    "small_area": pl.String,
    "age_band": pl.String,
    "sex": pl.String,
    "increment": pl.Int64,
}


def arrivals(tx: Transaction, lake: Lake, *, measure: str, first: date, last: date) -> pl.DataFrame:
    """small_area, age_band, sex, increment: what came with the batches of first..last, signed; 0 is left out."""
    batches = lake.batches(tx, "triangle", first=first, last=last)
    if not batches:
        return pl.DataFrame(schema=_ARRIVALS)
    return query(statement("arrivals"), batches, {"measure": measure}).cast(pl.Schema(_ARRIVALS))


def arrivals_of(
    tx: Transaction, lake: Lake, record_keys: Collection[str], *, measure: str, first: date, last: date
) -> pl.DataFrame:
    """The part of `arrivals` that is of these records: none, unless the lake took them in."""
    batches = lake.batches(tx, "events", first=first, last=last) if record_keys else []
    if not batches:
        return pl.DataFrame(schema=_ARRIVALS)
    of_these = pl.col("record_key").is_in(list(record_keys)) & (pl.col("measure") == measure)
    found = pl.scan_parquet(batches).filter(of_these & pl.col("small_area").is_not_null())
    summed = found.group_by("small_area", "age_band", "sex").agg(increment=pl.col("sign").cast(pl.Int64).sum())
    return summed.sort("small_area", "age_band", "sex").collect().cast(pl.Schema(_ARRIVALS))


def arrivals_by_day(tx: Transaction, lake: Lake, *, measure: str, first: date, last: date) -> pl.DataFrame:
    """report_date, small_area, arrived: net, of the batches of first..last."""
    schema = {"report_date": pl.Date, "small_area": pl.String, "arrived": pl.Int64}
    batches = lake.batches(tx, "triangle", first=first, last=last)
    if not batches:
        return pl.DataFrame(schema=schema)
    return query(statement("arrivals_by_day"), batches, {"measure": measure}).cast(pl.Schema(schema))


def results_by_specimen(tx: Transaction, lake: Lake, *, first: date, last: date) -> pl.DataFrame:
    """report_date, specimen_date, results: what the batches of first..last brought, of the whole nation."""
    schema = {"report_date": pl.Date, "specimen_date": pl.Date, "results": pl.Int64}
    batches = lake.batches(tx, "triangle", first=first, last=last)
    if not batches:
        return pl.DataFrame(schema=schema)
    return query(statement("results_by_specimen"), batches, {}).cast(pl.Schema(schema))


def counts_by_postcode(tx: Transaction, lake: Lake, *, as_of: date) -> pl.DataFrame:
    """specimen_date, postcode, tests, positives of every standing result known on `as_of`; postcode null is kept."""
    batches = lake.batches(tx, "events", first=date.min, last=as_of)
    if not batches:
        return pl.DataFrame(
            schema={"specimen_date": pl.Date, "postcode": pl.String, "tests": pl.Int64, "positives": pl.Int64}
        )
    return query(statement("counts_by_postcode"), batches, {})


TRIANGLE_ORDER: Final = ("small_area", "specimen_date", "report_date", "pathogen", "measure", "age_band", "sex")


def triangle_from_events(tx: Transaction, lake: Lake) -> pl.DataFrame:
    """The whole triangle, told anew from every contribution ever made; in TRIANGLE_ORDER, with increment."""
    return _whole(tx, lake, "events", statement("triangle"))


def contributions_of_all_but(tx: Transaction, lake: Lake, erased: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The sums of every contribution by TRIANGLE_KEY, but for persons of whom a record was erased; and those persons.
    Contributions that wait for their day to be closed count.

    erased : record_key. Their contributions stay in the lake for ever, and nothing stands behind some of them any more
    """
    key = list(TRIANGLE_KEY)
    batches = lake.batches(tx, "events", first=date.min, last=date.max)
    columns = [*key, "record_key", "person_key", "sign"]
    every = early.waiting(tx).select(columns).lazy()
    if batches:
        every = pl.concat([pl.scan_parquet(batches).select(columns), every])
    persons = every.join(erased.lazy(), on="record_key", how="semi").select("person_key").unique().collect()
    rest = every.join(persons.lazy(), on="person_key", how="anti")
    sums = rest.group_by(key).agg(increment=pl.col("sign").cast(pl.Int64).sum()).filter(pl.col("increment") != 0)
    return sums.sort(key).collect(), persons


def triangle_kept(tx: Transaction, lake: Lake) -> pl.DataFrame:
    """The triangle as the days' links kept it, in the same order."""
    columns = ", ".join((*TRIANGLE_ORDER, "increment"))
    order = ", ".join(("small_area nulls first", *TRIANGLE_ORDER[1:]))
    return _whole(tx, lake, "triangle", f"select {columns} from batch order by {order}")


def _whole(tx: Transaction, lake: Lake, table: str, sql: str) -> pl.DataFrame:
    batches = lake.batches(tx, table, first=date.min, last=date.max)
    kinds = dict.fromkeys(TRIANGLE_ORDER, pl.String) | {"specimen_date": pl.Date, "report_date": pl.Date}
    schema = pl.Schema(kinds | {"increment": pl.Int64})
    return query(sql, batches, {}).cast(schema) if batches else pl.DataFrame(schema=schema)
