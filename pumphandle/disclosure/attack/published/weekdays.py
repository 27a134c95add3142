"""The weekday theorem: exact sums of seven days, published day after day, give away the days themselves.

Two sums that follow each other differ by the day that came less the day that went, a week before. So along each
weekday the series is known up to its first value, and seven first values are bound by one sum and by no day being
negative: every day lies in an interval of one and the same width, the slack. It only shrinks. Once every weekday has
had a day without a count, it is 0, and the whole past and future is public.
Source: docs/methods/attack.md, "The weekday theorem".
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pumphandle.disclosure.attack.equations import Integers
from pumphandle.disclosure.attack.published.finding import AREA, Finding
from pumphandle.disclosure.attack.published.windows import spans_by_area

SMALL = (1, 4)


@dataclass(frozen=True)
class Stretch:
    """A run of sums without a gap. Every day of it lies in [least, least + slack]; slack < 0: no series fits."""

    slack: int
    least: Integers = field(repr=False)


def attack_weekdays(series: pl.DataFrame, *, length: int = 7, small: tuple[int, int] = SMALL) -> Finding:
    """Sums of `length` days, shown day after day without a gap: the width of every day, in closed form.

    series : area, period (day), value of the `length` days that end on it (null = hidden); `told` where some are not
    """
    stretches: list[Stretch] = []
    for one in spans_by_area(series, length=length, hidden=(0, 1), areas=None):
        shown = one.least == one.most  # a hidden sum is [0, 1] here: never shown
        order = np.argsort(one.at[shown])
        at, sums = one.at[shown][order], one.least[shown][order]
        cuts = np.flatnonzero(np.diff(at) != 1) + 1
        stretches += [slack(run, length=length) for run in np.split(sums, cuts) if len(run)]
    fitting = [one for one in stretches if one.slack >= 0]
    public = [one for one in fitting if one.slack == 0]
    days = np.concatenate([np.empty(0, dtype=np.int64), *(one.least for one in public)])
    few = int(((days >= small[0]) & (days <= small[1])).sum())
    return Finding(
        attack="weekday theorem",
        figures=(
            ("areas", series[AREA].n_unique()),
            ("stretches without a gap", len(stretches)),
            ("days in them", sum(len(one.least) for one in stretches)),
            ("stretches that contradict themselves", len(stretches) - len(fitting)),
            ("stretches known day by day", len(public)),
            ("days in those, exact", len(days)),
            ("small and exact", few),
            ("days within one", sum(len(one.least) for one in fitting if one.slack == 1)),
        ),
        sentence=f"{len(public):,} of {len(stretches):,} stretches of rolling sums give every single day away: "
        f"{len(days):,} days, {few:,} of them counts of {small[0]} to {small[1]}.",
    )


def slack(sums: Integers, *, length: int = 7) -> Stretch:
    """sums : (windows,) exact sums of `length` days, each a day later than the one before."""
    days = len(sums) + length - 1
    along = np.zeros(days, dtype=np.int64)  # each day less the first of its weekday
    for at, change in enumerate(np.diff(sums)):
        along[at + length] = along[at] + change
    lowest = np.array([along[weekday::length].min() for weekday in range(length)])
    first = -lowest  # the least that the first day of each weekday can be
    return Stretch(slack=int(sums[0] - first.sum()), least=along + first[np.arange(days) % length])
