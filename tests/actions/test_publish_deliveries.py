"""How long deliveries take is written once with each day's run, and tells nothing of what is in a package."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from litestar.testing import TestClient

from pumphandle.actions import publish_deliveries as deed
from pumphandle.store.engine import Database
from pumphandle.store.published import deliveries
from pumphandle.store.published.deliveries import ClockRow, LegRow
from pumphandle.web.public.app import create_app
from tests.actions.conftest import BY, House, moment
from tests.conftest import DatabaseUrls

DAY = date(2020, 6, 1)
NEXT = DAY + timedelta(days=1)


def written(house: House, day: date) -> tuple[ClockRow, dict[tuple[str, str], LegRow]]:
    with house.premises.database.transaction() as tx:
        found = deliveries.known_on(tx, day)
    assert found is not None
    return found[0], {(one.area_code, one.stage): one for one in found[1]}


@pytest.fixture
def two_days(house: House, line: Callable[..., str]) -> House:
    """Nine records for the north and none for the south, which opened its first package after an hour."""
    for day in (DAY, NEXT):
        house.put(day, *[line(at + 100 * day.day, day) for at in range(9)])
        house.run(day)
        if day == DAY:
            with house.premises.database.transaction() as tx:
                tx.execute(
                    "insert into identified.receipt values ('D2', %s, 'opened', %s, 'a director')",
                    [DAY, moment(DAY) + timedelta(hours=1)],
                )
    return house


def test_legs_are_those_of_packages_and_not_of_records(two_days: House) -> None:
    clock, legs = written(two_days, NEXT)
    assert (clock.first_day, clock.as_of, clock.days, clock.written_at) == (DAY, NEXT, 2, moment(NEXT))
    assert clock.result_median_days is None  # eighteen results are too few
    for stage in ("routed", "available"):
        north, south = (vars(legs[code, stage]) for code in ("D1", "D2"))
        assert {**north, "area_code": ""} == {**south, "area_code": ""}
        assert north["packages"] == north["done"] == 2
    assert legs["D2", "opened"].median_hours == legs["D2", "opened"].p95_hours == 1
    assert (legs["D2", "opened"].same_day, legs["D2", "opened"].waiting) == (1, 1)
    # a day has gone since the first, no more than it may take: nobody opened it, and no hours are told
    assert (legs["D1", "opened"].packages, legs["D1", "opened"].done) == (2, 0)
    assert legs["D1", "opened"].median_hours is legs["D1", "opened"].p95_hours is None
    assert legs["D1", "acknowledged"].packages == 0
    assert (legs["T", "opened"].packages, legs["T", "opened"].done, legs["T", "opened"].waiting) == (4, 1, 3)


def test_a_day_without_laboratories_has_no_first_leg(house: House) -> None:
    house.run(DAY)
    _, legs = written(house, DAY)
    assert legs["D1", "routed"].packages == 0
    assert legs["D1", "routed"].median_hours is None
    assert legs["D1", "available"].done == 1


def test_an_authority_without_a_key_has_no_package_and_says_so(house: House, database_urls: DatabaseUrls) -> None:
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute("delete from decisions.recipient where authority = 'D2'")
    house.run(DAY)
    _, legs = written(house, DAY)
    assert (legs["D2", "opened"].no_package, legs["D2", "opened"].packages) == (1, 0)
    assert (legs["T", "opened"].no_package, legs["D1", "opened"].no_package) == (1, 0)


def test_what_is_written_stays_whatever_happens_later(two_days: House, database_urls: DatabaseUrls) -> None:
    before = written(two_days, DAY)
    with two_days.premises.database.transaction() as tx:
        tx.execute("insert into identified.receipt values ('D1', %s, 'opened', %s, 'a director')", [DAY, moment(NEXT)])
        again = deed.publish_deliveries(DAY, tx=tx, lake=two_days.premises.lake, by=BY, at=moment(NEXT))
    assert not again
    two_days.run(NEXT)
    assert written(two_days, DAY) == before
    with (
        psycopg.connect(database_urls.owner) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="only ever added"),
    ):
        connection.execute("update published.delivery_leg set late = 0, waiting = waiting + late")


def test_result_time_is_from_specimen_to_package(
    house: House, line: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pumphandle.governance.receipt_clock.RESULTS_NEEDED", 4)
    taken = [DAY, *[DAY - timedelta(days=2)] * 2, DAY - timedelta(days=6)]
    house.put(DAY, *[line(number, day, result="NEG") for number, day in enumerate(taken)])
    house.run(DAY)
    clock, _ = written(house, DAY)
    assert (clock.result_median_days, clock.result_p95_days) == (2, 6)


def test_late_packages_show_as_late_on_the_page(two_days: House, database_urls: DatabaseUrls) -> None:
    later = NEXT + timedelta(days=1)
    two_days.run(later)
    app = create_app(database=Database(database_urls.public), clock=lambda: datetime(2020, 6, 5, tzinfo=UTC))
    with TestClient(app, base_url="http://testserver.local") as client:
        rows = {(one["area_code"], one["stage"]): one for one in client.get("/deliveries.json").json()["data"]["legs"]}
        page = client.get("/deliveries").text
    north = rows["D1", "opened"]
    assert (north["late"], north["waiting"], north["median"], north["p95"]) == (1, 2, None, None)
    told = page[page.index("North Borough") :]
    assert "not done: late" in told[: told.index("</tr>")]
    assert "0 of 3" in told[: told.index("</tr>")]
