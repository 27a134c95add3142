"""Group disclosure: all of a known group, or none of it. Then a number speaks of everyone in the group."""

import polars as pl

from pumphandle.disclosure.attack.layout import require
from pumphandle.disclosure.attack.published.finding import VALUE, Finding

POPULATION = "population"


def attack_groups(cells: pl.DataFrame, *, floor: int = 500) -> Finding:
    """Counts beside the size of the group that they are about.

    cells : value (null = hidden), population: who could be counted (residents, or the tested for positives)
    floor : groups of at least so many are not called small
    """
    require(cells, VALUE, POPULATION)
    known = cells.filter(pl.col(VALUE).is_not_null() & (pl.col(POPULATION) > 0))
    of_all, of_none = pl.col(VALUE) == pl.col(POPULATION), pl.col(VALUE) == 0
    small = pl.col(POPULATION) < floor
    counts = known.select(
        all=of_all.sum(),
        none=(of_none & small).sum(),
        few_left=((pl.col(POPULATION) - pl.col(VALUE)).is_between(1, 4) & small).sum(),
        over=(pl.col(VALUE) > pl.col(POPULATION)).sum(),
        small=small.sum(),
    ).row(0, named=True)
    return Finding(
        attack="all of a group, or none of it",
        figures=(
            ("groups of known size", known.height),
            (f"of fewer than {floor} people", counts["small"]),
            ("all of the group counted", counts["all"]),
            (f"none of fewer than {floor} counted", counts["none"]),
            ("all but 1 to 4 counted", counts["few_left"]),
            ("more counted than there are", counts["over"]),
        ),
        sentence=f"{counts['all']:,} counts tell of everyone in a group that they are in it, and {counts['none']:,} "
        f"tell of everyone in one of fewer than {floor} that they are not.",
    )
