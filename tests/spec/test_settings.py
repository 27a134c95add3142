"""Settings are read once and whole: what is unknown or wrong is refused by name, and the page about them is fresh."""

from pathlib import Path

import pytest

from pumphandle.config import SETTINGS, as_markdown, read
from pumphandle.vocabulary.errors import BadDescription

ROOT = Path(__file__).resolve().parents[2]
URLS = {
    "DATABASE_URL": "postgresql://owner@db/p",
    "PUMPHANDLE_CONSOLE_DATABASE_URL": "postgresql://pumphandle_console@db/p",
    "PUMPHANDLE_PUBLIC_DATABASE_URL": "postgres://pumphandle_public@db/p",
}


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = read({"PATH": "/bin"})
    assert settings.home == Path.cwd() / ".pumphandle"
    assert settings.inbox == settings.home / "inbox"
    assert (settings.public_port, settings.console_port) == (8854, 8855)
    assert settings.database_url is None
    assert not settings.secure_cookies


def test_an_empty_value_is_not_set() -> None:
    assert read({"PUMPHANDLE_PUBLIC_PORT": " ", "DATABASE_URL": ""}) == read({})


def test_given_values_win() -> None:
    settings = read(
        {**URLS, "PUMPHANDLE_HOME": "/srv/p", "PUMPHANDLE_INBOX": "/srv/in", "PUMPHANDLE_SECURE_COOKIES": "on"}
    )
    assert (settings.lake, settings.inbox) == (Path("/srv/p/lake"), Path("/srv/in"))
    assert settings.database_url == URLS["DATABASE_URL"]
    assert settings.secure_cookies


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"PUMPHANDLE_HOMES": "x"}, "PUMPHANDLE_HOMES"),
        ({"PUMPHANDLE_PUBLIC_PORT": "eighty"}, "PUMPHANDLE_PUBLIC_PORT"),
        ({"PUMPHANDLE_PUBLIC_PORT": "0"}, "PUMPHANDLE_PUBLIC_PORT"),
        ({"PUMPHANDLE_CONSOLE_PORT": "65536"}, "PUMPHANDLE_CONSOLE_PORT"),
        ({"PUMPHANDLE_CONSOLE_PORT": "8854"}, "must differ"),
        ({"PUMPHANDLE_SECURE_COOKIES": "yes"}, "PUMPHANDLE_SECURE_COOKIES"),
        ({"PUMPHANDLE_ADDRESS": "0.0.0.0 x"}, "PUMPHANDLE_ADDRESS"),
        ({**URLS, "DATABASE_URL": "mysql://u:geheim@db"}, "DATABASE_URL"),
        ({"DATABASE_URL": URLS["DATABASE_URL"]}, "PUMPHANDLE_CONSOLE_DATABASE_URL, PUMPHANDLE_PUBLIC_DATABASE_URL"),
    ],
)
def test_what_is_unknown_or_wrong_is_refused_by_name(environ: dict[str, str], named: str) -> None:
    with pytest.raises(BadDescription) as refusal:
        read(environ)
    assert named in str(refusal.value)
    assert "geheim" not in str(refusal.value), "a message must not repeat a password"


def test_every_setting_has_a_sentence() -> None:
    assert [setting.name for setting in SETTINGS if not setting.sentence.endswith(".")] == []


def test_page_about_settings_is_fresh() -> None:
    assert (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8") == as_markdown(), "run `just docs`"
