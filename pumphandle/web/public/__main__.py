"""python -m pumphandle.web.public: the public site. It is told of the published shelf's role and of no other.

With --to FOLDER it writes its pages there, for a static host, and ends.
"""

import os
import sys
from pathlib import Path

from litestar.types import ASGIApp

from pumphandle.config import Site, read_site
from pumphandle.store.engine import Database
from pumphandle.store.published.tree import CURRENT
from pumphandle.vocabulary.errors import PumphandleError
from pumphandle.web.public.app import create_app, create_site
from pumphandle.web.public.still_site import write_site
from pumphandle.web.serving import now, serve


def site() -> ASGIApp:
    """Made anew in each process: no connection is shared between them."""
    told = read_site(os.environ, "public")
    return create_site(database=Database(told.database_url, largest=8), clock=now, files=told.files)


def main() -> None:
    told = read_site(os.environ, "public")
    if sys.argv[1:2] == ["--to"] and len(sys.argv) == 3:
        write(Path(sys.argv[2]), told)
        return
    serve("pumphandle.web.public.__main__:site", address=told.address, port=told.port, workers=told.workers)


def write(folder: Path, told: Site) -> None:
    """The pages as files."""
    app = create_app(database=Database(told.database_url), clock=now, files=told.files)
    try:
        count = write_site(folder, app, app.state.desk, progress=_say)
    except PumphandleError as fault:
        sys.exit(str(fault))
    _say(f"{count:,} files of the site lie in {folder.name}/{CURRENT}.")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
