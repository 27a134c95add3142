"""A record in the wrong place leaves the view of who says so at once, stands as a tombstone, reaches the right
authority with its own times, and is recalled from everybody who was told of it; each is an incident."""

import io
import tarfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl
import psycopg
import pyrage
import pytest

from pumphandle.actions import send_on
from pumphandle.actions.place import place
from pumphandle.actions.rebuild import rebuild
from pumphandle.store.at_rest import beside
from pumphandle.store.engine import Database
from pumphandle.store.identified import contacts, misroutes, reading
from pumphandle.vocabulary.errors import NotFound, NotPermitted, NotUnderstood, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode
from tests.actions.conftest import House, moment
from tests.conftest import DatabaseUrls

DAY = date(2020, 6, 1)
NEXT, THIRD = DAY + timedelta(days=1), DAY + timedelta(days=2)
NORTH = Actor("rowan", Role.DIRECTOR, AreaCode("D1"))
SOUTH = Actor("sid", Role.DIRECTOR, AreaCode("D2"))
CENTRE = Actor("nat", Role.NATIONAL)
HOUSE = Actor("timer", Role.SYSTEM)
Line = Callable[..., str]


@pytest.fixture
def console(database_urls: DatabaseUrls) -> Iterator[Database]:
    database = Database(database_urls.console)
    yield database
    database.close()


@pytest.fixture
def astray(house: House, line: Line) -> str:
    """Two positives of the north; the first is told to the north on the first day, and is no resident of it."""
    house.put(DAY, line(1, DAY), line(2, DAY))
    house.run(DAY)
    [(key,)] = ask(house, "select record_key::text from identified.record where specimen_id = 'S1'")
    return str(key)


def ask(house: House, query: str) -> list[tuple[Any, ...]]:
    with house.premises.database.transaction() as tx:
        return tx.execute(query.encode()).fetchall()


def seen(console: Database, by: Actor, key: str) -> bool:
    with console.transaction(authority=by.authority, role=by.role) as tx:
        return reading.line(tx, key) is not None


def say(
    console: Database, key: str, *, by: Actor = NORTH, to: str = "D2", postcode: str = "", why: str = "moved away"
) -> None:
    send_on.not_ours(console, key, to=to, postcode=postcode, reason=why, by=by, at=moment(DAY))


def opened(house: House, authority: str, day: date) -> dict[str, pl.DataFrame]:
    """The tables of a day's package, opened with the authority's own key."""
    sealed = beside(house.premises.deliveries).read(f"{authority}/{day}.tar.age")
    private = (house.home / "keys" / "authorities" / f"{authority}.age-key").read_text("ascii").strip()
    content = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(private)])
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        files = {name: archive.extractfile(name) for name in archive.getnames() if name.endswith(".parquet")}
        return {name.removesuffix(".parquet"): pl.read_parquet(file.read()) for name, file in files.items() if file}


def test_it_leaves_at_once_and_arrives_with_its_own_times(
    house: House, line: Line, astray: str, console: Database
) -> None:
    before = ask(
        house, f"select report_date, specimen_date, laboratory from identified.record where record_key = '{astray}'"
    )
    assert seen(console, NORTH, astray)
    say(console, astray, postcode="cc11cc")
    assert not seen(console, NORTH, astray)
    assert not seen(console, SOUTH, astray)  # not before the house has sent it on
    with console.transaction(authority=NORTH.authority, role=NORTH.role) as tx:
        assert contacts.case_day(tx, astray) is None
        [tombstone] = misroutes.tombstones(tx, "D1")
    assert (tombstone.to_authority, tombstone.sent_on, tombstone.by_name) == ("D2", None, "rowan")
    house.put(NEXT, line(3, NEXT))
    house.run(NEXT)
    assert seen(console, SOUTH, astray)
    assert not seen(console, NORTH, astray)
    after = ask(
        house, f"select report_date, specimen_date, laboratory from identified.record where record_key = '{astray}'"
    )
    assert after == before
    assert ask(house, f"select small_area, district from identified.record where record_key = '{astray}'") == [
        ("C", "D2")
    ]
    view = send_on.misroutes_seen(console, by=SOUTH, at=moment(NEXT))
    assert [(one.from_authority, one.arrived) for one in view.own or []] == [("D1", True)]
    rebuild(house.premises.database, house.premises.lake, by=Actor("S", Role.STEWARD), at=moment(NEXT))


