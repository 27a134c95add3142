"""A contact who cannot be followed up is refused with a sentence; clocks run; every state leads to an end."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pumphandle.tracing.follow_up import FOLLOW_UP, Clocks, Named, check_named, due, path
from pumphandle.tracing.script import call_script
from pumphandle.vocabulary.errors import NotUnderstood, Refused
from pumphandle.vocabulary.tracing import ContactKind

CLOCKS = Clocks(reach_hours=24, check_hours=48, isolation_days=14)
TODAY = date(2020, 7, 20)
AT = datetime(2020, 7, 20, 9, tzinfo=UTC)


def named(**changes: Any) -> Named:
    said: dict[str, Any] = {
        "family_name": "Orr",
        "given_name": "Ada",
        "date_of_birth": date(1990, 2, 1),
        "phone": "07700 900123",
        "email": None,
        "address": None,
        "postcode": None,
        "kind": ContactKind.HOUSEHOLD,
        "exposure_day": date(2020, 7, 15),
    }
    return Named(**(said | changes))


def check(contact: Named) -> None:
    check_named(contact, case_day=date(2020, 7, 16), today=TODAY, clocks=CLOCKS)


def test_a_full_contact_passes() -> None:
    check(named())
    check(named(phone=None, address="1 Elm Street", postcode="AB12CD", date_of_birth=None))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"phone": " "}, "a way to reach them"),
        ({"phone": None, "address": "1 Elm Street"}, "a way to reach them"),
        ({"family_name": None, "given_name": ""}, "Give a name"),
        ({"exposure_day": date(2020, 7, 21)}, "in the future"),
        ({"exposure_day": date(2020, 7, 1)}, "more than 14 days"),
        ({"date_of_birth": date(2020, 7, 16)}, "before the date of birth"),
        ({"date_of_birth": date(2021, 1, 1)}, "date of birth lies in the future"),
        ({"kind": ContactKind.SETTING}, "from the register"),
    ],
)
def test_each_fault_is_a_sentence_without_what_was_typed(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(NotUnderstood, match=sentence) as refused:
        check(named(**changes))
    assert "Orr" not in str(refused.value)
    assert "Elm" not in str(refused.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(NotUnderstood) as refused:
        check(named(phone=None, family_name=None, given_name=None))
    assert str(refused.value).count(".") == 2


def test_clocks() -> None:
    exposure = date(2020, 7, 15)
    assert due("to_reach", AT, exposure_day=exposure, clocks=CLOCKS) == AT + timedelta(hours=24)
    assert due("isolating", AT, exposure_day=exposure, clocks=CLOCKS) == AT + timedelta(hours=48)
    last = datetime(2020, 7, 30, tzinfo=UTC)
    assert due("isolating", last - timedelta(hours=3), exposure_day=exposure, clocks=CLOCKS) == last
    assert due("closed", AT, exposure_day=exposure, clocks=CLOCKS) is None
    assert due("lost", AT, exposure_day=exposure, clocks=CLOCKS) is None


def test_every_state_can_end_and_is_reached() -> None:
    reached, todo = {FOLLOW_UP.first}, [FOLLOW_UP.first]
    for state in todo:
        fresh = {FOLLOW_UP.check(state, event) for event in FOLLOW_UP.events(state)} - reached
        reached |= fresh
        todo += sorted(fresh)
    assert reached == set(FOLLOW_UP.states)
    assert all("close" in FOLLOW_UP.events(state) for state in set(FOLLOW_UP.states) - {"closed"} - FOLLOW_UP.final)


def test_an_end_is_not_walked_past() -> None:
    with pytest.raises(Refused, match="cannot isolate"):
        FOLLOW_UP.check("closed", "isolate")


def test_whoever_speaks_to_a_contact_has_reached_them_on_the_way() -> None:
    assert path("to_reach", "isolate") == ("reach", "isolate")
    assert path("lost", "fall_ill") == ("reach", "fall_ill")
    assert path("isolating", "fall_ill") == ("fall_ill",)
    with pytest.raises(Refused):
        path("closed", "isolate")
    with pytest.raises(Refused):
        path("to_reach", "reopen")


def test_whatever_a_call_comes_to_can_be_written_down_of_everybody_who_is_called() -> None:
    """Somebody who isolates and still does, or does not answer today, is the commonest call of all."""
    called = set(FOLLOW_UP.states) - {"closed"} - FOLLOW_UP.final
    for state in called:
        for event in {outcome.event for outcome in call_script().outcomes}:
            now = state
            for step in path(state, event):
                now = FOLLOW_UP.check(now, step)
            assert now not in FOLLOW_UP.final
    assert path("isolating", "isolate") == ("check",)
    assert path("symptomatic", "isolate") == ("isolate",)
    assert path("to_reach", "isolate") == ("reach", "isolate")
    assert path("isolating", "try") == ("try",)
