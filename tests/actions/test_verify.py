"""Whoever changes what was published or remembered is found out, even the owner of the database."""

from collections.abc import Callable
from datetime import date, timedelta

import psycopg
import pytest

from pumphandle.actions.verify import verify
from pumphandle.vocabulary.errors import Broken, PumphandleError
from tests.actions.conftest import House
from tests.conftest import DatabaseUrls

DAY = date(2020, 6, 1)


@pytest.fixture
def lived(house: House, line: Callable[..., str]) -> House:
    """Three days with a window of two days among them."""
    for step, numbers in enumerate((range(8), range(10, 13), range(20, 26))):
        day = DAY + timedelta(days=step)
        house.put(day, *[line(at, day) for at in numbers])
        house.run(day)
    return house


def test_an_honest_history_has_no_fault(lived: House) -> None:
    found = verify(database=lived.premises.database)
    assert (found.releases, found.blocks) == (3, 8)
    assert found.audit_rows > 15


def test_a_house_that_has_published_nothing_has_no_fault(house: House) -> None:
    assert verify(database=house.premises.database).blocks == 0


@pytest.mark.parametrize(
    "tampering",
    [
        "update published.ledger set value = value + 1 where block_id = 1",
        "delete from published.ledger where block_id = 2",
        "update published.ledger set first_day = first_day - 1 where block_id = 3",
        "update published.release set previous_hash = 'x' where sequence = 2",
        "update published.release set manifest = jsonb_set(manifest, '{rows}', '99') where sequence = 1",
        "update decisions.audit set by_name = 'nobody' where audit_id = 3",
        "delete from decisions.audit where audit_id = 3",
    ],
)
def test_tampering_is_found(lived: House, database_urls: DatabaseUrls, tampering: str) -> None:
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute("set session_replication_role = replica")  # the owner turns the triggers off
        assert connection.execute(tampering.encode()).rowcount == 1
    with pytest.raises(PumphandleError) as fault:
        verify(database=lived.premises.database)
    assert isinstance(fault.value, Broken)
