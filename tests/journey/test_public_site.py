"""A resident finds their area, reads it, takes the data away: with script, without, and with the keyboard alone."""

from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page


def visit(browser: Browser, *, script: bool = True, width: int = 1280) -> tuple[Page, list[str], list[str]]:
    """A page, the addresses it asked for, and what went wrong in it."""
    page = browser.new_context(java_script_enabled=script, viewport={"width": width, "height": 900}).new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    return page, asked, wrong


def test_resident_without_script(browser: Browser, public_site: str) -> None:
    page, asked, wrong = visit(browser, script=False)
    page.goto(public_site)
    page.get_by_label("Postcode or area").fill("aa1 1")
    page.get_by_role("button", name="Find").click()
    assert page.url == f"{public_site}/areas/A1"
    assert page.get_by_role("heading", level=1).inner_text() == "Ashby"
    assert page.get_by_text("6 cases between 1 and 4 June 2020").is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "A1-2020-06-10.csv"
    assert "A1" in download.value.path().read_text(encoding="utf-8")
    page.get_by_role("link", name="Testland", exact=True).click()
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
    page.goto(public_site, wait_until="networkidle")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('svg.map') !== null"):
            break
    label = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(label).startswith("Ashby: about")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(label).startswith("Beeston:")
    assert page.locator(".tip").first.inner_text().startswith("Beeston:")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(label).startswith("Fenby: fewer than 5 people, or all in one household")
    page.keyboard.press("Enter")
    page.wait_for_url("**/areas/A6")
    assert {urlsplit(address).netloc for address in asked} == {urlsplit(public_site).netloc}
    assert wrong == []


def test_slider_shows_the_page_of_its_day(browser: Browser, public_site: str) -> None:
    page, asked, wrong = visit(browser)
    page.goto(public_site, wait_until="networkidle")
    marks = (
        "[...document.querySelectorAll('svg.map path[data-a]')].map(p => p.dataset.a + ' ' + p.getAttribute('class'))"
    )
    page.get_by_label("Last of the seven days").fill("2")
    page.get_by_label("Last of the seven days").dispatch_event("change")
    page.get_by_text("Seven days to 3 June 2020").first.wait_for()
    page.wait_for_function("location.search === '?day=2020-06-03'")
    slid = {tuple(sorted(mark.split())) for mark in page.evaluate(marks)}
    page.reload(wait_until="networkidle")
    assert {tuple(sorted(mark.split())) for mark in page.evaluate(marks)} == slid
    assert {urlsplit(address).netloc for address in asked} == {urlsplit(public_site).netloc}
    assert wrong == []


def test_nothing_runs_off_a_small_screen(browser: Browser, public_site: str) -> None:
    page, _, wrong = visit(browser, width=320)
    for path in ("/", "/areas/A1", "/areas/D1", "/downloads", "/releases", "/releases/2020-06-10", "/about"):
        page.goto(public_site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    assert wrong == []
