"""Contributions of results that were linked before their day was closed: kept here until they go into the lake."""

from datetime import date
from typing import Any, Final

import polars as pl

from pumphandle.linelist.contributions import CONTRIBUTION_COLUMNS
from pumphandle.store.engine import Transaction, copy_frame, read_frame

SCHEMA: Final[dict[str, Any]] = {
    **dict.fromkeys(CONTRIBUTION_COLUMNS, pl.String),
    "sign": pl.Int8,
    "specimen_date": pl.Date,
}


def add(tx: Transaction, day: date, contributions: pl.DataFrame) -> None:
    """contributions : CONTRIBUTION_COLUMNS."""
    copy_frame(tx, "events.early", contributions.select(list(SCHEMA)).with_columns(round_day=pl.lit(day)))


def waiting(tx: Transaction, *, to: date = date.max) -> pl.DataFrame:
    """What the rounds of these days brought, and no day's linking took over yet (CONTRIBUTION_COLUMNS)."""
    return read_frame(
        tx,
        "select measure, sign, contribution, record_key, person_key, household_key, small_area, district, postcode,"
        " age_band, sex, laboratory, specimen_date, pathogen from events.early where round_day <= %s",
        [to],
        SCHEMA,
    )


def clear(tx: Transaction, *, to: date) -> None:
    tx.execute("delete from events.early where round_day <= %s", [to])
