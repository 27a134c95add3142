"""A fictitious resident of every authority arrives in each day's package, or an alarm says that it did not; it never
reaches a public count or a caseload: three filters, and each holds alone when the other two are switched off."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from pumphandle.actions import detect, link, publish
from pumphandle.actions.publish_noisy import publish_noisy
from pumphandle.actions.rebuild import rebuild
from pumphandle.delivery import canary as rules
from pumphandle.delivery.canary import canary, holds
from pumphandle.delivery.package import archive
from pumphandle.disclosure.noisy.mechanism import Noise
from pumphandle.disclosure.noisy.product import Design
from pumphandle.store.decisions import canaries
from pumphandle.store.engine import Database
from pumphandle.store.identified import delivering, line_list
from pumphandle.store.identified.line_list import LineQuestion
from pumphandle.store.published import noisy
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode, AreaLevel
from tests.actions.conftest import BY, House, moment
from tests.actions.outcome import contributions, ledger, opened
from tests.conftest import DatabaseUrls

Line = Callable[..., str]
DISTRICTS = ("D1", "D2")
DAY = date(2020, 6, 1)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def singing(house: House) -> House:
    """The house as the command line opens it: with canaries."""
    return House(home=house.home, premises=replace(house.premises, canaries=True))


def sent(house: House, day: date = DAY) -> dict[str, str]:
    with house.premises.database.transaction() as tx:
        return canaries.of_day(tx, day)


def rows(house: House, question: bytes) -> list[Any]:
    with house.premises.database.transaction() as tx:
        return tx.execute(question).fetchall()


def shown(urls: DatabaseUrls, authority: str) -> list[str]:
    """Records that the console's door shows."""
    database = Database(urls.console)
    with database.transaction(authority=AreaCode(authority), role=Role.DIRECTOR) as tx:
        page = line_list.lines(tx, LineQuestion(), fields=["family_name"])
        cases = tx.execute("select first_record::text from identified.episode").fetchall()
        told = tx.execute("select record_key::text from identified.change").fetchall()
    database.close()
    return [*(line.record_key for line in page.lines), *(one[0] for one in (*cases, *told))]


def off(monkeypatch: pytest.MonkeyPatch, *modules: Any) -> None:
    for module in modules:
        monkeypatch.setattr(module, "without", lambda frame, _: frame)


def test_one_arrives_in_every_package_of_every_day_under_a_new_name(singing: House, line: Line) -> None:
    singing.put(DAY, *[line(at, DAY) for at in range(6)])
    singing.run(DAY)
    singing.put(NEXT)
    done = singing.run(NEXT)
    assert done["deliver"].summary["canaries_lost"] == []
    seen: list[str] = []
    for day in (DAY, NEXT):
        known = sent(singing, day)
        assert set(known) == set(DISTRICTS)
        for authority in DISTRICTS:
            (manifest, records), key = opened(singing, authority, day), known[authority]
            (own,) = [one for one in records if one["record_key"] == key]
            assert own["family_name"].startswith(rules.SURNAME) and own["reason"] == rules.REASON
            assert manifest["new"] == len(records)
            seen += [key, own["family_name"], own["given_name"], own["date_of_birth"]]
            assert not [one for one in records if one["family_name"].startswith("CANARY") and one is not own]
    assert len(set(seen)) == len(seen)
    assert rows(singing, b"select count(*) from identified.possible_match") == [(0,)]
    assert rows(singing, b"select distinct packaged_on - canary_day from decisions.canary") == [(0,)]
    with singing.premises.database.transaction() as tx:
        told = [(one.authority, one.packaged_on, one.stage) for one in canaries.every(tx, DAY)]
    assert told == [("D1", DAY, "available"), ("D2", DAY, "available")]


def test_nothing_but_the_package_is_changed_by_them(singing: House, line: Line, database_urls: DatabaseUrls) -> None:
    """Counts, the ledger, denominators and the caseload hold the laboratory's six people and nobody else."""
    singing.put(DAY, *[line(at, DAY) for at in range(6)], line(6, DAY, area="C", result="NEG"))
    done = singing.run(DAY)
    assert [done["link"].summary[name] for name in ("records", "positives", "cases")] == [7, 6, 6]
    assert [contributions(singing, measure) for measure in ("tests", "positives", "cases")] == [7, 6, 6]
    assert ledger(singing) == [("A", "cases", DAY, DAY, 6), ("A", "tests", DAY, DAY, 6)]
    assert opened(singing, "D1", DAY)[0]["tests"] == 6
    assert rows(singing, b"select count(*) from identified.episode") == [(6,)]
    assert not set(shown(database_urls, "D1")) & set(sent(singing).values())
    assert rows(singing, b"select count(*) from decisions.feed_reach where laboratory = 'canary'") == [(0,)]
    rebuilt = rebuild(singing.premises.database, singing.premises.lake, by=Actor("S", Role.STEWARD), at=moment(DAY))
    assert rebuilt.records == 7


def test_first_layer_alone_the_triangle_takes_in_no_canary(
    singing: House, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch, publish, detect)
    singing.put(DAY, *[line(at, DAY) for at in range(6)])
    singing.run(DAY)
    assert [contributions(singing, measure) for measure in ("tests", "positives", "cases")] == [6, 6, 6]
    assert ledger(singing) == [("A", "cases", DAY, DAY, 6), ("A", "tests", DAY, DAY, 6)]


