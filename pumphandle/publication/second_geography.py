"""A second geography beside the publication nodes, such as wards or councils: estimates from what is published.

Exact numbers on two maps of the same people give away the pieces between their borders. So only one map has exact
numbers, and every other one is computed from those and from public residents: nothing here was not said before.
Source: docs/methods/second-geography.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from pumphandle.publication.edition import Edition
from pumphandle.publication.estimates import SevenDays
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.errors import NotUnderstood

Floats = NDArray[np.float64]
ESTIMATE: Final = "estimate"
RECALLED: Final = "recalled"
COLUMNS: Final = {
    "area": pl.String,
    "measure": pl.String,
    "first_day": pl.Date,
    "last_day": pl.Date,
    "estimate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "standard_error": pl.Float64,
    "residents": pl.Float64,
    "kind": pl.String,
}


@dataclass(frozen=True)
class Correspondence:
    """Whose residents live where.

    areas : codes of the second geography, sorted
    share : (areas, nodes) part of each node's residents that lives in each area; a node's parts add up to 1 at most
    residents : (areas,) people of the areas, as far as they live in a node
    """

    areas: tuple[str, ...]
    share: sp.csr_array = field(repr=False)
    residents: Floats = field(repr=False)


@dataclass(frozen=True)
class Elsewhere:
    """Figures of the second geography, (areas, days) each.

    estimate       : nodes' figures shared out by residents
    low, high      : proved: those of nodes that lie inside as a whole, and all of every node that reaches in
    standard_error : of the sharing out alone, if who is counted lives like residents in general
    recalled       : a number of a node that reaches in was taken back: nothing may be said
    """

    estimate: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    standard_error: Floats = field(repr=False)
    recalled: NDArray[np.bool_] = field(repr=False)


def correspondence(table: pl.DataFrame, *, nodes: Sequence[str], node_of: Mapping[str, str]) -> Correspondence:
    """Shares of nodes from a table of pieces.

    table   : small_area, area, residents of the piece in which both lie; a null area lies outside the second geography
    nodes   : in the order of the figures; node_of : node by small area

    Small areas that the nation does not have are left out. Raises NotUnderstood for a negative or missing number, or a
    piece given twice.
    """
    pieces = table.select(
        pl.col("small_area").cast(pl.String), pl.col("area").cast(pl.String), pl.col("residents").cast(pl.Float64)
    )
    bad = pieces.filter(pl.col("residents").is_null() | pl.col("residents").is_nan() | (pl.col("residents") < 0))
    if bad.height:
        raise NotUnderstood(f"A piece of small area {bad['small_area'][0]} has no residents of 0 or more.")
    twice = pieces.filter(pl.struct("small_area", "area").is_duplicated())
    if twice.height:
        raise NotUnderstood(f"Small area {twice['small_area'][0]} and area {twice['area'][0]} are paired twice.")
    known = pieces.filter(pl.col("small_area").is_in(list(node_of)))
    if known.is_empty():
        raise NotUnderstood("No small area of the table is one of the nation's. Name the column with --small-area.")
    place = {node: at for at, node in enumerate(nodes)}
    codes = known["area"].drop_nulls().unique().sort().to_list()
    at_area = {code: at for at, code in enumerate(codes)}
    column = np.array([place[node_of[one]] for one in known["small_area"].to_list()], dtype=np.int64)
    people = known["residents"].to_numpy()
    whole = np.zeros(len(nodes))
    np.add.at(whole, column, people)
    inside = known["area"].is_not_null().to_numpy() & (people > 0)
    row = np.array([at_area.get(code, -1) for code in known["area"].to_list()], dtype=np.int64)
    held = sp.coo_array((people[inside], (row[inside], column[inside])), shape=(len(codes), len(nodes))).tocsr()
    share = held @ sp.diags_array(np.divide(1, whole, out=np.zeros_like(whole), where=whole > 0))
    return Correspondence(tuple(codes), sp.csr_array(share), np.asarray(held.sum(axis=1), dtype=np.float64).ravel())


def seven_days_elsewhere(seven: SevenDays, where: Correspondence) -> Elsewhere:
    """Seven-day figures of every node shared out. Raises NotUnderstood where the nodes are not the same."""
    estimate, low, high = (grid.astype(np.float64) for grid in (seven.estimate, seven.low, seven.high))
    if where.share.shape[1] != len(estimate):
        raise NotUnderstood("The correspondence was made for other publication nodes. Make it again.")
    touching, inside = where.share.copy(), where.share.copy()
    touching.data = np.ones_like(touching.data)
    inside.data = (inside.data >= 1 - 1e-9).astype(np.float64)
    spread = where.share.copy()
    spread.data = spread.data * (1 - spread.data)
    return Elsewhere(
        estimate=where.share @ estimate,
        low=inside @ low,
        high=touching @ high,
        standard_error=np.sqrt(np.maximum(spread @ estimate, 0)),
        recalled=touching @ seven.recalled.astype(np.float64) > 0,
    )


def figures(edition: Edition, where: Correspondence, measure: Measure, day: date) -> pl.DataFrame:
    """The seven days to `day` of a release (COLUMNS). Each line says it is an estimate, or recalled and no number.

    Raises NotUnderstood for a day outside the release.
    """
    column = edition.column(day)
    found = seven_days_elsewhere(edition.seven[measure], where)
    told = pl.DataFrame(
        {
            "area": where.areas,
            "measure": str(measure),
            "first_day": date.fromordinal(max(day.toordinal() - 6, edition.start.toordinal())),
            "last_day": day,
            "estimate": found.estimate[:, column],
            "low": found.low[:, column],
            "high": found.high[:, column],
            "standard_error": found.standard_error[:, column],
            "residents": where.residents,
            "kind": ESTIMATE,
        },
        schema=COLUMNS,
    )
    gone = pl.Series(found.recalled[:, column])
    numbers = ("estimate", "low", "high", "standard_error")
    return told.with_columns(
        *(pl.when(gone).then(None).otherwise(pl.col(name)).alias(name) for name in numbers),
        kind=pl.when(gone).then(pl.lit(RECALLED)).otherwise("kind"),
    )
