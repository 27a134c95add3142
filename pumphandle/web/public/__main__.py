"""python -m pumphandle.web.public: the public site. It is told of the published shelf's role and of no other."""

import os

from pumphandle.config import read_site
from pumphandle.store.engine import Database
from pumphandle.web.public.app import create_app
from pumphandle.web.serving import now, serve


def main() -> None:
    site = read_site(os.environ, "public")
    app = create_app(database=Database(site.database_url, largest=8), clock=now)
    serve(app, address=site.address, port=site.port)


if __name__ == "__main__":
    main()