def test_a_record_that_went_on_has_two_receipts(house: House, line: Line, astray: str, console: Database) -> None:
    """The run moves it in one transaction, or not at all; who gave it and who has it both say so, each once."""
    say(console, astray)
    for by in (NORTH, SOUTH):
        with pytest.raises(NotFound):  # it has not arrived
            send_on.take_record(console, astray, by=by, at=moment(DAY))
    house.put(NEXT, line(3, NEXT))
    house.run(NEXT)
    for by in (NORTH, CENTRE):
        with pytest.raises((NotFound, NotPermitted)):
            send_on.take_record(console, astray, by=by, at=moment(NEXT))
    send_on.take_record(console, astray, by=SOUTH, at=moment(NEXT))
    with pytest.raises(NotFound):
        send_on.take_record(console, astray, by=SOUTH, at=moment(THIRD))
    for by in (NORTH, SOUTH):
        (one,) = send_on.misroutes_seen(console, by=by, at=moment(NEXT)).own or []
        assert (one.by_name, one.arrived, one.taken_by, one.taken_at) == ("rowan", True, SOUTH.name, moment(NEXT))
    with pytest.raises(psycopg.Error), console.transaction(authority=NORTH.authority, role=NORTH.role) as tx:
        assert tx.execute("update identified.misroute set taken_by = 'x'").rowcount == 0
        tx.execute("update identified.misroute set arrived = false")


def test_everybody_who_was_told_gets_a_recall_once(house: House, line: Line, astray: str, console: Database) -> None:
    say(console, astray)
    for day in (NEXT, THIRD):
        house.put(day, line(3 if day == NEXT else 4, day))
        house.run(day)
    north, south = opened(house, "D1", NEXT), opened(house, "D2", NEXT)
    assert north["recalls"].select("record_key", "told_on", "why").rows() == [(astray, DAY, "moved away")]
    withdrawn = north["records"].filter(pl.col("change") == "withdrawn")
    assert withdrawn["record_key"].to_list() == [astray]
    assert withdrawn["reason"].to_list() == ["sent on: your authority said that the person is no resident of it"]
    assert "recalls" not in south
    new = south["records"].filter(pl.col("record_key") == astray)
    assert new.select("change", "report_date").rows() == [("new", DAY)]
    assert "recalls" not in opened(house, "D1", THIRD)
    assert ask(house, "select authority, told_on, delivery_date from identified.recall_receipt") == [("D1", DAY, NEXT)]


def test_without_a_postcode_it_is_theirs_and_waits_there_for_its_area(
    house: House, line: Line, astray: str, console: Database
) -> None:
    say(console, astray)
    house.put(NEXT, line(3, NEXT))
    house.run(NEXT)
    row = ask(house, f"select small_area, district, placement from identified.record where record_key = '{astray}'")
    assert row == [(None, "D2", "conflict")]
    # a correction of the laboratory with the same postcode does not send it back
    house.put(THIRD, line(1, DAY, surname="Other"))
    house.run(THIRD)
    assert ask(house, f"select district, family_name from identified.record where record_key = '{astray}'") == [
        ("D2", "Other")
    ]


def test_between_sending_and_linking_it_is_not_back_in_view(house: House, astray: str, console: Database) -> None:
    """The run sends on in one transaction and links in another, hours later if it fails between the two."""
    say(console, astray)
    assert send_on.send_waiting(house.premises.database, received_on=NEXT, by=HOUSE, at=moment(NEXT)) == 1
    assert not seen(console, NORTH, astray)
    with console.transaction(authority=NORTH.authority, role=NORTH.role) as tx:
        assert contacts.case_day(tx, astray) is None
    house.run(NEXT)
    assert not seen(console, NORTH, astray)


def test_a_correction_that_says_nothing_new_of_the_place_does_not_bring_it_back(
    house: House, line: Line, astray: str, console: Database
) -> None:
    """On the very day on which it is sent on; with another postcode it belongs where that one lies."""
    say(console, astray)
    house.put(NEXT, line(1, DAY, surname="Other"))
    house.run(NEXT)
    assert ask(house, f"select district, family_name from identified.record where record_key = '{astray}'") == [
        ("D2", "Other")
    ]
    assert not seen(console, NORTH, astray)
    assert "Other" not in str(opened(house, "D1", NEXT)["records"].filter(pl.col("change") != "withdrawn").rows())
    house.put(THIRD, line(1, DAY, area="B"))
    house.run(THIRD)
    assert seen(console, NORTH, astray)


def test_a_circle_ends_at_the_national_centre_until_a_steward_places_it(
    house: House, line: Line, astray: str, console: Database
) -> None:
    say(console, astray)
    house.put(NEXT, line(3, NEXT))
    house.run(NEXT)
    say(console, astray, by=SOUTH, to="D1")
    assert not seen(console, SOUTH, astray) and not seen(console, NORTH, astray)
    assert [one.to_authority for one in send_on.misroutes_seen(console, by=SOUTH, at=moment(NEXT)).own or []] == [
        None, "D2"
    ]  # fmt: skip
    [waits] = send_on.misroutes_seen(console, by=CENTRE, at=moment(NEXT)).at_centre
    assert (waits.record_key, waits.from_authority) == (astray, "D2")
    house.put(THIRD, line(4, THIRD))
    house.run(THIRD)
    assert not seen(console, SOUTH, astray) and not seen(console, NORTH, astray)
    place(house.premises.database, astray, "A", reason="asked there", by=HOUSE, at=moment(THIRD))
    assert not seen(console, NORTH, astray)
    fourth = THIRD + timedelta(days=1)
    house.put(fourth, line(5, fourth))
    house.run(fourth)
    assert seen(console, NORTH, astray) and not seen(console, SOUTH, astray)
    assert send_on.misroutes_seen(console, by=CENTRE, at=moment(fourth)).at_centre == []
    assert opened(house, "D2", fourth)["recalls"]["record_key"].to_list() == [astray]


