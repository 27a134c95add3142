"""A site in a process of its own, until it is told to stop."""

from datetime import UTC, datetime
from typing import cast

import uvicorn
from litestar.types import ASGIApp, Receive, Scope, Send


def now() -> datetime:
    """The one clock of a site."""
    return datetime.now(UTC)


def answering_head(app: ASGIApp) -> ASGIApp:
    """HEAD is GET without the body, which the server leaves away by itself: its own scope stays as it was."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            await app(cast("Scope", {**scope, "method": "GET"}), receive, send)
        else:
            await app(scope, receive, send)

    return answer


def serve(site: ASGIApp | str, *, address: str, port: int, workers: int = 1) -> None:
    """No access log: addresses that people ask for tell where they live.

    site : an application; for several workers, the import name of a function that makes one in each process
    """
    uvicorn.run(
        site,
        host=address,
        port=port,
        workers=workers,
        factory=isinstance(site, str),
        log_level="warning",
        access_log=False,
        server_header=False,
    )
