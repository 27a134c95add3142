"""What a link checker and a cache are told of each address: its kind once, and HEAD as GET without the body."""

from collections.abc import Iterator
from threading import Thread
from time import sleep

import httpx
import pytest
import uvicorn

from pumphandle.store.engine import Database
from pumphandle.web.public.app import create_site
from pumphandle.web.serving import now

KINDS = {
    "/": "text/html; charset=utf-8",
    "/areas/NOPE": "text/html; charset=utf-8",
    "/areas/A1.json": "application/json",
    "/ledger.csv": "text/csv; charset=utf-8",
    "/static/any/js/atlas/main.js": "text/javascript; charset=utf-8",
}


@pytest.fixture
def address(database_urls, published: None) -> Iterator[str]:
    site = create_site(database=Database(database_urls.public), clock=now)
    server = uvicorn.Server(uvicorn.Config(site, host="127.0.0.1", port=0, log_level="warning", ws="none"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def test_head_is_get_without_the_body_and_the_kind_is_said_once(address: str) -> None:
    with httpx.Client() as client:
        for path, kind in KINDS.items():
            got, asked = client.get(address + path), client.head(address + path)
            assert got.headers["content-type"] == asked.headers["content-type"] == kind, path
            assert asked.status_code == got.status_code
            assert asked.content == b""
            assert got.content != b""
            assert asked.headers.get("etag") == got.headers.get("etag")


def test_other_methods_are_still_refused(address: str) -> None:
    with httpx.Client() as client:
        assert client.post(address).status_code == 405
