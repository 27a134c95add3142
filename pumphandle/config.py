"""Every setting of this house: name, kind, default, sentence. Read once, at a door, and handed down by name.

Numbers that people choose, such as how few cases may be shown, are thresholds with chooser and reason.
"""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pumphandle.vocabulary.errors import BadDescription

Kind = Literal["folder", "url", "address", "port", "switch", "count", "origin"]
WHOLE_PORT: Final = "a whole number from 1 to 65535"


@dataclass(frozen=True)
class Setting:
    """One environment variable. An empty value counts as not set."""

    name: str
    kind: Kind
    default: str
    sentence: str


SETTINGS: Final = (
    Setting("PUMPHANDLE_HOME", "folder", ".pumphandle", "Where everything is kept: database, lake, keys, releases."),
    Setting(
        "PUMPHANDLE_INBOX",
        "folder",
        "",
        "Where laboratories' files lie, a folder a day; without it, inbox in the home.",
    ),
    Setting(
        "PUMPHANDLE_FILES",
        "folder",
        "",
        "The public files, for this site or any static host; without it, public in the home.",
    ),
    Setting(
        "PUMPHANDLE_SHARED", "folder", "../shared", "Read-only folder with descriptions and files of real nations."
    ),
    Setting(
        "DATABASE_URL",
        "url",
        "",
        "A PostgreSQL database, as its owner, who does the deeds. Without it: a server of our own, in the home.",
    ),
    Setting(
        "PUMPHANDLE_CONSOLE_DATABASE_URL",
        "url",
        "",
        "The same database as pumphandle_console, which sees one authority at a time. Goes with DATABASE_URL.",
    ),
    Setting(
        "PUMPHANDLE_PUBLIC_DATABASE_URL",
        "url",
        "",
        "The same database as pumphandle_public, which sees what is published. Goes with DATABASE_URL.",
    ),
    Setting("PUMPHANDLE_ADDRESS", "address", "127.0.0.1", "Network address at which both sites listen."),
    Setting("PUMPHANDLE_PUBLIC_PORT", "port", "8854", "Port of the public site."),
    Setting(
        "PUMPHANDLE_PUBLIC_WORKERS",
        "count",
        "1",
        "Processes that answer for the public site, at most 64; one a core is a good number.",
    ),
    Setting("PUMPHANDLE_CONSOLE_PORT", "port", "8855", "Port of the console."),
    Setting(
        "PUMPHANDLE_CONSOLE_ORIGIN",
        "origin",
        "",
        "How people reach the console, as https://name; without it, http://localhost and its port. Providers and "
        "passkeys are bound to it.",
    ),
    Setting(
        "PUMPHANDLE_SECURE_COOKIES",
        "switch",
        "off",
        "on where people reach the console through https: browsers then never send its cookie without.",
    ),
)


@dataclass(frozen=True)
class Settings:
    """All settings, checked. The three database addresses are all there or all None."""

    home: Path
    inbox: Path
    files: Path
    shared: Path
    database_url: str | None
    console_database_url: str | None
    public_database_url: str | None
    address: str
    public_port: int
    public_workers: int
    console_port: int
    console_origin: str
    secure_cookies: bool

    @property
    def lake(self) -> Path:
        return self.home / "lake"

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def trial_factors(self) -> Path:
        return self.keys / "trial"

    @property
    def deliveries(self) -> Path:
        return self.home / "deliveries"

    @property
    def releases(self) -> Path:
        return self.home / "releases"

    @property
    def nation(self) -> Path:
        return self.home / "nation"


def read(environ: Mapping[str, str]) -> Settings:
    """The settings that an environment makes.

    Raises BadDescription: a PUMPHANDLE_ name that is no setting, a value not of its kind, a database named in part.
    """
    known = {setting.name for setting in SETTINGS}
    for name in sorted(environ):
        if name.startswith("PUMPHANDLE_") and name not in known:
            raise BadDescription(f"{name} is no setting. Settings are: {', '.join(sorted(known))}.")
    text = {setting.name: environ.get(setting.name, "").strip() or setting.default for setting in SETTINGS}
    home = _folder(text["PUMPHANDLE_HOME"])
    settings = Settings(
        home=home,
        inbox=_folder(text["PUMPHANDLE_INBOX"]) if text["PUMPHANDLE_INBOX"] else home / "inbox",
        files=_files(home, text),
        shared=_folder(text["PUMPHANDLE_SHARED"]),
        database_url=_url("DATABASE_URL", text),
        console_database_url=_url("PUMPHANDLE_CONSOLE_DATABASE_URL", text),
        public_database_url=_url("PUMPHANDLE_PUBLIC_DATABASE_URL", text),
        address=_address("PUMPHANDLE_ADDRESS", text),
        public_port=_port("PUMPHANDLE_PUBLIC_PORT", text),
        public_workers=_count("PUMPHANDLE_PUBLIC_WORKERS", text),
        console_port=_port("PUMPHANDLE_CONSOLE_PORT", text),
        console_origin=_origin(text),
        secure_cookies=_switch("PUMPHANDLE_SECURE_COOKIES", text),
    )
    _check_together(settings)
    return settings


