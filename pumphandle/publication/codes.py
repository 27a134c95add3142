"""The one table of codes: what is said instead of a blank, everywhere the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pumphandle.publication.wording import ENGLISH, Words


class State(StrEnum):
    """Said in place of a number, or beside it; never a blank, never a number that means something else."""

    PUBLISHED = "published"
    ZERO = "zero"
    OPEN_WINDOW = "open_window"
    COMBINED = "combined"
    NOT_YET = "not_yet"
    HELD = "held"
    RECALLED = "recalled"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Code:
    """How a code is shown. `mark`: one character on the map, None where a number stands there instead."""

    state: State
    mark: str | None

    def short(self, words: Words = ENGLISH) -> str:
        """In a cell: held"""
        return words.say(f"codes.{self.state.value}.short")

    def meaning(self, words: Words = ENGLISH, *, few: str) -> str:
        """In a sentence. `few`: what an open window may hold, in the rule's words."""
        return words.say(f"codes.{self.state.value}.meaning", few=few)


CODES: Final[Mapping[State, Code]] = {
    code.state: code
    for code in (
        Code(State.PUBLISHED, None),
        Code(State.ZERO, None),
        Code(State.OPEN_WINDOW, "o"),
        Code(State.COMBINED, None),
        Code(State.NOT_YET, "n"),
        Code(State.HELD, "h"),
        Code(State.RECALLED, "r"),
        Code(State.NOT_APPLICABLE, None),
    )
}
