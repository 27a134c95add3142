"""A noisy product is written with its spending in one stroke; a spent budget refuses, and nothing is then changed."""

from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256

import numpy as np
import psycopg
import pytest
from litestar.testing import TestClient

from pumphandle.actions.publish_noisy import NoisyPublished, publish_noisy
from pumphandle.actions.verify import verify
from pumphandle.disclosure.noisy.mechanism import Noise, opendp_noise
from pumphandle.disclosure.noisy.product import Design
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database
from pumphandle.store.published import noisy
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.errors import BudgetSpent, LedgerBroken, NotPermitted, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaLevel
from pumphandle.web.public.app import create_app
from tests.actions.conftest import BY, House, moment
from tests.conftest import DatabaseUrls

DAY = date(2020, 6, 1)
NEXT = DAY + timedelta(days=1)
Line = Callable[..., str]
SILENT = Noise(draw=lambda counts, _: counts, name="none, for a test")


def design(first: date = DAY, last: date = DAY, *, thousandths: int = 400, groups: tuple[str, ...] = ()) -> Design:
    levels = (AreaLevel.DISTRICT, AreaLevel.SMALL_AREA)
    return Design(Measure.CASES, first, last, levels, groups, thousandths)


def publish(
    house: House, asked: Design, *, noise: Noise = SILENT, by: Actor = BY, reason: str = "a test"
) -> NoisyPublished:
    where = house.premises
    return publish_noisy(
        asked, reason=reason, database=where.database, lake=where.lake, noise=noise, by=by, at=moment(NEXT)
    )


@pytest.fixture
def two_days(house: House, line: Line) -> House:
    house.put(DAY, *[line(at, DAY) for at in range(3)], line(7, DAY, area="C", sex="M"))
    house.run(DAY)
    house.put(NEXT, line(9, DAY, area="B"), line(0, DAY, area="C"))
    house.run(NEXT)
    return house


def test_a_product_counts_what_came_on_its_days_and_its_spending_stands_beside_it(two_days: House) -> None:
    done = publish(two_days, design(groups=("sex",)))
    assert (done.product.product_id, done.left) == ("noisy-1", 600)
    with two_days.premises.database.transaction() as tx:
        cells = noisy.cells(tx, "noisy-1")
        rows = noisy.budget(tx)
        assert noisy.products(tx) == [done.product]
        assert audit.verify(tx) > 0
    assert done.product.sha256 == sha256(cells.write_csv().encode()).hexdigest()
    estimate = {(one["area_code"], one["sex"]): one["estimate"] for one in cells.to_dicts()}
    assert estimate["A", "female"] == pytest.approx(3)
    assert estimate["D2", "male"] == pytest.approx(1)
    assert estimate["T", "all"] == pytest.approx(4)
    assert cells["standard_error"].to_numpy().min() > 0
    assert [(row.first_day, row.thousandths, row.limit_thousandths, row.threshold_version) for row in rows] == [
        (DAY, 400, 1_000, 1)
    ]


def test_a_correction_counts_in_the_batch_in_which_it_came(two_days: House) -> None:
    """Person 0 moved from A to C on the second day: one out of A, one into C, and a new one in B."""
    publish(two_days, design(NEXT, NEXT))
    with two_days.premises.database.transaction() as tx:
        estimate = dict(noisy.cells(tx, "noisy-1").select("area_code", "estimate").iter_rows())
    assert (estimate["A"], estimate["B"], estimate["C"]) == pytest.approx((-1, 1, 1))


def test_a_spent_budget_refuses_and_nothing_is_changed(two_days: House) -> None:
    publish(two_days, design(thousandths=700))
    with pytest.raises(BudgetSpent, match=r"0\.7 is spent; 0\.4 more is too much"):
        publish(two_days, design(DAY, NEXT))
    assert publish(two_days, design(NEXT, NEXT, thousandths=1_000)).left == 0
    with two_days.premises.database.transaction() as tx:
        assert [one.product_id for one in noisy.products(tx)] == ["noisy-2", "noisy-1"]


