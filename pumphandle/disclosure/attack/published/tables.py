"""A single published table with its margins."""

from collections.abc import Mapping

import polars as pl

from pumphandle.disclosure.attack.equations import NO_BOUND
from pumphandle.disclosure.attack.intervals import Method, intervals
from pumphandle.disclosure.attack.published.finding import VALUE, Finding
from pumphandle.disclosure.attack.tables import table

SMALL = (1, 4)


def attack_table(
    cells: pl.DataFrame,
    *,
    parents: Mapping[str, Mapping[str, str]],
    hidden: tuple[int, int] = (0, NO_BOUND),
    cap: str | None = None,
    small: tuple[int, int] = SMALL,
) -> Finding:
    """Every hidden cell of a table under attack from all its margins at once.

    cells, parents, hidden, cap : as in attack.tables.table; the column of counts is `value`
    """
    found = intervals(table(cells, parents=parents, hidden=hidden, cap=cap))
    unseen = cells[VALUE].is_null().to_numpy()
    sound = unseen & ~found.contradicted
    exact = sound & found.exact
    few = exact & (found.low >= small[0]) & (found.low <= small[1])
    return Finding(
        attack="a table and its margins",
        figures=(
            ("cells", cells.height),
            ("hidden", int(unseen.sum())),
            ("hidden in a part that contradicts itself", int((unseen & found.contradicted).sum())),
            ("determined exactly", int(exact.sum())),
            ("small and exact", int(few.sum())),
            ("within one", int((sound & (found.width == 1)).sum())),
            ("within two", int((sound & (found.width == 2)).sum())),
            ("undecided within the time", int((sound & (found.method == Method.UNDECIDED)).sum())),
            ("linear programs", found.linear_programs),
            ("integer programs", found.integer_programs),
        ),
        sentence=f"{int(exact.sum()):,} of {int(unseen.sum()):,} hidden cells are determined exactly, "
        f"{int(few.sum()):,} of them counts of {small[0]} to {small[1]}.",
    )


def margins(cells: pl.DataFrame, totals: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Parents of a flat table: every code of a column adds up to that column's one code for a total."""
    return {
        column: {str(code): total for code in cells[column].unique().drop_nulls() if str(code) != total}
        for column, total in totals.items()
    }
