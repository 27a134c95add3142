"""What every test may ask for: a database of its own, real data where they lie, a browser; and no network."""

import ipaddress
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import psycopg
import pytest

from pumphandle.store.cluster import CONSOLE, DEEDS, OWNER, PUBLIC, Cluster
from pumphandle.store.migrate import prepare
from tests.planted_words import found_in

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("PUMPHANDLE_SHARED") or ROOT.parent / "shared").absolute()
TEMPLATE = "pumphandle_template"
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}

hypothesis.settings.register_profile("gate", max_examples=50, deadline=None, derandomize=True)
hypothesis.settings.register_profile("night", max_examples=2_000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


class NetworkUsed(AssertionError):
    """A test tried to leave this machine."""


@dataclass(frozen=True)
class DatabaseUrls:
    """One fresh, migrated database, seen through each role."""

    owner: str
    deeds: str
    console: str
    public: str


def pytest_addoption(parser: pytest.Parser) -> None:
    """More faults by command: pytest --kills 240 tests/actions/test_send.py"""
    parser.addoption("--kills", type=int, default=24, help="how many runs are killed in each test that kills")


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """How many runs a test kills: a fair sample, or as many as the command asks for."""
    asked: int | None = request.config.getoption("--kills")
    return asked or 24


def pytest_configure() -> None:
    """A developer's own settings must not reach the tests; then nothing may leave the machine."""
    for name in list(os.environ):
        if name == "DATABASE_URL" or name.startswith("PUMPHANDLE_"):
            del os.environ[name]
    sys.addaudithook(_stay_here)


LEAKED: list[tuple[str, str, str]] = []
"""(test, where, word) of everything planted that a test that passed left in a log or on its error output."""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """What a test that failed shows is its own affair; what one that passed leaves behind is the program's."""
    if report.passed:
        for title, text in report.sections:
            if "stdout" not in title:
                LEAKED.extend((report.nodeid, title, word) for word in found_in(text))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if LEAKED:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for test, where, word in LEAKED:
        terminalreporter.write_line(f"{test}: {where} holds the planted word {word}", red=True)


def _stay_here(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and not _is_here(address[0]):
            raise NetworkUsed(f"A test tried to reach {address[0]}: tests use this machine only.")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and not _is_here(arguments[0]):
        raise NetworkUsed(f"A test tried to look up {arguments[0]}: tests use this machine only.")


def _is_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost", "testserver.local"):
        return True
    try:
        address = ipaddress.ip_address(str(name))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A running PostgreSQL of this test process's own, gone afterwards."""
    server = Cluster(tmp_path_factory.mktemp("home"), settings=QUICK)
    server.start()
    try:
        yield server
        log = (server.folder / "log").read_text("utf-8", errors="replace")
        assert "PostgreSQL" in log, "the server's log is not where it is searched"
        assert not found_in(log), "the server's log holds words of a planted person"
    finally:
        server.remove()


@pytest.fixture(scope="session")
def migrated(cluster: Cluster) -> str:
    """Name of a database with every migration done, to be copied.

    No window of a district rests by lot in it, so that totals are what a test counts; tests of lots choose otherwise.
    """
    prepare(cluster.url(OWNER, database=TEMPLATE))
    with psycopg.connect(cluster.url(OWNER, database=TEMPLATE)) as connection:
        connection.execute(
            "insert into decisions.threshold (name, version, value, chooser, chosen_on, reason) "
            "values ('rest_percent', 1, '0', 'The tests', '2020-01-01', 'Totals are what a test counts.')"
        )
    return TEMPLATE


@pytest.fixture
def database_urls(cluster: Cluster, migrated: str) -> Iterator[DatabaseUrls]:
    """A database nobody has touched, migrated; dropped afterwards."""
    name = f"test_{time.monotonic_ns():x}"
    with psycopg.connect(cluster.url(OWNER, database="postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name} template {migrated} strategy file_copy".encode())
        prepare(cluster.url(OWNER, database=name))  # who may connect is not copied with a template
        owner, deeds, console, public = (cluster.url(role, database=name) for role in (OWNER, DEEDS, CONSOLE, PUBLIC))
        yield DatabaseUrls(owner=owner, deeds=deeds, console=console, public=public)
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture(scope="session")
def shared() -> Path:
    """Read-only real data beside the repository."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs real nations' files: the folder shared/ beside the repository, or PUMPHANDLE_SHARED")
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program: the one that start.py found, or one on PATH."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return found
    pytest.skip("needs Chromium; `python3 start.py test` installs it")
