"""In a real browser, wide and on a telephone: a record is sent on by keyboard, the clock is read; axe finds nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from tests.web.console.conftest import DAY, NOON, served

STAGES = ("received", "routed", "available")


@pytest.fixture
def console(world: Any) -> Iterator[str]:
    for authority in ("NOR", "SOU"):
        for stage, hours in zip(STAGES, (3, 1, 0), strict=True):
            world.tell(
                b"insert into identified.receipt values (%s, %s, %s, %s, 'timer')",
                authority, DAY, stage, NOON - timedelta(hours=hours),
            )  # fmt: skip
    world.clock.pass_by(hours=49)
    yield from served(world.app)


@pytest.fixture(params=[(1280, 900), (360, 740)], ids=["wide", "telephone"])
def page(chromium: str, console: str, world: Any, request: pytest.FixtureRequest) -> Iterator[Page]:
    cookies = [
        {"name": one.name, "value": one.value or "", "url": console} for one in world.signed_in("rowan").cookies.jar
    ]
    wide, high = request.param
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--no-first-run"])
        context = opened.new_context(java_script_enabled=True, viewport={"width": wide, "height": high})
        context.add_cookies(cookies)  # pyright: ignore[reportArgumentType]
        yield context.new_page()
        opened.close()


@pytest.mark.heavy
def test_a_record_is_sent_on_and_the_clock_is_read(page: Page, console: str, world: Any) -> None:
    page.goto(f"{console}/receipts")
    _sound(page)
    assert "twice the time is over" in page.locator("section[aria-labelledby=late]").inner_text()
    page.goto(f"{console}/lines/{world.records['Bo']}")
    _sound(page)
    page.get_by_label("Whose it is").select_option("Southfold")
    page.get_by_label("Why").select_option("moved away")
    page.get_by_role("button", name="Send on").press("Enter")
    page.wait_for_url("**/misroutes")
    _sound(page)
    assert "goes with the next run" in page.locator("section[aria-labelledby=own]").inner_text()
    page.goto(f"{console}/lines/{world.records['Bo']}")
    assert "no such record" in page.locator("main").inner_text()


def _sound(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert found == [], [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, "the page is wider than the screen"
