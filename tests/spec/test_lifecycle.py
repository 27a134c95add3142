"""A state table has one answer for every event or refuses it; a table that contradicts itself is not accepted."""

import pytest

from pumphandle.governance.lifecycle import Lifecycle, Move
from pumphandle.vocabulary.errors import Broken, Refused

DOOR = Lifecycle(
    "door",
    {"open": "Anyone may pass.", "shut": "Nobody may."},
    (Move("shut", "open", "shut", "the keeper"),),
)


def test_an_event_leads_to_one_state_or_is_refused() -> None:
    assert DOOR.first == "open"
    assert DOOR.check("open", "shut") == "shut"
    with pytest.raises(Refused, match="that is shut cannot shut; from here: nothing"):
        DOOR.check("shut", "shut")


def test_the_diagram_shows_every_arrow_and_every_end() -> None:
    drawn = DOOR.mermaid()
    for line in ("[*] --> open", "open --> shut: shut (the keeper)", "shut --> [*]"):
        assert line in drawn


@pytest.mark.parametrize(
    "moves",
    [
        (Move("burn", "open", "ashes", "fire"),),
        (Move("shut", "open", "shut", "a"), Move("shut", "open", "open", "b")),
    ],
)
def test_a_table_that_contradicts_itself_is_not_accepted(moves: tuple[Move, ...]) -> None:
    with pytest.raises(Broken):
        Lifecycle("door", DOOR.states, moves)
