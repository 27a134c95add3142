"""Every leg of a delivery has its time and its person: late is told at once, twice late goes to the centre."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pumphandle.governance.receipt_clock import LEGS, STAGES, Gone, gone, result_time, standing, taken
from pumphandle.vocabulary.people import Role

NOON = datetime(2020, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def upto(stage: str, *, at: datetime = NOON) -> dict[str, datetime]:
    return dict.fromkeys(STAGES[: STAGES.index(stage) + 1], at)


@pytest.mark.parametrize("stage", STAGES[:-1])
def test_each_leg_is_late_a_moment_after_its_time_and_goes_up_after_twice(stage: str) -> None:
    leg = LEGS[STAGES[STAGES.index(stage) + 1]]
    known = upto(stage)
    assert standing(known, at=NOON + leg.within).acts is None
    assert standing(known, at=NOON + leg.within + timedelta(seconds=1)).acts == leg.first
    assert standing(known, at=NOON + 2 * leg.within).acts == leg.first
    late = standing(known, at=NOON + 2 * leg.within + timedelta(seconds=1))
    assert (late.acts, late.due, late.stage) == (leg.then, NOON + leg.within, stage)


def test_what_is_acknowledged_waits_for_nobody() -> None:
    done = standing(upto("acknowledged"), at=NOON + 1000 * HOUR)
    assert (done.leg, done.due, done.acts) == (None, None, None)


def test_a_package_that_nobody_opens_is_the_directors_and_then_the_centres() -> None:
    known = upto("available")
    assert standing(known, at=NOON + 25 * HOUR).acts is Role.DIRECTOR
    assert standing(known, at=NOON + 49 * HOUR).acts is Role.NATIONAL


def test_hours_of_a_leg_are_median_and_nearest_rank() -> None:
    many = [{"available": NOON, "opened": NOON + hours * HOUR} for hours in range(1, 21)]
    [leg] = taken([*many, {"available": NOON}, {"opened": NOON}])
    assert (leg.leg.stage, leg.middle, leg.slowest, leg.deliveries) == ("opened", 10.5, 19.0, 20)
    assert taken([]) == []


def sent(day: int, **hours: float) -> tuple[date, dict[str, datetime]]:
    """A package that was available at noon, and what came after it."""
    noon = NOON + timedelta(days=day - 1)
    later = {stage: noon + number * HOUR for stage, number in hours.items()}
    return noon.date(), {"routed": noon, "available": noon, **later}


def by_stage(at: datetime, *deliveries: tuple[date, dict[str, datetime]]) -> dict[str, Gone]:
    return {one.stage: one for one in gone(deliveries, at=at, zone=UTC)}


def test_everybody_reads_whole_hours_of_packages_that_went_a_leg() -> None:
    legs = by_stage(NOON + 9 * 24 * HOUR, sent(1, opened=0.01, acknowledged=1.5), sent(2, opened=30, acknowledged=31))
    assert legs["opened"] == Gone(
        "opened", 2, 2, same_day=1, in_time=1, waiting=0, late=0, median_hours=1, p95_hours=30
    )
    assert (legs["acknowledged"].median_hours, legs["acknowledged"].p95_hours) == (1, 2)
    assert legs["routed"] == Gone("routed", 0, 0, 0, 0, 0, 0, median_hours=None, p95_hours=None)


def test_a_late_package_has_no_number_and_is_not_left_out_either() -> None:
    """One of three was never opened: half took at most five hours; how long the slowest takes nobody knows."""
    found = by_stage(NOON + 9 * 24 * HOUR, sent(1, opened=2), sent(2, opened=5), sent(3))
    assert found["opened"] == Gone("opened", 3, 2, 2, 2, waiting=0, late=1, median_hours=5, p95_hours=None)
    alone = by_stage(NOON + 9 * 24 * HOUR, sent(3))
    assert alone["opened"] == Gone("opened", 1, 0, 0, 0, waiting=0, late=1, median_hours=None, p95_hours=None)
    assert alone["acknowledged"].packages == 0


def test_a_package_that_still_has_time_is_neither_late_nor_done() -> None:
    found = by_stage(NOON + 24 * HOUR, sent(1, opened=20))
    assert found["acknowledged"] == Gone("acknowledged", 1, 0, 0, 0, 1, late=0, median_hours=None, p95_hours=None)
    assert by_stage(NOON + 24 * HOUR, sent(1))["opened"].waiting == 1
    assert by_stage(NOON + 25 * HOUR, sent(1))["opened"].late == 1


def test_a_day_is_the_nations() -> None:
    """Noon and ten hours in UTC is the next day in Sydney."""
    there = gone([sent(1, opened=10)], at=NOON + 99 * HOUR, zone=ZoneInfo("Australia/Sydney"))
    assert [one.same_day for one in there if one.stage == "opened"] == [0]


def test_the_result_time_of_few_results_is_not_told() -> None:
    assert result_time({1: 999}) is None
    assert result_time({}) is None
    assert result_time({1: 500, 2: 449, 9: 51}) == (1, 9)
    assert result_time({1: 501, 2: 450, 9: 49}) == (1, 2)
