"""What was known at any moment: events are only ever added, so the past is a question, not a copy."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl
from psycopg.rows import class_row

from pumphandle.store.engine import Transaction, read_frame

KNOWN_SCHEMA: Final[dict[str, Any]] = {
    "record_key": pl.String,
    "version": pl.Int32,
    "kind": pl.String,
    "reason": pl.String,
    "laboratory": pl.String,
    "specimen_id": pl.String,
    "postcode": pl.String,
    "specimen_date": pl.Date,
    "received_on": pl.Date,
    "pathogen": pl.String,
    "result": pl.String,
}


def as_of(tx: Transaction, moment: datetime) -> pl.DataFrame:
    """KNOWN_SCHEMA: every record as its last event known at `moment` has it; withdrawn ones show as retracted."""
    return read_frame(
        tx,
        "select distinct on (record_key) record_key, version, kind, reason, laboratory, specimen_id, postcode,"
        " specimen_date, received_on, pathogen, result from identified.event where known_at <= %s"
        " order by record_key, version desc",
        [moment],
        KNOWN_SCHEMA,
    )


@dataclass(frozen=True)
class Known:
    """How many records of one laboratory stood at a moment, by what they said; withdrawn ones among them."""

    laboratory: str
    records: int
    positive: int
    negative: int
    void: int
    withdrawn: int


def counts_as_of(tx: Transaction, moment: datetime) -> list[Known]:
    """`as_of`, counted by laboratory. The canaries' records are not counted, and what was erased since is gone."""
    with tx.cursor(row_factory=class_row(Known)) as cursor:
        return cursor.execute(
            "with known as (select distinct on (record_key) laboratory, kind, result, record_key"
            " from identified.event where known_at <= %s order by record_key, version desc)"
            " select laboratory, count(*)::int as records,"
            " count(*) filter (where kind <> 'retracted' and result = 'positive')::int as positive,"
            " count(*) filter (where kind <> 'retracted' and result = 'negative')::int as negative,"
            " count(*) filter (where kind <> 'retracted' and result = 'void')::int as void,"
            " count(*) filter (where kind = 'retracted')::int as withdrawn from known k"
            " where not exists (select from decisions.canary c where c.record_key = k.record_key)"
            " and not exists (select from identified.erased_record g where g.record_key = k.record_key)"
            " group by 1 order by 1",
            [moment],
        ).fetchall()


def of_record(tx: Transaction, record_key: str) -> list[tuple[int, str, str, datetime, str | None]]:
    """(version, kind, reason, known at, who or None for the laboratory) of one record, oldest first."""
    return tx.execute(
        "select version, kind, reason, known_at, by_name from identified.event where record_key = %s::uuid"
        " order by version",
        [record_key],
    ).fetchall()
