"""A machine is let in by what it signs and by nothing else, fetches its own authority's packages, and nobody's else."""

import json
from typing import Any

import psycopg
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from pumphandle.actions import machine
from pumphandle.store.engine import Database
from pumphandle.vocabulary.errors import NotUnderstood, Refused
from pumphandle.vocabulary.people import THE_TIMER, Role
from pumphandle.vocabulary.places import AreaCode

KEY, OTHER = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("Ed25519")
TOKEN = "https://testserver.local/machine/token"
DAY = "2020-06-30"


@pytest.fixture
def registered(world: Any) -> Any:
    database = Database(world.urls.deeds)
    machine.register(
        database,
        AreaCode("NOR"),
        client_id="nor-intake",
        public_jwk=json.dumps(KEY.as_dict(private=False)),
        by=THE_TIMER,
        at=world.clock(),
    )
    database.close()
    return world


def assertion(world: Any, key: Any = KEY, **change: Any) -> str:
    now = int(world.clock().timestamp())
    claims = {"iss": "nor-intake", "sub": "nor-intake", "aud": TOKEN, "iat": now, "exp": now + 120, "jti": "1"}
    return jwt.encode({"alg": "Ed25519"}, claims | change, key, algorithms=["Ed25519"])


def ask(world: Any, signed: str, **change: str) -> Any:
    said = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed,
    }
    return world.stranger().post("/machine/token", said | change)


def call(world: Any, method: str, path: str, token: str) -> Any:
    browser = world.stranger()
    browser.headers["Authorization"] = f"Bearer {token}"
    return browser.send(method, path)


def test_it_fetches_and_acknowledges_its_own(registered: Any) -> None:
    answer = ask(registered, assertion(registered))
    assert (answer.status_code, answer.json()["token_type"], answer.json()["expires_in"]) == (200, "Bearer", 600)
    token = answer.json()["access_token"]
    listed = call(registered, "GET", "/machine/deliveries", token).json()["deliveries"]
    assert [(one["day"], one["stage"]) for one in listed] == [(DAY, "available")]
    package = call(registered, "GET", listed[0]["package"], token)
    assert package.content.startswith(b"age-encryption.org/v1 sealed for the north")
    assert call(registered, "POST", f"/machine/deliveries/{DAY}/receipt", token).json() == {"stage": "acknowledged"}
    stages = registered.ask(b"select authority, stage, by_name from identified.receipt order by at, stage")
    assert ("NOR", "opened", "nor-intake") in stages
    assert ("NOR", "acknowledged", "nor-intake") in stages
    assert not [row for row in stages if row[0] == "SOU"]
    registered.clock.pass_by(minutes=1)
    again = call(registered, "GET", listed[0]["package"], token)
    assert (again.status_code, again.content) == (200, package.content)
    assert registered.ask(b"select authority, stage, by_name from identified.receipt order by at, stage") == stages
    assert registered.ask(b"select count(*) from decisions.machine_token where token_hash = %s", token) == [(0,)]


def test_a_token_is_no_visit_and_ends(registered: Any) -> None:
    token = ask(registered, assertion(registered)).json()["access_token"]
    for page in ("/lines", "/today", "/deliveries"):
        assert call(registered, "GET", page, token).status_code == 303
    registered.clock.pass_by(minutes=10)
    assert call(registered, "GET", "/machine/deliveries", token).status_code == 403


def test_nothing_but_a_right_assertion_lets_it_in(registered: Any) -> None:
    now = int(registered.clock().timestamp())
    wrong = [
        assertion(registered, OTHER),
        assertion(registered, iss="sou-intake", sub="sou-intake"),
        assertion(registered, sub="somebody"),
        assertion(registered, aud="https://elsewhere.test/token"),
        assertion(registered, exp=now - 1),
        assertion(registered, exp=now + 3600),
        assertion(registered, jti=""),
        assertion(registered, iat=now + 600),
        assertion(registered).rsplit(".", 1)[0] + ".",
        "rubbish",
        "",
    ]
    answers = [ask(registered, signed) for signed in wrong]
    assert {(one.status_code, one.text) for one in answers} == {(401, '{"error":"invalid_client"}')}
    assert ask(registered, assertion(registered), grant_type="password").status_code == 400
    assert registered.ask(b"select count(*) from decisions.machine_token") == [(0,)]


def test_an_assertion_is_good_once(registered: Any) -> None:
    signed = assertion(registered)
    assert ask(registered, signed).status_code == 200
    assert ask(registered, signed).status_code == 401
    assert ask(registered, assertion(registered, jti="2")).status_code == 200


def test_a_machine_that_was_closed_is_out_at_once(registered: Any) -> None:
    token = ask(registered, assertion(registered)).json()["access_token"]
    registered.tell(b"update decisions.machine set disabled_at = now()")
    assert call(registered, "GET", "/machine/deliveries", token).status_code == 403
    assert ask(registered, assertion(registered, jti="2")).status_code == 401


def test_without_a_token_there_is_no_answer(world: Any) -> None:
    for method, path in (("GET", ""), ("GET", f"/{DAY}/package"), ("POST", f"/{DAY}/receipt")):
        assert call(world, method, f"/machine/deliveries{path}", "made-up").status_code == 403


def test_a_private_key_and_no_key_are_refused(world: Any) -> None:
    database = Database(world.urls.deeds)
    for jwk, error in ((json.dumps(KEY.as_dict(private=True)), Refused), ("{}", NotUnderstood), ("x", NotUnderstood)):
        with pytest.raises(error):
            machine.register(database, AreaCode("NOR"), client_id="one", public_jwk=jwk, by=THE_TIMER, at=world.clock())
    database.close()


def test_a_machine_never_breaks_glass_and_that_it_asked_is_remembered(registered: Any) -> None:
    token = ask(registered, assertion(registered)).json()["access_token"]
    answer = call(registered, "POST", "/machine/break-glass", token)
    assert answer.status_code == 403
    assert "A machine never breaks glass" in answer.text
    refused = registered.ask(
        b"select by_name, by_role, subject ->> 'asked' from decisions.audit where deed = 'look_refused'"
    )
    assert refused == [("nor-intake", "receiver", "break_glass")]
    opened = call(registered, "POST", "/break-glass/opened", token)
    assert opened.status_code in (303, 403) and registered.ask(b"select count(*) from decisions.break_glass") == [(0,)]


def test_the_database_lets_no_machine_open_it_either(registered: Any) -> None:
    database = Database(registered.urls.console)
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        database.transaction(authority=AreaCode("NOR"), role=Role.RECEIVER) as tx,
    ):
        tx.execute(
            "insert into decisions.break_glass (glass_id, authority, user_name, user_authority, purpose, opened_at, "
            "ends_at, review_due) values ('GX', 'SOU', 'nor-intake', 'NOR', 'life_at_risk', now(), "
            "now() + interval '1 hour', now() + interval '3 days')"
        )
    database.close()
