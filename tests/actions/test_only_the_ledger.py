"""Every answer of the public site is a function of the published shelf: without all other shelves it is the same."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from pumphandle.store.engine import Database
from pumphandle.web.public.app import create_app
from tests.actions.conftest import House
from tests.conftest import DatabaseUrls

DAY = date(2020, 6, 1)
INNER = ("identified", "events", "decisions")
EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "/areas/{name}": ("A", "A.json", "A.csv", "D1", "R", "C"),
    "/charts/{name}": ("A.svg",),
    "/embed/{code}": ("A",),
    "/files/{name}": ("areas.csv", "areas.parquet", "areas.geojson"),
    "/map/{name}": ("cases.svg",),
    "/noisy/{name}": ("noisy-1",),
    "/releases/{release_id}": (str(DAY),),
    "/releases/{release_id}/{name}": (f"{DAY}/blocks.csv", f"{DAY}/certificate.json", f"{DAY}/manifest.json"),
    "/static/{version}/{path}": (),  # the program's own pictures and scripts
    "/status/rules/{name}": ("none",),
}
"""What stands for the parameters of each address that has some."""


@pytest.fixture
def lived(house: House, line: Callable[..., str]) -> House:
    """Three days: windows of one and of two days, an area that waits, a district without a total."""
    for step, numbers in enumerate((range(8), range(10, 13), range(20, 29))):
        day = DAY + timedelta(days=step)
        house.put(day, *[line(at, day) for at in numbers], line(99 + step, day, area="C"))
        house.run(day)
    return house


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
            answer = client.get(path, follow_redirects=False)
            out[path] = answer.status_code, answer.content
        return out


def test_nothing_but_the_published_shelf_is_read(lived: House, database_urls: DatabaseUrls) -> None:
    assert lived.home
    before = answers(database_urls.public)
    assert sum(status == 200 for status, _ in before.values()) > 30
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
