"""A small invented world behind the console: two authorities, six people with duties, one day that was run."""

import asyncio
import hashlib
import re
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx
import psycopg
import pytest
import uvicorn
from litestar import Litestar
from psycopg.types.json import Jsonb

from pumphandle.actions import bind
from pumphandle.governance import second_factor
from pumphandle.governance.agreements import FIELDS
from pumphandle.governance.passwords import Cost, hash_password
from pumphandle.governance.roles import PURPOSES
from pumphandle.store.engine import Database
from pumphandle.store.keys import second_factor_key
from pumphandle.store.providers.described import providers
from pumphandle.vocabulary.people import THE_TIMER, Role
from pumphandle.web.console.app import create_app
from tests.actions.conftest import FEED
from tests.web.console.planted import plant

DAY = date(2020, 6, 30)
NOON = datetime(2020, 6, 30, 12, 0, tzinfo=UTC)
PASSWORD = "quiet-river-stone-lamp"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""Everybody's second factor; an authenticator app would hold it."""
ORIGIN = "https://testserver.local"
SEALED = b"age-encryption.org/v1 sealed for the north"
PEOPLE = (
    ("rowan", "Rowan Director", "director", "NOR"),
    ("ash", "Ash Analyst", "analyst", "NOR"),
    ("tracy", "Tracy Tracer", "tracer", "NOR"),
    ("sid", "Sid Director", "director", "SOU"),
    ("stew", "Stew Steward", "steward", None),
    ("nat", "Nat National", "national", None),
    ("enid", "Enid Entry", "entry", "NOR"),
    ("rev", "Rev Reviewer", "reviewer", None),
    ("aud", "Aud Auditor", "auditor", None),
)
STEPS: dict[str, dict[str, object]] = {
    "receive": {"files": 2, "late_laboratories": ["westlab"]},
    "link": {"unplaced_waiting": 7},
    "deliver": {"packages": 2},
    "detect": {"signals": 2},
    "publish": {"blocks": 3},
}


class Urls(Protocol):
    deeds: str
    console: str


