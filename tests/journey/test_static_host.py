"""The public site lives on any static host: pages, map, data and downloads are files, walked here in a real browser."""

import functools
import http.server
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from pumphandle.actions.write_files import write_files
from pumphandle.publication.status.rules import shipped
from pumphandle.store.engine import Database
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.people import THE_TIMER
from pumphandle.web.public.app import create_app
from pumphandle.web.public.still_site import write_site

SEED = Path(__file__).parents[1] / "data" / "published_nation.sql"
AT = datetime(2020, 6, 11, tzinfo=UTC)


def quiet(_: str) -> None:
    """Progress that nobody reads."""


DECIDED = """
insert into published.noisy_product values ('noisy-1', 1, 'cases', '2020-06-01', '2020-06-02', '{district}', '{}', 100,
    'a test', 'a test', '2020-06-10 09:00+00', 1, 'abc');
insert into published.noisy_cell values ('noisy-1', 0, 'D1', 'district', 'all', 'all', 3.5, 1, 1.5, 5.5);
insert into published.noisy_budget values ('noisy-1', '2020-06-01', '2020-06-02', 100, 1000, 1);
insert into published.delivery_clock values ('2020-06-10', '2020-06-08', 3, 1, 4, '2020-06-10 18:00+00');
insert into published.delivery_leg values ('2020-06-10', 'D1', 'opened', 0, 3, 2, 1, 2, 0, 1, 5, null),
    ('2020-06-10', 'D1', 'acknowledged', 0, 2, 2, 1, 2, 0, 0, 5, 9);
"""


@pytest.fixture
def still_site(database_urls, tmp_path: Path) -> Path:
    """The folder, and no database any more. A rule is in force and there is a noisy table."""
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute(SEED.read_bytes())
        connection.execute(DECIDED.encode())
        connection.execute(
            "insert into published.status_rule values ('england-starter', 1, %s, 'centre', now(), 'a test')",
            [shipped()["england-starter"]],
        )
    deeds, public = Database(database_urls.deeds), Database(database_urls.public)
    app = create_app(database=public, clock=lambda: AT, files=tmp_path / "files")
    with ThreadPoolExecutor(1) as beside:  # the browser's own loop runs in this thread
        write = functools.partial(write_site, tmp_path / "site", app, app.state.desk, progress=quiet)
        with pytest.raises(Refused, match="run pumphandle files first"):
            beside.submit(write).result()
        write_files(tmp_path / "files", database=deeds, by=THE_TIMER, at=AT, progress=quiet)
        assert beside.submit(write).result() > 50
    public.close()
    deeds.close()
    return tmp_path / "site" / "current"


@pytest.fixture
def static_host(still_site: Path) -> Iterator[str]:
    """Python's own file server over the folder."""
    root = str(still_site)
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(http.server.SimpleHTTPRequestHandler, directory=root)
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_map_area_and_downloads_are_walked_without_a_server_of_ours(browser: Browser, static_host: str) -> None:
    page = browser.new_page()
    answers: list[tuple[int, str]] = []
    page.on("response", lambda answer: answers.append((answer.status, answer.url)))
    page.goto(static_host)
    plate = page.locator("[data-shapes]")
    expect(plate).to_have_attribute("data-drawn", "yes")
    plate.focus()
    page.keyboard.press("ArrowRight")
    name = page.locator(".told-name")
    expect(name).to_be_visible()
    walked = name.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/areas/**")
    assert page.get_by_role("heading", level=1).inner_text() == walked
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.path().read_text("utf-8").startswith("block_id,")
    for where in ("/releases", "/downloads", "/holds", "/about", "/compare"):
        page.locator(f'header nav a[href="{where}"]').click()
        page.wait_for_url(f"**{where}/")
        assert page.locator("h1").count() == 1, where
    assert [(status, urlsplit(url).path) for status, url in answers if status >= 400] == []
    assert {urlsplit(url).netloc for _, url in answers} == {urlsplit(static_host).netloc}


def test_every_plain_link_of_a_written_page_leads_to_a_written_file(still_site: Path) -> None:
    """Plain: of this site, without a question that only a server can answer."""
    files = {one.relative_to(still_site).as_posix() for one in still_site.rglob("*") if one.is_file()}
    links: dict[str, str] = {}
    for page in still_site.rglob("*.html"):
        for link in re.findall(r"""(?:href|src)=["'](/[^"'?#]*)(?:#[^"']*)?["']""", page.read_text("utf-8")):
            links.setdefault(link.strip("/"), page.relative_to(still_site).as_posix())
    assert len(links) > 60
    assert {"noisy/noisy-1.csv", "status/rules/england-starter.toml", "deliveries.csv", "noisy"} <= set(links)
    broken = {link: page for link, page in links.items() if not {link, f"{link}/index.html".lstrip("/")} & files}
    assert broken == {}
    assert "status.csv" in files  # the page's own link to it names the rule, which a static host does not read
