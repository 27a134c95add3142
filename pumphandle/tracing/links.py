"""Links between cases that share something within days of each other, and the sets that they join."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pumphandle.vocabulary.tracing import LinkKind, Strength

LINK_COLUMNS: Final = ("kind", "key", "earlier", "later", "day", "days_apart", "strength", "source")
"""`day` is the later case's day in the group."""

STRENGTHS: Final[Mapping[LinkKind, Strength]] = {
    LinkKind.CONTACT: Strength.STRONG,  # somebody said so
    LinkKind.HOUSEHOLD: Strength.STRONG,
    LinkKind.SETTING: Strength.MODERATE,
    LinkKind.SAME_PLACE: Strength.MODERATE,  # a quarter confirmed by genome: Packer et al. 2024
    LinkKind.BUILDING: Strength.WEAK,  # neighbours above and below meet, or do not
}


def links(memberships: pl.DataFrame, *, days: Mapping[LinkKind, int]) -> pl.DataFrame:
    """Each member of a group linked to the one before it (LINK_COLUMNS), if at most so many days lie between.

    memberships : MEMBERSHIP_SCHEMA; a case that is in a group twice counts on its first day there
    days        : for each kind, the longest time between two neighbours of a chain; a kind that is not named
                  is not linked

    Chains join the same cases as all pairs within those days would, in n − 1 rows instead of n². Input order does
    not matter: ties on the day go by the case's name.
    """
    within = pl.DataFrame(
        {"kind": [str(kind) for kind in days], "within": list(days.values())},
        schema={"kind": pl.String, "within": pl.Int32},
    )
    strengths = {str(kind): str(strength) for kind, strength in STRENGTHS.items()}
    group = ["kind", "key"]
    chained = (
        memberships.lazy()
        .join(within.lazy(), on="kind")
        .sort("kind", "key", "day", "case")
        .unique(["kind", "key", "case"], keep="first", maintain_order=True)
        .with_columns(
            earlier=pl.col("case").shift().over(group),
            days_apart=(pl.col("day") - pl.col("day").shift().over(group)).dt.total_days().cast(pl.Int32),
        )
        .filter(pl.col("days_apart") <= pl.col("within"))
        .rename({"case": "later"})
        .with_columns(strength=pl.col("kind").replace_strict(strengths, return_dtype=pl.String))
        .select(LINK_COLUMNS)
        .collect()
    )
    return chained


def sets(found: pl.DataFrame) -> pl.DataFrame:
    """Cases joined by links, directly or through others: `case`, `set`, ordered by both.

    found : at least `earlier` and `later`

    A set is named by the smallest name among its cases, so it keeps its name while it grows by later names only;
    who needs one identity through time matches sets by the cases they share. Cases without a link are in no set.
    """
    if found.is_empty():
        return pl.DataFrame(schema={"case": pl.String, "set": pl.String})
    names = pl.concat([found["earlier"], found["later"]]).unique().sort()
    position = pl.DataFrame({"name": names}).with_row_index("at")
    ends = (
        found.select("earlier", "later")
        .join(position.rename({"name": "earlier", "at": "from"}), on="earlier")
        .join(position.rename({"name": "later", "at": "to"}), on="later")
    )
    graph = coo_array(
        (np.ones(ends.height, dtype=np.int8), (ends["from"].to_numpy(), ends["to"].to_numpy())),
        shape=(names.len(), names.len()),
    )
    _, label = connected_components(graph, directed=False)
    return (
        pl.DataFrame({"case": names, "label": label})
        .with_columns(set=pl.col("case").min().over("label"))
        .select("case", "set")
        .sort("set", "case")
    )


def joining(found: pl.DataFrame) -> pl.DataFrame:
    """The links that make sets: strong and moderate ones."""
    return found.filter(pl.col("strength") != str(Strength.WEAK))
