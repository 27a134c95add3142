"""python -m pumphandle.web.console: the console, as the role that sees one authority at a time."""

import os

from pumphandle.config import read_site
from pumphandle.store.engine import Database
from pumphandle.web.console.app import create_app
from pumphandle.web.serving import answering_head, now, serve


def main() -> None:
    site = read_site(os.environ, "console")
    database = Database(site.database_url, largest=8)
    app = create_app(
        database=database, home=site.home, clock=now, origin=site.origin, secure_cookies=site.secure_cookies
    )
    serve(answering_head(app), address=site.address, port=site.port)


if __name__ == "__main__":
    main()
