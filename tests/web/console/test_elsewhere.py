"""Sign-in through an identity provider: its word opens the account that it is bound to, and every lie opens nothing."""

import base64
import hmac
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from pumphandle.actions import bind
from pumphandle.governance import second_factor
from pumphandle.store.engine import Database
from pumphandle.store.providers.described import providers
from pumphandle.vocabulary.errors import NotFound, NotPermitted, Refused
from pumphandle.vocabulary.people import THE_TIMER, Actor, Role
from tests.web.console.conftest import ORIGIN, opened
from tests.web.console.conftest import SECRET as TOTP
from tests.web.console.provider import SECRET, Provider, describe, key, running

MFA = {"amr": ["pwd", "otp"]}


@pytest.fixture
def provider(world: Any) -> Iterator[Provider]:
    people: dict[str, dict[str, Any]] = {"r-1": dict(MFA), "t-1": {}, "x-1": dict(MFA)}
    with running(Provider(clock=world.clock, people=people)) as one:
        one.redirects = {f"{ORIGIN}/sign-in/from/ministry"}
        describe(world.home, one)
        world.bound("rowan", "r-1")
        world.bound("tracy", "t-1")
        yield one


@pytest.fixture
def here(world: Any, provider: Provider) -> Iterator[Any]:
    yield from opened(world)


def sent(browser: Any, provider: Provider, login: str = "r-1", name: str = "ministry") -> str:
    """The address that the provider sends the browser back to, without host."""
    away = browser.get(f"/sign-in/with/{name}")
    assert away.status_code == 303, away.text
    address = urlsplit(away.headers["location"])
    assert f"{address.scheme}://{address.netloc}" == provider.issuer
    back = urlsplit(provider.consent(dict(parse_qsl(address.query)), login))
    return f"{back.path}?{back.query}"


def come(here: Any, provider: Provider, login: str = "r-1") -> tuple[Any, Any]:
    browser = here.stranger()
    return browser, browser.get(sent(browser, provider, login))


def refused(here: Any, browser: Any, answer: Any, words: str = "did not confirm", status: int = 403) -> None:
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert "pumphandle_session" not in browser.cookies
    assert browser.get("/sign-in/code").status_code == 303
    assert browser.get("/today").status_code == 303
    assert here.audit("sign_in") == []


def test_a_bound_person_with_a_second_factor_says_a_purpose_and_is_in(here: Any, provider: Provider) -> None:
    browser, answer = come(here, provider)
    assert answer.status_code == 200 and 'content="0; url=/sign-in/code"' in answer.text
    page = browser.get("/sign-in/code")
    assert "checked a second factor" in page.text and "Six-digit code" not in page.text
    assert browser.get("/today").status_code == 303, "nothing is shown before the purpose is said"
    assert browser.press("/sign-in/code", "/sign-in/code", purpose="outbreak").status_code == 303
    assert "Rowan Director" in browser.get("/today").text
    assert here.audit("sign_in") == [("rowan", "sign_in", {"provider": "ministry"})]
    assert here.ask(b"select purpose, by_role from decisions.audit where deed = 'sign_in'") == [
        ("outbreak", "director")
    ]


def test_without_a_second_factor_the_houses_own_is_asked(here: Any, provider: Provider) -> None:
    browser, answer = come(here, provider, "t-1")
    assert answer.status_code == 200
    assert "without a second factor" in browser.get("/sign-in/code").text
    assert here.try_code(browser, "tracy", "000000").status_code == 403
    assert browser.get("/lines").status_code == 303
    assert here.try_code(browser, "tracy", second_factor.code_at(TOTP, here.clock())).status_code == 303
    assert browser.get("/lines").status_code == 200


@pytest.mark.parametrize(
    ("claims", "enough"),
    [({"acr": "urn:two"}, True), ({"acr": "urn:one"}, False), ({"amr": ["pwd"]}, False), ({"amr": "otp"}, False)],
)
def test_only_the_listed_words_count_as_a_second_factor(
    here: Any, provider: Provider, claims: dict[str, Any], enough: bool
) -> None:
    provider.people["r-1"] = claims
    browser, _ = come(here, provider)
    assert ("Six-digit code" not in browser.get("/sign-in/code").text) == enough


