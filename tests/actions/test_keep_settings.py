"""A setting of the register links the cases who were there, and belongs to the authority in whose area it lies."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from pumphandle.actions.keep_settings import Place, keep_setting, tell_visit
from pumphandle.store.engine import Database
from pumphandle.store.identified import settings
from pumphandle.tracing.settings import Entry
from pumphandle.vocabulary.errors import NotFound, NotUnderstood, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode
from pumphandle.vocabulary.tracing import SettingKind
from tests.actions.conftest import House
from tests.conftest import DatabaseUrls

DAY = date(2020, 7, 1)
AT = datetime(2020, 7, 2, 9, tzinfo=UTC)
ADA, EVE = Actor("ada", Role.TRACER, AreaCode("D1")), Actor("eve", Role.TRACER, AreaCode("D2"))
SCHOOL = Entry(SettingKind.SCHOOL, "Alder School", "1 School Lane", "aa1 1aa", 240, "Head teacher", None)


@pytest.fixture
def console(database_urls: DatabaseUrls) -> Iterator[Database]:
    database = Database(database_urls.console)
    yield database
    database.close()


@pytest.fixture
def cases(house: House, line: Callable[..., str], database_urls: DatabaseUrls) -> list[str]:
    house.put(DAY, line(1, DAY), line(2, DAY + timedelta(days=-4), area="B"))
    house.run(DAY)
    with psycopg.connect(database_urls.owner) as connection:
        found = connection.execute("select record_key::text from identified.record order by specimen_id").fetchall()
    return [str(key) for (key,) in found]


def test_cases_of_one_school_are_linked_by_the_next_run(console: Database, cases: list[str], house: House) -> None:
    number = keep_setting(console, SCHOOL, setting_id=None, version=None, by=ADA, at=AT)
    for case in cases:
        tell_visit(console, case, Place(setting_id=number), DAY, by=ADA, at=AT)
    assert house.run(DAY + timedelta(days=1))["trace"].summary["new_links"] == 1
    with console.transaction(authority=AreaCode("D1"), role=Role.TRACER) as tx:
        (entry,) = settings.register(tx, since=DAY)
        assert (entry.name, entry.postcode, entry.small_area, entry.cases) == ("Alder School", "AA11AA", "A", 2)
        kinds = tx.execute("select kind, source from identified.link").fetchall()
    assert kinds == [("setting", "interview")]


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (Entry(SettingKind.SHOP, " ", None, "AA11AA", None, None, None), "a name"),
        (Entry(SettingKind.SHOP, "Shop", None, "AA11AA", 0, None, None), "1 or more"),
        (Entry(SettingKind.SHOP, "Shop", None, "ZZ99XX", None, None, None), "leads to no area"),
        (Entry(SettingKind.SHOP, "Shop", None, "CC11CC", None, None, None), "another authority's area"),
    ],
)
def test_a_faulty_entry_is_a_sentence_and_nothing_is_kept(
    console: Database, cases: list[str], entry: Entry, sentence: str
) -> None:
    with pytest.raises(NotUnderstood, match=sentence):
        keep_setting(console, entry, setting_id=None, version=None, by=ADA, at=AT)
    with console.transaction(authority=AreaCode("D1"), role=Role.TRACER) as tx:
        assert settings.register(tx, since=DAY) == []


def test_two_people_who_change_one_entry_lose_nothing(console: Database, cases: list[str]) -> None:
    number = keep_setting(console, SCHOOL, setting_id=None, version=None, by=ADA, at=AT)
    keep_setting(console, SCHOOL, setting_id=number, version=1, by=ADA, at=AT)
    with pytest.raises(Refused, match="Somebody else"):
        keep_setting(console, SCHOOL, setting_id=number, version=1, by=ADA, at=AT)


def test_another_authority_sees_neither_setting_nor_case(console: Database, cases: list[str]) -> None:
    number = keep_setting(console, SCHOOL, setting_id=None, version=None, by=ADA, at=AT)
    with pytest.raises(NotFound):
        tell_visit(console, cases[0], Place(postcode="CC11CC", kind=SettingKind.SHOP), DAY, by=EVE, at=AT)
    with console.transaction(authority=AreaCode("D2"), role=Role.TRACER) as tx:
        assert settings.setting(tx, number, since=DAY) is None


def test_a_visit_needs_a_place_and_a_day_that_can_be(console: Database, cases: list[str]) -> None:
    with pytest.raises(NotUnderstood, match="from the register"):
        tell_visit(console, cases[0], Place(postcode="AA11AA"), DAY, by=ADA, at=AT)
    with pytest.raises(NotUnderstood, match="within 14 days"):
        tell_visit(console, cases[0], Place(setting_id=1), DAY - timedelta(days=15), by=ADA, at=AT)
