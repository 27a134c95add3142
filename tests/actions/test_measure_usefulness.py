"""Every release is measured in the transaction that made it, and the figures stay where the public cannot read."""

from collections.abc import Callable
from datetime import date, timedelta

import psycopg
import pytest

from pumphandle.actions.look_usefulness import look_usefulness
from pumphandle.store.decisions import usefulness
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.errors import NotPermitted
from pumphandle.vocabulary.people import Actor, Role
from tests.actions.conftest import House, moment
from tests.conftest import DatabaseUrls

DAY = date(2020, 6, 1)
NEXT = DAY + timedelta(days=1)
Line = Callable[..., str]


def test_a_release_is_measured_with_the_day(house: House, line: Line) -> None:
    """Six in A are out at once; three in C wait a day and are then out with two more; one in B still waits."""
    house.put(DAY, *[line(at, DAY, area="A") for at in range(6)], *[line(at, DAY, area="C") for at in range(10, 13)])
    house.run(DAY)
    house.put(NEXT, *[line(at, DAY, area="C") for at in range(20, 22)], line(30, DAY, area="B"))
    house.run(NEXT)
    with house.premises.database.transaction() as tx:
        first, second = usefulness.history(tx, "cases", releases=9)
    assert (first.as_of, second.as_of) == (DAY, NEXT)
    assert first.out_0 == pytest.approx(6 / 9)
    assert second.out_0 == pytest.approx(8 / 12)
    assert second.windows == 2
    assert second.window_days == pytest.approx(1.5)
    assert second.held_back == 0
    assert second.out_3 is None


def test_who_has_no_duty_does_not_see_it_and_the_public_cannot(
    house: House, line: Line, database_urls: DatabaseUrls
) -> None:
    house.put(DAY, *[line(at, DAY, area="A") for at in range(6)])
    house.run(DAY)
    with pytest.raises(NotPermitted):
        look_usefulness(house.premises.database, Measure.CASES, by=Actor("Dee", Role.DIRECTOR), at=moment(DAY))
    seen = look_usefulness(house.premises.database, Measure.CASES, by=Actor("Nat", Role.NATIONAL), at=moment(DAY))
    assert len(seen) == 1
    with (
        psycopg.connect(database_urls.public) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select * from decisions.usefulness")