def test_where_the_houses_own_is_not_asked_nobody_gets_in_without(world: Any, provider: Provider) -> None:
    describe(world.home, provider, more="ask_own_factor = false")
    for here in opened(world):
        browser, answer = come(here, provider, "t-1")
        refused(here, browser, answer, "did not say that it checked a second factor")
        told = [("tracy", "sign_in_refused", {"provider": "ministry", "why": "no second factor"})]
        assert here.audit("sign_in_refused") == told


def test_one_who_is_bound_to_no_account_is_told_whom_to_ask_and_none_is_made(here: Any, provider: Provider) -> None:
    before = here.ask(b"select count(*) from decisions.account")
    browser, answer = come(here, provider, "x-1")
    refused(here, browser, answer, "no account of this console is bound to you")
    assert "x-1" in answer.text, "what the steward needs"
    assert here.ask(b"select count(*) from decisions.account") == before


def test_the_provider_gives_no_role(here: Any, provider: Provider) -> None:
    provider.people["t-1"] = MFA | {
        "role": "director",
        "roles": ["national"],
        "groups": ["steward"],
        "authority": "SOU",
    }
    browser, _ = come(here, provider, "t-1")
    assert browser.press("/sign-in/code", "/sign-in/code", purpose="oversight").status_code == 409
    assert browser.press("/sign-in/code", "/sign-in/code", purpose="tracing").status_code == 303
    page = browser.get("/today").text
    assert '<span class="role">tracer</span>' in page and "Northdale" in page


def test_a_closed_and_a_locked_account_stay_so(here: Any, provider: Provider) -> None:
    here.tell(b"update decisions.account set disabled_at = now() where user_name = 'rowan'")
    refused(here, *come(here, provider), "is closed")
    for _ in range(5):
        here.try_password(here.stranger(), "tracy", "not the password")
    refused(here, *come(here, provider, "t-1"), "too many attempts")
    assert [subject["why"] for *_, subject in here.audit("sign_in_refused") if "why" in subject] == ["closed", "locked"]


def test_closing_the_account_ends_a_visit_that_the_provider_opened(here: Any, provider: Provider) -> None:
    browser, _ = come(here, provider)
    browser.press("/sign-in/code", "/sign-in/code", purpose="outbreak")
    assert browser.get("/today").status_code == 200
    here.tell(b"update decisions.account set disabled_at = now() where user_name = 'rowan'")
    assert browser.get("/today").status_code == 303


def _claim(name: str, value: Any) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    return lambda claims, _: claims.__setitem__(name, value)


def _later(name: str, seconds: int) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    return lambda claims, _: claims.__setitem__(name, claims["iat"] + seconds)


def _without(name: str) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    return lambda claims, _: claims.pop(name)


