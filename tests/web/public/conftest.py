"""The public site over a database with a nation that can be checked by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from pumphandle.store.engine import Database
from pumphandle.web.public.app import create_app

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
