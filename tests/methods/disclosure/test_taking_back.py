"""When only a derivable group objects, and no cell was in question, the measure that it lies in gives up first."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from pumphandle.disclosure.attack.judging import Verdict
from pumphandle.disclosure.gate import _take_back


@dataclass
class Giver:
    """Stands in for a measure's proposal: remembers that it gave up."""

    name: str
    log: list[str]
    has: bool = True
    ready: Any = field(default_factory=lambda: np.ones(3, dtype=np.bool_))

    def give_up(self, _: object, narrow: Any) -> bool:
        assert narrow.shape == self.ready.shape
        if self.has:
            self.log.append(self.name)
        return self.has


@pytest.mark.parametrize(("few", "first"), [((None, 3), "cases"), ((2, None), "tests")])
def test_the_measure_of_the_group_gives_up(few: tuple[int | None, int | None], first: str) -> None:
    log: list[str] = []
    nothing: Any = [None, None]
    proposals: Any = [Giver("tests", log), Giver("cases", log)]
    _take_back(nothing, proposals, Verdict((), few))
    assert log == [first]


def test_the_other_gives_up_where_it_has_nothing() -> None:
    log: list[str] = []
    nothing: Any = [None, None]
    proposals: Any = [Giver("tests", log), Giver("cases", log, has=False)]
    _take_back(nothing, proposals, Verdict((), (None, 3)))
    assert log == ["tests"]


def test_nobody_who_can_give_up_is_our_own_fault() -> None:
    nothing: Any = [None]
    proposals: Any = [Giver("tests", [], has=False)]
    with pytest.raises(AssertionError, match="Nothing closes"):
        _take_back(nothing, proposals, Verdict((), (3,)))
