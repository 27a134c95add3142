"""The gate asks for people when the rule changed or much was withdrawn, and never because numbers rise or fall."""

from dataclasses import replace

import pytest

from pumphandle.governance.releases import Draft, Gate, gate

QUIET = Draft(blocks=120, value=400, withdrawn=0, held=0, rule_versions={"k_persons": 1}, nodes="a")


@pytest.mark.parametrize("value", [4, 400, 2_254, 12_497, 60_000])
def test_a_wave_or_a_monday_goes_out_by_itself(value: int) -> None:
    assert gate(replace(QUIET, value=value), QUIET) == (Gate.PASS, ())


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        (replace(QUIET, rule_versions={"k_persons": 2}), "k_persons"),
        (replace(QUIET, nodes="b"), "published together"),
        (replace(QUIET, withdrawn=21), "withdrawn results"),
    ],
)
def test_what_people_must_look_at(draft: Draft, reason: str) -> None:
    said, reasons = gate(draft, QUIET)
    assert said is Gate.REVIEW
    assert reason in " ".join(reasons)


def test_the_first_release_has_nothing_to_be_compared_with() -> None:
    assert gate(QUIET, None) == (Gate.PASS, ())
