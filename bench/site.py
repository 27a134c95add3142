"""The public site of England's 6,791 small areas, in a real browser on a slow phone."""

import socket
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any, cast
from urllib.parse import urlsplit

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from bench.figures import SHARED, Figure
from bench.long_ledger import LongLedger, england
from pumphandle.store import cluster, migrate
from pumphandle.store.engine import Database
from pumphandle.web.public.app import create_site

TITLE = "The public site: England, 6,791 small areas"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)
PHONE = {"width": 390, "height": 844}
SLOWER = 4
MAP_DATA = "/map/"
SEEN = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries()[0].renderTime)).observe({ type: "element", buffered: true });
  setTimeout(() => done(null), 100);
})"""
"""When the picture of all small areas stood on the screen: it bears `elementtiming`."""
MOVES = "() => performance.getEntriesByName('map-drawn').map(mark => mark.startTime)[0] ?? null"
"""When the map that can be moved, walked and slid lay over it."""


def figures(*, quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        server = cluster.Cluster(home)
        try:
            server.start()
            migrate.prepare(server.url(cluster.OWNER))
            database = Database(server.url(cluster.DEEDS))
            england(SHARED / "data" / "england", database)
            LongLedger(database).add(10 if quick else 60)
            database.close()
            return measured(server.url(cluster.PUBLIC), turns=1 if quick else 5)
        finally:
            server.remove()


def measured(public_url: str, *, turns: int) -> list[Figure]:
    """Over a database that holds England's releases."""
    with _site(public_url) as (address, ready), sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        cold = _visit(browser, address)
        first = [_visit(browser, address) for _ in range(turns)]
        unslowed = _visit(browser, address, slower=1)
        area = _visit(browser, f"{address}/areas/E02000001", map_is_drawn=False)
        slid = _slide(browser, address)
        browser.close()
    drawn, moves = (median(one[what] for one in first) for what in ("drawn", "moves"))
    around, at_first, gap = area["page"], cold["drawn"], slid["gap"]
    page, data = first[0]["page"] / 1000, first[0]["data"] / 1000
    return [
        Figure(f"first map of 6,791 areas drawn, {SLOWER}x slower", f"{drawn / 1000:.2f} s", "≤ 1.5 s", drawn <= 1500),
        Figure("– slowest of the turns", f"{max(one['drawn'] for one in first) / 1000:.2f} s", "–"),
        Figure("– first words on the page", f"{median(one['paint'] for one in first) / 1000:.2f} s", "–"),
        Figure("– the map that moves, over the picture", f"{moves / 1000:.2f} s", "≤ 1.5 s", moves <= 1500),
        Figure("– the very first visitor after a start", f"{at_first / 1000:.2f} s", "≤ 2 s", at_first <= 2000),
        Figure("– the server's getting ready, before it answers anybody", f"{ready:.1f} s", "–"),
        Figure("– without the slow-down", f"{unslowed['drawn'] / 1000:.2f} s", "–"),
        Figure("first page without map data, compressed", f"{page:,.0f} kB", "≤ 500 kB", page <= 500),
        Figure("– of it scripts", f"{first[0]['scripts'] / 1000:,.0f} kB", "–"),
        Figure("map data, compressed", f"{data:,.0f} kB", "≤ 1,500 kB", data <= 1500),
        Figure("– with the classes of all days, for the slider", f"{slid['data'] / 1000:,.0f} kB", "–"),
        Figure("an area's page, all of it, compressed", f"{around / 1000:,.0f} kB", "≤ 500 kB", around <= 500_000),
        Figure(f"one step of the slider, {SLOWER}x slower", f"{slid['step']:.0f} ms", "–"),
        Figure(f"dragging, {SLOWER}x slower: longest gap between pictures", f"{gap:.0f} ms", "≤ 200 ms", gap <= 200),
    ]  # fmt: skip


