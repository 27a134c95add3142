"""The access matrix: every route, taken from the routing table, times every role times both authorities; nobody sees
another authority's people, and with the application's own checks switched off the database alone still refuses."""

import re
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from pumphandle.governance import policy
from tests.web.console.conftest import PEOPLE, SECRET, Browser
from tests.web.console.planted import (
    AREAS,
    AUTHORITIES,
    MACHINE_TOKEN,
    PERSONS,
    POSTCODES,
    SHELVES,
    WORDS,
    contact_of,
    everything_of,
    word,
)

OPEN = {
    "/", "/sign-in", "/sign-in/code", "/static/{name:str}", "/machine/token",
    "/sign-in/code/asked", "/sign-in/passkey", "/sign-in/passkey/asked",
    *(f"/sign-in/{way}/{{provider:str}}" for way in ("with", "from", "left")),
}  # fmt: skip
"""Routes that show nothing of anybody; all others ask who calls."""

THEIRS = {"NOR": ("Quill", "ND21AA", "Many0", "ND11AA"), "SOU": ("Marrow", "SF11AA")}
"""Planted tokens: names and postcodes of each authority's residents."""

MACHINE = ("nor-machine", "Machine of the north", "receiver", "NOR")
EVERYONE = [(name, role, own) for name, _, role, own in (*PEOPLE, MACHINE)]

HANDED = "/contacts/{contact_id:str}/handed"

BEHIND = {
    "record_key": "identified.record",
    "signal_id": "decisions.signal",
    "cluster_id": "decisions.cluster",
    "contact_id": "identified.contact",
    "set_id": "identified.set_state",
    "authority": "decisions.agreement",
    "code": "decisions.draft_window",
    "number": "decisions.hold",
    "export_id": "decisions.export",
    "outbreak_id": "decisions.outbreak",
    "flare_id": "identified.flare_state",
    "glass_id": "decisions.break_glass",
}
"""What an address can name that is somebody's, and the table that it stands in."""


def routes(world: Any) -> list[tuple[str, str]]:
    """(method, path) of everything that the console answers, but what is open to all."""
    found: set[tuple[str, str]] = set()
    for route in world.app.routes:
        if route.path not in OPEN:
            found |= {(method, route.path) for method in getattr(route, "methods", ()) if method in ("GET", "POST")}
    return sorted(found, key=lambda one: (one[1].startswith("/agreement"), one))  # the last: it shuts the rest


def filled(world: Any, path: str, authority: str) -> str:
    """The route's address of something that belongs to this authority."""
    record = world.records[PERSONS[authority]]
    signal = f"{authority}/2020-06-30/sars_cov_2/1"
    known = {
        "record_key": record,
        "signal_id": signal,
        "cluster_id": signal,
        "contact_id": contact_of(authority),
        "set_id": f"{authority}-set",
        "code": AREAS[authority],
        "day": "2020-06-30",
        "authority": authority,
        "number": str(1 + AUTHORITIES.index(authority)),
        "file_id": "1",
        "line": "2",
        "export_id": f"{authority}-copy",
        "outbreak_id": f"{authority}-1",
        "flare_id": f"{authority}-flare",
        "glass_id": f"{authority}-glass",
    }
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: known[found[1]], path)


