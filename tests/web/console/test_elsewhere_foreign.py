"""Against a provider that somebody else wrote (oidc-provider-mock, on Authlib's server side): the console gets in."""

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.web.console.conftest import free_port, opened
from tests.web.console.provider import Provider, describe


@pytest.fixture
def here(world: Any) -> Iterator[Any]:
    port = free_port()
    words = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"]
    words += ["--user-claims", '{"sub": "r-1", "amr": ["pwd", "otp"]}', "--user-claims", '{"sub": "x-1"}']
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        issuer = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                httpx.get(issuer)
                break
            except httpx.TransportError:
                process.poll()
                assert process.returncode is None
                time.sleep(0.1)
        world.clock.now = datetime.now(UTC)  # it has a clock of its own
        describe(world.home, Provider(clock=world.clock, issuer=issuer), more="max_age_minutes = 0")
        world.bound("rowan", "r-1")
        yield from opened(world)
    finally:
        process.terminate()
        process.wait(10)


def consent(address: str, login: str) -> str:
    """The one form that it has."""
    answer = httpx.post(address, data={"sub": login})
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def test_in_with_what_it_signed_and_refused_where_nobody_is_bound(here: Any) -> None:
    browser, stranger = here.stranger(), here.stranger()
    back = consent(browser.get("/sign-in/with/ministry").headers["location"], "r-1")
    assert browser.get(back).status_code == 200
    assert browser.press("/sign-in/code", "/sign-in/code", purpose="outbreak").status_code == 303
    assert "Rowan Director" in browser.get("/today").text
    answer = stranger.get(consent(stranger.get("/sign-in/with/ministry").headers["location"], "x-1"))
    assert answer.status_code == 403 and "no account of this console is bound" in answer.text
