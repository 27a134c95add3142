"""The site is ready before it answers, and what is new is made ready before it is shown: no visitor pays for it."""

import asyncio
import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import polars as pl
import psycopg
import pytest

from pumphandle.actions.write_files import write_files
from pumphandle.publication.atlas import Atlas
from pumphandle.publication.edition import Edition, Release
from pumphandle.store.engine import Database, Transaction
from pumphandle.vocabulary.people import THE_TIMER
from pumphandle.web.public import app as door
from pumphandle.web.public import holdings as held
from pumphandle.web.public.holdings import Holdings, Shelf
from pumphandle.web.serving import now

AT = datetime(2020, 6, 11, tzinfo=UTC)
NEXT = """
insert into published.release
select '2020-06-11', 11, '2020-06-11', '2020-06-11 08:00+00', 0, rule, certificate, manifest, hash, encode(
       sha256('eleven'), 'hex') from published.release where sequence = 10
"""


def publish(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        connection.execute(NEXT.encode())


def test_a_new_release_is_made_ready_while_everybody_is_shown_the_old_one(
    owner_url: str, database_urls, published: None
) -> None:
    holdings = Holdings(Database(database_urls.public), clock=now)
    assert holdings.shelf().latest().release_id == "2020-06-10"
    begun, go_on = threading.Event(), threading.Event()
    prepared: list[str] = []

    def ahead(shelf: Shelf) -> None:
        begun.set()
        assert go_on.wait(10)
        prepared.append(holdings.edition(shelf, shelf.latest()).release.release_id)

    holdings.before_shown(ahead)
    publish(owner_url)
    looking = threading.Thread(target=holdings.look)
    looking.start()
    assert begun.wait(10)
    assert holdings.shelf().latest().release_id == "2020-06-10"
    go_on.set()
    looking.join(10)
    assert holdings.shelf().latest().release_id == "2020-06-11"
    assert prepared == ["2020-06-11"]


def newest(address: str) -> str:
    return str(httpx.get(f"{address}/releases.json").json()["data"]["releases"][0]["release_id"])


def test_a_served_site_sees_a_release_that_nobody_asked_for(
    owner_url: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    made = held.edition_of

    def noting(atlas: Atlas, release: Release, *given: Any, **more: Any) -> Edition:
        asked.append(release.release_id)
        return made(atlas, release, *given, **more)

    monkeypatch.setattr(held, "edition_of", noting)
    publish(owner_url)
    until = monotonic() + 20
    while not asked and monotonic() < until:
        sleep(0.05)
    assert asked == ["2020-06-11"], "its figures are there before the first request"
    while newest(address) != "2020-06-11" and monotonic() < until:  # shown once they are
        sleep(0.05)
    assert newest(address) == "2020-06-11"
    assert asked == ["2020-06-11"]


def test_what_cannot_be_made_ready_keeps_nobody_from_the_rest(
    database_urls, published: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("the map")

    said: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", said.append)
    monkeypatch.setattr(door.map_data, "prepare", broken)
    site: Any = door.create_site(database=Database(database_urls.public), clock=now)
    assert [str(one.exc_value) for one in said] == ["the map"]

    async def releases() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://testserver.local") as client:
            return (await client.get("/releases.json")).status_code

    assert asyncio.run(releases()) == 200


def test_the_ledger_is_the_same_from_the_files_and_from_the_database(
    owner_url: str, database_urls, published: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, database=Database(database_urls.deeds), by=THE_TIMER, at=AT, progress=lambda _: None)
    plain = Holdings(Database(database_urls.public), clock=now).shelf().ledger
    asked: list[int] = []
    between = held.reading.ledger_between

    def noting(tx: Transaction, *, after: int, upto: int) -> pl.DataFrame:
        asked.append(after)
        return between(tx, after=after, upto=upto)

    monkeypatch.setattr(held.reading, "ledger_between", noting)
    assert Holdings(Database(database_urls.public), clock=now, files=tmp_path).shelf().ledger.equals(plain)
    publish(owner_url)
    grown = Holdings(Database(database_urls.public), clock=now, files=tmp_path).shelf()
    assert grown.ledger.equals(plain)
    assert grown.latest().sequence == 11
    assert asked == [10, 10], "only what the files do not have is read from the database"
    state = tmp_path / "current" / "state.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | {"hash": "another history"}))
    Holdings(Database(database_urls.public), clock=now, files=tmp_path).shelf()
    assert asked[-1] == 0
