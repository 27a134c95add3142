"""python -m pumphandle.web.public: the public site. It is told of the published shelf's role and of no other."""

import os

from litestar.types import ASGIApp

from pumphandle.config import read_site
from pumphandle.store.engine import Database
from pumphandle.web.public.app import create_site
from pumphandle.web.serving import now, serve


def site() -> ASGIApp:
    """Made anew in each process: no connection is shared between them."""
    told = read_site(os.environ, "public")
    return create_site(database=Database(told.database_url, largest=8), clock=now, files=told.files)


def main() -> None:
    told = read_site(os.environ, "public")
    serve("pumphandle.web.public.__main__:site", address=told.address, port=told.port, workers=told.workers)


if __name__ == "__main__":
    main()
