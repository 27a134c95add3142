"""Is a laboratory's day as its contract and its own past say? Silence and shortage alarm, sudden changes warn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import sqrt
from statistics import NormalDist
from zoneinfo import ZoneInfo

from pumphandle.linelist.feeds import FeedContract

FEWEST_DAYS = 7
"""Days of a laboratory's own past below which nothing is called a change."""
FEWEST_LINES = 20


@dataclass(frozen=True)
class Day:
    """What a laboratory sent on one day; missing : field -> lines without it."""

    day: date
    lines: int
    positives: int
    missing: dict[str, int]
    arrived_at: datetime | None


@dataclass(frozen=True)
class Notice:
    """kind : silent, below_minimum, above_maximum, late, positivity, missing_field; severity : alarm or warning"""

    laboratory: str
    kind: str
    field: str
    severity: str
    observed: float
    expected: float
    sentence: str


def judge(contract: FeedContract, today: date, came: Day | None, past: Sequence[Day]) -> list[Notice]:
    """Everything that is to be said of a laboratory's day.

    came : None if nothing came; past : earlier days of the contract's `watch.days` on which something came
    """
    if today.isoweekday() not in contract.expected.weekdays and came is None:
        return []
    name, least, most = contract.name, contract.rows.minimum, contract.rows.maximum
    if came is None or came.lines == 0:
        usual = sum(day.lines for day in past) / len(past) if past else float(least)
        if least == 0:
            return []
        sentence = f"{name} sent nothing; {usual:,.0f} lines are usual."
        return [Notice(contract.laboratory, "silent", "", "alarm", 0.0, usual, sentence)]
    found: list[Notice] = []

    def add(kind: str, severity: str, observed: float, expected: float, sentence: str, field: str = "") -> None:
        found.append(Notice(contract.laboratory, kind, field, severity, observed, expected, sentence))

    if came.lines < least:
        sentence = f"{name} sent {came.lines:,} lines; its contract says at least {least:,}."
        add("below_minimum", "alarm", came.lines, least, sentence)
    if came.lines > most:
        sentence = f"{name} sent {came.lines:,} lines; its contract says at most {most:,}."
        add("above_maximum", "warning", came.lines, most, sentence)
    if came.arrived_at is not None and _is_late(contract, today, came.arrived_at):
        local = came.arrived_at.astimezone(ZoneInfo(contract.time_zone))
        sentence = f"{name} sent at {local:%H:%M}; its contract says by {contract.expected.by}."
        add("late", "warning", local.hour + local.minute / 60, _hours(contract.expected.by), sentence)
    if len(past) >= FEWEST_DAYS and came.lines >= FEWEST_LINES:
        found += _changes(contract, came, past)
    return found


def overdue(contract: FeedContract, moment: datetime, past: Sequence[Day]) -> Notice | None:
    """What is to be said of a laboratory of which nothing has come yet today, by its own clock; None while it may.

    moment : with its zone; past : earlier days of the contract's `watch.days` on which something came
    """
    local = moment.astimezone(ZoneInfo(contract.time_zone))
    is_due = local.hour + local.minute / 60 > _hours(contract.expected.by)
    if contract.rows.minimum == 0 or local.isoweekday() not in contract.expected.weekdays or not is_due:
        return None
    usual = sum(day.lines for day in past) / len(past) if past else float(contract.rows.minimum)
    sentence = (
        f"{contract.name} has sent nothing by {local:%H:%M}; its contract says by {contract.expected.by}, and"
        f" {usual:,.0f} lines are usual."
    )
    return Notice(contract.laboratory, "silent", "", "alarm", 0.0, usual, sentence)


def _is_late(contract: FeedContract, today: date, arrived: datetime) -> bool:
    local = arrived.astimezone(ZoneInfo(contract.time_zone))
    return local.date() > today or (
        local.date() == today and local.hour + local.minute / 60 > _hours(contract.expected.by)
    )


def _hours(clock: str) -> float:
    return int(clock[:2]) + int(clock[3:]) / 60


def _changes(contract: FeedContract, came: Day, past: Sequence[Day]) -> list[Notice]:
    found: list[Notice] = []
    lines = sum(day.lines for day in past)
    share = sum(day.positives for day in past) / lines
    between = sum((day.positives / day.lines - share) ** 2 for day in past if day.lines) / max(1, len(past) - 1)
    within = max(share * (1 - share), 0.5 / lines) / came.lines
    width = NormalDist().inv_cdf(1 - contract.watch.chance / 2) * sqrt(between + within)
    now = came.positives / came.lines
    if abs(now - share) > width:
        sentence = f"{contract.name}: {now:.1%} positive today, {share:.1%} in the last {len(past)} days."
        found.append(Notice(contract.laboratory, "positivity", "", "warning", now, share, sentence))
    for field in sorted(came.missing):
        before = sum(day.missing.get(field, 0) for day in past) / lines
        without = came.missing[field] / came.lines
        if without - before > contract.watch.missing_points / 100:
            sentence = f"{contract.name}: {field} is missing in {without:.0%} of today's lines, in {before:.0%} before."
            found.append(Notice(contract.laboratory, "missing_field", field, "warning", without, before, sentence))
    return found