def test_a_circle_of_three_is_noticed_by_who_sees_none_of_the_others_words(
    house: House, astray: str, console: Database
) -> None:
    """What was said between the first two is no row of the third's; the third has the record now."""
    with house.premises.database.transaction() as tx:
        for number, (giver, taker) in enumerate((("D2", "D3"), ("D3", "D1"))):
            tx.execute(
                "insert into identified.misroute (record_key, from_authority, to_authority, reason, laboratory, "
                "by_name, said_at, sent_on, arrived) values (%s, %s, %s, 'moved away', 'northgate', 'x', %s, %s, true)",
                [astray, giver, taker, moment(DAY) + timedelta(minutes=number), DAY],
            )
    say(console, astray, to="D2")
    [waits] = send_on.misroutes_seen(console, by=CENTRE, at=moment(DAY)).at_centre
    assert (waits.record_key, waits.from_authority) == (astray, "D1")


def test_who_does_not_have_the_record_is_not_told_who_refused_it(
    house: House, line: Line, astray: str, console: Database
) -> None:
    say(console, astray)
    house.put(NEXT, line(3, NEXT))
    house.run(NEXT)
    for by, told in ((SOUTH, True), (NORTH, False), (CENTRE, False), (Actor("a", Role.ANALYST, AreaCode("D2")), False)):
        with console.transaction(authority=by.authority, role=by.role) as tx:
            assert misroutes.refused_by(tx, astray, "D1") is told


def test_a_second_word_is_answered_plainly(house: House, line: Line, astray: str, console: Database) -> None:
    say(console, astray)
    with pytest.raises(Refused, match="said already on 2020-06-01"):
        say(console, astray)
    house.run(NEXT)
    house.put(THIRD, line(1, DAY, area="B"))
    house.run(THIRD)
    assert seen(console, NORTH, astray)
    with pytest.raises(Refused, match="ask a steward"):
        say(console, astray)
    assert ask(house, "select count(*) from identified.misroute") == [(1,)]


def test_who_may_not_or_asks_wrongly_is_refused_and_nothing_happens(
    house: House, astray: str, console: Database
) -> None:
    for by, error in (
        (SOUTH, NotFound),
        (CENTRE, NotPermitted),
        (Actor("ash", Role.ANALYST, AreaCode("D1")), NotPermitted),
    ):
        with pytest.raises(error):
            say(console, astray, by=by, to="D1" if by is SOUTH else "D2")
    asked: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"to": "D1"}, Refused), ({"to": "C"}, NotUnderstood), ({"to": "ZZ"}, NotFound),
        ({"postcode": "AA11AA"}, NotUnderstood), ({"why": "I do not know"}, NotUnderstood),
    ]  # fmt: skip
    for wrong, error in asked:
        with pytest.raises(error):
            say(console, astray, **wrong)
    assert ask(house, "select count(*) from identified.misroute") == [(0,)]
    assert seen(console, NORTH, astray)


def test_a_record_withdrawn_meanwhile_stays_withdrawn(house: House, line: Line, astray: str, console: Database) -> None:
    say(console, astray)
    house.put(NEXT, line(1, DAY, state="X"), line(3, NEXT))
    house.run(NEXT)
    rows = ask(house, "select kind, district from identified.record where specimen_id = 'S1'")
    assert [kind for kind, _ in rows] == ["retracted"]
    assert not seen(console, NORTH, astray)
    told = ask(house, f"select authority, change from identified.change where record_key = '{astray}' order by 1, 2")
    assert told == [("D1", "new"), ("D1", "withdrawn")]


def test_each_is_counted_as_an_incident(house: House, astray: str, console: Database) -> None:
    say(console, astray)
    view = send_on.misroutes_seen(console, by=CENTRE, at=moment(DAY))
    assert view.own is None
    assert [(one.from_authority, one.to_authority, one.laboratory, one.misroutes) for one in view.counted] == [
        ("D1", "D2", "northgate", 1)
    ]
    later = send_on.misroutes_seen(console, by=CENTRE, at=moment(DAY) + send_on.COUNTED_FOR + timedelta(seconds=1))
    assert later.counted == []
