"""An account is opened with a password that is shown once, for a role that fits, by one who may, and is remembered."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from pumphandle.actions import sign_in
from pumphandle.actions.grant import grant
from pumphandle.governance.passwords import Cost
from pumphandle.store.decisions import accounts, audit
from pumphandle.store.engine import Database
from pumphandle.vocabulary.errors import NotFound, NotPermitted, Refused
from pumphandle.vocabulary.people import THE_TIMER, Actor, Role
from pumphandle.vocabulary.places import AreaCode

AT = datetime(2020, 6, 30, 9, 0, tzinfo=UTC)
ROWAN: dict[str, Any] = {
    "user_name": "rowan",
    "full_name": "Rowan Director",
    "role": Role.DIRECTOR,
    "authority": AreaCode("NOR"),
    "chance": bytes(range(48)),
    "by": THE_TIMER,
    "at": AT,
    "cost": Cost(doublings=4, r=8, p=1),
}


@pytest.fixture
def database(database_urls: Any) -> Iterator[Database]:
    made = Database(database_urls.deeds)
    with made.transaction() as tx:
        tx.execute(
            "insert into reference.area (area_code, level, name, parent, vintage) values "
            "('NAT', 'nation', 'Testland', null, '1'), ('NOR', 'district', 'Northdale', 'NAT', '1'), "
            "('N1', 'small_area', 'Millbank', 'NOR', '1')"
        )
    yield made
    made.close()


def test_the_password_opens_a_visit_and_is_kept_nowhere(database: Database) -> None:
    granted = grant(database, **ROWAN)
    assert granted.password not in repr(granted)
    visit: dict[str, Any] = {"token": "t", "csrf_token": "c", "at": AT}
    assert sign_in.sign_in(database, user_name="rowan", password=granted.password, **visit)
    known = sign_in.waiting(database, token="t", key=b"k" * 32, chance=bytes(32), at=AT)
    assert known is not None
    assert known.enrolment is not None, "who has no second factor yet is shown one"
    with database.transaction() as tx:
        assert granted.password not in str(accounts.find(tx, "rowan").__dict__)
        entry = audit.latest(tx)[-1]
    assert (entry.deed, entry.subject) == ("grant", {"user_name": "rowan", "role": "director", "authority": "NOR"})


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"authority": None}, Refused),
        ({"role": Role.NATIONAL}, Refused),
        ({"role": Role.SYSTEM, "authority": None}, Refused),
        ({"authority": AreaCode("EAST")}, NotFound),
        ({"authority": AreaCode("N1")}, Refused),
        ({"user_name": "Rowan"}, Refused),
        ({"user_name": "ro"}, Refused),
        ({"user_name": "rowan; --"}, Refused),
        ({"full_name": " "}, Refused),
        ({"by": Actor("sid", Role.DIRECTOR, AreaCode("NOR"))}, NotPermitted),
        ({"by": Actor("nat", Role.NATIONAL)}, NotPermitted),
    ],
)
def test_what_is_refused_leaves_nothing(database: Database, change: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        grant(database, **(ROWAN | change))
    with database.transaction() as tx:
        assert accounts.find(tx, "rowan") is None
        assert audit.latest(tx) == []


def test_a_name_is_given_once(database: Database) -> None:
    grant(database, **ROWAN)
    with pytest.raises(Refused, match="already"):
        grant(database, **ROWAN)