def test_without_a_reason_a_duty_or_the_days_nothing_is_spent(two_days: House) -> None:
    with pytest.raises(Refused, match="what it is for"):
        publish(two_days, design(), reason=" ")
    with pytest.raises(NotPermitted):
        publish(two_days, design(), by=Actor("Ada", Role.ANALYST))
    with pytest.raises(Refused, match="not linked yet"):
        publish(two_days, design(DAY, NEXT + timedelta(days=1)))
    with two_days.premises.database.transaction() as tx:
        assert noisy.budget(tx) == []


def test_a_drawing_that_fails_spends_nothing(two_days: House) -> None:
    def fail(_: np.ndarray, __: float) -> np.ndarray:
        raise RuntimeError("the machine stopped")

    with pytest.raises(RuntimeError):
        publish(two_days, design(), noise=Noise(fail, "broken"))
    with two_days.premises.database.transaction() as tx:
        assert noisy.budget(tx) == []
        assert noisy.products(tx) == []


def test_drawn_by_opendp_the_cells_are_not_the_counts(two_days: House) -> None:
    done = publish(two_days, design(thousandths=100, groups=("age_band", "sex")), noise=opendp_noise())
    assert done.product.mechanism.startswith("discrete Laplace, OpenDP")
    with two_days.premises.database.transaction() as tx:
        cells = noisy.cells(tx, "noisy-1")
    assert (cells["estimate"].to_numpy() < 0).any()


def test_what_was_spent_stays_spent(two_days: House, database_urls: DatabaseUrls) -> None:
    publish(two_days, design())
    for table in ("noisy_product", "noisy_cell", "noisy_budget"):
        with (
            psycopg.connect(database_urls.owner) as connection,
            pytest.raises(psycopg.errors.RaiseException, match="only ever added to"),
        ):
            connection.execute(f"delete from published.{table}".encode())


@pytest.mark.parametrize(
    ("tampering", "reason"),
    [
        ("update published.noisy_cell set estimate = estimate + 1 where cell_id = 1", "not those that were drawn"),
        (
            "insert into published.noisy_product select 'noisy-2', 2, measure, first_day, last_day, levels, groups,"
            " 700, mechanism, reason, made_at, 0, encode(sha256(''), 'hex') from published.noisy_product;"
            "insert into published.noisy_budget select 'noisy-2', first_day, last_day, 700, limit_thousandths,"
            " threshold_version from published.noisy_budget",
            "More than the budget|not those that were drawn",
        ),
        ("delete from published.noisy_budget", "do not name each other"),
    ],
)
def test_tampering_with_a_noisy_table_is_found(
    two_days: House, database_urls: DatabaseUrls, tampering: str, reason: str
) -> None:
    publish(two_days, design(groups=("sex",)))
    verify(database=two_days.premises.database)
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(tampering.encode())
    with pytest.raises(LedgerBroken, match=reason):
        verify(database=two_days.premises.database)


def test_noisy_tables_stand_on_the_site_with_their_error_bars(two_days: House, database_urls: DatabaseUrls) -> None:
    app = create_app(database=Database(database_urls.public), clock=lambda: moment(NEXT))
    with TestClient(app, base_url="http://testserver.local") as client:
        assert "No noisy table" in client.get("/noisy").text
        done = publish(two_days, design(groups=("sex",)), noise=opendp_noise())
    app = create_app(database=Database(database_urls.public), clock=lambda: moment(NEXT))
    with TestClient(app, base_url="http://testserver.local") as client:
        assert "0.4" in client.get("/noisy").text
        page = client.get("/noisy/noisy-1").text
        assert page.count('<svg class="bars"') == done.product.cell_count
        assert sha256(client.get("/noisy/noisy-1.csv").content).hexdigest() == done.product.sha256
        assert client.get("/noisy/noisy-9").status_code == 404
