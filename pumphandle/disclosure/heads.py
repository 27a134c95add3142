"""Heads: who stands behind a count, so that sums of counts can be checked for persons and households.

Each person is one head, however many of their results are counted, and a household is at most so many heads that
h - 1 households together stay below k. So k heads are at least k persons in at least h households, and k persons in
h households are k heads where h is 2 or less; heads add up over groups, which numbers of distinct households do not.
"""

import polars as pl

from pumphandle.disclosure.rules import Rule

SCOPE = ("district", "measure")


def most_of_a_household(k: int, h: int) -> int:
    """Heads of one household under a rule of k persons in h households; no bound where one household is enough."""
    return (k - 1) // (h - 1) if h > 1 else 1 << 30


def with_heads(arrivals: pl.DataFrame, standing: pl.DataFrame, *, rule: Rule) -> pl.DataFrame:
    """`arrivals` with the column `heads`, 0 or 1.

    arrivals : district, measure, contribution, person_key, household_key
    standing : the same with `heads`: everything that a derivable group could still hold beside them
    """
    counted = standing.filter(pl.col("heads") == 1)
    person, household = [*SCOPE, "person_key"], [*SCOPE, "household_key"]
    used = counted.group_by(household).agg(used=pl.len().cast(pl.Int64))
    firsts = (
        arrivals.sort("contribution")
        .unique(person, keep="first", maintain_order=True)
        .join(counted.select(person).unique(), on=person, how="anti")
        .join(used, on=household, how="left")
        .with_columns(rank=pl.int_range(pl.len()).over(household) + pl.col("used").fill_null(0))
        .filter(pl.col("rank") < most_of_a_household(rule.k_persons, rule.h_households))
        .select(*SCOPE, "node", "contribution", heads=pl.lit(1, pl.Int64))
    )
    return arrivals.join(firsts, on=[*SCOPE, "node", "contribution"], how="left").with_columns(
        pl.col("heads").fill_null(0)
    )