LIES = {
    "wrong nonce": (_claim("nonce", "n" * 43), "nonce"),
    "no nonce": (_without("nonce"), "nonce"),
    "wrong audience": (_claim("aud", "another-program"), "audience"),
    "a second audience without a party": (_claim("aud", ["pumphandle", "another"]), "audience"),
    "another party": (_claim("azp", "another-program"), "audience"),
    "wrong issuer": (_claim("iss", "https://login.example.org"), "issuer"),
    "issuer with a dash": (lambda claims, _: claims.__setitem__("iss", claims["iss"] + "/"), "issuer"),
    "expired": (_later("exp", -61), "expired"),
    "no end": (_without("exp"), "expired"),
    "an end that is no number": (_claim("exp", "9999999999"), "expired"),
    "made long ago": (_later("iat", -661), "issued at"),
    "made in the future": (_later("iat", 61), "issued at"),
    "not yet": (_later("nbf", 61), "not yet"),
    "shown too long ago": (_later("auth_time", -3661), "max age"),
    "not told when shown": (_without("auth_time"), "max age"),
    "nobody": (_claim("sub", ""), "subject"),
    "no text": (_claim("sub", 7), "subject"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_opens_nothing(here: Any, provider: Provider, lie: str, caplog: pytest.LogCaptureFixture) -> None:
    """Each token is whole and signed by the provider but for one thing; the log says which, nothing that came in."""
    provider.lie, word = LIES[lie]
    with caplog.at_level(logging.WARNING):
        refused(here, *come(here, provider))
    assert f"a sign-in through ministry was refused: {word}" in caplog.text
    assert provider.tokens[-1] not in caplog.text
    provider.lie = None
    assert come(here, provider)[1].status_code == 200, "the lie alone was refused"


def _by_hand(header: dict[str, Any], secret: bytes | None) -> Callable[[dict[str, Any]], str]:
    """Without a library: those of today refuse to sign like this."""

    def text(one: bytes) -> str:
        return base64.urlsafe_b64encode(one).rstrip(b"=").decode()

    def token(claims: dict[str, Any]) -> str:
        whole = f"{text(json.dumps(header).encode())}.{text(json.dumps(claims).encode())}"
        return f"{whole}.{'' if secret is None else text(hmac.digest(secret, whole.encode(), 'sha256'))}"

    return token


def forgeries(provider: Provider) -> dict[str, tuple[Callable[[dict[str, Any]], str], str]]:
    stranger = key("first")
    pem = provider.signing.as_pem(private=False)
    strange = ECKey.generate_key("P-256", {"kid": "first"}, private=True)

    def signed(header: dict[str, Any], by: Any, algorithm: str) -> Callable[[dict[str, Any]], str]:
        return lambda claims: jwt.encode({"alg": algorithm, **header}, claims, by, algorithms=[algorithm])

    return {
        "alg none": (_by_hand({"alg": "none", "kid": "first"}, None), "algorithm"),
        "HS256 with the public key": (_by_hand({"alg": "HS256", "kid": "first"}, pem), "algorithm"),
        "HS256 with the client's secret": (_by_hand({"alg": "HS256"}, SECRET.encode()), "algorithm"),
        "another's key under the same name": (signed({"kid": "first"}, stranger, "RS256"), "signature"),
        "another kind of key under the same name": (signed({"kid": "first"}, strange, "ES256"), "key"),
        "unknown kid": (signed({"kid": "second"}, stranger, "RS256"), "key"),
        "a key of its own in the header": (
            signed({"kid": "first", "jwk": stranger.as_dict(private=False)}, stranger, "RS256"), "signature"
        ),
        "no token": (lambda _: "a.b.c", "signature"),
        "a long one": (lambda _: "a" * 20_000, "length"),
    }  # fmt: skip


FORGED = (
    "alg none", "HS256 with the public key", "HS256 with the client's secret", "another's key under the same name",
    "another kind of key under the same name", "unknown kid", "a key of its own in the header", "no token",
    "a long one",
)  # fmt: skip


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forgery_opens_nothing(here: Any, provider: Provider, forgery: str, caplog: pytest.LogCaptureFixture) -> None:
    provider.forge, word = forgeries(provider)[forgery]
    with caplog.at_level(logging.WARNING):
        refused(here, *come(here, provider))
    assert f"a sign-in through ministry was refused: {word}" in caplog.text


def test_a_code_counts_once(here: Any, provider: Provider) -> None:
    browser = here.stranger()
    back = sent(browser, provider)
    cookie = browser.cookies["pumphandle_elsewhere"]
    assert browser.get(back).status_code == 200
    thief = here.stranger()
    thief.cookies.set("pumphandle_elsewhere", cookie, domain="testserver.local")
    refused(here, thief, thief.get(back))
    assert len(provider.used) == 1, "the provider was not even asked"


def test_a_stolen_code_is_worth_nothing_in_another_browser(here: Any, provider: Provider) -> None:
    """Login fixation and code injection: the answer belongs to the browser that asked; the code to its verifier."""
    victim, thief = here.stranger(), here.stranger()
    stolen = sent(victim, provider)
    refused(here, thief, thief.get(stolen))
    mine = parse_qs(urlsplit(sent(thief, provider, "t-1")).query)
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    refused(here, thief, thief.get(f"/sign-in/from/ministry?code={code}&state={mine['state'][0]}"))
    assert provider.used == []


@pytest.mark.parametrize("change", ["state=wrong", "state=", "error=access_denied"])
def test_a_wrong_state_or_a_no_opens_nothing(here: Any, provider: Provider, change: str) -> None:
    browser = here.stranger()
    back = sent(browser, provider)
    name = change.split("=")[0]
    changed = re.sub(r"state=[^&]*", change, back) if name == "state" else f"{back}&{change}"
    refused(here, browser, browser.get(changed))
    assert provider.used == []


def test_an_answer_after_ten_minutes_is_none(here: Any, provider: Provider) -> None:
    browser = here.stranger()
    back = sent(browser, provider)
    here.clock.pass_by(minutes=10)
    refused(here, browser, browser.get(back))


def test_one_providers_answer_is_not_taken_for_anothers(world: Any, provider: Provider) -> None:
    """Mix-up: a question put to one provider is answered at the address of the other, or under the other's name."""
    with running(Provider(clock=world.clock, people={"r-1": dict(MFA)})) as other:
        other.redirects = {f"{ORIGIN}/sign-in/from/other"}
        describe(world.home, other, "other")
        for here in opened(world):
            browser = here.stranger()
            refused(here, browser, browser.get(sent(browser, provider).replace("/from/ministry", "/from/other")))
            provider.names_itself = other.issuer
            refused(here, *come(here, provider))
            provider.names_itself, provider.description = None, {"authorization_response_iss_parameter_supported": True}
        for here in opened(world):
            refused(here, *come(here, provider))
            provider.names_itself = provider.issuer
            assert come(here, provider)[1].status_code == 200
            browser = here.stranger()
            answer = browser.get(sent(browser, other, name="other"))
            refused(here, browser, answer, "no account of this console is bound to you")


def test_new_keys_are_fetched_and_strange_ones_do_not_set_us_asking(here: Any, provider: Provider) -> None:
    assert come(here, provider)[1].status_code == 200
    provider.signing = key("second")
    here.clock.pass_by(minutes=2)
    assert come(here, provider)[1].status_code == 200, "the provider changed its key"
    asked = provider.asked_for_keys
    provider.shown, provider.signing = [provider.signing], key("third")
    for _ in range(5):
        refused_now = come(here, provider)[1]
        assert refused_now.status_code == 403
    assert provider.asked_for_keys <= asked + 1


def test_a_provider_that_is_down_leaves_the_house_open(here: Any, provider: Provider) -> None:
    provider.gone = True
    answer = here.stranger().get("/sign-in/with/ministry")
    assert answer.status_code == 503 and "does not answer just now" in answer.text and 'name="password"' in answer.text
    assert here.signed_in("rowan").get("/today").status_code == 200


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "http://127.0.0.1:1"},
        {"token_endpoint": "http://login.example.org/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://someone:word@login.example.org/"},
    ],
)
def test_a_description_that_leads_astray_is_none(here: Any, provider: Provider, description: dict[str, Any]) -> None:
    provider.description = description
    assert here.stranger().get("/sign-in/with/ministry").status_code == 503


