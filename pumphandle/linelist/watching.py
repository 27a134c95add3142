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


def judge(
    contract: FeedContract,
    today: date,
    came: Day | None,
    past: Sequence[Day],
    *,
    now: datetime | None = None,
    refused: int = 0,
) -> list[Notice]:
    """Everything that is to be said of a laboratory's day: when it is over, or at a moment `now` while it goes on.

    today : by the laboratory's own clock; came : None if nothing came; refused : files of it that were refused whole
    past  : earlier days of the contract's `watch.days` on which something came
    While the day goes on nothing is said of a laboratory whose hour has not passed.
    """
    if today.isoweekday() not in contract.expected.weekdays and came is None:
        return []
    name, least, most = contract.name, contract.rows.minimum, contract.rows.maximum
    if came is None or came.lines == 0:
        if least == 0 or (now is not None and not _is_past(contract, today, now)):
            return []
        usual = sum(day.lines for day in past) / len(past) if past else float(least)
        asked = f" by {_local(contract, now):%H:%M}; its contract says by {contract.expected.by}" if now else ""
        nothing = f"nothing that could be taken in ({refused:,} refused)" if refused else "nothing"
        sentence = f"{name} sent {nothing}{asked}; {usual:,.0f} lines are usual."
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
    if came.arrived_at is not None and _is_past(contract, today, came.arrived_at):
        local = _local(contract, came.arrived_at)
        sentence = f"{name} sent at {local:%H:%M}; its contract says by {contract.expected.by}."
        add("late", "warning", local.hour + local.minute / 60, _hours(contract.expected.by), sentence)
    if len(past) >= FEWEST_DAYS and came.lines >= FEWEST_LINES:
        found += _changes(contract, came, past)
    return found


def day_at(contract: FeedContract, moment: datetime) -> date:
    """The laboratory's own day. moment : with its zone"""
    return _local(contract, moment).date()


def _local(contract: FeedContract, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(contract.time_zone))


def _is_past(contract: FeedContract, today: date, moment: datetime) -> bool:
    """Whether the hour of the contract on its day `today` lies before the moment, by the laboratory's own clock."""
    local = _local(contract, moment)
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