def sent_with(world: Any, path: str, authority: str, own: str) -> dict[str, str]:
    """A form that would do something to what is this authority's, if it were let; its places are the caller's own."""
    cluster = f"{authority}/2020-06-30/sars_cov_2/1"
    setting = world.ask(b"select setting_id from identified.setting where authority = %s", authority)
    forms: Mapping[str, dict[str, str]] = {
        "/agreement/{authority:str}/step": {"step": "suspend", "reason": "x"},
        "/contacts/{contact_id:str}/said": {"version": "1", "event": "lose"},
        "/lines/{record_key:str}/contact/named": {
            "contact_id": contact_of(own, 2), "kind": "other", "exposure_day": "2020-06-30",
            "family_name": "New", "phone": "01632 960009",
        },
        "/settings/kept": {
            "setting": str(setting[0][0]) if setting else "", "version": "1", "kind": "school", "name": "x",
            "postcode": POSTCODES[own],
        },
        "/signals/decide": {"cluster_id": cluster, "signal_id": cluster, "event": "dismiss", "reason": "x"},
        "/decisions/areas/{code:str}/concern": {
            "kind": "accuracy", "product": "cases and tests", "statement": "x", "evidence": "x",
            "answer": "hold cases and tests", "hours": "24", "until_persons": "",
        },
        "/decisions/areas/{code:str}/note": {"note": "x"},
        "/decisions/holds/{number:int}/lift": {"outcome": "x"},
        "/decisions/concerns/{number:int}/answer": {"event": "acknowledge"},
        "/decisions/releases/{day:str}/vote": {"vote": "release", "reason": "x"},
        "/lines/search": {"search": "e"},
        "/contacts/{contact_id:str}/handed": {
            "version": "1", "receiver": "SOU" if own == "NOR" else "NOR", "reason": "x",
            "handover_id": contact_of(own, 8), "taken_id": contact_of("SOU" if own == "NOR" else "NOR", 9),
        },
        "/outbreaks/{outbreak_id:str}/measures": {"what": "Closed the kitchen", "first_day": "2020-06-30"},
        "/outbreaks/{outbreak_id:str}/measures/{number:int}/ended": {"last_day": "2020-06-30"},
        "/outbreaks/{outbreak_id:str}/closed": {"reason": "x", "lessons": "x"},
        "/lines/beside/searched": {"search": "e"},
        "/lines/views/kept": {"name": "x", "shared": "yes"},
        "/lines/views/dropped": {"view_id": str(_first(world, b"saved_view", b"view_id", authority))},
        "/exports/{export_id:str}/decided": {"event": "allow"},
        "/exports/asked": {"form": "line list", "reason": "For the ward round", "days_kept": "1"},
        "/break-glass/{glass_id:str}/search": {"search": "e"},
        "/break-glass/{glass_id:str}/reviewed": {"verdict": "justified", "note": "x"},
        "/lines/{record_key:str}/not-ours": {"to": "SOU" if own == "NOR" else "NOR", "reason": "moved away"},
    }  # fmt: skip
    return forms.get(path, {})


def _first(world: Any, table: bytes, column: bytes, authority: str) -> object:
    found = world.ask(b"select " + column + b" from decisions." + table + b" where authority = %s", authority)
    return found[0][0] if found else ""


def asked(world: Any, browser: Any, own: str | None = None) -> Iterator[tuple[str, str, str, Any]]:
    """(method, path, authority, answer) for every route and both authorities; forms carry their token."""
    token = re.search(r'name="csrf" value="([^"]+)"', browser.get("/today").text)
    csrf = token[1] if token else ""
    for method, path in routes(world):
        if path == "/sign-out":
            continue
        for authority in AUTHORITIES:
            sent = None if method == "GET" else {"csrf": csrf, **sent_with(world, path, authority, own or "NOR")}
            yield method, path, authority, browser.send(method, filled(world, path, authority), sent)


def browser_of(world: Any, user_name: str) -> Browser:
    if user_name != MACHINE[0]:
        return world.signed_in(user_name)
    machine = world.stranger()
    machine.headers["Authorization"] = f"Bearer {MACHINE_TOKEN}"
    return machine


def others(role: str, own: str | None) -> list[str]:
    """Tokens that this account must never see, with the checks on or off: the database knows authorities and roles."""
    seen = {own} if role in ("director", "analyst", "tracer") else set[str | None]()
    people = [token for authority, tokens in THEIRS.items() if authority not in seen for token in tokens]
    rows = [
        word(authority, of)
        for authority in AUTHORITIES
        for of, table in WORDS.items()
        if role not in SHELVES[table].wide and not (authority == own and role in SHELVES[table].local)
    ]
    return people + rows


def switch_off(monkeypatch: pytest.MonkeyPatch, checks: str) -> None:
    """A build whose checks stay silent. `can` answers what it would (silent), or yes to everything (off)."""
    if checks == "on":
        return
    monkeypatch.setattr(policy, "_check_own", lambda *_: None)
    if checks == "off":
        monkeypatch.setattr(policy, "_check_duty", lambda *_: None)
        monkeypatch.setattr(policy, "check_can_look_at_decisions", lambda *_: None)
        return
    real, can = SimpleNamespace(**vars(policy)), policy.can
    for name in vars(real):
        if name.startswith("check_can"):
            silent = _silent(name)
            monkeypatch.setattr(policy, name, silent)
    monkeypatch.setattr(policy, "can", lambda check, *args, **named: can(getattr(real, check.__name__), *args, **named))


