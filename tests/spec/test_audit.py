"""Every deed that is remembered is on the list, and the memory holds nobody's data."""

import ast
from pathlib import Path

import pytest

import pumphandle.actions
from pumphandle.governance.audit import REMEMBERED, check_subject
from pumphandle.vocabulary.errors import Broken

ACTIONS = sorted(Path(str(pumphandle.actions.__file__)).parent.glob("*.py"))


def deeds_in(path: Path) -> set[str]:
    """The names given to audit.add(deed=...) in one file."""
    return {
        str(keyword.value.value)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "deed" and isinstance(keyword.value, ast.Constant)
    }


def test_every_deed_is_on_the_list() -> None:
    told = {deed for path in ACTIONS for deed in deeds_in(path)}
    assert told - set(REMEMBERED) == set()


def test_the_list_promises_nothing_that_is_not_done() -> None:
    """`threshold` waits for its deed."""
    told = {deed for path in ACTIONS for deed in deeds_in(path)}
    assert set(REMEMBERED) - told <= {"threshold"}


@pytest.mark.parametrize("key", ["family_name", "postcode", "search", "national_id", "specimen_id", "password"])
def test_a_persons_data_stops_the_deed(key: str) -> None:
    with pytest.raises(Broken, match=key):
        check_subject({"shown": 3, key: "x"})


def test_facts_are_flat() -> None:
    check_subject({"shown": 3, "filters": ["result"], "day": "2020-06-30", "none": None})
    with pytest.raises(Broken):
        check_subject({"person": {"family_name": "x"}})
