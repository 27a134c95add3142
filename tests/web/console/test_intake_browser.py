"""In a real browser, by keyboard, wide and on a telephone: a steward mends a held line; axe finds nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from tests.web.console.conftest import served

pytestmark = pytest.mark.heavy


@pytest.fixture
def console(world: Any) -> Iterator[str]:
    yield from served(world.app)


@pytest.fixture(params=[1280, 390])
def page(chromium: str, console: str, world: Any, held: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    cookies = [
        {"name": one.name, "value": one.value or "", "url": console} for one in world.signed_in("stew").cookies.jar
    ]
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--no-first-run"])
        context = opened.new_context(java_script_enabled=True, viewport={"width": request.param, "height": 844})
        context.add_cookies(cookies)  # pyright: ignore[reportArgumentType]
        yield context.new_page()
        opened.close()


def test_a_steward_mends_a_held_line(page: Page, console: str, held: str) -> None:
    page.goto(f"{console}/intake")
    _sound(page)
    assert "Quill" not in page.content()
    link = page.get_by_role("link", name="Mend line 2")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{held}")
    _sound(page)
    day = page.get_by_label("Specimen date")
    assert day.input_value() == "2099-01-01" and day.get_attribute("aria-invalid") == "true"
    page.get_by_label("Why: how you know").fill("asked the laboratory")
    page.get_by_role("button", name="Mend the line").press("Enter")
    page.wait_for_load_state()
    assert "Not taken in yet" in page.get_by_role("alert").inner_text()
    _sound(page)
    page.get_by_label("Specimen date").fill("2020-06-29")
    page.get_by_role("button", name="Mend the line").press("Enter")
    page.wait_for_url("**/intake")
    assert "No line waits." in page.inner_text("main")
    _sound(page)


def _sound(page: Page) -> None:
    """Nothing that axe finds, and nothing beyond the edge of the window."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
