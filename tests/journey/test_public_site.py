"""A resident finds their area, reads it, takes the data away: with script, without, and with the keyboard alone."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

PAGES = (
    "/",
    "/?measure=positivity&day=2020-06-05",
    "/?lang=cy",
    "/areas/A1",
    "/areas/A3",
    "/areas/A7",
    "/areas/D1",
    "/compare",
    "/compare?areas=A1,D1,A4",
    "/embed/A1",
    "/search?q=by",
    "/search?q=nowhere-at-all",
    "/downloads",
    "/releases",
    "/releases/2020-06-10",
    "/about",
    "/?release=2020-06-08",
    "/nowhere",
)
SIZES = {"desk": (1280, 900), "phone": (360, 780)}


def visit(
    browser: Browser, *, script: bool = True, size: tuple[int, int] = SIZES["desk"], dark: bool = False
) -> tuple[Page, list[str], list[str]]:
    """A page, the addresses it asked for, and what went wrong in it."""
    page = browser.new_context(
        java_script_enabled=script,
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
    ).new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    return page, asked, wrong


def drawn(page: Page) -> None:
    """Wait until the map of all small areas stands."""
    expect(page.locator("[data-shapes]")).to_have_attribute("data-drawn", "yes")


def test_resident_without_script(browser: Browser, public_site: str) -> None:
    page, asked, wrong = visit(browser, script=False)
    page.goto(public_site)
    assert page.locator("svg.map path[data-a]").count() == 7  # the picture of the server stands in for the map
    page.get_by_label("Postcode or area").fill("aa1 1")
    page.get_by_role("button", name="Find").click()
    assert page.url == f"{public_site}/areas/A1"
    assert page.get_by_role("heading", level=1).inner_text() == "Ashby"
    assert page.get_by_text("6 cases between 1 and 4 June 2020").first.is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "A1-2020-06-10.csv"
    assert "A1" in download.value.path().read_text(encoding="utf-8")
    page.get_by_role("link", name="Testland", exact=True).first.click()
    page.get_by_role("link", name="Tests", exact=True).click()
    page.get_by_role("textbox", name="Seven days to").fill("2020-06-05")
    page.get_by_role("button", name="Show").click()
    assert page.url == f"{public_site}/?measure=tests&day=2020-06-05"
    page.get_by_text("3 parishes").click()
    assert page.get_by_role("rowheader", name="Ashby").is_visible()
    assert {urlsplit(address).netloc for address in asked} == {urlsplit(public_site).netloc}
    assert wrong == []


def test_keyboard_alone_walks_the_map_and_opens_an_area(browser: Browser, public_site: str) -> None:
    page, asked, wrong = visit(browser)
    page.goto(public_site)
    drawn(page)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-shapes]')"):
            break
    page.keyboard.press("ArrowRight")
    told = page.locator(".told")
    expect(told).to_contain_text("Cases")  # never cases without tests
    expect(told).to_contain_text("Tests")
    walked = [told.locator(".told-name").inner_text()]
    for way in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"):
        page.keyboard.press(way)
        page.wait_for_timeout(50)
        walked.append(told.locator(".told-name").inner_text())
    assert len(set(walked)) >= 3, walked
    chosen = page.evaluate("new URLSearchParams(location.search).get('focus')")
    page.keyboard.press("+")
    page.keyboard.press("0")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/areas/{chosen}")
    assert page.get_by_role("heading", level=1).inner_text() == walked[-1]
    assert {urlsplit(address).netloc for address in asked} == {urlsplit(public_site).netloc}
    assert wrong == []


def test_the_map_is_seen_in_its_colours(browser: Browser, public_site: str) -> None:
    """Software drawing can fail without a word: so the picture itself is looked at, where Ashby and Fenby lie."""
    page, _, wrong = visit(browser)
    page.goto(public_site)
    drawn(page)
    plate = page.locator("[data-shapes]")
    before = plate.screenshot()
    page.evaluate("document.querySelector('[data-shapes] canvas').remove()")
    assert len(before) > 1.5 * len(plate.screenshot())
    assert wrong == []


def test_a_click_tells_the_area_and_the_address_keeps_it(browser: Browser, public_site: str) -> None:
    page, _, wrong = visit(browser)
    page.goto(public_site)
    drawn(page)
    box = page.locator("[data-shapes]").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    name = page.locator(".told-name")
    expect(name).to_be_visible()
    told = page.locator(".told").inner_text()
    page.reload()
    drawn(page)
    expect(name).to_be_visible()
    assert page.locator(".told").inner_text() == told
    assert wrong == []


def test_slider_shows_the_page_of_its_day(browser: Browser, public_site: str) -> None:
    page, asked, wrong = visit(browser)
    frames = json.loads(page.request.get(f"{public_site}/map/days.json?measure=tests").text())["data"]
    back = next(back for back, marks in enumerate(reversed(frames["classes"])) if marks != frames["classes"][-1])
    day = frames["days"][-1 - back]
    page.goto(f"{public_site}/?measure=tests")
    drawn(page)
    classes = "document.querySelector('[data-shapes]').dataset.classes"
    newest = page.evaluate(classes)
    slider = page.get_by_label("Last of the seven days")
    slider.focus()
    for _ in range(back):
        page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(f"{public_site}/?measure=tests&day={day}")
    page.get_by_text(f"Seven days to {int(day[-2:])} June 2020").first.wait_for()
    slid = page.evaluate(classes)
    assert slid != newest
    page.reload()
    drawn(page)
    assert page.evaluate(classes) == slid
    assert {urlsplit(address).netloc for address in asked} == {urlsplit(public_site).netloc}
    assert wrong == []


def test_what_the_slider_paints_is_what_the_page_of_the_day_says(browser: Browser, public_site: str) -> None:
    page, _, _ = visit(browser)
    for measure in ("cases", "tests", "positivity"):
        frames = json.loads(page.request.get(f"{public_site}/map/days.json?measure={measure}").text())["data"]
        page.goto(f"{public_site}/?measure={measure}&day={frames['days'][4]}")
        drawn(page)
        of_area = {
            area: mark for areas, mark in zip(frames["areas"], frames["classes"][4], strict=True) for area in areas
        }
        codes = json.loads(page.request.get(f"{public_site}/map/labels.json").text())["data"]["areas"]
        painted = page.evaluate("document.querySelector('[data-shapes]').dataset.classes")
        assert painted == "".join(of_area.get(code, "n") for code in codes)


def test_areas_are_compared_in_the_order_in_which_they_were_chosen(browser: Browser, public_site: str) -> None:
    page, _, wrong = visit(browser)
    page.goto(f"{public_site}/areas/A3")
    page.get_by_role("link", name="Compare with other areas").click()
    page.get_by_label("Postcode, code or name").fill("ashby")
    page.get_by_role("button", name="Add").click()
    rows = page.locator("tbody th[scope=row] a:first-child")
    assert rows.all_inner_texts() == ["Colby <North>", "Alder", "Ashby"]
    assert urlsplit(page.url).query == "areas=A3,D1,A1"
    page.get_by_role("link", name="Remove Alder").click()
    assert rows.all_inner_texts() == ["Colby <North>", "Ashby"]
    assert page.locator(".multiples svg").count() == 2
    assert wrong == []


@pytest.fixture
def elsewhere() -> Iterator[Callable[[str], str]]:
    """Gives a page of another server its address."""
    pages: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(pages[-1])

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def at(text: str) -> str:
            pages.append(text.encode())
            return f"http://127.0.0.1:{server.server_port}/"

        yield at
        server.shutdown()


def test_a_chart_can_stand_on_somebody_elses_page(
    browser: Browser, public_site: str, elsewhere: Callable[[str], str]
) -> None:
    page, _, wrong = visit(browser)
    page.goto(f"{public_site}/areas/A1")
    page.get_by_text("Put this chart on your own page").click()
    line = page.locator("details code", has_text="iframe").inner_text()
    assert f'src="{public_site}/embed/A1"' in line
    page.goto(elsewhere(f"<!doctype html><title>Elsewhere</title><link rel=icon href=data:>{line}"))
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Ashby")).to_be_visible()
    expect(frame.locator("svg.chart")).to_be_visible()
    assert page.request.get(f"{public_site}/charts/A1.svg").headers["content-type"].startswith("image/svg+xml")
    assert "frame-ancestors 'none'" in page.request.get(public_site).headers["content-security-policy"]
    assert wrong == []


def test_the_language_is_changed_and_kept(browser: Browser, public_site: str) -> None:
    page, _, wrong = visit(browser)
    page.goto(f"{public_site}/areas/A1")
    page.get_by_role("link", name="Cymraeg").click()
    assert page.locator("html").get_attribute("lang") == "cy"
    assert page.get_by_text("6 achos rhwng 1 a 4 Mehefin 2020").first.is_visible()
    page.get_by_role("link", name="Map", exact=True).click()
    drawn(page)
    assert "lang=cy" in page.url
    assert page.get_by_text("Yn nhrefn enw.").first.is_visible()
    assert page.get_by_text("Cyfieithwyd geiriau'r dudalen hon gan beiriant").is_visible()
    assert "In order of name" not in page.locator("body").inner_text()
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert wrong == []


@pytest.mark.heavy
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_axe_finds_nothing(browser: Browser, public_site: str, size: tuple[int, int], dark: bool) -> None:
    page, _, _ = visit(browser, size=size, dark=dark)
    axe = Axe()
    found: dict[str, list[str]] = {}
    for path in PAGES:
        page.goto(public_site + path)
        if page.locator("[data-shapes]").count():
            drawn(page)
        wrong = axe.run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response["violations"]
        if wrong:
            found[path] = [f"{one['id']}: {node['html'][:120]}" for one in wrong for node in one["nodes"][:3]]
    assert found == {}


WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def test_nothing_runs_off_a_small_screen(browser: Browser, public_site: str) -> None:
    page, _, _ = visit(browser, size=(320, 700))
    for path in PAGES:
        page.goto(public_site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_triangles_cover_each_area_and_nothing_else(browser: Browser, public_site: str) -> None:
    """Rings as they come: in either direction, with holes, islands, and a ring that touches itself."""
    page, _, _ = visit(browser)
    page.goto(public_site)
    cases = {
        "square": ([[0, 0, 10, 0, 10, 10, 0, 10]], 100),
        "backwards": ([[0, 10, 10, 10, 10, 0, 0, 0]], 100),
        "hole": ([[0, 0, 10, 0, 10, 10, 0, 10], [3, 3, 7, 3, 7, 7, 3, 7]], 84),
        "two holes": ([[0, 0, 20, 0, 20, 10, 0, 10], [2, 2, 8, 2, 8, 8, 2, 8], [12, 2, 18, 2, 18, 8, 12, 8]], 128),
        "island in a hole": ([[0, 0, 10, 0, 10, 10, 0, 10], [2, 2, 8, 2, 8, 8, 2, 8], [4, 4, 6, 4, 6, 6, 4, 6]], 68),
        "islands": ([[0, 0, 4, 0, 4, 4, 0, 4], [6, 0, 8, 0, 8, 2, 6, 2]], 20),
        "comb": ([[0, 0, 12, 0, 12, 9, 10, 9, 10, 2, 8, 2, 8, 9, 6, 9, 6, 2, 4, 2, 4, 9, 2, 9, 2, 2, 0, 2]], 66),
        "touching": ([[0, 0, 5, 0, 5, 5, 10, 5, 10, 10, 5, 10, 5, 5, 0, 5]], 50),
    }
    found = page.evaluate(
        """async (cases) => {
          const script = document.querySelector("script[src*=atlas]").src;
          const { triangles } = await import(new URL("triangles.js", script));
          const size = (p, a, b, c) => Math.abs((p[2*b] - p[2*a]) * (p[2*c+1] - p[2*a+1])
                                              - (p[2*b+1] - p[2*a+1]) * (p[2*c] - p[2*a])) / 2;
          return Object.fromEntries(Object.entries(cases).map(([name, [rings]]) => [name,
            triangles(rings.map((ring) => Uint16Array.from(ring))).reduce((sum, { points, triangles: t }) => {
              for (let at = 0; at < t.length; at += 3) sum += size(points, t[at], t[at + 1], t[at + 2]);
              return sum;
            }, 0)]));
        }""",
        cases,
    )
    assert found == {name: meant for name, (_, meant) in cases.items()}
