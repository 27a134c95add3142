"""A laboratory's day is held against its contract and its own past: silence and shortage alarm, sudden changes warn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pumphandle.linelist.feeds import Expected, FeedContract, Rows
from pumphandle.linelist.watching import Day, day_at, judge

TODAY = date(2020, 6, 29)  # a Monday
PAST = [
    Day(TODAY - timedelta(days=back), 1_000, 50 + back % 7, {"postcode": 20 + back % 5}, None) for back in range(1, 29)
]


@pytest.fixture
def contract(make_contract: Callable[..., FeedContract]) -> FeedContract:
    return replace(
        make_contract(),
        rows=Rows(500, 2_000),
        expected=Expected(by="10:30", weekdays=(1, 2, 3, 4, 5)),
        name="Northgate",
    )


def day(**changed: Any) -> Day:
    return replace(Day(TODAY, 1_000, 53, {"postcode": 22}, datetime(2020, 6, 29, 9, 0, tzinfo=UTC)), **changed)


def kinds(
    contract: FeedContract, came: Day | None, past: list[Day] = PAST, today: date = TODAY
) -> list[tuple[str, str]]:
    return [(one.severity, one.kind) for one in judge(contract, today, came, past)]


def test_a_usual_day_says_nothing(contract: FeedContract) -> None:
    assert kinds(contract, day()) == []


def test_silence_is_an_alarm_but_not_on_a_day_without_work(contract: FeedContract) -> None:
    assert kinds(contract, None) == [("alarm", "silent")]
    assert kinds(contract, day(lines=0, positives=0)) == [("alarm", "silent")]
    assert kinds(contract, None, today=TODAY - timedelta(days=1)) == []


def test_too_few_alarm_and_too_many_warn(contract: FeedContract) -> None:
    assert kinds(contract, day(lines=400, positives=21, missing={"postcode": 9})) == [("alarm", "below_minimum")]
    assert kinds(contract, day(lines=2_100, positives=111, missing={"postcode": 46})) == [("warning", "above_maximum")]


@pytest.mark.parametrize(("hour", "minute", "late"), [(9, 29, False), (9, 31, True), (22, 0, True)])
def test_hours_are_the_laboratory_s_own(contract: FeedContract, hour: int, minute: int, late: bool) -> None:
    """10:30 in London's summer is 09:30 by the world's clock."""
    came = day(arrived_at=datetime(2020, 6, 29, hour, minute, tzinfo=UTC))
    assert kinds(contract, came) == ([("warning", "late")] if late else [])


@pytest.mark.parametrize("positives", [0, 10, 130])
def test_a_sudden_positivity_warns(contract: FeedContract, positives: int) -> None:
    assert kinds(contract, day(positives=positives)) == [("warning", "positivity")]


def test_a_field_that_goes_missing_warns_and_is_named(contract: FeedContract) -> None:
    [one] = judge(contract, TODAY, day(missing={"postcode": 300}), PAST)
    assert (one.kind, one.field) == ("missing_field", "postcode")
    assert "30% of today's lines, in 2% before" in one.sentence


def test_without_a_past_nothing_is_called_a_change(contract: FeedContract) -> None:
    assert kinds(contract, day(positives=900), PAST[:6]) == []


@pytest.mark.parametrize(
    ("clock", "silent"),
    [
        (datetime(2020, 6, 29, 9, 29, tzinfo=UTC), False),  # 10:29 in London
        (datetime(2020, 6, 29, 9, 31, tzinfo=UTC), True),
        (datetime(2020, 6, 28, 20, 0, tzinfo=UTC), False),  # a Sunday
        (datetime(2020, 6, 28, 23, 30, tzinfo=UTC), False),  # Monday already in London, at half past midnight
        (datetime(2020, 6, 29, 22, 59, tzinfo=UTC), True),
    ],
)
def test_silence_is_told_by_the_laboratorys_own_clock(contract: FeedContract, clock: datetime, silent: bool) -> None:
    found = judge(contract, day_at(contract, clock), None, PAST, now=clock)
    assert bool(found) == silent
    for one in found:
        assert (one.severity, one.kind, one.expected) == ("alarm", "silent", 1_000)
        assert "; its contract says by 10:30; 1,000 lines are usual" in one.sentence
    assert judge(replace(contract, rows=Rows(0, 9)), day_at(contract, clock), None, PAST, now=clock) == []


@pytest.mark.parametrize(
    ("hour", "sydney", "perth"), [(0, False, False), (1, True, False), (2, True, False), (3, True, True)]
)
def test_two_laboratories_of_one_nation_have_each_their_hour(
    contract: FeedContract, hour: int, sydney: bool, perth: bool
) -> None:
    """10:30 in Sydney's winter is 00:30 by the world's clock, 10:30 in Perth 02:30."""
    now = datetime(2020, 6, 29, hour, 0, tzinfo=UTC)
    for zone, silent in (("Australia/Sydney", sydney), ("Australia/Perth", perth)):
        there = replace(contract, time_zone=zone)
        assert bool(judge(there, day_at(there, now), None, PAST, now=now)) == silent


def test_a_day_is_the_laboratory_s_own(contract: FeedContract) -> None:
    """At one in the morning of Monday in Sydney it is Sunday night in Perth."""
    now = datetime(2020, 6, 28, 15, 0, tzinfo=UTC)
    zones = ("Australia/Sydney", "Australia/Perth")
    days = [day_at(replace(contract, time_zone=zone), now) for zone in zones]
    assert days == [TODAY, TODAY - timedelta(days=1)]
