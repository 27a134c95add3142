"""No two people call the same contact, nobody's words are lost, and another authority sees nothing."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from pumphandle.actions.follow_up import CLAIM, Overtaken, call, say, see, take_next
from pumphandle.actions.name_contact import name_contact
from pumphandle.store.engine import Database
from pumphandle.tracing.follow_up import Named
from pumphandle.vocabulary.errors import NotFound, NotPermitted, NotUnderstood, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode
from pumphandle.vocabulary.tracing import ContactKind
from tests.actions.conftest import House
from tests.conftest import DatabaseUrls

DAY = date(2020, 7, 1)
AT = datetime(2020, 7, 2, 9, tzinfo=UTC)
ADA, BEN = (Actor(name, Role.TRACER, AreaCode("D1")) for name in ("ada", "ben"))
DEE = Actor("dee", Role.DIRECTOR, AreaCode("D1"))
EVE = Actor("eve", Role.TRACER, AreaCode("D2"))


def named(number: int, day: date = DAY) -> Named:
    return Named(f"Surname{number}", "Kim", None, "07700 900001", None, None, None, ContactKind.HOUSEHOLD, day)


@pytest.fixture
def case(house: House, line: Callable[..., str], database_urls: DatabaseUrls) -> str:
    house.put(DAY, line(1, DAY))
    house.run(DAY)
    with psycopg.connect(database_urls.owner) as connection:
        row = connection.execute("select record_key::text from identified.record").fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
def console(database_urls: DatabaseUrls) -> Iterator[Database]:
    database = Database(database_urls.console)
    yield database
    database.close()


def contact(console: Database, case: str, number: int, *, by: Actor = ADA, at: datetime = AT) -> str:
    return name_contact(console, case, named(number), contact_id=UUID(int=number), by=by, at=at)


def test_a_team_takes_contacts_by_turns_most_overdue_first(console: Database, case: str) -> None:
    waiting = [contact(console, case, number, at=AT + timedelta(minutes=number)) for number in range(1, 9)]
    later = AT + timedelta(hours=30)

    def take(number: int) -> str:
        view = take_next(console, by=(ADA, BEN)[number % 2], at=later)
        assert view is not None
        return view.contact.contact_id

    with ThreadPoolExecutor(4) as callers:
        taken = list(callers.map(take, range(8)))
    assert sorted(taken) == sorted(waiting), "each once"
    assert take_next(console, by=ADA, at=later) is None
    again = take_next(console, by=ADA, at=later + CLAIM)
    assert again is not None
    assert again.contact.contact_id == waiting[0], "who was taken and not spoken of waits again, the oldest first"


def test_what_two_people_say_at_once_is_said_once_and_the_other_is_told(console: Database, case: str) -> None:
    one = contact(console, case, 1)
    done = call(console, one, version=1, sent={"answered": "yes", "well": "well", "home": "yes"}, by=ADA, at=AT)
    assert (done.state, done.reached_at, done.version) == ("isolating", AT, 3)
    with pytest.raises(Overtaken, match="Read it, then send yours again"):
        call(console, one, version=1, sent={"answered": "no"}, by=BEN, at=AT)
    seen = see(console, one, by=BEN, at=AT)
    assert [step.event for step in seen.steps] == ["name", "reach", "isolate"]
    assert seen.steps[2].answers == {"answered": "yes", "well": "well", "home": "yes"}


def test_who_has_taken_a_contact_is_not_interrupted(console: Database, case: str) -> None:
    contact(console, case, 1)
    taken = take_next(console, by=ADA, at=AT)
    assert taken is not None
    with pytest.raises(Overtaken, match="ada has taken this contact until 09:30"):
        say(console, taken.contact.contact_id, "reach", version=1, by=BEN, at=AT)
    say(console, taken.contact.contact_id, "reach", version=1, by=BEN, at=AT + CLAIM)


def test_a_form_sent_twice_names_one_contact(console: Database, case: str) -> None:
    assert contact(console, case, 1) == contact(console, case, 1)
    assert len(see(console, str(UUID(int=1)), by=ADA, at=AT).steps) == 1


def test_a_contact_that_cannot_be_followed_up_leaves_nothing(
    console: Database, case: str, database_urls: DatabaseUrls
) -> None:
    far = named(1, DAY - timedelta(days=60))
    with pytest.raises(NotUnderstood):
        name_contact(console, case, far, contact_id=UUID(int=1), by=ADA, at=AT)
    with psycopg.connect(database_urls.owner) as connection:
        assert connection.execute("select count(*) from identified.contact").fetchone() == (0,)


def test_another_authority_and_another_role_get_nothing(console: Database, case: str) -> None:
    one = contact(console, case, 1)
    with pytest.raises(NotFound):
        contact(console, case, 2, by=EVE)
    with pytest.raises(NotFound):
        see(console, one, by=EVE, at=AT)
    assert take_next(console, by=EVE, at=AT) is None
    with pytest.raises(NotPermitted):
        see(console, one, by=Actor("ann", Role.ANALYST, AreaCode("D1")), at=AT)


def test_a_contact_named_by_mistake_is_closed_by_a_director_only(console: Database, case: str) -> None:
    one = contact(console, case, 1)
    with pytest.raises(Refused, match="a director's"):
        say(console, one, "close", version=1, by=ADA, at=AT)
    assert say(console, one, "close", version=1, by=DEE, at=AT).state == "closed"


def test_a_contact_who_was_erased_is_not_opened_again(
    console: Database, case: str, database_urls: DatabaseUrls
) -> None:
    """Neither by a page nor by the database's own door; what stands is that there was one."""
    one = contact(console, case, 1)
    say(console, one, "close", version=1, by=DEE, at=AT)
    assert "reopen" in see(console, one, by=DEE, at=AT).events
    with psycopg.connect(database_urls.deeds) as deeds:
        deeds.execute("update identified.contact set family_name = null, erased_on = '2020-07-02'")
    assert see(console, one, by=DEE, at=AT).events == []
    with pytest.raises(Refused, match="erased on 2020-07-02"):
        say(console, one, "reopen", version=2, by=DEE, at=AT)
    for statement in (
        "update identified.contact set state = 'to_reach', due = now()",
        "update identified.contact set family_name = 'Again'",
        "insert into identified.contact_step select contact_id, 9, 'reopen', 'to_reach', now(), 'dee', '{}' "
        "from identified.contact",
    ):
        with (
            pytest.raises(psycopg.errors.CheckViolation),
            console.transaction(authority=DEE.authority, role=DEE.role) as tx,
        ):
            tx.execute(statement.encode())
