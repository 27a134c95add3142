"""Tests and positives by authority and postcode: what every authority gets, with an agreement or without."""

from datetime import date

import polars as pl

from pumphandle.store.engine import Transaction
from pumphandle.store.events.lake import Lake


def denominators(tx: Transaction, lake: Lake, *, report_date: date) -> pl.DataFrame:
    """What a day added to and took from the counts of every authority, by postcode and specimen date.

    authority, postcode, specimen_date, tests, positives, negatives; cells where all three cancel are left out.
    """
    day = lake.read(tx, "events", report_date=report_date)
    signed = pl.col("sign").cast(pl.Int64)
    return (
        day.filter(pl.col("district").is_not_null() & pl.col("measure").is_in(["tests", "positives"]))
        .group_by(authority="district", postcode="postcode", specimen_date="specimen_date")
        .agg(
            tests=signed.filter(pl.col("measure") == "tests").sum(),
            positives=signed.filter(pl.col("measure") == "positives").sum(),
        )
        .with_columns(negatives=pl.col("tests") - pl.col("positives"))
        .filter((pl.col("tests") != 0) | (pl.col("positives") != 0))
    )