def test_nothing_in_an_address_leads_elsewhere(here: Any, provider: Provider) -> None:
    browser = here.stranger()
    for path in ("with", "left"):
        answer = browser.get(f"/sign-in/{path}/ministry?next=https://evil.example&redirect_uri=https://evil.example")
        assert "evil" not in answer.headers.get("location", "") + answer.text
    back = sent(browser, provider)
    assert "evil" not in browser.get(f"{back}&next=https://evil.example").text
    assert browser.get("/sign-in/with/nobody").status_code == 404
    assert browser.get("/sign-in/from/nobody?code=x&state=y").status_code == 404


def test_signing_out_ends_both_visits(here: Any, provider: Provider) -> None:
    browser, _ = come(here, provider)
    browser.press("/sign-in/code", "/sign-in/code", purpose="outbreak")
    answer = browser.press("/today", "/sign-out")
    assert answer.headers["location"] == "/sign-in/left/ministry"
    assert browser.get("/today").status_code == 303
    page = browser.get("/sign-in/left/ministry").text
    asked = "client_id=pumphandle&amp;post_logout_redirect_uri=https%3A%2F%2Ftestserver.local%2Fsign-in"
    assert f"0; url={provider.issuer}/end?{asked}" in page
    provider.description = {"end_session_endpoint": None}
    here.clock.pass_by(hours=2)
    assert "You may still be signed in at Ministry of Health" in browser.get("/sign-in/left/ministry").text


