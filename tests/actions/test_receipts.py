"""A day's run writes when each authority's results came in, when they were linked, and when the package was ready."""

from collections.abc import Callable
from datetime import date

from pumphandle.store.identified import receipts
from tests.actions.conftest import House, moment

LEGS = ("received", "routed", "available")


def test_a_run_writes_the_legs_before_the_package(house: House, line: Callable[..., str]) -> None:
    """A laboratory's results came for the north alone: in the south nothing was received, and its package is there."""
    day = date(2020, 6, 1)
    house.put(day, line(1, day), line(2, day))
    house.run(day)
    with house.premises.database.transaction() as tx:
        found = receipts.board(tx, first=day)
    assert set(found["D1", day]) == set(LEGS)
    assert set(found["D2", day]) == {"routed", "available"}
    assert max(found["D1", day].values()) == found["D1", day]["available"] == moment(day)