def _visit(browser: Browser, address: str, *, slower: int = SLOWER, map_is_drawn: bool = True) -> dict[str, float]:
    """Milliseconds until the map stands, and bytes as they would be sent, of one new visitor."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=2)  # pyright: ignore[reportArgumentType]
    page = context.new_page()
    _slow_down(context, page, slower)
    seen: list[Response] = []
    page.on("response", lambda answer: seen.append(answer))  # noqa: PLW0108 - playwright marks what it is given
    page.goto(address, wait_until="load")
    drawn, moves = (_waited(page, what) if map_is_drawn else 0.0 for what in (SEEN, MOVES))
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint').map(one => one.startTime)[0] ?? 0")
    page.wait_for_load_state("networkidle")
    sent = {one.url: (urlsplit(one.url).path, _sent(one)) for one in seen}
    context.close()
    return {
        "drawn": drawn,
        "moves": moves,
        "paint": float(paint),
        "page": sum(size for path, size in sent.values() if not path.startswith(MAP_DATA)),
        "scripts": sum(size for path, size in sent.values() if path.endswith(".js")),
        "data": sum(size for path, size in sent.values() if path.startswith(MAP_DATA)),
    }


def _waited(page: Page, what: str) -> float:
    """Milliseconds from the start of the page; 30 s where it never came."""
    for _ in range(600):
        found = page.evaluate(what)
        if found is not None:
            return float(found)
        sleep(0.05)
    return 30_000.0


def _slow_down(context: BrowserContext, page: Page, times: int) -> None:
    session = cast("Any", context.new_cdp_session(page))
    session.send("Emulation.setCPUThrottlingRate", {"rate": times})


def _sent(answer: Response) -> int:
    """Bytes of the body as they go over the line."""
    return int(answer.headers["content-length"])


def _slide(browser: Browser, address: str) -> dict[str, float]:
    """The slider and a drag, watched from inside the page."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=2)  # pyright: ignore[reportArgumentType]
    page = context.new_page()
    seen: list[Response] = []
    page.on("response", lambda answer: seen.append(answer))  # noqa: PLW0108 - playwright marks what it is given
    page.goto(address, wait_until="networkidle")
    page.wait_for_selector("[data-shapes][data-drawn]")  # or the picture below it would be measured
    page.get_by_label("Last of the seven days").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_load_state("networkidle")
    sleep(2)  # what the key asked for is drawn
    _slow_down(context, page, SLOWER)
    found = cast("dict[str, Any]", page.evaluate(WATCH))
    data = sum(_sent(one) for one in seen if urlsplit(one.url).path.startswith(MAP_DATA))
    context.close()
    return {"step": float(found["step"]), "gap": float(found["gap"]), "data": data}


WATCH = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const range = document.querySelector(".slide input");
  const steps = [];
  for (let turn = 0; turn < 5; turn++) {
    const begun = performance.now();
    range.value = Number(range.value) - 1;
    range.dispatchEvent(new Event("input"));
    await frame(); await frame();
    steps.push(performance.now() - begun);
  }
  const canvas = document.querySelector("[data-shapes] canvas");
  const box = canvas.getBoundingClientRect();
  document.querySelector("[data-deed=closer]").click();
  const at = (kind, dx) => canvas.dispatchEvent(new PointerEvent(kind, {
    pointerId: 1, button: 0, buttons: 1, bubbles: true,
    clientX: box.left + box.width / 2 + dx, clientY: box.top + box.height / 2 }));
  canvas.setPointerCapture = () => {};
  at("pointerdown", 0);
  let [gap, before] = [0, performance.now()];
  for (let turn = 1; turn < 40; turn++) {
    at("pointermove", 3 * turn);
    await frame();
    const now = performance.now();
    gap = Math.max(gap, now - before);
    before = now;
  }
  at("pointerup", 120);
  steps.sort((a, b) => a - b);
  return { step: steps[2], gap };
}"""


@contextmanager
def _site(public_url: str) -> Generator[tuple[str, float]]:
    """The site as `pumphandle serve` runs it, on loopback; seconds until it was ready."""
    begun = perf_counter()
    app = create_site(database=Database(public_url), clock=lambda: datetime.now(UTC))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.05)
    yield f"http://127.0.0.1:{port}", perf_counter() - begun
    server.should_exit = True
    thread.join(timeout=10)
