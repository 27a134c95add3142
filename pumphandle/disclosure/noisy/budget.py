"""The budget: how much may be said with noise about the records of any one day of arrival, for ever.

A contribution counts in exactly one arrival batch and one cell of a product, so products about different days do not
add up, and products about the same day do. Numbers are thousandths of epsilon, whole, so that a sum is a sum.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from pumphandle.vocabulary.errors import BudgetSpent, Refused


@dataclass(frozen=True)
class Spending:
    """One product's: epsilon (thousandths) on every day of arrival from first to last, both included."""

    first_day: date
    last_day: date
    thousandths: int


@dataclass(frozen=True)
class SpentSpan:
    """Days of arrival, both included, on each of which the same has been spent."""

    first_day: date
    last_day: date
    thousandths: int


def check_budget(earlier: Iterable[Spending], asked: Spending, *, limit: int) -> None:
    """Raises BudgetSpent naming the first day on which the budget does not suffice; Refused for nonsense."""
    if asked.thousandths <= 0 or asked.first_day > asked.last_day:
        raise Refused("A noisy product needs an epsilon above 0 and a first day that does not come after the last.")
    for span in spent([*_overlapping(earlier, asked), asked]):
        if span.thousandths > limit:
            before = span.thousandths - asked.thousandths
            raise BudgetSpent(
                f"Of the {limit / 1000:g} that may be spent on the records of {span.first_day}, {before / 1000:g} is "
                f"spent; {asked.thousandths / 1000:g} more is too much. Nothing was made."
            )


def spent(spendings: Iterable[Spending]) -> list[SpentSpan]:
    """The same as spans of days, oldest first; days on which nothing was spent are left out."""
    known = list(spendings)
    edges = sorted({one.first_day for one in known} | {one.last_day + timedelta(days=1) for one in known})
    spans = [
        SpentSpan(first, after - timedelta(days=1), total)
        for first, after in pairwise(edges)
        if (total := sum(one.thousandths for one in known if one.first_day <= first <= one.last_day))
    ]
    return spans


def _overlapping(earlier: Iterable[Spending], asked: Spending) -> list[Spending]:
    """What was spent on the days asked for, cut to them."""
    return [
        Spending(max(one.first_day, asked.first_day), min(one.last_day, asked.last_day), one.thousandths)
        for one in earlier
        if one.first_day <= asked.last_day and one.last_day >= asked.first_day
    ]