def test_no_secret_of_it_is_kept_or_told(here: Any, provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        browser = here.stranger()
        back = sent(browser, provider)
        cookie = browser.cookies["pumphandle_elsewhere"]
        pages = browser.get(back).text
        browser.press("/sign-in/code", "/sign-in/code", purpose="outbreak")
        provider.lie = _claim("nonce", "x")
        pages += come(here, provider)[1].text
    asked = parse_qs(urlsplit(back).query)
    kept = str(here.audit())
    for table in (b"session", b"outside_question", b"outside_identity", b"sign_in_attempt"):
        kept += str(here.ask(b"select * from decisions." + table))
    ours = "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith("asyncio"))
    for secret in (SECRET, cookie, asked["code"][0], asked["state"][0], *provider.tokens):
        assert secret not in kept + ours + pages


def test_two_accounts_of_one_human_cannot_share_a_subject_or_an_account_two(world: Any, provider: Provider) -> None:
    for user_name, subject in (("ash", "r-1"), ("rowan", "r-2")):
        with pytest.raises(Refused, match="bound already"):
            world.bound(user_name, subject)


def test_two_accounts_of_one_human_are_one_person_by_whatever_way_they_come(world: Any, provider: Provider) -> None:
    """One through the provider, one with a password: the copy that one asked for the other may not allow."""
    world.tell(
        b"insert into decisions.account select 'rowan2', full_name, role, authority, password_hash, null, created_at, "
        b"created_by, person from decisions.account where user_name = 'rowan'"
    )
    world.bound("rowan2", "x-1")
    for here in opened(world):
        wish = {"form": "line list", "reason": "For the ward round", "days_kept": "1", "result": "positive"}
        assert here.signed_in("rowan").press("/lines", "/exports/asked", **wish).status_code == 303
        ((mark,),) = here.ask(b"select export_id from decisions.export")
        browser, _ = come(here, provider, "x-1")
        browser.press("/sign-in/code", "/sign-in/code", purpose="outbreak")
        assert browser.press("/lines", f"/exports/{mark}/decided", event="allow").status_code == 403
        assert here.ask(b"select state from decisions.export") == [("asked",)]


def test_binding_takes_the_duty_and_is_remembered(world: Any, provider: Provider) -> None:
    database, known = Database(world.urls.deeds), providers(world.home)["ministry"]
    try:
        director = Actor("rowan", Role.DIRECTOR, None)
        with pytest.raises(NotPermitted):
            bind.bind(database, known, user_name="sid", subject="s", no_password=False, by=director, at=world.clock())
        with pytest.raises(NotFound):
            bind.bind(database, known, user_name="none", subject="s", no_password=False, by=THE_TIMER, at=world.clock())
        for subject in ("", " s", "s" * 256, "s\n"):
            with pytest.raises(Refused):
                bind.bind(
                    database, known, user_name="sid", subject=subject, no_password=False, by=THE_TIMER,
                    at=world.clock(),
                )  # fmt: skip
    finally:
        database.close()
    told = {"user_name": "rowan", "provider": "ministry", "no_password": False}
    assert world.audit("bind")[0] == (THE_TIMER.name, "bind", told)
    assert "r-1" not in str(world.audit())


def test_unbinding_ends_what_was_opened(here: Any, provider: Provider) -> None:
    browser, _ = come(here, provider)
    browser.press("/sign-in/code", "/sign-in/code", purpose="outbreak")
    local = here.signed_in("rowan")
    database = Database(here.urls.deeds)
    bind.unbind(database, providers(here.home)["ministry"], user_name="rowan", by=THE_TIMER, at=here.clock())
    database.close()
    assert browser.get("/today").status_code == 303
    assert local.get("/today").status_code == 200, "what the house itself opened stays"
    answer = come(here, provider)[1]
    assert "no account of this console is bound to you" in answer.text


def test_an_account_without_password_opens_by_the_provider_alone(world: Any, provider: Provider) -> None:
    world.bound("sid", "x-1", no_password=True)
    for here in opened(world):
        for _ in range(7):
            assert here.try_password(here.stranger(), "sid").status_code == 403
        assert come(here, provider, "x-1")[1].status_code == 200, "guessing at the password locks nobody out"


def test_a_private_key_proves_the_console_as_well(world: Any, provider: Provider) -> None:
    own = ECKey.generate_key("P-256", {"kid": "console"}, private=True)
    describe(world.home, provider, more='proof = "key"', secret=json.dumps(own.as_dict(private=True)))
    provider.assertion_key = own
    for here in opened(world):
        assert come(here, provider)[1].status_code == 200
        provider.assertion_key = ECKey.generate_key("P-256", private=True)