@dataclass(frozen=True)
class Site:
    """What one site alone is told: its own address of the database and nobody else's."""

    home: Path
    files: Path
    database_url: str
    address: str
    port: int
    workers: int
    origin: str
    secure_cookies: bool


def read_site(environ: Mapping[str, str], site: Literal["public", "console"]) -> Site:
    """The settings of a site in a process of its own. Raises BadDescription where its database is not named."""
    database, port = f"PUMPHANDLE_{site.upper()}_DATABASE_URL", f"PUMPHANDLE_{site.upper()}_PORT"
    text = {setting.name: environ.get(setting.name, "").strip() or setting.default for setting in SETTINGS}
    url = _url(database, text)
    if url is None:
        raise BadDescription(f"{database} is not set: this site opens no database but its own.")
    return Site(
        home=_folder(text["PUMPHANDLE_HOME"]),
        files=_files(_folder(text["PUMPHANDLE_HOME"]), text),
        database_url=url,
        address=_address("PUMPHANDLE_ADDRESS", text),
        port=_port(port, text),
        workers=_count("PUMPHANDLE_PUBLIC_WORKERS", text) if site == "public" else 1,
        origin=_origin(text),
        secure_cookies=_switch("PUMPHANDLE_SECURE_COOKIES", text),
    )


def as_markdown() -> str:
    """docs/reference/settings.md. A test compares it with the file."""
    lines = [
        "# Settings",
        "",
        "Environment variables, read once at start-up. A name beginning with `PUMPHANDLE_` that is not here, or a",
        "value not of its kind, stops the program with a sentence. Made from `pumphandle/config.py` by `just docs`.",
        "",
        "| name | kind | default | what it is |",
        "|---|---|---|---|",
    ]
    for setting in SETTINGS:
        default = f"`{setting.default}`" if setting.default else "not set"
        lines.append(f"| `{setting.name}` | {setting.kind} | {default} | {setting.sentence} |")
    return "\n".join(lines) + "\n"


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _files(home: Path, text: Mapping[str, str]) -> Path:
    return _folder(text["PUMPHANDLE_FILES"]) if text["PUMPHANDLE_FILES"] else home / "public"


def _checked(name: str, text: Mapping[str, str], is_good: Callable[[str], object], wanted: str) -> str:
    """The message never repeats a value: an address of a database can hold a password."""
    if not is_good(text[name]):
        raise BadDescription(f"{name} must be {wanted}.")
    return text[name]


def _url(name: str, text: Mapping[str, str]) -> str | None:
    if not text[name]:
        return None
    return _checked(name, text, re.compile(r"postgres(ql)?://.+").fullmatch, "an address beginning with postgresql://")


def _address(name: str, text: Mapping[str, str]) -> str:
    return _checked(name, text, re.compile(r"[0-9A-Za-z.:\-]+").fullmatch, "a network address or a host's name")


def _port(name: str, text: Mapping[str, str]) -> int:
    _checked(name, text, re.compile("[1-9][0-9]{0,4}").fullmatch, WHOLE_PORT)
    return int(_checked(name, text, lambda port: int(port) < 65536, WHOLE_PORT))


def _count(name: str, text: Mapping[str, str]) -> int:
    wanted = "a whole number from 1 to 64"
    _checked(name, text, re.compile("[1-9][0-9]?").fullmatch, wanted)
    return int(_checked(name, text, lambda count: int(count) <= 64, wanted))


def _origin(text: Mapping[str, str]) -> str:
    """Scheme, host and port, nothing after them; http on this machine only, as browsers allow it."""
    name = "PUMPHANDLE_CONSOLE_ORIGIN"
    if not text[name]:
        return f"http://localhost:{_port('PUMPHANDLE_CONSOLE_PORT', text)}"
    form = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?")
    return _checked(name, text, form.fullmatch, "https:// and a name in small letters, with nothing behind it")


def _switch(name: str, text: Mapping[str, str]) -> bool:
    return _checked(name, text, ("on", "off").__contains__, "on or off") == "on"


def _check_together(settings: Settings) -> None:
    urls = {
        "DATABASE_URL": settings.database_url,
        "PUMPHANDLE_CONSOLE_DATABASE_URL": settings.console_database_url,
        "PUMPHANDLE_PUBLIC_DATABASE_URL": settings.public_database_url,
    }
    missing = [name for name, url in urls.items() if url is None]
    if missing and len(missing) < len(urls):
        raise BadDescription(
            f"A database of your own needs three addresses, one a role; not set: {', '.join(missing)}."
        )
    if settings.public_port == settings.console_port:
        raise BadDescription("PUMPHANDLE_PUBLIC_PORT and PUMPHANDLE_CONSOLE_PORT must differ: two sites, two doors.")


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
