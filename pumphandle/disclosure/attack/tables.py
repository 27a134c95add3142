"""A published table with margins and hidden cells, as equations; and rates turned back into counts."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from pumphandle.disclosure.attack.equations import NO_BOUND, Flags, Integers, System, incidence
from pumphandle.vocabulary.errors import NotUnderstood

ROW = "row of the frame"
PARENT = "parent's code"


def table(
    frame: pl.DataFrame,
    *,
    parents: Mapping[str, Mapping[str, str]],
    value: str = "value",
    hidden: tuple[int, int] = (0, NO_BOUND),
    cap: str | None = None,
) -> System:
    """One atom for each cell, in the order of the frame; one row for each total that can be added up.

    frame   : one line per cell: the columns named in `parents`, and `value` (null = hidden); totals are cells too
    parents : column -> code -> code of its total
    hidden  : what the publisher's rule says of a hidden cell: (1, 4) where zeros are shown and 1-4 hidden
    cap     : column with the most that a cell can hold, such as the residents

    A total whose parts are not all in the frame still bounds the sum of those that are. Raises NotUnderstood for a
    cell that occurs twice, is negative or not whole.
    """
    cells = frame.with_row_index(ROW)
    _check(cells, list(parents), value)
    shown = cells[value].cast(pl.Int64)
    is_hidden = shown.is_null().to_numpy()
    known = shown.fill_null(0).to_numpy()
    ceiling = np.full(len(known), hidden[1], dtype=np.int64)
    if cap is not None:
        ceiling = np.minimum(ceiling, cells[cap].cast(pl.Int64).fill_null(NO_BOUND).to_numpy())
    rows: list[Integers] = []
    atoms: list[Integers] = []
    signs: list[Integers] = []
    floors: list[Integers] = []
    count = 0
    for column, parent_of in parents.items():
        others = [name for name in parents if name != column]
        part_rows, part_atoms, total_atoms, whole = _sums(cells, column, parent_of, others=others)
        size = len(total_atoms)
        rows += [part_rows + count, np.arange(size) + count]
        atoms += [part_atoms, total_atoms]
        signs += [np.ones(len(part_rows), dtype=np.int64), np.full(size, -1, dtype=np.int64)]
        floors.append(np.where(whole, 0, -NO_BOUND))
        count += size
    empty = np.empty(0, dtype=np.int64)
    return incidence(
        np.concatenate([empty, *rows]),
        np.concatenate([empty, *atoms]),
        row_low=np.concatenate([empty, *floors]),
        row_high=np.zeros(count, dtype=np.int64),
        low=np.where(is_hidden, hidden[0], known),
        high=np.where(is_hidden, ceiling, known),
        values=np.concatenate([empty, *signs]),
    )


def _sums(
    cells: pl.DataFrame, column: str, parent_of: Mapping[str, str], *, others: list[str]
) -> tuple[Integers, Integers, Integers, Flags]:
    """Parts and their totals along one column: row and atom of each part, atom of each total, all parts there."""
    links = pl.DataFrame(
        {column: list(parent_of), PARENT: list(parent_of.values())}, schema={column: pl.String, PARENT: pl.String}
    )
    expected = links.group_by(PARENT).len("expected")
    parts = cells.select(ROW, *others, column).join(links, on=column)
    totals = cells.select(pl.col(ROW).alias("total"), *others, pl.col(column).alias(PARENT))
    joined = parts.join(totals, on=[*others, PARENT]).join(expected, on=PARENT)
    joined = joined.with_columns(at=pl.col("total").rank("dense").cast(pl.Int64) - 1).sort("at", ROW)
    by_total = joined.group_by("at").agg(pl.col("total").first(), pl.len().alias("there"), pl.col("expected").first())
    by_total = by_total.sort("at")
    return (
        joined["at"].to_numpy(),
        joined[ROW].cast(pl.Int64).to_numpy(),
        by_total["total"].cast(pl.Int64).to_numpy(),
        (by_total["there"] == by_total["expected"]).to_numpy(),
    )


def _check(cells: pl.DataFrame, columns: list[str], value: str) -> None:
    missing = [name for name in (*columns, value) if name not in cells.columns]
    if missing:
        raise NotUnderstood(f"The table has no column {missing[0]}; it has {', '.join(cells.columns[1:])}.")
    if not (cells[value].dtype.is_numeric() or cells[value].dtype == pl.Null):
        raise NotUnderstood(f"Column {value} holds {cells[value].dtype}, not counts. Turn marks into empty fields.")
    twice = cells.filter(pl.struct(columns).is_duplicated())
    if twice.height:
        raise NotUnderstood(f"The table holds a cell twice, first in line {twice[ROW][0] + 1}. Give each cell once.")
    shown = cells.filter(pl.col(value).is_not_null())
    bad = shown.filter((pl.col(value).cast(pl.Float64) < 0) | (pl.col(value).cast(pl.Float64) % 1 != 0))
    if bad.height:
        raise NotUnderstood(f"Line {bad[ROW][0] + 1} of the table counts {bad[value][0]}: a count is whole, 0 or more.")


def counts_behind_rates(
    rate: np.ndarray, population: Integers, *, per: int = 100_000, decimals: int = 1
) -> tuple[Integers, Integers]:
    """The counts that a printed rate allows: a rate to one decimal gives the count away up to `per` / 0.1 people."""
    half = 0.5 * 10.0**-decimals
    low = np.ceil((rate - half) * population / per - 1e-9).astype(np.int64)
    high = np.floor((rate + half) * population / per + 1e-9).astype(np.int64)
    return np.maximum(low, 0), high


def change_row(*, before: int, after: int, percent: float, decimals: int = 1) -> list[tuple[dict[int, int], int, int]]:
    """A printed percentage change as two rows over atoms `before` and `after`: rounding gives it away as a band."""
    scale = 10 ** (decimals + 1)
    low = round(scale * (100 + percent)) - 5
    high = round(scale * (100 + percent)) + 5
    whole = 100 * scale
    return [({after: whole, before: -low}, 0, NO_BOUND), ({after: whole, before: -high}, -NO_BOUND, 0)]
