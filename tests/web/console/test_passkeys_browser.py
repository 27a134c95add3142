"""In a real browser with its virtual authenticator, by keyboard: make a passkey, use it as second factor and alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from pumphandle.governance import second_factor
from tests.web.console.conftest import PASSWORD, SECRET, free_port, opened, served

pytestmark = pytest.mark.heavy


@pytest.fixture
def console(world: Any) -> Iterator[str]:
    """By the name localhost: browsers tie passkeys to names, and an IP address is none."""
    port = free_port()
    for here in opened(world, f"http://localhost:{port}"):
        for _ in served(here.app, port):
            yield f"http://localhost:{port}"


@pytest.mark.parametrize("width", [1280, 390])
def test_made_used_and_used_alone(world: Any, chromium: str, console: str, width: int) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--no-first-run"])
        page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        tools = page.context.new_cdp_session(page)
        tools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

        _password(page, console)
        page.get_by_label("Six-digit code").fill(second_factor.code_at(SECRET, world.clock()))
        page.get_by_role("button", name="Sign in", exact=True).press("Enter")
        page.wait_for_url("**/today")
        page.get_by_role("link", name="Passkeys").press("Enter")
        page.wait_for_url("**/passkeys")
        _sound(page)
        page.get_by_label("Name, such as").fill("Work telephone")
        page.get_by_role("button", name="Add a passkey").press("Enter")
        expect(page.get_by_role("heading", name="Work telephone")).to_be_visible()
        _sound(page)
        page.get_by_role("button", name="Sign out").press("Enter")

        _password(page, console)
        _sound(page)
        page.get_by_role("button", name="Use a passkey").press("Enter")
        page.wait_for_url("**/today")
        page.get_by_role("button", name="Sign out").press("Enter")

        page.goto(f"{console}/sign-in")
        _sound(page)
        page.get_by_role("button", name="Sign in with a passkey").press("Enter")
        page.wait_for_url("**/sign-in/code")
        page.get_by_role("button", name="Sign in", exact=True).press("Enter")
        page.wait_for_url("**/today")
        assert not [text for text in said if "Content Security" in text]
        browser.close()
    assert [deed for _, deed, _ in world.audit() if deed in ("sign_in", "passkey")] == [
        "sign_in", "passkey", "sign_in", "sign_in"
    ]  # fmt: skip


def test_without_script_the_page_says_so(chromium: str, console: str) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--no-first-run"])
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(f"{console}/sign-in")
        assert page.locator("noscript").is_visible()
        assert "Passkeys need JavaScript" in page.locator("noscript").inner_text()
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
        browser.close()


def _password(page: Page, console: str) -> None:
    page.goto(f"{console}/sign-in")
    page.get_by_label("User name").fill("rowan")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).press("Enter")
    page.wait_for_url("**/sign-in/code")


def _sound(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_at_another_address_the_page_says_where_passkeys_hold(chromium: str, console: str) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--no-first-run"])
        page = browser.new_page()
        page.goto(f"{console.replace('localhost', '127.0.0.1')}/sign-in")
        expect(page.get_by_text(f"Passkeys hold at {console} and at no other address.")).to_be_visible()
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
        browser.close()
