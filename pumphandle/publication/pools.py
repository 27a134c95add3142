"""The ledger's pools as the site reads them: windows that closed together, each with its part of the number.

A wide pool counts what came since each district's window began. An area's window that ends with it may have begun
before; what it held until then stands in closed totals of its district, which bound it. Source:
docs/methods/publish-once.md, "Wide pools".
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pumphandle.publication.estimates import Pooled
from pumphandle.vocabulary.errors import LedgerBroken

TOTALS: Final[Mapping[str, Any]] = {
    "node": pl.String,
    "first_day": pl.Date,
    "last_day": pl.Date,
    "value": pl.Int64,
}


def pooled_windows(
    pools: pl.DataFrame,
    codes: Sequence[str],
    population: Sequence[int],
    *,
    district: Mapping[str, str],
    k: int,
    totals: pl.DataFrame | None = None,
) -> Pooled:
    """Windows that closed together, each with its part of the pool by people.

    pools      : block_id, last_day, value, members of the ledger's pool rows
    population : of `codes`, in their order; district : of each node
    totals     : TOTALS, windows of districts, for the bounds; None: who asks for estimates only needs none

    What an area's window held before a wide pool begins to count is taken for half of k - 1, as an open window is.
    """
    member = pl.col("members").str.splitn(":", 2)
    rows = (
        pools.select("block_id", "last_day", "value", pl.col("members").str.split(" "))
        .explode("members")
        .with_columns(
            node=member.struct.field("field_0"), first_day=member.struct.field("field_1").str.to_date("%Y-%m-%d")
        )
        .drop("members")
    )
    districts = sorted(set(district.values()))
    begun = rows.filter(pl.col("node").is_in(districts)).select("block_id", within="node", begun="first_day")
    mine = (
        rows.filter(pl.col("node").is_in(codes))
        .with_columns(within=pl.col("node").replace_strict(dict(district), default=None, return_dtype=pl.String))
        .join(begun, on=["block_id", "within"], how="left", maintain_order="left")
        .with_columns(begun=pl.max_horizontal("first_day", "begun"))
        .with_row_index("window")
    )
    told = pl.DataFrame(schema=TOTALS) if totals is None else totals.select(list(TOTALS))
    before = (
        mine.filter(pl.col("first_day") < pl.col("begun"))
        .select("window", "within", "begun", since="first_day")
        .join(told, left_on="within", right_on="node")
        .filter((pl.col("first_day") < pl.col("begun")) & (pl.col("last_day") >= pl.col("since")))
        .group_by("window")
        .agg(earlier=pl.col("value").sum())
    )
    known = placed(codes, mine.join(before, on="window", how="left", maintain_order="left")).with_columns(
        pl.col("begun").cast(pl.Int32).cast(pl.Int64) + date(1970, 1, 1).toordinal(),
        pl.col("earlier").fill_null(0),
    )
    people = np.maximum(1.0, np.array(population, dtype=np.float64)[column(known, "row")])
    shared = known.with_columns(people=pl.Series(people, dtype=pl.Float64)).with_columns(
        part=pl.col("value") * pl.col("people") / pl.col("people").sum().over("block_id")
        + pl.when(pl.col("first_day") < pl.col("begun")).then((k - 1) / 2).otherwise(0.0)
    )
    columns = (column(shared, name) for name in ("row", "first_day", "last_day", "value"))
    return Pooled(
        *columns,
        part=shared["part"].to_numpy().astype(np.float64),
        begun=column(shared, "begun"),
        most=column(shared, "value") + column(shared, "earlier"),
    )


def placed(codes: Sequence[str], rows: pl.DataFrame) -> pl.DataFrame:
    """With each node's row, and days as ordinals. Raises LedgerBroken for a node that is not among `codes`."""
    known = pl.DataFrame({"node": codes, "row": range(len(codes))}, schema={"node": pl.String, "row": pl.Int64})
    placed = rows.join(known, on="node", how="left", maintain_order="left").with_columns(
        pl.col("first_day", "last_day").cast(pl.Int32).cast(pl.Int64) + date(1970, 1, 1).toordinal()
    )
    if placed["row"].null_count():
        raise LedgerBroken("The ledger names a publication node that the areas do not have.")
    return placed


def column(rows: pl.DataFrame, name: str) -> NDArray[np.int64]:
    return rows[name].to_numpy().astype(np.int64)
