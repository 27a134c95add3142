"""In a real browser, by keyboard: a council raises a concern with a hold and lifts it; axe finds nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from tests.web.console.conftest import served


@pytest.fixture
def console(drafted: Any) -> Iterator[str]:
    yield from served(drafted.app)


@pytest.fixture
def page(chromium: str, console: str, drafted: Any) -> Iterator[Page]:
    cookies = [
        {"name": one.name, "value": one.value or "", "url": console} for one in drafted.signed_in("rowan").cookies.jar
    ]
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--no-first-run"])
        context = opened.new_context(java_script_enabled=True, viewport={"width": 1280, "height": 900})
        context.add_cookies(cookies)  # pyright: ignore[reportArgumentType]
        yield context.new_page()
        opened.close()


@pytest.mark.heavy
def test_a_council_raises_a_concern_and_holds(page: Page, console: str, drafted: Any) -> None:
    page.goto(f"{console}/decisions")
    _accessible(page)
    page.locator("section[aria-labelledby=own] table a").first.click()
    _accessible(page)
    assert "no number" in page.locator("section[aria-labelledby=effects]").inner_text()
    page.get_by_label("What it is about").select_option("stigma or cohesion")
    page.get_by_label("What you are worried about, without naming anyone").fill("The community fears to be named.")
    page.get_by_label("Evidence").fill("Threats last week.")
    page.get_by_label("Meanwhile").select_option("hold cases and tests")
    page.get_by_label("or until the window holds so many people").fill("")
    page.get_by_role("button", name="Raise the concern").press("Enter")
    page.wait_for_url("**/decisions")
    _accessible(page)
    assert "The community fears to be named." in page.locator("section[aria-labelledby=cases]").inner_text()
    assert "hold cases and tests" in page.locator("section[aria-labelledby=holds]").inner_text()
    page.get_by_label("Outcome, as the public will read it").fill("The families agree.")
    page.get_by_role("button", name="Lift").press("Enter")
    page.wait_for_load_state()
    assert drafted.ask(b"select entry from published.hold_entry order by entry_id") == [("placed",), ("lifted",)]


def _accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
