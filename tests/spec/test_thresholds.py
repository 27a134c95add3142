"""The numbers that people choose have a name, bounds, a chooser and a reason; without them nothing is chosen."""

import pytest

from pumphandle.governance.thresholds import DEFAULTS, check_reason, check_value, default
from pumphandle.vocabulary.errors import Refused

FIRST_VALUES = {
    "contact_keep_days": 28,
    "isolation_days": 14,
    "check_hours": 24,
    "reach_hours": 24,
    "notice_hours": 24,
    "council_hold_hours": 72,
    "concern_answer_hours": 24,
    "concern_decision_hours": 72,
    "k_persons": 5,
    "h_households": 2,
    "population_floor": 500,
    "noisy_budget": 1_000,
    "pool_days": 28,
    "rest_percent": 10,
    "link_days": 14,
    "same_place_days": 7,
    "quiet_days": 7,
    "episode_days": 90,
    "false_alarms_in_100_weeks": 25,
    "signal_act_hours": 48,
    "cluster_window_days": 14,
    "largest_household_percent": 100,
    "detection_baseline_days": 28,
    "detection_window_days": 7,
    "glass_hours": 12,
    "glass_review_days": 3,
    "unplaced_keep_days": None,
}


def test_the_house_starts_with_these() -> None:
    assert {one.name: one.value for one in DEFAULTS} == FIRST_VALUES


@pytest.mark.parametrize("name", FIRST_VALUES)
def test_bounds_hold_on_both_sides_and_include_the_first_value(name: str) -> None:
    known = default(name)
    for value in (known.least, known.value or known.least, known.most):
        check_value(name, value)
    for value in (known.least - 1, known.most + 1):
        with pytest.raises(Refused, match=f"{known.least} and {known.most}"):
            check_value(name, value)


def test_every_default_says_what_it_is_and_why() -> None:
    assert [one.name for one in DEFAULTS if len(one.meaning) < 20 or len(one.reason) < 40] == []


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(Refused):
        check_value("k_person", 5)


@pytest.mark.parametrize(("chooser", "reason"), [("", "why"), ("who", ""), ("  ", "why"), ("who", " ")])
def test_no_chooser_or_no_reason_no_choice(chooser: str, reason: str) -> None:
    with pytest.raises(Refused):
        check_reason(chooser, reason)
