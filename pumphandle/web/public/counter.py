"""Ready answers, handed over before the application is asked: bytes, tag and headers as they were first made.

An answer stands until what is published changes. That is looked for beside the requests, never inside one.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, cast

from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

from pumphandle.vocabulary.errors import PumphandleError
from pumphandle.web.public.answers import known_tag, packs

BOUND: Final = 128 * 1024 * 1024
"""Bytes of answers kept ready."""
LARGEST: Final = BOUND // 8
LOOK_AGAIN: Final = 2.0
"""Seconds between two looks for a new state of what is published."""
UNSENT_AGAIN: Final = (b"content-length", b"content-type", b"content-disposition", b"content-encoding")
"""Headers that describe a body, left out where none is sent."""

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class Ready:
    """One answer of status 200 with a tag."""

    tag: bytes
    headers: Headers
    unchanged: Headers
    body: bytes


class Counter:
    """An ASGI application before another.

    standing : what the answers were made from; another value empties the counter. Must be quick: asked at each request
    look     : looks for a new state; may be slow, runs in a thread
    """

    def __init__(self, app: ASGIApp, *, standing: Callable[[], object], look: Callable[[], object]) -> None:
        self._app, self._standing, self._look = app, standing, look
        self._ready: OrderedDict[bytes, Ready] = OrderedDict()
        self._size = 0
        self._stood: object = None
        self._looked = float("-inf")
        self._looking: asyncio.Future[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        self._keep_watch()
        asked = {name: value for name, value in scope["headers"] if name in (b"accept-encoding", b"if-none-match")}
        key = b"%s?%s %d" % (scope["raw_path"], scope["query_string"], packs(asked.get(b"accept-encoding", b"")))
        ready = self._ready.get(key)
        if ready is None:
            await self._app(scope, receive, self._remembering(key, send) if scope["method"] == "GET" else send)
            return
        self._ready.move_to_end(key)
        unchanged = known_tag(asked.get(b"if-none-match", b""), ready.tag)
        status, headers = (304, ready.unchanged) if unchanged else (200, ready.headers)
        body = b"" if unchanged else ready.body
        await send(cast("Message", {"type": "http.response.start", "status": status, "headers": headers}))
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _keep_watch(self) -> None:
        standing = self._standing()
        if standing is not self._stood:
            self._ready.clear()
            self._size, self._stood = 0, standing
        loop = asyncio.get_running_loop()
        if self._looking is None and loop.time() - self._looked >= LOOK_AGAIN:
            self._looking = loop.run_in_executor(None, self._look_quietly)
            self._looking.add_done_callback(self._seen)

    def _look_quietly(self) -> None:
        try:
            self._look()
        except PumphandleError:
            return  # nothing published, or no database: the next request of the application says so itself

    def _seen(self, _: object) -> None:
        self._looking, self._looked = None, asyncio.get_running_loop().time()

    def _remembering(self, key: bytes, send: Send) -> Send:
        """`send`, keeping a copy of a whole answer of status 200 that bears a tag."""
        begun: list[HTTPResponseStartEvent] = []
        stood = self._stood

        async def passing(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun[:] = [message] if message["status"] == 200 else []
            elif begun and message["type"] == "http.response.body" and not message.get("more_body", False):
                self._keep(key, begun[0]["headers"], message["body"], stood)
            else:
                begun.clear()
            await send(message)

        return passing

    def _keep(self, key: bytes, headers: Iterable[tuple[bytes, bytes]], body: bytes, stood: object) -> None:
        kept = tuple(headers)
        tag = next((value for name, value in kept if name == b"etag"), None)
        if tag is None or len(body) > LARGEST or self._standing() is not stood or key in self._ready:
            return
        unchanged = tuple(one for one in kept if one[0] not in UNSENT_AGAIN)
        self._ready[key] = Ready(tag, kept, unchanged, body)
        self._size += len(body)
        while self._size > BOUND:
            self._size -= len(self._ready.popitem(last=False)[1].body)
