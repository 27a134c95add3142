"""The access matrix: every route, taken from the routing table, times every role times both authorities; nobody sees
another authority's people, and with the application's own checks switched off the database alone still refuses."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from pumphandle.governance import policy
from tests.web.console.conftest import PEOPLE, SECRET

OPEN = {"/", "/sign-in", "/sign-in/code", "/static/{name:str}", "/machine/token"}
"""Routes that show nothing of anybody; all others ask who calls."""

THEIRS = {"NOR": ("Quill", "ND21AA", "Many0", "ND11AA"), "SOU": ("Marrow", "SF11AA")}
"""Planted tokens: names and postcodes of each authority's residents."""


def routes(world: Any) -> list[tuple[str, str]]:
    """(method, path) of everything that the console answers, but what is open to all."""
    found: set[tuple[str, str]] = set()
    for route in world.app.routes:
        if route.path not in OPEN:
            found |= {(method, route.path) for method in getattr(route, "methods", ()) if method in ("GET", "POST")}
    return sorted(found)


def filled(world: Any, path: str, authority: str) -> str:
    """The route's address of something that belongs to this authority."""
    record = world.records["Ada" if authority == "NOR" else "Marrow"]
    signal = f"{authority}/2020-06-30/sars_cov_2/1"
    known = {
        "record_key": record,
        "signal_id": signal,
        "cluster_id": signal,
        "day": "2020-06-30",
        "authority": authority,
        "number": "1",
    }
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: known.get(found[1], record), path)


def asked(world: Any, browser: Any) -> Iterator[tuple[str, str, str, Any]]:
    """(method, path, authority, answer) for every route and both authorities; forms carry their token."""
    token = re.search(r'name="csrf" value="([^"]+)"', browser.get("/today").text)
    csrf = token[1] if token else ""
    for method, path in routes(world):
        if path == "/sign-out":
            continue
        for authority in THEIRS:
            sent = None if method == "GET" else {"csrf": csrf, "search": "e", "step": "suspend", "reason": "x"}
            yield method, path, authority, browser.send(method, filled(world, path, authority), sent)


def others(role: str, own: str | None) -> list[str]:
    """Tokens that this account must never see, with the checks on or off: the database knows authorities and roles."""
    seen = {own} if role in ("director", "analyst", "tracer") else set[str | None]()
    return [token for authority, tokens in THEIRS.items() if authority not in seen for token in tokens]


def test_every_route_asks_who_calls(world: Any) -> None:
    for method, path in routes(world):
        answer = world.stranger().send(method, filled(world, path, "NOR"), None if method == "GET" else {"csrf": "x"})
        assert answer.status_code in (303, 403), (method, path)
        assert "Quill" not in answer.text


def test_both_authorities_really_have_people(world: Any) -> None:
    """The matrix would pass on an empty world: here the owners do see them."""
    assert "Quill" in world.signed_in("rowan").get(f"/lines/{world.records['Ada']}").text
    assert "Marrow" in world.signed_in("sid").get(f"/lines/{world.records['Marrow']}").text


@pytest.mark.parametrize(("user_name", "role", "own"), [(name, role, own) for name, _, role, own in PEOPLE])
@pytest.mark.parametrize("checks", ["on", "off"])
def test_nobody_sees_another_authoritys_people(
    world: Any, monkeypatch: pytest.MonkeyPatch, user_name: str, role: str, own: str | None, checks: str
) -> None:
    browser = world.signed_in(user_name)
    if checks == "off":
        monkeypatch.setattr(policy, "_check_duty", lambda *_: None)
        monkeypatch.setattr(policy, "_check_own", lambda *_: None)
    seen = 0
    for method, path, authority, answer in asked(world, browser):
        seen += 1
        for token in others(role, own):
            assert token not in answer.text, (method, path, authority, token)
    assert seen >= 2 * (len(routes(world)) - 1)


def test_nothing_planted_stands_in_the_audit_or_in_an_address(world: Any) -> None:
    """After every route was asked by everyone: no name, postcode, identifier or secret was written down."""
    for user_name, *_ in PEOPLE:
        for answer in (one[-1] for one in asked(world, world.signed_in(user_name))):
            for token in (*THEIRS["NOR"], *THEIRS["SOU"]):
                assert token not in answer.headers.get("location", "")
    kept = str(world.audit()) + str(world.ask(b"select * from decisions.session"))
    for token in (*THEIRS["NOR"], *THEIRS["SOU"], "9990000000", "01632", "Mill Lane", SECRET):
        assert token not in kept
