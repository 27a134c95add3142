"""A contact who lives elsewhere is handed over in one transaction with two receipts; each side sees its own duty."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest

from pumphandle.actions.follow_up import Overtaken, call, say, see, take_next
from pumphandle.actions.hand_over_contact import hand_over_contact, receive_contact
from pumphandle.actions.look_tracing import work
from pumphandle.actions.name_contact import name_contact
from pumphandle.store.engine import Database
from pumphandle.tracing.follow_up import Named
from pumphandle.vocabulary.errors import NotFound, NotUnderstood, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode
from pumphandle.vocabulary.tracing import ContactKind
from tests.actions.conftest import House
from tests.conftest import DatabaseUrls

DAY = date(2020, 7, 1)
AT = datetime(2020, 7, 2, 9, tzinfo=UTC)
ADA = Actor("ada", Role.TRACER, AreaCode("D1"))
EVE = Actor("eve", Role.TRACER, AreaCode("D2"))
GIVEN, TAKEN, HANDOVER = (str(UUID(int=number)) for number in (1, 2, 3))
WELL = {"answered": "yes", "well": "well", "home": "yes"}


@pytest.fixture
def console(house: House, line: Callable[..., str], database_urls: DatabaseUrls) -> Iterator[Database]:
    """A case of the first authority has named a contact."""
    house.put(DAY, line(1, DAY))
    house.run(DAY)
    with psycopg.connect(database_urls.owner) as connection:
        row = connection.execute("select record_key::text from identified.record").fetchone()
    assert row is not None
    database = Database(database_urls.console)
    kim = Named("Quill", "Kim", None, "07700 900001", None, None, None, ContactKind.VISIT, DAY)
    name_contact(database, str(row[0]), kim, contact_id=UUID(GIVEN), by=ADA, at=AT)
    yield database
    database.close()


def hand(console: Database, **changes: object) -> None:
    asked: dict[str, object] = {"receiver": "D2", "reason": "Lives there.", "version": 1, "by": ADA} | changes
    hand_over_contact(
        console,
        GIVEN,
        str(asked["receiver"]),
        reason=str(asked["reason"]),
        version=int(str(asked["version"])),
        new_ids=(UUID(HANDOVER), UUID(TAKEN)),
        by=asked["by"],  # pyright: ignore[reportArgumentType]
        at=AT,
    )


def test_one_deed_ends_one_follow_up_and_begins_the_other_with_its_own_clock(console: Database) -> None:
    hand(console)
    mine = see(console, GIVEN, by=ADA, at=AT)
    assert (mine.contact.state, mine.contact.due, mine.events) == ("handed_over", None, [])
    assert take_next(console, by=ADA, at=AT) is None
    theirs = take_next(console, by=EVE, at=AT)
    assert theirs is not None
    assert (theirs.contact.contact_id, theirs.contact.full_name, theirs.contact.state) == (
        TAKEN,
        "Kim Quill",
        "to_reach",
    )
    assert theirs.contact.due == datetime(2020, 7, 3, 9, tzinfo=UTC)
    assert theirs.handover is not None
    assert (theirs.handover.given_by, theirs.handover.received_at) == ("ada", None)


def test_both_receipts_stand_and_the_giver_is_told_how_far_they_are_and_nothing_else(console: Database) -> None:
    hand(console)
    receive_contact(console, TAKEN, by=EVE, at=AT)
    call(console, TAKEN, version=0, sent=WELL | {"note": "speaks Welsh"}, by=EVE, at=AT)
    told = see(console, GIVEN, by=ADA, at=AT)
    assert told.handover is not None
    assert (told.handover.received_by, told.handover.state, told.handover.reached_at) == ("eve", "isolating", AT)
    assert "Welsh" not in str(told)
    with pytest.raises(NotFound):
        see(console, TAKEN, by=ADA, at=AT)
    with pytest.raises(NotFound):
        see(console, GIVEN, by=EVE, at=AT)
    assert [one.state for one in work(console, by=ADA, at=AT).handovers] == ["isolating"]


def test_who_works_on_a_contact_has_received_them(console: Database) -> None:
    hand(console)
    say(console, TAKEN, "reach", version=0, by=EVE, at=AT)
    told = see(console, GIVEN, by=ADA, at=AT).handover
    assert told is not None
    assert told.received_by == "eve"
    with pytest.raises(NotFound, match="waits for your receipt"):
        receive_contact(console, TAKEN, by=EVE, at=AT)


def test_what_is_refused_leaves_both_sides_as_they_were(console: Database, database_urls: DatabaseUrls) -> None:
    for changes, error in (
        ({"receiver": "D1"}, NotUnderstood),
        ({"receiver": "D9"}, NotUnderstood),
        ({"reason": " "}, NotUnderstood),
        ({"version": 7}, Overtaken),
        ({"by": EVE}, NotFound),
    ):
        with pytest.raises(error):
            hand(console, **changes)
    with pytest.raises(Refused, match="choose which"):
        say(console, GIVEN, "hand_over", version=1, by=ADA, at=AT)
    with psycopg.connect(database_urls.owner) as connection:
        assert connection.execute("select state, version from identified.contact").fetchall() == [("to_reach", 1)]
        assert connection.execute("select count(*) from identified.contact_handover").fetchone() == (0,)


def test_whom_another_caller_has_taken_is_not_handed_over_under_them(console: Database) -> None:
    ben = Actor("ben", Role.TRACER, AreaCode("D1"))
    assert take_next(console, by=ben, at=AT) is not None
    with pytest.raises(Overtaken, match="ben has taken this contact until 09:30"):
        hand(console)
    assert see(console, GIVEN, by=ADA, at=AT).contact.state == "to_reach"
    hand(console, by=ben)
    assert see(console, GIVEN, by=ADA, at=AT).contact.state == "handed_over"


def test_it_is_done_once_and_not_passed_on(console: Database) -> None:
    hand(console)
    with pytest.raises(Overtaken):
        hand(console)
    with pytest.raises(Refused):
        hand(console, version=2)
    with pytest.raises(Refused, match="passed on twice"):
        hand_over_contact(
            console, TAKEN, "D1", reason="No.", version=0, new_ids=(UUID(int=8), UUID(int=9)), by=EVE, at=AT
        )


def test_the_database_alone_lets_nobody_plant_a_contact_elsewhere(console: Database) -> None:
    """The giver's right to write the receiver's first row is for contacts of their own cases only."""
    with pytest.raises(psycopg.Error), console.transaction(authority=EVE.authority, role=EVE.role) as tx:
        tx.execute(
            "insert into identified.contact (contact_id, authority, case_key, case_authority, kind, exposure_day, "
            "state, since, named_at, named_by) values (gen_random_uuid(), 'D1', gen_random_uuid(), 'D1', 'visit', "
            "now(), 'to_reach', now(), now(), 'eve')"
        )
