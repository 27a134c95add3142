"""A passkey is the second factor of its account and no other's, or both factors; each challenge is good once."""

from collections.abc import Iterator
from typing import Any

import pytest

from pumphandle.actions import second_factor as deed
from pumphandle.governance import second_factor
from pumphandle.store.engine import Database
from pumphandle.vocabulary.people import THE_TIMER
from tests.web.console.authenticator import Authenticator
from tests.web.console.conftest import ORIGIN, SECRET, csrf_of, opened

HOST = "testserver.local"


@pytest.fixture
def here(world: Any) -> Iterator[Any]:
    yield from opened(world)


@pytest.fixture
def key() -> Authenticator:
    return Authenticator(ORIGIN, HOST)


def asked(browser: Any, page: str, address: str) -> dict[str, Any]:
    answer = browser.press(page, address)
    assert answer.status_code == 200, answer.text
    return answer.json()


def added(here: Any, key: Authenticator, user_name: str = "rowan", name: str = "Telephone") -> Any:
    browser = here.signed_in(user_name)
    made = key.make(asked(browser, "/passkeys", "/passkeys/asked"))
    answer = browser.press("/passkeys", "/passkeys/added", answer=made, name=name)
    assert answer.status_code == 303, answer.text
    return browser


def second(here: Any, key: Authenticator, user_name: str = "rowan", purpose: str = "outbreak") -> tuple[Any, Any]:
    browser = here.stranger()
    assert here.try_password(browser, user_name).status_code == 303
    signed = key.sign(asked(browser, "/sign-in/code", "/sign-in/code/asked"))
    return browser, browser.press("/sign-in/code", "/sign-in/code", answer=signed, purpose=purpose)


def alone(here: Any, key: Authenticator) -> tuple[Any, Any]:
    browser = here.stranger()
    csrf = csrf_of(browser.get("/sign-in"))
    options = browser.post("/sign-in/passkey/asked", {"csrf": csrf}).json()
    return browser, browser.post("/sign-in/passkey", {"csrf": csrf, "answer": key.sign(options)})


def steps(here: Any) -> list[str]:
    return [subject["step"] for *_, subject in here.audit("passkey")]


def test_a_passkey_takes_the_place_of_the_code(here: Any, key: Authenticator) -> None:
    added(here, key)
    browser, answer = second(here, key)
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    assert browser.get("/lines").status_code == 200
    assert steps(here) == ["added"]
    assert "Telephone" in browser.get("/passkeys").text and "last used" in browser.get("/passkeys").text


def test_one_that_verified_its_holder_is_both_factors_and_the_purpose_is_still_asked(
    here: Any, key: Authenticator
) -> None:
    added(here, key)
    browser, answer = alone(here, key)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/code")
    assert browser.get("/lines").status_code == 303
    page = browser.get("/sign-in/code").text
    assert "Six-digit code" not in page and "Purpose of this visit" in page
    assert browser.press("/sign-in/code", "/sign-in/code", purpose="tracing").status_code == 303
    assert browser.get("/lines").status_code == 200


def test_one_that_did_not_verify_its_holder_is_a_second_factor_only(here: Any, key: Authenticator) -> None:
    key.verifies = False
    added(here, key)
    browser, answer = alone(here, key)
    assert answer.status_code == 403 and "pumphandle_session" not in browser.cookies
    assert second(here, key)[1].status_code == 303


def test_a_challenge_is_good_once_right_or_wrong(here: Any, key: Authenticator) -> None:
    added(here, key)
    browser = here.stranger()
    here.try_password(browser, "rowan")
    options = asked(browser, "/sign-in/code", "/sign-in/code/asked")
    forger = Authenticator(ORIGIN, HOST, count=5)
    for one in (forger, key):
        answer = browser.press("/sign-in/code", "/sign-in/code", answer=one.sign(options), purpose="outbreak")
        assert answer.status_code == 403, "wrong; and then right, but the challenge is spent"
    assert here.ask(b"select count(*) from decisions.passkey_challenge") == [(0,)]


