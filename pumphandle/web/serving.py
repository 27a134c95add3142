"""A site in a process of its own, until it is told to stop."""

from datetime import UTC, datetime
from typing import cast

import uvicorn
from litestar import Litestar
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


def serve(app: Litestar, *, address: str, port: int) -> None:
    """No access log: addresses that people ask for tell where they live."""
    site = answering_head(app)
    uvicorn.run(site, host=address, port=port, log_level="warning", access_log=False, server_header=False)