def _asked_to_sign_in(answer: Any) -> bool:
    return answer.status_code == 303 and answer.headers["location"] == "/sign-in"


def _silent(name: str) -> Any:
    def check(*_: object, **__: object) -> None:
        pass

    check.__name__ = name
    return check


def test_every_route_asks_who_calls(world: Any) -> None:
    for method, path in routes(world):
        answer = world.stranger().send(method, filled(world, path, "NOR"), None if method == "GET" else {"csrf": "x"})
        assert answer.status_code in (303, 403), (method, path)
        assert "Quill" not in answer.text


def test_both_authorities_really_have_people_and_rows(planted: Any) -> None:
    """The matrix would pass on an empty world: here the owners see what is planted, and their forms do something."""
    before = {}
    with psycopg.connect(planted.urls.deeds, autocommit=True) as deeds:
        before = everything_of(deeds, "NOR")
        pages = "".join(answer.text for *_, answer in asked(planted, planted.signed_in("rowan"), "NOR"))
        after = everything_of(deeds, "NOR")
    assert "Quill" in pages
    missed = [of for of in WORDS if word("NOR", of) not in pages]
    assert set(missed) <= {"old", "asked", "note", "answer", "receipt", "hold"}  # no page shows these tables yet
    changed = {table for table in SHELVES if before[table] != after[table]}
    assert changed >= {
        "decisions.agreement", "decisions.cluster", "decisions.cluster_step", "decisions.concern", "decisions.hold",
        "decisions.audit", "decisions.saved_view", "decisions.export",
        "identified.contact", "identified.contact_step", "identified.setting",
        "identified.misroute",
        "published.hold_entry", "published.context_note", "identified.receipt",
    }  # fmt: skip
    assert "Marrow" in planted.signed_in("sid").get(f"/lines/{planted.records['Marrow']}").text


@pytest.mark.parametrize(("user_name", "role", "own"), EVERYONE)
@pytest.mark.parametrize("checks", ["on", "silent", "off"])
def test_nobody_sees_or_changes_what_is_another_authoritys(
    planted: Any, monkeypatch: pytest.MonkeyPatch, user_name: str, role: str, own: str | None, checks: str
) -> None:
    browser = browser_of(planted, user_name)
    switch_off(monkeypatch, checks)
    foreign = [authority for authority in AUTHORITIES if authority != own]
    may = {table for table, shelf in SHELVES.items() if role in shelf.change_wide | shelf.add_wide}
    hidden, seen = others(role, own), 0
    with psycopg.connect(planted.urls.deeds, autocommit=True) as deeds:
        before = {authority: everything_of(deeds, authority) for authority in foreign}
        for method, path, authority, answer in asked(planted, browser, own):
            seen += 1
            for token in hidden:
                assert token not in answer.text, (method, path, authority, token)
            if method == "POST":
                for one in foreign:
                    after = everything_of(deeds, one)
                    changed = {table for table in SHELVES if before[one][table] != after[table]}
                    if path == HANDED and authority == own:
                        assert changed <= {"identified.contact"}, changed  # the one row that may be given away
                        changed = set[str]()
                    assert changed <= may, (method, path, authority, changed)
                    before[one] = after
            named = [table for name, table in BEHIND.items() if f"{{{name}:" in path]
            if authority != own and named and not any(role in SHELVES[table].wide for table in named):
                assert answer.status_code >= 400 or may or _asked_to_sign_in(answer), (method, path, authority)
                assert answer.status_code in (303, 400, 403, 404, 409, 500), (method, path, authority)
    assert seen >= 2 * (len(routes(planted)) - 1)


def test_nothing_planted_stands_in_the_audit_or_in_an_address(world: Any) -> None:
    """After every route was asked by everyone: no name, postcode, identifier or secret was written down."""
    for user_name, *_ in PEOPLE:
        for answer in (one[-1] for one in asked(world, world.signed_in(user_name))):
            for token in (*THEIRS["NOR"], *THEIRS["SOU"]):
                assert token not in answer.headers.get("location", "")
    kept = str(world.audit()) + str(world.ask(b"select * from decisions.session"))
    for token in (*THEIRS["NOR"], *THEIRS["SOU"], "9990000000", "01632", "Mill Lane", SECRET):
        assert token not in kept
