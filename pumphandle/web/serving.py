"""A site in a process of its own, until it is told to stop."""

from datetime import UTC, datetime

import uvicorn
from litestar import Litestar


def now() -> datetime:
    """The one clock of a site."""
    return datetime.now(UTC)


def serve(app: Litestar, *, address: str, port: int) -> None:
    """No access log: addresses that people ask for tell where they live."""
    uvicorn.run(app, host=address, port=port, log_level="warning", access_log=False, server_header=False)
