"""The public door: reads the published and reference shelves, and nothing else."""

from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, Final

from litestar import Litestar, Response
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import ASGIApp

from pumphandle.publication.windows_shown import rounded
from pumphandle.store.engine import Database
from pumphandle.vocabulary.errors import PumphandleError
from pumphandle.web.errors import Fault, WebRequest, exception_handlers
from pumphandle.web.public import (
    api,
    assets,
    changes,
    deliveries,
    description,
    downloads,
    former,
    map_data,
    noisy,
    pages,
    releases,
    status,
)
from pumphandle.web.public.answers import HTML, Answers
from pumphandle.web.public.asking import Asked, asked
from pumphandle.web.public.counter import Counter
from pumphandle.web.public.desk import HERE, Desk, LastMade, appearance
from pumphandle.web.public.holdings import Clock, Holdings, Shelf
from pumphandle.web.public.preflight import answering_options
from pumphandle.web.public.problems import for_programs, problem
from pumphandle.web.public.shelf_files import ShelfFiles
from pumphandle.web.public.visit import Visit
from pumphandle.web.public.watch import Watch
from pumphandle.web.serving import answering_head
from pumphandle.web.templating import environment

HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(), camera=(), microphone=(), interest-cohort=()",
}
"""Nothing from elsewhere, and no word to elsewhere: where a reader lives is not told to anyone."""


def create_app(*, database: Database, clock: Clock, files: Path | None = None) -> Litestar:
    """The site over one database. clock : decides when to look for a new release; files : the public files, if any"""
    templates = environment(HERE / "templates")
    templates.filters.update(about=rounded)
    desk = Desk(
        Holdings(database, clock=clock, files=files),
        Answers(),
        templates,
        appearance(),
        ShelfFiles(files),
        LastMade(4),
        LastMade(1),
    )

    def draw(request: WebRequest, fault: Fault) -> Response[Any]:
        if request.url.path.startswith("/v1/"):
            return former.former_problem(fault)
        if for_programs(request):
            return problem(fault)
        headers = {"cache-control": "no-store"}
        visit = None if fault.status >= 500 else desk.visit_or_none()
        body = desk.render("fault.html", visit=visit, asked=visit.asked if visit else None, fault=fault)
        return Response(body, status_code=fault.status, media_type=HTML, headers=headers)

    return Litestar(
        route_handlers=[
            *(pages.national, pages.search, pages.downloads, pages.releases, pages.release, pages.about),
            *(pages.compare, pages.embed, pages.chart_picture),
            *(map_data.shapes, map_data.labels, map_data.days),
            *(api.area, api.areas, api.map_values, api.frames, releases.releases, releases.release_file),
            *(downloads.ledger, downloads.ledger_csv, downloads.ledger_parquet),
            *(downloads.areas_csv, downloads.areas_parquet, downloads.areas_geojson, downloads.dictionary),
            *(former.data, former.timestamp, former.metrics, description.description),
            *(releases.feed, releases.changelog),
            *(changes.changes_json, changes.changes_page),
            *(status.status_page, status.backtest_page, status.rule_text, status.status_csv),
            *(status.holds_page, status.holds_json, noisy.noisy_page, noisy.noisy_table),
            *(deliveries.deliveries_page, deliveries.deliveries_csv, deliveries.deliveries_json),
            assets.asset,
        ],
        dependencies={
            "desk": Provide(lambda: desk, sync_to_thread=False),
            "wish": Provide(asked, sync_to_thread=False),
        },
        exception_handlers=exception_handlers(draw),
        after_request=_guarded,
        openapi_config=None,
        on_shutdown=[database.close],
        state=State({"desk": desk}),
    )


def create_site(*, database: Database, clock: Clock, files: Path | None = None) -> ASGIApp:
    """The application behind its counter, answering HEAD: what a server runs.

    It gets ready before it answers anybody, and whatever is new before it is shown: no visitor pays for it. While it
    is served it looks for what is new by itself.
    """
    app = create_app(database=database, clock=clock, files=files)
    desk: Desk = app.state.desk
    desk.holdings.before_shown(partial(_make_ready, desk))
    _looked(desk.holdings)
    watch = Watch(partial(_looked, desk.holdings))
    app.on_startup.append(watch.begin)
    app.on_shutdown.insert(0, watch.end)
    return answering_options(answering_head(Counter(app, standing=desk.holdings.standing, look=desk.holdings.shelf)))


def _made_ready(desk: Desk, shelf: Shelf) -> None:
    """Map and status of the newest release."""
    if not shelf.releases:
        return
    with suppress(PumphandleError):  # a page tells it to who asks for the page
        visit = Visit(shelf, shelf.latest(), Asked(), shelf.latest().as_of)
        map_data.prepare(desk, visit)
        if shelf.register.rules:
            status.judge(desk, visit, status.rule_asked(visit, None))


def _make_ready(desk: Desk, shelf: Shelf) -> None:
    """In a thread of its own: a fault ends that thread, which says so, and keeps nobody from what is published."""
    making = Thread(target=_made_ready, args=(desk, shelf), name="make ready", daemon=True)
    making.start()
    making.join()


def _looked(holdings: Holdings) -> None:
    """Without a nation, or a database, the first request says so."""
    with suppress(PumphandleError):
        holdings.look()


def _guarded(response: Response[Any]) -> Response[Any]:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
