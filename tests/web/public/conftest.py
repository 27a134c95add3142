"""The public site over a database with a nation that can be checked by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from time import sleep

import psycopg
import pytest
import uvicorn
from litestar import Litestar
from litestar.testing import TestClient

from pumphandle.store.engine import Database
from pumphandle.web.public.app import create_app, create_site
from pumphandle.web.serving import now

SEED = Path(__file__).parents[2] / "data" / "published_nation.sql"


class SteppingClock:
    """Each question is asked a minute later, so that the site looks for a new release every time."""

    def __init__(self) -> None:
        self._now = datetime(2020, 6, 11, tzinfo=UTC)

    def __call__(self) -> datetime:
        self._now += timedelta(minutes=1)
        return self._now


@pytest.fixture
def owner_url(database_urls) -> str:
    """The same database with the owner's rights, for what only a deed may do."""
    return database_urls.owner


@pytest.fixture
def published(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        connection.execute(SEED.read_bytes())


def _client(url: str) -> Iterator[TestClient[Litestar]]:
    app = create_app(database=Database(url), clock=SteppingClock())
    with TestClient(app, base_url="http://testserver.local") as client:
        yield client


@pytest.fixture
def site(database_urls, published: None) -> Iterator[TestClient[Litestar]]:
    """As the world sees it: connected as the role that opens the published and reference shelves only."""
    yield from _client(database_urls.public)


@pytest.fixture
def empty_site(database_urls) -> Iterator[TestClient[Litestar]]:
    yield from _client(database_urls.public)


@pytest.fixture
def totals(owner_url: str, published: None) -> None:
    """Exact totals of districts beside the windows of their areas: the hand-made ledger has none."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            """
            insert into published.ledger
                (block_id, release_id, node, level, measure, group_code, first_day, last_day, value, kind)
            select 1000 + row_number() over (order by day, node), day::date::text, node, 'district', 'cases', 'all',
                   case when node = 'D3' and day = '2020-06-10' then '2020-06-09' else day::date end, day::date, value,
                   'exact'
            from generate_series(timestamp '2020-06-01', '2020-06-10', '1 day') as days(day),
                 (values ('D1', 14), ('D2', 8), ('D3', 5)) as daily(node, value)
            where not (node = 'D3' and day = '2020-06-09')
            """
        )


@pytest.fixture
def address(database_urls, published: None) -> Iterator[str]:
    """The real site on a port of this machine."""
    site = create_site(database=Database(database_urls.public), clock=now)
    server = uvicorn.Server(uvicorn.Config(site, host="127.0.0.1", port=0, log_level="warning", ws="none"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
