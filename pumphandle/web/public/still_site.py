"""The site as files that any static host can carry: pages of the newest release, what they fetch, the public files.

Each file is the application's own answer, asked of it in this process. What a question would have to be answered for
stays with the server: search, comparisons, other days and releases, the former interface.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from litestar.types import ASGIApp, Message

from pumphandle.store.published.tree import STATE, NextTree, alone
from pumphandle.vocabulary.errors import Refused
from pumphandle.web.public import assets
from pumphandle.web.public.api import FORMS
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.status import rules_of
from pumphandle.web.public.visit import Visit

PLAIN: Final = (
    *("/downloads", "/releases", "/about", "/holds", "/status", "/status/backtest", "/changes", "/compare", "/noisy"),
    "/deliveries",
)
FETCHED: Final = (
    *("/map/shapes.bin", "/map/labels.json", "/map/days.json", "/schema/openapi.json", "/holds.json", "/changes.json"),
    *("/status.csv", "/deliveries.csv", "/deliveries.json"),
)
UNSETTLED: Final = frozenset({"/status", "/status/backtest", "/status.csv"})
"""Pages that may be missing: nobody has chosen a rule yet. So may the chart of an area that nothing is published of."""


def write_site(folder: Path, app: ASGIApp, desk: Desk, *, progress: Callable[[str], None]) -> int:
    """Write `folder`/current anew, all at once; how many files. Raises NotFound before the first release, Refused."""
    visit = desk.visit_or_none()
    if visit is None:
        raise Refused("Nothing has been published yet, so there are no pages to write. Run a day first.")
    root = desk.files.root(visit.shelf)
    if root is None:
        raise Refused("The public files of the newest release are not written yet: run pumphandle files first.")
    with alone(folder):
        tree = NextTree(folder)
        tree.put_all(_answers(app, _addresses(visit, root), progress))
        tree.put_all((f"static/{desk.appearance}/{name}", body) for name, body in assets.files().items())
        tree.put_all(_beside(root), packed=False)
        tree.stand({"release_id": visit.release.release_id, "appearance": desk.appearance})
        tree.clear()
    return tree.written


def _addresses(visit: Visit, root: Path) -> Iterator[str]:
    """root : of the public files, which are not asked for again"""
    places = visit.shelf.atlas.places
    yield from ("/", *PLAIN, *FETCHED)
    yield from (f"/releases/{one.release_id}" for one in visit.shelf.releases)
    for one in visit.shelf.tables:
        yield from (f"/noisy/{one.product_id}", f"/noisy/{one.product_id}.csv")
    yield from (f"/status/rules/{name}.toml" for name in rules_of(visit))
    for code in places:
        if code != visit.nation.code:
            yield from (f"/areas/{code}", f"/charts/{code}.svg")
        files = (f"/areas/{code}.{form}" for form in FORMS)
        yield from (one for one in files if not (root / one.strip("/")).is_file())


def _answers(app: ASGIApp, addresses: Iterable[str], progress: Callable[[str], None]) -> Iterator[tuple[str, bytes]]:
    with asyncio.Runner() as runner:
        for number, address in enumerate(addresses):
            if number % 200 == 0:
                progress(f"Pages: {number:,} …")
            status, body = runner.run(_ask(app, address))
            if status == 404 and (address in UNSETTLED or address.startswith("/charts/")):
                continue
            if status != 200:
                raise Refused(f"The page {address} answered {status} and was not written; nothing was changed.")
            yield _name(address), body


def _name(address: str) -> str:
    """/areas/E02000001 is answered by a static host from areas/E02000001/index.html."""
    path = address.strip("/")
    return path if "." in path.rpartition("/")[2] else f"{path}/index.html".lstrip("/")


def _beside(root: Path) -> Iterator[tuple[str, bytes]]:
    """The public files of the same release."""
    for one in sorted(root.rglob("*")):
        if one.is_file() and one.name != STATE:
            yield one.relative_to(root).as_posix(), one.read_bytes()


async def _ask(app: ASGIApp, address: str) -> tuple[int, bytes]:
    """One GET of an application in this process."""
    found: list[bytes] = []
    status = 500

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            found.append(message["body"])

    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": address, "raw_path": address.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"localhost"), (b"accept", b"*/*")], "client": ("127.0.0.1", 0),
        "server": ("localhost", 80), "extensions": {}, "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    return status, b"".join(found)
