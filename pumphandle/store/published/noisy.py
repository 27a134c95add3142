"""Noisy products, their cells, and what of the budget is spent. Nothing here changes or removes one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import polars as pl
from psycopg.rows import class_row

from pumphandle.disclosure.noisy.budget import Spending
from pumphandle.store.engine import Transaction, copy_frame, read_frame

CELL_COLUMNS: Final = {
    "cell_id": pl.Int64,
    "area_code": pl.String,
    "level": pl.String,
    "age_band": pl.String,
    "sex": pl.String,
    "estimate": pl.Float64,
    "standard_error": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}


@dataclass(frozen=True)
class NoisyProduct:
    """One product. `thousandths` of epsilon, for contributions that came from `first_day` to `last_day`."""

    product_id: str
    sequence: int
    measure: str
    first_day: date
    last_day: date
    levels: list[str]
    groups: list[str]
    thousandths: int
    mechanism: str
    reason: str
    made_at: datetime
    cell_count: int
    sha256: str


@dataclass(frozen=True)
class BudgetRow:
    """What a product spent, and the limit as chosen then."""

    product_id: str
    first_day: date
    last_day: date
    thousandths: int
    limit_thousandths: int
    threshold_version: int

    @property
    def spending(self) -> Spending:
        return Spending(self.first_day, self.last_day, self.thousandths)


def products(tx: Transaction) -> list[NoisyProduct]:
    """All, newest first."""
    with tx.cursor(row_factory=class_row(NoisyProduct)) as cursor:
        return cursor.execute(
            "select product_id, sequence, measure, first_day, last_day, levels, groups, thousandths, mechanism, reason,"
            " made_at, cell_count, sha256 from published.noisy_product order by sequence desc"
        ).fetchall()


def cells(tx: Transaction, product_id: str) -> pl.DataFrame:
    """A product's cells (CELL_COLUMNS), as they were made; empty for an unknown product."""
    return read_frame(
        tx,
        "select cell_id, area_code, level, age_band, sex, estimate, standard_error, low, high"
        " from published.noisy_cell where product_id = %s order by cell_id",
        [product_id],
        CELL_COLUMNS,
    )


def budget(tx: Transaction, *, first: date = date.min, last: date = date.max) -> list[BudgetRow]:
    """What was spent on days of arrival between first and last, in order of spending."""
    with tx.cursor(row_factory=class_row(BudgetRow)) as cursor:
        return cursor.execute(
            "select b.product_id, b.first_day, b.last_day, b.thousandths, b.limit_thousandths, b.threshold_version"
            " from published.noisy_budget b join published.noisy_product p using (product_id)"
            " where b.first_day <= %s and b.last_day >= %s order by p.sequence",
            [last, first],
        ).fetchall()


def next_sequence(tx: Transaction) -> int:
    """Number of the next product; whoever spends from the budget waits here for whoever does so already."""
    tx.execute("select pg_advisory_xact_lock(85400011)")
    row = tx.execute("select coalesce(max(sequence), 0) + 1 from published.noisy_product").fetchone()
    return 1 if row is None else int(row[0])


def add(tx: Transaction, product: NoisyProduct, cells: pl.DataFrame, spent: BudgetRow) -> None:
    """Product, cells (CELL_COLUMNS) and budget row together."""
    tx.execute(
        "insert into published.noisy_product (product_id, sequence, measure, first_day, last_day, levels, groups,"
        " thousandths, mechanism, reason, made_at, cell_count, sha256)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            product.product_id,
            product.sequence,
            product.measure,
            product.first_day,
            product.last_day,
            product.levels,
            product.groups,
            product.thousandths,
            product.mechanism,
            product.reason,
            product.made_at,
            product.cell_count,
            product.sha256,
        ],
    )
    copy_frame(
        tx, "published.noisy_cell", cells.select(list(CELL_COLUMNS)).with_columns(product_id=pl.lit(product.product_id))
    )
    tx.execute(
        "insert into published.noisy_budget (product_id, first_day, last_day, thousandths, limit_thousandths,"
        " threshold_version) values (%s, %s, %s, %s, %s, %s)",
        [
            spent.product_id,
            spent.first_day,
            spent.last_day,
            spent.thousandths,
            spent.limit_thousandths,
            spent.threshold_version,
        ],
    )
