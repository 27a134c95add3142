"""In a real browser, with the provider on another site than the console: there, back, in, and out at both."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.web.console.conftest import free_port, opened, served
from tests.web.console.provider import Provider, describe, running

pytestmark = pytest.mark.heavy


@pytest.fixture
def provider(world: Any) -> Iterator[Provider]:
    """By the name localhost: to a browser another site than 127.0.0.1."""
    with running(Provider(clock=world.clock, people={"r-1": {"amr": ["otp"]}}), host="localhost") as one:
        describe(world.home, one)
        world.bound("rowan", "r-1")
        yield one


@pytest.fixture
def console(world: Any, provider: Provider) -> Iterator[str]:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    provider.redirects = {f"{origin}/sign-in/from/ministry"}
    for here in opened(world, origin):
        yield from served(here.app, port)


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [1280, 390])
def test_there_back_in_and_out(
    world: Any, chromium: str, console: str, provider: Provider, width: int, script: bool
) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--no-first-run"])
        context = browser.new_context(java_script_enabled=script, viewport={"width": width, "height": 844})
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{console}/sign-in")
        page.get_by_role("link", name="Sign in with Ministry of Health").press("Enter")
        page.wait_for_url(f"{provider.issuer}/authorize**")
        page.get_by_label("Staff number").fill("r-1")
        page.get_by_role("button", name="Continue").press("Enter")
        page.wait_for_url(f"{console}/sign-in/code")
        expect(page.get_by_text("Ministry of Health has confirmed who you are")).to_be_visible()
        page.get_by_label("Purpose of this visit").select_option("outbreak")
        page.get_by_role("button", name="Sign in").press("Enter")
        page.wait_for_url(f"{console}/today")
        expect(page.locator(".role")).to_have_text("director")
        _fits(page)
        page.get_by_role("button", name="Sign out").press("Enter")
        page.wait_for_url(f"{console}/sign-in")
        assert provider.ended == 1, "the visit ended at the provider too"
        page.goto(f"{console}/today")
        assert page.url == f"{console}/sign-in"
        _fits(page)
        assert not [text for text in said if "Content Security" in text]
        browser.close()
    assert [(by, deed) for by, deed, _ in world.audit()] == [
        ("timer", "bind"), ("rowan", "sign_in"), ("rowan", "look_today"), ("rowan", "sign_out")
    ]  # fmt: skip


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
