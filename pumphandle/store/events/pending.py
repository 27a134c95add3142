"""What waits in open windows. Small by design: fewer than k persons, or one household, per node and measure."""

import polars as pl

from pumphandle.disclosure.windows import PENDING_SCHEMA
from pumphandle.store.engine import Transaction, copy_frame, read_frame


def pending(tx: Transaction) -> pl.DataFrame:
    """PENDING_SCHEMA."""
    return read_frame(
        tx,
        "select node, measure, contribution, person_key, household_key, report_date from events.pending"
        " order by node, measure, contribution",
        [],
        PENDING_SCHEMA,
    )


def replace(tx: Transaction, rows: pl.DataFrame) -> None:
    """rows : PENDING_SCHEMA."""
    tx.execute("delete from events.pending")
    copy_frame(tx, "events.pending", rows.select(list(PENDING_SCHEMA)))