def test_a_challenge_of_another_browser_use_or_time_is_none(here: Any, key: Authenticator) -> None:
    added(here, key)
    mine, other = here.stranger(), here.stranger()
    for browser in (mine, other):
        here.try_password(browser, "rowan")
    answer = key.sign(asked(other, "/sign-in/code", "/sign-in/code/asked"))
    assert mine.press("/sign-in/code", "/sign-in/code", answer=answer, purpose="outbreak").status_code == 403
    third = here.stranger()
    csrf = csrf_of(third.get("/sign-in"))
    alones = key.sign(third.post("/sign-in/passkey/asked", {"csrf": csrf}).json())
    assert other.press("/sign-in/code", "/sign-in/code", answer=alones, purpose="outbreak").status_code == 403
    late = key.sign(asked(mine, "/sign-in/code", "/sign-in/code/asked"))
    here.clock.pass_by(minutes=5)
    assert mine.press("/sign-in/code", "/sign-in/code", answer=late, purpose="outbreak").status_code == 403


@pytest.mark.parametrize(
    ("origin", "host"),
    [("https://evil.example", HOST), (ORIGIN, "evil.example"), ("http://testserver.local", HOST)],
)
def test_what_was_signed_for_another_address_opens_nothing(
    here: Any, key: Authenticator, origin: str, host: str
) -> None:
    """A copy of the console on another name gets signatures that hold there only."""
    added(here, key)
    key.origin, key.host = origin, host
    assert second(here, key)[1].status_code == 403
    assert alone(here, key)[1].status_code == 403
    browser = here.signed_in("ash")
    made = key.make(asked(browser, "/passkeys", "/passkeys/asked"))
    assert browser.press("/passkeys", "/passkeys/added", answer=made, name="x").status_code == 409


def test_anothers_passkey_is_no_second_factor_of_mine(here: Any, key: Authenticator) -> None:
    added(here, key, "ash")
    assert second(here, key, "rowan")[1].status_code == 403


def test_a_counter_that_goes_back_stops_the_passkey_and_is_told(here: Any, key: Authenticator) -> None:
    """A copy of the key counts for itself: whichever comes second is noticed, and neither opens anything then."""
    added(here, key)
    copy = Authenticator(ORIGIN, HOST, key=key.key)
    assert second(here, key)[1].status_code == 303
    assert second(here, key)[1].status_code == 303
    assert second(here, copy)[1].status_code == 403
    assert second(here, key)[1].status_code == 403
    assert steps(here) == ["added", "stopped"]
    assert "there may be a copy of it" in here.signed_in("rowan").get("/passkeys").text


def test_one_without_a_counter_is_taken(here: Any, key: Authenticator) -> None:
    """Passkeys that are shared between a person's devices do not count."""
    key.counts = False
    added(here, key)
    for _ in range(2):
        assert second(here, key)[1].status_code == 303


def test_wrong_answers_are_counted_like_wrong_codes(here: Any, key: Authenticator) -> None:
    added(here, key)
    here.clock.pass_by(seconds=1)
    forger = Authenticator(ORIGIN, HOST)
    for _ in range(5):
        assert second(here, forger)[1].status_code == 403
    assert here.try_password(here.stranger(), "rowan").status_code == 403
    assert alone(here, key)[1].status_code == 403, "locked on every way in"
    assert here.audit("sign_in_refused")[-1][2] == {"locked": True}


def test_a_closed_account_stays_closed(here: Any, key: Authenticator) -> None:
    added(here, key)
    here.tell(b"update decisions.account set disabled_at = now() where user_name = 'rowan'")
    browser, answer = alone(here, key)
    assert answer.status_code == 403 and "pumphandle_session" not in browser.cookies


def test_adding_and_removing_need_a_fresh_sign_in(here: Any, key: Authenticator) -> None:
    browser = added(here, key)
    options = asked(browser, "/passkeys", "/passkeys/asked")
    here.clock.pass_by(minutes=10)
    new = Authenticator(ORIGIN, HOST, b"another").make(options)
    csrf = {"csrf": csrf_of(browser.get("/passkeys"))}
    assert browser.post("/passkeys/asked", csrf).status_code == 409
    assert browser.post("/passkeys/added", csrf | {"answer": new, "name": "x"}).status_code == 409
    assert browser.post("/passkeys/removed", csrf | {"passkey": "x"}).status_code == 409
    assert here.ask(b"select name from decisions.passkey") == [("Telephone",)]