def test_second_layer_alone_nothing_public_counts_a_canary(
    singing: House, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The triangle holds them: four people and a canary would make a block, and four people do not."""
    off(monkeypatch, link, detect)
    singing.put(DAY, *[line(at, DAY) for at in range(4)])
    singing.run(DAY)
    assert contributions(singing, "cases") == 6  # four people, and a canary in each authority
    assert ledger(singing) == []
    singing.put(NEXT, *[line(at, NEXT) for at in range(10, 12)])
    singing.run(NEXT)
    assert ledger(singing) == [("A", "cases", DAY, NEXT, 6), ("A", "tests", DAY, NEXT, 6)]
    waiting = rows(singing, b"select contribution from events.waiting")
    assert not {one[0].split(":")[0] for one in waiting} & set(sent(singing).values())


def test_second_layer_alone_nothing_with_noise_counts_a_canary(
    singing: House, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch, link, detect)
    singing.put(DAY, *[line(at, DAY) for at in range(4)])
    singing.run(DAY)
    assert contributions(singing, "cases") == 6
    levels = (AreaLevel.DISTRICT, AreaLevel.SMALL_AREA)  # and all above them
    house, silent = singing.premises, Noise(draw=lambda counts, _: counts, name="none, for a test")
    publish_noisy(
        Design(Measure.CASES, DAY, DAY, levels, (), 400), reason="a test", database=house.database, lake=house.lake,
        noise=silent, by=BY, at=moment(NEXT),
    )  # fmt: skip
    with house.database.transaction() as tx:
        cells = noisy.cells(tx, "noisy-1")
    counted = {area: value for area, value in cells.select("area_code", "estimate").iter_rows() if value}
    assert counted == dict.fromkeys("ATR", 4) | {"D1": 4}


def test_without_the_second_layer_the_same_day_would_count_one(
    singing: House, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the test above can fail."""
    off(monkeypatch, link, detect, publish)
    singing.put(DAY, *[line(at, DAY) for at in range(4)])
    singing.run(DAY)
    assert ledger(singing) == [("A", "cases", DAY, DAY, 5), ("A", "tests", DAY, DAY, 5)]


def test_third_layer_alone_no_caseload_link_or_cluster_holds_a_canary(
    singing: House, line: Line, monkeypatch: pytest.MonkeyPatch, database_urls: DatabaseUrls
) -> None:
    off(monkeypatch, link, publish)
    singing.put(DAY, *[line(at, DAY, address="1 Mill Lane") for at in range(6)])
    singing.run(DAY)
    known = set(sent(singing).values())
    episodes = {str(one[0]) for one in rows(singing, b"select first_record::text from identified.episode")}
    assert known <= episodes
    for authority in DISTRICTS:
        assert not known & set(shown(database_urls, authority)), authority
    for table in ("membership", "case_set", "cluster_case", "flare_case"):
        held = rows(singing, f"select case_key::text from identified.{table}".encode())
        assert not known & {one[0] for one in held}, table
    assert rows(singing, b"select count(*) from identified.case_set") != [(0,)]
    links = rows(singing, b"select earlier::text, later::text from identified.link")
    assert links and not known & {key for one in links for key in one}


def test_one_that_does_not_arrive_is_an_alarm(singing: House, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault on the way: what one authority is to be told is read without the canary's record."""
    read = delivering.changes_since

    def losing(tx: Any, few: Any, *, after: date, to: date) -> pl.DataFrame:
        found = read(tx, few, after=after, to=to)
        return found.filter((pl.col("authority") != "D2") | (pl.col("laboratory") != rules.LABORATORY))

    monkeypatch.setattr(delivering, "changes_since", losing)
    singing.put(DAY, line(1, DAY))
    done = singing.run(DAY)
    assert done["deliver"].summary["canaries_lost"] == ["D2"]
    assert rows(singing, b"select authority from decisions.canary where packaged_on is null") == [("D2",)]
    alarms = rows(singing, b"select severity, authorities from decisions.watch where kind = 'canary_missing'")
    assert alarms == [("alarm", ["D2"])]


def test_a_mark_that_anybody_could_write_makes_no_canary(singing: House, line: Line) -> None:
    """A laboratory's line under the very name is a person's: only our own list says who is nobody."""
    forged = [line(at, DAY, surname=f"{rules.SURNAME} ABCDEFGH") for at in range(6)]
    singing.put(DAY, *forged)
    singing.run(DAY)
    assert contributions(singing, "cases") == 6
    assert ledger(singing) == [("A", "cases", DAY, DAY, 6), ("A", "tests", DAY, DAY, 6)]


def test_who_has_no_agreement_is_sent_none(singing: House, line: Line) -> None:
    with singing.premises.database.transaction() as tx:
        tx.execute("update decisions.agreement set state = 'SUSPENDED' where authority = 'D2'")
    singing.put(DAY, line(1, DAY))
    singing.run(DAY)
    assert set(sent(singing)) == {"D1"}


def test_the_key_the_authority_and_the_day_make_it_and_nothing_else() -> None:
    one = canary(b"key", "D1", DAY, postcode="AA11AA")
    assert one == canary(b"key", "D1", DAY, postcode="AA11AA")
    others = (
        canary(b"kez", "D1", DAY, postcode="AA11AA"),
        canary(b"key", "D2", DAY, postcode="AA11AA"),
        canary(b"key", "D1", DAY + timedelta(days=1), postcode="AA11AA"),
    )
    assert len({one.record_key, *(other.record_key for other in others)}) == 4


def test_a_package_holds_what_each_of_its_forms_holds() -> None:
    at = moment(DAY)
    table = pl.DataFrame({"record_key": ["k1", "k2"]})
    stream = io.BytesIO()
    table.write_parquet(stream)
    both = {"records.csv": table.write_csv().encode(), "records.parquet": stream.getvalue()}
    assert holds(archive(both, at), "k1")
    assert not holds(archive(both, at), "k3")
    assert not holds(archive({**both, "records.csv": b"record_key\nk2\n"}, at), "k1")
    assert not holds(archive({"manifest.json": b'"k1"'}, at), "k1")
