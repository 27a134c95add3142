"""Each published window by itself, against the records: enough persons, more than one family, told once, true.

Intervals and subtraction are asked elsewhere; this is what can be seen of one row alone, and what a count of persons
does not show. Shares no code with the planner.
"""

from dataclasses import dataclass

import polars as pl

ZERO_DAYS = 7
"""A zero over fewer days tells of every single day that nobody was counted."""


@dataclass(frozen=True)
class BlockFaults:
    """How many windows are at fault.

    few         : 1 .. k - 1 persons
    one_family  : persons of fewer than h households
    short_zeros : a zero for fewer than seven days
    reopened    : days that an earlier window of the same place has told already
    untrue      : another number than that of the records
    """

    few: int
    one_family: int
    short_zeros: int
    reopened: int
    untrue: int

    @property
    def none(self) -> bool:
        return not (self.few or self.one_family or self.short_zeros or self.reopened or self.untrue)


def attack_blocks(blocks: pl.DataFrame, records: pl.DataFrame, *, k: int, h: int) -> BlockFaults:
    """Look at every window of one product.

    blocks  : place, first_day, last_day, value
    records : place, day, person, household, one line a record
    """
    numbered = blocks.with_row_index("block")
    inside = numbered.join(records, on="place").filter(
        pl.col("day").is_between(pl.col("first_day"), pl.col("last_day"))
    )
    counted = inside.group_by("block").agg(
        true=pl.len(), persons=pl.col("person").n_unique(), households=pl.col("household").n_unique()
    )
    seen = numbered.join(counted, on="block", how="left").with_columns(
        pl.col("true", "persons", "households").fill_null(0).cast(pl.Int64)
    )
    some = pl.col("value") > 0
    length = (pl.col("last_day") - pl.col("first_day")).dt.total_days() + 1
    ordered = seen.sort("place", "first_day", "last_day")
    again = (
        ordered["first_day"] <= ordered.select(pl.col("last_day").cum_max().shift(1).over("place")).to_series()
    )  # null for the first of a place, and so is the comparison
    return BlockFaults(
        few=seen.filter(some & (pl.min_horizontal("value", "persons") < k)).height,
        one_family=seen.filter(some & (pl.col("households") < h)).height,
        short_zeros=seen.filter(~some & (length < ZERO_DAYS)).height,
        reopened=int(again.fill_null(False).sum()),
        untrue=seen.filter(pl.col("value") != pl.col("true")).height,
    )