def test_several_with_names_and_each_removed_by_its_holder_alone(here: Any, key: Authenticator) -> None:
    added(here, key)
    spare = Authenticator(ORIGIN, HOST, b"the-spare-one")
    added(here, spare, name="Spare key")
    page = here.signed_in("rowan").get("/passkeys").text
    assert page.index("Telephone") < page.index("Spare key")
    stranger = here.signed_in("sid")
    mine = {"passkey": "dGhlLXNwYXJlLW9uZQ"}
    assert stranger.press("/passkeys", "/passkeys/removed", **mine).status_code == 404
    assert here.signed_in("rowan").press("/passkeys", "/passkeys/removed", **mine).status_code == 303
    assert second(here, spare)[1].status_code == 403
    assert second(here, key)[1].status_code == 303
    taken = here.signed_in("sid")
    again = key.make(asked(taken, "/passkeys", "/passkeys/asked"))
    assert taken.press("/passkeys", "/passkeys/added", answer=again, name="x").status_code == 409


def test_at_the_first_sign_in_a_passkey_can_stand_in_for_the_app(here: Any, key: Authenticator) -> None:
    here.tell(b"delete from decisions.second_factor where user_name = 'rowan'")
    browser = here.stranger()
    here.try_password(browser, "rowan")
    shown = browser.get("/sign-in/code").text
    secret = shown.split('<span class="code">')[1].split("</span>")[0].replace(" ", "")
    made = key.make(asked(browser, "/sign-in/code", "/sign-in/code/asked"))
    answer = browser.press("/sign-in/code", "/sign-in/code", answer=made, purpose="outbreak")
    assert answer.status_code == 303
    assert steps(here) == ["added"]
    later = here.stranger()
    here.try_password(later, "rowan")
    assert "<svg" not in later.get("/sign-in/code").text, "a password adds no second second factor"
    code = second_factor.code_at(secret, here.clock())
    assert later.press("/sign-in/code", "/sign-in/code", code=code, purpose="outbreak").status_code == 403
    assert second(here, key)[1].status_code == 303


def test_a_lost_telephone_takes_its_passkeys_along(here: Any, key: Authenticator) -> None:
    added(here, key)
    database = Database(here.urls.deeds)
    deed.reset(database, user_name="rowan", by=THE_TIMER, at=here.clock())
    database.close()
    browser = here.stranger()
    here.try_password(browser, "rowan")
    assert "<svg" in browser.get("/sign-in/code").text
    assert alone(here, key)[1].status_code == 403


@pytest.mark.parametrize("answer", ["{", "[]", "{}", '{"response": {"clientDataJSON": "e30"}}', "x" * 40_000])
def test_what_is_no_answer_opens_nothing(here: Any, key: Authenticator, answer: str) -> None:
    added(here, key)
    browser = here.stranger()
    here.try_password(browser, "rowan")
    assert browser.press("/sign-in/code", "/sign-in/code", answer=answer, purpose="outbreak").status_code == 403
    csrf = csrf_of(browser.get("/sign-in"))
    assert browser.post("/sign-in/passkey", {"csrf": csrf, "answer": answer}).status_code == 403


def test_the_doors_need_the_forms_token(here: Any, key: Authenticator) -> None:
    browser = here.stranger()
    assert browser.post("/sign-in/passkey/asked", {"csrf": "x"}).status_code == 403
    assert browser.post("/sign-in/passkey", {"csrf": "", "answer": "x"}).status_code == 403
    assert browser.post("/sign-in/code/asked", {"csrf": "x"}).status_code == 403
    assert here.ask(b"select count(*) from decisions.passkey_challenge") == [(0,)]


def test_the_database_holds_no_challenge_and_codes_go_on(here: Any, key: Authenticator) -> None:
    added(here, key)
    browser = here.stranger()
    here.try_password(browser, "rowan")
    options = asked(browser, "/sign-in/code", "/sign-in/code/asked")
    assert options["challenge"] not in str(here.ask(b"select * from decisions.passkey_challenge"))
    here.tell(b"update decisions.second_factor set last_step = null")
    code = second_factor.code_at(SECRET, here.clock())
    assert browser.press("/sign-in/code", "/sign-in/code", code=code, purpose="outbreak").status_code == 303
