"""What waits in open windows. Small by design: fewer than k persons, or one household, per node and measure."""

import polars as pl

from pumphandle.disclosure.windows import WAITING_SCHEMA
from pumphandle.store.engine import Transaction, copy_frame, read_frame


def waiting(tx: Transaction) -> pl.DataFrame:
    """WAITING_SCHEMA."""
    return read_frame(
        tx,
        "select node, measure, contribution, person_key, household_key, report_date, district, heads, closed::text"
        " from events.waiting order by node, measure, contribution, closed",
        [],
        WAITING_SCHEMA,
    )


def replace(tx: Transaction, rows: pl.DataFrame) -> None:
    """rows : WAITING_SCHEMA."""
    tx.execute("delete from events.waiting")
    copy_frame(tx, "events.waiting", rows.select(list(WAITING_SCHEMA)))
