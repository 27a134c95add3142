"""A ready answer is the application's own to the byte, made once, and goes when something new is published."""

import asyncio
from typing import Any, cast

import pytest

from pumphandle.vocabulary.errors import DatabaseMissing
from pumphandle.web.public import counter
from pumphandle.web.public.answers import known_tag, packs
from pumphandle.web.public.counter import Counter


class Application:
    """Answers with how often it was asked, and a tag."""

    def __init__(self) -> None:
        self.asked = 0
        self.status, self.size = 200, 10

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        self.asked += 1
        headers = [(b"etag", b'"one"'), (b"content-type", b"text/csv"), (b"vary", b"accept-encoding")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"x" * self.size})


class Visitors:
    def __init__(self) -> None:
        self.app, self.state, self.looks = Application(), object(), 0
        self.counter = Counter(cast("Any", self.app), standing=lambda: self.state, look=self.look)

    def look(self) -> None:
        self.looks += 1
        raise DatabaseMissing("not today")

    async def ask(
        self, path: bytes = b"/a", query: bytes = b"", **headers: str
    ) -> tuple[int, dict[bytes, bytes], bytes]:
        heard: list[Any] = []

        async def send(message: Any) -> None:
            heard.append(message)

        scope = {
            "type": "http",
            "method": "GET",
            "raw_path": path,
            "query_string": query,
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        }
        await self.counter(cast("Any", scope), cast("Any", None), send)
        return heard[0]["status"], dict(heard[0]["headers"]), heard[1]["body"]


def test_the_application_is_asked_once_for_each_address_and_packing() -> None:
    async def walk() -> None:
        visitors = Visitors()
        first, second = await visitors.ask(), await visitors.ask()
        assert first == second
        assert visitors.app.asked == 1
        await visitors.ask(query=b"day=1")
        await visitors.ask(accept_encoding="br, gzip")
        await visitors.ask(path=b"/b")
        assert visitors.app.asked == 4

    asyncio.run(walk())


def test_who_holds_the_tag_gets_no_body_and_no_headers_of_one() -> None:
    async def walk() -> None:
        visitors = Visitors()
        await visitors.ask()
        status, headers, body = await visitors.ask(if_none_match='"other", W/"one"')
        assert (status, body) == (304, b"")
        assert set(headers) == {b"etag", b"vary"}
        assert visitors.app.asked == 1

    asyncio.run(walk())


def test_a_new_state_empties_the_counter_and_is_looked_for_beside_the_requests() -> None:
    async def walk() -> None:
        visitors = Visitors()
        await visitors.ask()
        visitors.state = object()
        await visitors.ask()
        assert visitors.app.asked == 2
        await asyncio.sleep(0.05)
        assert visitors.looks == 1  # once, although two asked; its failure reached nobody

    asyncio.run(walk())


def test_faults_are_never_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async def walk() -> None:
        visitors = Visitors()
        visitors.app.status = 404
        await visitors.ask()
        await visitors.ask()
        assert visitors.app.asked == 2

    asyncio.run(walk())


def test_the_counter_holds_no_more_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter, "BOUND", 1_000)
    monkeypatch.setattr(counter, "LARGEST", 400)

    async def walk() -> None:
        visitors = Visitors()
        visitors.app.size = 300
        for number in range(50):
            await visitors.ask(path=b"/%d" % number)
        held = sum(len(one.body) for one in visitors.counter._ready.values())
        assert held == 900
        asked = visitors.app.asked
        await visitors.ask(path=b"/49")
        assert visitors.app.asked == asked
        visitors.app.size = 401
        await visitors.ask(path=b"/large")
        assert visitors.counter._ready.get(b"/large? 0") is None

    asyncio.run(walk())


@pytest.mark.parametrize(
    ("header", "may"),
    [(b"gzip", True), (b"br;q=1, gzip;q=0.5", True), (b"gzip;q=0", False), (b"", False), (b"*", True), (b"br", False)],
)
def test_gzip_is_sent_to_those_who_accept_it(header: bytes, may: bool) -> None:
    assert packs(header) is may


def test_tags_are_compared_weakly() -> None:
    assert known_tag(b'W/"a"', b'"a"')
    assert known_tag(b"*", b'"a"')
    assert not known_tag(b'"b"', b'"a"')
    assert not known_tag(b"", b'"a"')
