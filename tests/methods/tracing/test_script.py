"""A call's answers lead to one step of the follow-up; what was not asked is not kept; a bad script does not start."""

from itertools import product

import pytest

from pumphandle.tracing.follow_up import FOLLOW_UP
from pumphandle.tracing.script import call_script, script
from pumphandle.vocabulary.errors import BadDescription, NotUnderstood

CALL = call_script()


def test_nobody_answered_is_an_attempt_and_nothing_else_is_asked() -> None:
    answers = CALL.answers({"answered": "no", "well": "ill", "help": "food", "note": " rang twice "})
    assert answers == {"answered": "no", "note": "rang twice"}
    assert CALL.event(answers) == "try"


def test_ill_people_are_asked_since_when_and_for_a_test() -> None:
    with pytest.raises(NotUnderstood) as refused:
        CALL.answers({"answered": "yes", "well": "ill", "home": "yes"})
    assert "Since when?" in str(refused.value)
    assert "Is a test arranged?" in str(refused.value)
    with pytest.raises(NotUnderstood, match="Give a day"):
        CALL.answers({"answered": "yes", "well": "ill", "home": "yes", "since": "Monday", "test_booked": "yes"})


def test_an_answer_that_is_not_offered_is_refused() -> None:
    with pytest.raises(NotUnderstood, match="Choose one"):
        CALL.answers({"answered": "perhaps"})


def test_every_way_through_the_call_is_a_step_from_to_reach_or_reached() -> None:
    choices = [question for question in CALL.questions if question.kind == "choice"]
    steps: set[str] = set()
    for picked in product(*(question.choices for question in choices)):
        sent = dict(zip((question.id for question in choices), picked, strict=True))
        answers = CALL.answers(sent | {"since": "2020-07-01", "help": "food"})
        steps.add(CALL.event(answers))
    assert steps == {"try", "reach", "fall_ill", "test", "isolate"}
    assert steps - FOLLOW_UP.events("to_reach") <= FOLLOW_UP.events(FOLLOW_UP.check("to_reach", "reach"))


BAD = 'name = "x"\nversion = 1\n[[question]]\nid = "a"\ntext = "A?"\nchoices = { yes = "Yes" }\n'


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ('[[question]]\nid = "a"\ntext = "B?"\nkind = "text"\n', "stands twice"),
        ('[[question]]\nid = "b"\ntext = "B?"\nkind = "text"\nwhen = { a = "no" }\n', "nobody can answer"),
        ('[[question]]\nid = "b"\ntext = "B?"\nkind = "number"\n', "has kind number"),
        ('[[outcome]]\nevent = "cure"\n', "which no follow-up knows"),
        ('[[outcome]]\nevent = "try"\nanswers = { z = "yes" }\n', "nobody can answer"),
    ],
)
def test_a_bad_script_does_not_start(more: str, sentence: str) -> None:
    with pytest.raises(BadDescription, match=sentence):
        script(BAD + more)
