"""Hidden cells of small areas beside published totals of the larger areas that hold them."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pumphandle.disclosure.attack.equations import Flags, Integers
from pumphandle.disclosure.attack.layout import require
from pumphandle.disclosure.attack.published.finding import AREA, PARENT, PERIOD, VALUE, Finding
from pumphandle.vocabulary.errors import NotUnderstood


@dataclass(frozen=True)
class _Beside:
    """Totals with the hidden cells inside them, one entry for each total that is met.

    hidden, residual : cells hidden in it, and what is left for them together
    low, high        : the interval of each of its hidden cells; the same for all of them, for nothing tells them apart
    fits             : whether the rule allows any such cells at all
    """

    hidden: Integers = field(repr=False)
    residual: Integers = field(repr=False)
    low: Integers = field(repr=False)
    high: Integers = field(repr=False)
    fits: Flags = field(repr=False)

    @property
    def exact(self) -> Flags:
        return self.fits & (self.low == self.high)

    def cells(self, chosen: Flags) -> int:
        """Hidden cells of the chosen totals."""
        return int(self.hidden[chosen].sum())


def attack_totals(cells: pl.DataFrame, totals: pl.DataFrame, *, hidden: tuple[int, int]) -> Finding:
    """Hidden cells of small areas against published totals of larger ones.

    cells  : area, parent, period, value (null = hidden), one line per area and period
    totals : parent, period, value
    hidden : the least and most that the publisher's rule lets a hidden cell be

    A total that no table fits (another release, another rule) determines nothing and is counted as contradicted.
    """
    met = _met(cells, totals)
    beside = _beside(met, hidden)
    complete = met.filter(pl.col("hidden") == 0)
    exact, fitting = beside.cells(beside.exact), beside.cells(beside.fits)
    narrowed = beside.cells(beside.fits & (beside.high - beside.low < hidden[1] - hidden[0])) - exact
    return Finding(
        attack="hidden cells against totals",
        figures=(
            ("cells", cells.height),
            ("hidden", int(cells[VALUE].is_null().sum())),
            ("hidden beside a total that fits", fitting),
            ("determined exactly", exact),
            ("determined because alone", beside.cells(beside.exact & (beside.hidden == 1))),
            ("narrowed", narrowed),
            ("hidden beside a total that cannot hold", beside.cells(~beside.fits)),
            ("complete sums", complete.height),
            ("complete sums that agree", complete.filter(pl.col("total") == pl.col("shown")).height),
        ),
        sentence=f"{exact:,} of {fitting:,} hidden cells beside a total that fits are determined exactly.",
    )


def attack_zero_rule(cells: pl.DataFrame, totals: pl.DataFrame, *, most: int) -> Finding:
    """What it gives away that zeros are always shown: a hidden cell is then at least 1.

    cells, totals : as in attack_totals; most : the most that a hidden cell can be
    """
    met = _met(cells, totals)
    unaware, aware = _beside(met, (0, most)), _beside(met, (1, most))
    more = aware.cells(aware.exact & ~unaware.exact)
    return Finding(
        attack="knowing that zeros are always shown",
        figures=(
            ("hidden beside a total that fits", aware.cells(aware.fits)),
            ("determined without knowing it", unaware.cells(unaware.exact & aware.fits)),
            ("determined only by knowing it", more),
        ),
        sentence=f"{more:,} more hidden cells are determined by whoever knows that zeros are shown.",
    )


def attack_insiders(cells: pl.DataFrame, totals: pl.DataFrame, *, hidden: tuple[int, int]) -> Finding:
    """What a person sees who is alone in a hidden cell: their own 1 comes off the total.

    cells, totals, hidden : as in attack_totals. Which cells count 1 is not known here, so each hidden cell that can is
    tried; what is counted are cells that would be opened, not cells that are.
    """
    beside = _beside(_met(cells, totals), hidden)
    could = beside.fits & ~beside.exact & (beside.low <= 1) & (beside.high >= 1) & (beside.hidden > 1)
    low, high = _ends(beside.hidden - 1, beside.residual - 1, hidden)
    opened = could & (low == high)
    others = beside.cells(opened)
    return Finding(
        attack="as the one person in a hidden cell",
        figures=(
            ("hidden cells that can count one person", beside.cells(could)),
            ("cells that such a person would see through", others),
            ("totals concerned", int(opened.sum())),
        ),
        sentence=f"{others:,} hidden cells would be exact to a person who is alone in another one.",
    )


def _met(cells: pl.DataFrame, totals: pl.DataFrame) -> pl.DataFrame:
    """parent, period, hidden (cells), shown (their sum), total; in order of parent and period."""
    require(cells, AREA, PARENT, PERIOD, VALUE)
    require(totals, PARENT, PERIOD, VALUE)
    if totals.select(pl.struct(PARENT, PERIOD).is_duplicated().any()).item():
        raise NotUnderstood("The totals hold one area and period twice. Give the totals of one release.")
    groups = cells.group_by(PARENT, PERIOD).agg(
        hidden=pl.col(VALUE).is_null().sum().cast(pl.Int64), shown=pl.col(VALUE).sum().cast(pl.Int64)
    )
    told = totals.select(PARENT, PERIOD, total=pl.col(VALUE).cast(pl.Int64)).drop_nulls()
    return groups.join(told, on=[PARENT, PERIOD]).sort(PARENT, PERIOD)


def _beside(met: pl.DataFrame, hidden: tuple[int, int]) -> _Beside:
    some = met.filter(pl.col("hidden") > 0)
    count, residual = some["hidden"].to_numpy(), (some["total"] - some["shown"]).to_numpy()
    low, high = _ends(count, residual, hidden)
    return _Beside(count, residual, low, high, fits=low <= high)


def _ends(count: Integers, residual: Integers, hidden: tuple[int, int]) -> tuple[Integers, Integers]:
    """Of `count` cells that sum to `residual`, each within `hidden`: the least and most that one of them can be."""
    return (
        np.maximum(hidden[0], residual - (count - 1) * hidden[1]),
        np.minimum(hidden[1], residual - (count - 1) * hidden[0]),
    )