@dataclass
class Clock:
    """Stands still until told."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: int) -> None:
        self.now += timedelta(**time)


class Browser:
    """Keeps cookies, follows no redirect. (Litestar's TestClient leaves streams open: a warning, and so a failure.)"""

    def __init__(self, app: Litestar, runner: asyncio.Runner) -> None:
        self._runner = runner
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # pyright: ignore[reportArgumentType]
        self._client = httpx.AsyncClient(transport=transport, base_url="https://testserver.local")

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    @property
    def headers(self) -> httpx.Headers:
        return self._client.headers

    def get(self, address: str) -> httpx.Response:
        return self.send("GET", address)

    def post(self, address: str, data: Mapping[str, str] | None = None) -> httpx.Response:
        return self.send("POST", address, data)

    def send(self, method: str, address: str, data: Mapping[str, str] | None = None) -> httpx.Response:
        return self._runner.run(self._client.request(method, address, data=data))

    def press(self, page: str, address: str, **fields: str) -> httpx.Response:
        """Send a form as it stands on a page: with the page's token."""
        return self.post(address, {"csrf": csrf_of(self.get(page)), **fields})


@dataclass
class World:
    """The console's application and what stands behind it."""

    app: Litestar
    runner: asyncio.Runner
    urls: Urls
    clock: Clock
    home: Path
    records: dict[str, str]

    def stranger(self) -> Browser:
        return Browser(self.app, self.runner)

    def signed_in(self, user_name: str) -> Browser:
        """Through both steps, for the first purpose that the role may have."""
        browser = self.stranger()
        assert self.try_password(browser, user_name).status_code == 303
        answer = self.try_code(browser, user_name)
        assert answer.status_code == 303, answer.text
        return browser

    def try_code(self, browser: Browser, user_name: str, code: str | None = None) -> httpx.Response:
        """The second step, with the code of now: one more visit in the same half minute is made possible."""
        if code is None:
            self.tell(b"update decisions.second_factor set last_step = null where user_name = %s", user_name)
        role = next(role for name, _, role, _ in PEOPLE if name == user_name)
        purpose = PURPOSES[Role(role)][0]
        shown = code or second_factor.code_at(SECRET, self.clock())
        return browser.press("/sign-in/code", "/sign-in/code", code=shown, purpose=purpose)

    def try_password(self, browser: Browser, user_name: str, password: str = PASSWORD) -> httpx.Response:
        return browser.press("/sign-in", "/sign-in", user_name=user_name, password=password)

    def bound(self, user_name: str, subject: str, name: str = "ministry", no_password: bool = False) -> None:
        """Who the account's holder is at a provider, by the steward's deed."""
        database, known = Database(self.urls.deeds), providers(self.home)[name]
        try:
            bind.bind(
                database, known, user_name=user_name, subject=subject, no_password=no_password, by=THE_TIMER,
                at=self.clock(),
            )  # fmt: skip
        finally:
            database.close()

    def audit(self, deed: str | None = None) -> list[tuple[str, str, dict[str, Any]]]:
        """(by, deed, subject), oldest first."""
        with psycopg.connect(self.urls.deeds) as connection:
            return connection.execute(
                "select by_name, deed, subject from decisions.audit "
                "where %(deed)s::text is null or deed = %(deed)s order by audit_id",
                {"deed": deed},
            ).fetchall()

    def ask(self, question: bytes, *values: object) -> list[Any]:
        with psycopg.connect(self.urls.deeds) as connection:
            return connection.execute(question, values).fetchall()

    def tell(self, statement: bytes, *values: object) -> None:
        with psycopg.connect(self.urls.deeds) as connection:
            connection.execute(statement, values)


def opened(world: World, origin: str = ORIGIN) -> Iterator[World]:
    """The world with the console opened anew: it has read what providers are described."""
    database = Database(world.urls.console)
    world.app = create_app(database=database, home=world.home, clock=world.clock, origin=origin)
    yield world
    database.close()


def csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return found.group(1)


@pytest.fixture
def world(database_urls: Urls, tmp_path: Path) -> Iterator[World]:
    with psycopg.connect(database_urls.deeds) as connection:
        _places(connection)
        _accounts(connection, second_factor_key(tmp_path / "keys"))
        _agreements(connection)
        records = _people(connection)
        _day(connection)
    package = tmp_path / "deliveries" / "NOR" / f"{DAY}.tar.age"
    package.parent.mkdir(parents=True)
    package.write_bytes(SEALED)
    clock = Clock()
    database = Database(database_urls.console)
    app = create_app(database=database, home=tmp_path, clock=clock)
    with asyncio.Runner() as runner:
        yield World(app=app, runner=runner, urls=database_urls, clock=clock, home=tmp_path, records=records)
    database.close()


def _places(connection: psycopg.Connection[Any]) -> None:
    levels = {"small_area": ["Parish", "Parishes"], "district": ["District", "Districts"]}
    connection.execute(
        "insert into reference.nation (code, name, vintage, time_zone, identifier, identifier_name, postcode_pattern, "
        "level_names, attribution, folder, picture) values ('NAT', 'Testland', '2020', 'UTC', 'none', 'Health number', "
        "'.*', %s, '', '', '{}')",
        [Jsonb(levels)],
    )
    areas = [("NAT", "nation", "Testland", None), ("NOR", "district", "Northdale", "NAT")]
    areas += [("SOU", "district", "Southfold", "NAT"), ("N1", "small_area", "Millbank", "NOR")]
    areas += [("N2", "small_area", "Oldchurch", "NOR"), ("S1", "small_area", "Seagate", "SOU")]
    for code, level, name, parent in areas:
        connection.execute(
            "insert into reference.area (area_code, level, name, parent, vintage) values (%s, %s, %s, %s, '2020')",
            [code, level, name, parent],
        )
    connection.execute(
        "insert into decisions.threshold values ('signal_act_hours', 1, '48', 'the tests', %(day)s, 'two days'), "
        "('glass_hours', 1, '12', 'the tests', %(day)s, 'a shift'), "
        "('glass_review_days', 1, '3', 'the tests', %(day)s, 'a weekend')",
        {"day": DAY},
    )


def _accounts(connection: psycopg.Connection[Any], key: bytes) -> None:
    cheap = hash_password(PASSWORD, salt=b"0123456789abcdef", cost=Cost(doublings=4, r=8, p=1))
    for user_name, full_name, role, authority in PEOPLE:
        connection.execute(
            "insert into decisions.account "
            "(user_name, full_name, role, authority, password_hash, created_at, created_by) "
            "values (%s, %s, %s, %s, %s, %s, 'tests')",
            [user_name, full_name, role, authority, cheap, NOON],
        )
        connection.execute(
            "insert into decisions.second_factor values (%s, %s, %s, %s, null)",
            [user_name, second_factor.sealed(SECRET, key=key, chance=b"n" * 12, user_name=user_name), NOON, NOON],
        )


def _agreements(connection: psycopg.Connection[Any]) -> None:
    """Both authorities may see everything."""
    for authority in ("NOR", "SOU"):
        connection.execute(
            "insert into decisions.agreement (authority, state, since, fields, purpose, legal_basis, retention_days, "
            "expires_on, signed_at, signed_by) values (%s, 'ACTIVE', %s, %s, 'tests', 'none', 365, '2099-12-31', %s, "
            "'tests')",
            [authority, NOON, list(FIELDS), NOON],
        )


def _people(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """60 negatives of Millbank; the Quill family of Oldchurch; one neighbour in the south. Name -> record_key."""
    keys = {f"Many{place:02}": _record(connection, place, family=f"Many{place:02}") for place in range(60)}
    home: dict[str, Any] = {"household": "mill-1", "area": "N2", "postcode": "ND21AA", "result": "positive"}
    keys["Ada"] = _record(connection, 100, family="Quill", given="Ada", person=1, **home)
    keys["Ada again"] = _record(connection, 101, family="Quill", given="Ada", person=1, days_ago=4, **home)
    keys["Bo"] = _record(connection, 102, family="Quill", given="Bo", person=2, days_ago=1, **home)
    keys["Gone"] = _record(connection, 103, family="Quill", given="Gone", person=3, kind="retracted", **home)
    keys["Marrow"] = _record(
        connection, 104, family="Marrow", area="S1", district="SOU", postcode="SF11AA", result="positive"
    )
    for change, name in (
        ("new", "Ada"),
        ("new", "Bo"),
        ("new", "Many01"),
        ("changed", "Many02"),
        ("withdrawn", "Gone"),
    ):
        _change(connection, "NOR", keys[name], change)
    _change(connection, "SOU", keys["Marrow"], "new")
    return keys


def illnesses(world: World) -> None:
    """Everybody's positives become one illness each."""
    world.tell(
        b"insert into identified.episode (person_key, pathogen, start_date, first_record, small_area, district, "
        b"household_key, age_band, sex) select distinct on (person_key) person_key, pathogen, specimen_date, "
        b"record_key, small_area, district, household_key, age_band, sex from identified.record "
        b"where result = 'positive' and kind <> 'retracted' order by person_key, specimen_date"
    )


def _change(connection: psycopg.Connection[Any], authority: str, record_key: str, change: str) -> None:
    connection.execute(
        "insert into identified.change (authority, record_key, version, change, reason, linked_on) "
        "values (%s, %s, 1, %s, 'test', %s)",
        [authority, record_key, change, DAY],
    )


def _record(
    connection: psycopg.Connection[Any],
    number: int,
    *,
    family: str,
    given: str = "Test",
    person: int | None = None,
    household: str | None = None,
    area: str = "N1",
    district: str = "NOR",
    postcode: str = "ND11AA",
    result: str = "negative",
    kind: str = "reported",
    days_ago: int | None = None,
) -> str:
    record_key = str(uuid.UUID(int=number + 1))
    taken = DAY - timedelta(days=number % 10 if days_ago is None else days_ago)
    connection.execute(
        "insert into identified.record (record_key, version, kind, person_key, household_key, laboratory, specimen_id, "
        "national_id, family_name, given_name, date_of_birth, sex, age_band, address, postcode, phone, specimen_date, "
        "report_date, pathogen, result, placement, small_area, district, linked_on) values "
        "(%s, 1, %s, %s, %s, 'northlab', %s, '9990000000', %s, %s, '1980-02-01', 'female', '25-44', '1 Mill Lane', %s, "
        "'01632 960001', %s, %s, 'sars_cov_2', %s, 'unique', %s, %s, %s)",
        [
            record_key,
            kind,
            uuid.UUID(int=10_000 + (number if person is None else 5_000 + person)),
            household or f"house-{number}",
            f"N-{number}",
            family,
            given,
            postcode,
            taken,
            DAY,
            result,
            area,
            district,
            DAY,
        ],
    )
    return record_key


def _day(connection: psycopg.Connection[Any]) -> None:
    for step, summary in STEPS.items():
        connection.execute(
            "insert into decisions.run_step values (%s, %s, %s, 1.5, %s)", [DAY, step, NOON, Jsonb(summary)]
        )
    curve = {"first": "2020-06-01", "inside": [0] * 27 + [1, 1, 1], "around": [1] * 30, "expected": [0.4] * 30}
    for area, district, name in (("N2", "NOR", "Oldchurch"), ("S1", "SOU", "Seagate")):
        signal_id = f"{district}/{DAY}/sars_cov_2/1"
        sentence = f"{name}: 3 cases where less than one was to be expected."
        connection.execute(
            "insert into decisions.cluster values (%s, 'sars_cov_2', %s, %s, %s, 'new', 3, %s, 3, 'raised', "
            "'director', %s, %s)",
            [signal_id, district, DAY, DAY, DAY, NOON + timedelta(days=2), NOON],
        )
        connection.execute(
            "insert into decisions.cluster_day values (%s, %s, 'new', 3, 3, true, %s)", [signal_id, DAY, signal_id]
        )
        connection.execute(
            "insert into decisions.signal values (%s, %s, 'sars_cov_2', %s, 1, %s, 'exceedance', 'small_area', %s, %s, "
            "%s, 3, 0.4, 20, 1, 3, 0.0001, 0.002, 0.01, 400, false, null, '{}', %s, %s, 'hash')",
            [signal_id, DAY, signal_id, district, [area], DAY - timedelta(days=6), DAY, sentence, Jsonb(curve)],
        )
    connection.execute(
        "insert into identified.cluster_case select %s, record_key, district, %s, %s from identified.record "
        "where result = 'positive' and small_area = 'N2'",
        [f"NOR/{DAY}/sars_cov_2/1", DAY, DAY],
    )
    connection.execute(
        "insert into decisions.signal_look values (%s, 'sars_cov_2', %s, 2, 'hash', %s)",
        [DAY, Jsonb({"as_of": str(DAY), "geography": "2020", "code": "abc", "thresholds": {"k": 1}}), NOON],
    )
    for authority, content in (("NOR", SEALED), ("SOU", b"sealed for the south")):
        connection.execute(
            "insert into identified.delivery values (%s, %s, %s, 3, 1, 1, %s, %s, %s, 'AB12-CD34', %s, true)",
            [
                authority,
                DAY,
                f"{authority}/{DAY}.tar.age",
                "0" * 64,
                hashlib.sha256(content).hexdigest(),
                len(content),
                NOON,
            ],
        )


@pytest.fixture
def drafted(world: Any) -> Any:
    """A draft in its notice: six people of the north's Oldchurch would go out, seven of the south's."""
    (north,), (south,) = (
        world.ask(b"select area_code from reference.area where parent = %s order by area_code limit 1", code)
        for code in ("NOR", "SOU")
    )
    for name, value in (
        ("k_persons", "5"), ("council_hold_hours", "72"), ("concern_answer_hours", "24"),
        ("concern_decision_hours", "72"),
    ):  # fmt: skip
        world.tell(
            b"insert into decisions.threshold values (%s, 1, %s::jsonb, 'the tests', '2020-01-01', 'a test') "
            b"on conflict do nothing", name, value,
        )  # fmt: skip
    world.tell(
        b"insert into decisions.draft values ('2020-06-30', 'NOTICE', 'timer', '2020-06-30T11:00Z', "
        b"'2020-07-01T11:00Z', 'review', '{the protection rule changed}', '{}')"
    )
    for district, node, persons in (("NOR", north[0], 6), ("SOU", south[0], 7)):
        world.tell(
            b"insert into decisions.draft_window values ('2020-06-30', %s, %s, 'cases', %s, %s, %s, true)",
            district, node, date(2020, 6, 24), date(2020, 6, 30), persons,
        )  # fmt: skip
    world.north, world.south = north[0], south[0]
    return world


CONTENT = (
    '{"specimen_id": "S1", "family_name": "Quill", "given_name": "Ada", "date_of_birth": "1980-02-29", "sex": "F",'
    ' "postcode": "AA1 1AA", "specimen_date": "2099-01-01", "result": "POS", "status": "F"}'
)


@pytest.fixture
def held(world: Any, tmp_path: Path) -> str:
    """One held line of one file; the nation's folder has the laboratory's contract."""
    (tmp_path / "nation" / "feeds").mkdir(parents=True)
    (tmp_path / "nation" / "feeds" / "northgate.toml").write_text(FEED, "utf-8")
    world.tell(b"update reference.nation set folder = %s", str(tmp_path / "nation"))
    world.tell(
        b"insert into identified.file (laboratory, file_name, sha256, received_on, received_at, outcome, lines_in,"
        b" accepted, quarantined, duplicates, superseded) values ('northgate', 'northgate_1.csv', 's', '2020-06-30',"
        b" '2020-06-30', 'accepted', 1, 0, 1, 0, 0)"
    )
    world.tell(
        b"insert into identified.quarantine select file_id, 2, 'specimen_date', 'specimen_date_in_future',"
        b" 'Correct it.', %s from identified.file",
        CONTENT,
    )
    world.tell(
        b"insert into decisions.watch values ('2020-06-30', 'northgate', 'silent', '', 'alarm', 0, 10,"
        b" 'Northgate Pathology sent nothing; 10 lines are usual.', '{NOR}')"
    )
    page = world.signed_in("stew").get("/intake").text
    found = re.search(r'href="(/intake/\d+/2)"', page)
    assert found is not None
    return found.group(1)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def served(app: Any, port: int | None = None) -> Iterator[str]:
    port = port or free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def planted(drafted: Any) -> Any:
    """Rows of both authorities in every table that belongs to somebody."""
    with psycopg.connect(drafted.urls.deeds) as connection:
        plant(connection, drafted.records)
    return drafted
