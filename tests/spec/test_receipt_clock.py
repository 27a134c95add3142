"""Every leg of a delivery has its time and its person: late is told at once, twice late goes to the centre."""

from datetime import UTC, datetime, timedelta

import pytest

from pumphandle.governance.receipt_clock import LEGS, STAGES, standing, taken
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
