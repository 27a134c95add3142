"""A provider is described whole and safely, or the console does not open; a check says what a sign-in would meet."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pumphandle.cli.provider import findings
from pumphandle.config import read
from pumphandle.store.providers.asked import Door
from pumphandle.store.providers.described import is_safe, providers
from pumphandle.vocabulary.errors import BadDescription
from tests.web.console.provider import Provider, describe, key, running

NOW = datetime.now(UTC)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running(Provider(clock=lambda: NOW)) as one:
        yield one


def wrong(home: Path, provider: Provider, origin: str = "https://console.example") -> list[str]:
    describe(home, provider)
    door = Door(providers(home)["ministry"])
    present = datetime.now(UTC)  # the provider's answers bear the true time
    return [sentence for good, sentence in findings(door, origin=origin, at=present) if not good]


def test_a_good_provider_is_good(tmp_path: Path, provider: Provider) -> None:
    assert wrong(tmp_path, provider) == []


@pytest.mark.parametrize(
    ("description", "words"),
    [
        ({"issuer": "https://login.example.org"}, "description"),
        ({"token_endpoint": "http://login.example.org/token"}, "unsafe address"),
        ({"id_token_signing_alg_values_supported": ["HS256"]}, "signs with HS256"),
        ({"code_challenge_methods_supported": ["plain"]}, "no PKCE with S256"),
        ({"acr_values_supported": ["urn:one"]}, "every listed acr but: urn:two"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, provider: Provider, description: dict[str, object], words: str) -> None:
    provider.description = description
    (sentence,) = wrong(tmp_path, provider)
    assert words in sentence


def test_a_provider_that_is_away_and_a_console_without_https_are_said(tmp_path: Path, provider: Provider) -> None:
    provider.gone = True
    told = wrong(tmp_path, provider, "http://console.example")
    assert told[0] == "People reach the console at http://console.example." and "does not answer" in told[1]


def test_clocks_that_differ_are_said(tmp_path: Path, provider: Provider) -> None:
    describe(tmp_path, provider)
    door = Door(providers(tmp_path)["ministry"])
    later = NOW.replace(year=NOW.year + 1)
    assert [good for good, sentence in findings(door, origin="https://c.example", at=later) if "clock" in sentence] == [
        False
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("issuer = ", 'issuer = "http://login.example.org" #'), "issuer must be an https"),
        (("issuer = ", 'issuer = "https://login.example.org/?a=b" #'), "issuer must be an https"),
        (("title = ", "#"), "title is missing"),
        (('proof = "secret"', 'proof = "none"'), "proof is secret, secret-post or key"),
        (('proof = "secret"', 'proof = "key"'), "holds a private JSON Web Key"),
        (("amr = ", 'algorithms = ["HS256"] #'), "algorithms are of"),
        (("amr = ", 'algorithms = ["none"] #'), "algorithms are of"),
        (("amr = ", 'amr = "otp" #'), "amr is a list"),
        (("amr = ", 'scopes = ["profile"] #'), "scopes must hold openid"),
        (("amr = ", "clock_skew_seconds = 301 #"), "from 0 to 300"),
        (("amr = ", "max_age_minutes = true #"), "from 0 to 720"),
        (("amr = ", 'ask_own_factor = "no" #'), "true or false"),
        (("amr = ", "admin_role = true #"), "admin_role is no word"),
        (("title = ", "title = = "), "no TOML"),
        (("secret_file = ", 'secret_file = "elsewhere" #'), "names no file"),
    ],
)
def test_a_bad_description_is_refused_with_the_remedy(
    tmp_path: Path, provider: Provider, change: tuple[str, str], words: str
) -> None:
    describe(tmp_path, provider)
    file = tmp_path / "sign-in" / "ministry.toml"
    file.write_text(file.read_text("utf-8").replace(*change), "utf-8")
    with pytest.raises(BadDescription, match=words) as told:
        providers(tmp_path)
    assert "planted-client-secret" not in str(told.value)


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path, provider: Provider) -> None:
    describe(tmp_path, provider)
    (tmp_path / "sign-in" / "ministry.secret").chmod(0o640)
    with pytest.raises(BadDescription, match="0600"):
        providers(tmp_path)
    (tmp_path / "sign-in" / "ministry.secret").chmod(0o600)
    assert "planted-client-secret" not in repr(providers(tmp_path))


def test_one_issuer_is_described_once(tmp_path: Path, provider: Provider) -> None:
    describe(tmp_path, provider)
    describe(tmp_path, provider, "again")
    with pytest.raises(BadDescription, match="same issuer"):
        providers(tmp_path)


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://login.example.org/a?b=c", True),
        ("http://127.0.0.1:1/", True),
        ("http://[::1]:1/", True),
        ("http://localhost.example.org/", False),
        ("http://127.0.0.1.example.org/", False),
        ("http://169.254.169.254/", False),
        ("https://", False),
        ("https://a b/", False),
        ("https://u:p@login.example.org/", False),
        ("https://[", False),
        ("data:text/html,x", False),
        (None, False),
    ],
)
def test_addresses_are_https_or_this_machine(address: object, safe: bool) -> None:
    assert is_safe(address) is safe


@pytest.mark.parametrize(
    ("origin", "good"),
    [
        ("https://console.example", True),
        ("https://console.example:8443", True),
        ("http://localhost:8855", True),
        ("http://console.example", False),
        ("https://console.example/", False),
        ("https://console.example/path", False),
        ("https://a@b", False),
    ],
)
def test_the_consoles_own_address_is_an_origin(origin: str, good: bool) -> None:
    if good:
        assert read({"PUMPHANDLE_CONSOLE_ORIGIN": origin}).console_origin == origin
        return
    with pytest.raises(BadDescription, match="PUMPHANDLE_CONSOLE_ORIGIN"):
        read({"PUMPHANDLE_CONSOLE_ORIGIN": origin})


def test_without_one_it_is_this_machine() -> None:
    assert read({"PUMPHANDLE_CONSOLE_PORT": "9000"}).console_origin == "http://localhost:9000"


def test_keys_are_held_for_an_hour(tmp_path: Path, provider: Provider) -> None:
    describe(tmp_path, provider)
    door = Door(providers(tmp_path)["ministry"])
    first = door.keys(at=NOW)
    provider.signing = key("second")
    assert door.keys(at=NOW) == first
    assert [one["kid"] for one in door.keys(at=NOW.replace(year=NOW.year + 1))] == ["second"]
