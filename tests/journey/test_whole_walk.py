"""A stranger's first evening: a made-up country, its days, both sites in a real browser, and nobody else's people."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from queue import Queue
from urllib.parse import urlsplit

import polars as pl
import psycopg
import pytest
from playwright.sync_api import Browser, Page

from pumphandle.store.cluster import DEEDS, Cluster
from pumphandle.store.engine import Database
from pumphandle.store.events.counts import counts_by_postcode
from pumphandle.store.events.lake import Lake

PICTURES = Path(__file__).parents[2] / "docs" / "screenshots"
PEOPLE, DAYS = 400_000, 45
pytestmark = pytest.mark.heavy


@dataclass(frozen=True)
class Walked:
    """Both sites, and who may sign in where. `district` is theirs, `other` is not."""

    home: Path
    public: str
    console: str
    password: str
    district: str
    other: str
    busiest: str


def command(home: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words], env=environment(home), capture_output=True, text=True, check=False, timeout=400
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"PUMPHANDLE_HOME": str(home), "COLUMNS": "200"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """The README's demonstration, command by command, in a smaller country."""
    home = tmp_path_factory.mktemp("walk") / "home"
    folders = ["--nation", str(home / "nation"), "--inbox", str(home / "inbox"), "--truth", str(home / "truth")]
    command(home, "pumphandle_town", "make", "--people", str(PEOPLE), "--days", str(DAYS), "--seed", "1854", *folders)
    command(home, "pumphandle.cli", "nation", "load", str(home / "nation"))
    command(home, "pumphandle.cli", "authority", "make-keys")
    command(home, "pumphandle.cli", "agreement", "make-trial")
    days = sorted(folder.name for folder in (home / "inbox").iterdir())
    said = command(home, "pumphandle.cli", "run", "--from", days[0], "--to", days[-1])
    assert re.search(r"lines = [\d,]+ accepted \+ [\d,]+ quarantined \+ [\d,]+ duplicates \+ [\d,]+ superseded", said)
    areas = pl.read_csv(home / "nation" / "areas.csv")
    district, busiest = last_signal(home)
    other = areas.filter((pl.col("level") == "district") & (pl.col("area_code") != district))["area_code"][0]
    granted = command(
        home,
        "pumphandle.cli",
        "grant",
        "demo",
        "director",
        "--name",
        "Robin Example",
        "--authority",
        district,
        "--trial",
    )
    password = re.search(r"Password\s+(\S+)", granted)
    assert password is not None
    ports = {"PUMPHANDLE_PUBLIC_PORT": str(free_port()), "PUMPHANDLE_CONSOLE_PORT": str(free_port())}
    serve = subprocess.Popen(
        [sys.executable, "-m", "pumphandle.cli", "serve"],
        env=environment(home) | ports | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        public, console = addresses(serve)
        yield Walked(home, public, console, password[1], district, other, busiest)
    finally:
        serve.send_signal(signal.SIGTERM)
        serve.communicate(timeout=30)
        Cluster(home).remove()


def last_signal(home: Path) -> tuple[str, str]:
    """District and small area of the newest signal of the replay: the demonstration has something to show."""
    with Cluster(home) as server, psycopg.connect(server.url(DEEDS)) as connection:
        row = connection.execute(
            "select authority, areas[1] from decisions.signal order by run_date desc, odds limit 1"
        ).fetchone()
    assert row is not None
    return str(row[0]), str(row[1])


def addresses(serve: "subprocess.Popen[str]") -> tuple[str, str]:
    """What `pumphandle serve` prints once both sites answer."""
    said: Queue[str] = Queue()
    stream = serve.stdout
    assert stream is not None
    threading.Thread(target=lambda: [said.put(line) for line in stream], daemon=True).start()
    public = re.search(r"public site\s+(http://\S+)/", said.get(timeout=60))
    console = re.search(r"console\s+(http://\S+)/", said.get(timeout=60))
    assert public is not None and console is not None
    return public[1], console[1]


def theirs(walked: Walked) -> list[str]:
    """Addresses in the console of a record and a signal that exist, of residents of another authority."""
    with psycopg.connect(Cluster(walked.home).url(DEEDS)) as connection:
        record = connection.execute(
            "select record_key from identified.record where district = %s limit 1", [walked.other]
        ).fetchone()
        signal_id = connection.execute(
            "select signal_id from decisions.signal where authority <> %s limit 1", [walked.district]
        ).fetchone()
    assert record is not None and signal_id is not None
    return [f"/lines/{record[0]}", f"/signals/{signal_id[0]}"]


def visit(browser: Browser, *, width: int = 1280, height: int = 860) -> tuple[Page, list[str]]:
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return page, asked


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def test_truth_is_kept(walked: Walked) -> None:
    """Every cell of the made-up country's own truth, after late, corrected, withdrawn, duplicated and bad lines."""
    days = sorted(date.fromisoformat(folder.name) for folder in (walked.home / "inbox").iterdir())
    database = Database(Cluster(walked.home).url(DEEDS))
    with database.transaction() as tx:
        kept = counts_by_postcode(tx, Lake(walked.home / "lake"), as_of=days[-1])
    database.close()
    columns = {"specimen_date": pl.Date, "postcode": pl.String}
    truth = pl.read_csv(walked.home / "truth" / "cells.csv", schema_overrides=columns)
    truth = truth.with_columns(pl.col("postcode").replace("", None))
    key = ["specimen_date", "postcode"]
    both = truth.join(kept, on=key, how="full", coalesce=True, suffix="_kept", nulls_equal=True)
    wrong = both.filter(
        pl.col("tests").ne_missing(pl.col("tests_kept")) | pl.col("positives").ne_missing(pl.col("positives_kept"))
    )
    assert truth["tests"].sum() > 10_000
    assert wrong.height == 0, wrong


def test_a_resident_searches_a_postcode_opens_an_area_and_takes_the_data(browser: Browser, walked: Walked) -> None:
    page, asked = visit(browser)
    page.goto(walked.public, wait_until="networkidle")
    picture(page, "public-home")
    postcodes = pl.read_csv(walked.home / "nation" / "postcodes.csv")
    postcode = postcodes.filter(pl.col("small_area") == walked.busiest)["postcode"][0]
    page.get_by_label("Postcode or area").fill(postcode)
    page.get_by_role("button", name="Find").click()
    page.wait_for_url(f"**/areas/{walked.busiest}")
    picture(page, "public-area")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.click()
    content = download.value.path().read_text("utf-8")
    assert walked.busiest in content
    assert {urlsplit(address).netloc for address in asked} == {urlsplit(walked.public).netloc}


def test_the_public_site_on_a_phone(browser: Browser, walked: Walked) -> None:
    page, _ = visit(browser, width=390, height=844)
    page.goto(walked.public, wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, "public-phone")


def test_a_director_sees_their_own_people_and_is_refused_another_s(browser: Browser, walked: Walked) -> None:
    page, asked = visit(browser)
    page.goto(walked.console)
    page.get_by_label(re.compile("User name")).fill("demo")
    page.get_by_label(re.compile("Password")).fill(walked.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    code = re.search(r"(\d{3} \d{3})", command(walked.home, "pumphandle.cli", "code", "demo"))
    assert code is not None
    page.get_by_label("Six-digit code").fill(code[1])
    page.get_by_label("Purpose of this visit").select_option(label="Find and control outbreaks")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/today")
    picture(page, "console-today")
    page.get_by_role("link", name="Line list").click()
    assert page.locator("table tbody tr").count() > 10
    picture(page, "console-lines")
    page.get_by_role("link", name="Signals").click()
    page.get_by_role("navigation", name="Days with signals").get_by_role("link").first.click()
    assert page.get_by_text("Chance alone would show").first.is_visible()
    picture(page, "console-signals")
    page.goto(f"{walked.console}/lines?result=positive", wait_until="networkidle")
    picture(page, "console-lines")
    page.goto(f"{walked.console}/map?days=28")
    assert page.locator("svg.map path").count() > 3
    picture(page, "console-map")
    page.goto(f"{walked.console}/links")
    page.get_by_role("region", name="Flare-ups").get_by_role("link").first.click()
    assert page.locator("svg.linked circle").count() >= 2
    picture(page, "console-flare-up")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{walked.console}/today")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, "console-phone")
    page.set_viewport_size({"width": 1280, "height": 860})
    page.goto(f"{walked.console}/deliveries")
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Download")).first.click()
    assert download.value.path().read_bytes().startswith(b"age-encryption.org/v1")
    for address in theirs(walked):
        answer = page.goto(walked.console + address)
        assert answer is not None and answer.status in {403, 404}, address
    stranger, _ = visit(browser)
    stranger.goto(f"{walked.console}/lines")
    assert stranger.url.endswith("/sign-in")
    assert {urlsplit(address).netloc for address in asked} == {urlsplit(walked.console).netloc}
