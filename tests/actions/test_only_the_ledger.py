"""Every answer of the public site is a function of the published shelf: without all other shelves it is the same."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from pumphandle.actions import choose_rule, hold, recall
from pumphandle.actions.choose_rule import FIRST
from pumphandle.actions.hold import HoldWish
from pumphandle.actions.publish_noisy import publish_noisy
from pumphandle.disclosure.noisy.mechanism import opendp_noise
from pumphandle.disclosure.noisy.product import Design
from pumphandle.governance.concerns import ConcernKind, Product, Scope
from pumphandle.governance.holds import Answer
from pumphandle.publication.status.rules import shipped
from pumphandle.store.engine import Database
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaLevel
from pumphandle.web.public.app import create_app
from tests.actions.conftest import BY, House, moment
from tests.conftest import DatabaseUrls

DAY = date(2020, 6, 1)
LAST = DAY + timedelta(days=2)
INNER = ("identified", "events", "decisions")
EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "/areas/{name}": ("A", "A.json", "A.csv", "D1", "R", "C"),
    "/charts/{name}": ("A.svg",),
    "/embed/{code}": ("A",),
    "/files/{name}": ("areas.csv", "areas.parquet", "areas.geojson"),
    "/map/{name}": ("cases.json", "cases.png"),
    "/noisy/{name}": ("noisy-1", "noisy-1.csv"),
    "/releases/{release_id}": (str(DAY),),
    "/releases/{release_id}/{name}": (f"{DAY}/blocks.csv", f"{DAY}/certificate.json", f"{DAY}/manifest.json"),
    "/static/{version}/{path}": (),  # the program's own pictures and scripts
    "/status/rules/{name}": ("own.toml", "england-starter"),
}
"""What stands for the parameters of each address that has some."""
ASKED: Mapping[str, str] = {
    "/search": "?q=Borough",
    "/v1/data": '?filters=areaType=region&structure={"date":"date","area":"areaName"}',
}
"""Of addresses that say nothing without a question."""


@pytest.fixture
def lived(house: House, line: Callable[..., str]) -> House:
    """Windows of one and of two days, an area that waits, a district without a total; a hold, a note, a number taken
    back, a status rule of the nation's own, a noisy table.
    """
    for step, numbers in enumerate((range(8), range(10, 13), range(20, 29))):
        day = DAY + timedelta(days=step)
        house.put(day, *[line(at, day) for at in numbers], line(99 + step, day, area="C"))
        house.run(day)
        if step == 1:
            _decide(house, moment(day) + timedelta(hours=1))
    where = house.premises
    design = Design(Measure.CASES, DAY, DAY, (AreaLevel.DISTRICT,), (), 400)
    publish_noisy(
        design, reason="a test", database=where.database, lake=where.lake, noise=opendp_noise(), by=BY, at=moment(LAST)
    )
    return house


def _decide(house: House, at: datetime) -> None:
    database, centre = house.premises.database, Actor("Nia Centre", Role.NATIONAL)
    wish = HoldWish(Answer.HOLD, "Families are known.", at + timedelta(days=9), at + timedelta(days=9))
    about = Scope("B", Product.ALL, DAY, None)
    assert hold.place(database, about, ConcernKind.STIGMA, wish, by=centre, at=at) is not None
    hold.write_note(database, "A", "The council tests at the station.", by=centre, at=at)
    recall.recall(database, str(DAY), "A", category=ConcernKind.ACCURACY, reason="Counted twice.", by=centre, at=at)
    own = shipped()[FIRST].replace(f'rule = "{FIRST}"', 'rule = "own"')
    choose_rule.choose(database, own, reason="Ours.", by=centre, at=at)


def addresses(app: Litestar) -> list[str]:
    """Every address that can be read. An address with parameters that this test does not know fails it."""
    found: list[str] = []
    for route in app.routes:
        methods: set[str] = set(getattr(route, "methods", ()))
        if "GET" not in methods:
            continue
        path = route.path_format
        if "{" not in path:
            found.append(path)
            continue
        assert path in EXAMPLES, f"{path} is new: say in EXAMPLES what to ask it for"
        found += [path[: path.index("{")] + example for example in EXAMPLES[path]]
    return found


def answers(url: str) -> dict[str, tuple[int, bytes]]:
    app = create_app(database=Database(url), clock=lambda: datetime(2020, 6, 5, tzinfo=UTC))
    with TestClient(app, base_url="http://testserver.local") as client:
        out: dict[str, tuple[int, bytes]] = {}
        for path in addresses(app):
            answer = client.get(path + ASKED.get(path, ""), follow_redirects=False)
            out[path] = answer.status_code, answer.content
        return out


def test_nothing_but_the_published_shelf_is_read(lived: House, database_urls: DatabaseUrls) -> None:
    assert lived.home
    before = answers(database_urls.public)
    unread = [path for path, (status, _) in before.items() if status != 200]
    assert unread == []
    assert len(before) > 35
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute("set session_replication_role = replica")  # nothing cascades, no trigger refuses
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname = any(%s)", [list(INNER)]
        ).fetchall()
        assert len(tables) > 40
        for schema, table in tables:
            connection.execute(f'delete from {schema}."{table}"'.encode())
        # the same rows, written down in another order
        connection.execute(
            "create temporary table kept as select * from published.ledger order by value, block_id desc"
        )
        connection.execute("delete from published.ledger")
        connection.execute("insert into published.ledger select * from kept")
    after = answers(database_urls.public)
    assert [path for path in before if before[path] != after[path]] == []
