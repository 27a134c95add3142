"""Who has no account, a wrong password, an old visit or no token gets nothing, and cannot tell which it was."""

import re
from datetime import timedelta
from typing import Any

import psycopg
import pytest

PAGES = (
    "/today",
    "/lines",
    "/signals",
    "/deliveries",
    "/agreement",
    "/usefulness",
    "/lines/00000000-0000-0000-0000-000000000001",
    "/signals/a/b/c",
    "/clusters/a/b/c",
)
FORMS = (
    "/lines/search",
    "/sign-out",
    "/deliveries/2020-06-30/package",
    "/deliveries/2020-06-30/acknowledge",
    "/agreement/0000000000/step",
    "/signals/decide",
)


def test_the_right_password_opens_a_visit(world: Any) -> None:
    browser = world.stranger()
    answer = world.try_password(browser, "rowan")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/code")
    assert browser.get("/today").status_code == 303, "a password alone opens nothing"
    answer = world.try_code(browser, "rowan")
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    assert browser.get("/today").status_code == 200
    assert [(by, deed) for by, deed, _ in world.audit("sign_in")] == [("rowan", "sign_in")]


def test_the_cookie_is_out_of_reach(world: Any) -> None:
    answer = world.try_password(world.stranger(), "rowan")
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("pumphandle_session="))
    for attribute in ("HttpOnly", "SameSite=strict", "Secure", "Path=/"):
        assert attribute.lower() in cookie.lower()


def test_the_database_holds_neither_password_nor_token(world: Any) -> None:
    browser = world.signed_in("rowan")
    token = browser.cookies["pumphandle_session"]
    with psycopg.connect(world.urls.deeds) as connection:
        kept = str(
            connection.execute(
                "select s.*, a.* from decisions.session s join decisions.account a using (user_name)"
            ).fetchall()
        )
    assert token not in kept
    assert "quiet-river" not in kept


def test_wrong_unknown_closed_and_locked_are_one_answer(world: Any) -> None:
    world.tell(b"update decisions.account set disabled_at = now() where user_name = 'ash'")
    browser = world.stranger()
    answers = [
        world.try_password(browser, "rowan", "not the password"),
        world.try_password(browser, "nobody-here", "not the password"),
        world.try_password(browser, "ash"),
    ]
    for _ in range(5):
        world.try_password(browser, "sid", "not the password")
    answers.append(world.try_password(browser, "sid"))
    seen = {(answer.status_code, re.sub(r'name="csrf" value="[^"]+"', "", answer.text)) for answer in answers}
    assert len(seen) == 1
    assert next(iter(seen))[0] == 403
    assert browser.get("/today").status_code == 303


def test_five_failures_lock_for_fifteen_minutes(world: Any) -> None:
    browser = world.stranger()
    for _ in range(5):
        assert world.try_password(browser, "rowan", "not the password").status_code == 403
    assert world.try_password(browser, "rowan").status_code == 403, "the right password, but locked"
    assert world.audit("sign_in_refused")[-1][2] == {"locked": True}
    world.clock.pass_by(minutes=14)
    assert world.try_password(browser, "rowan").status_code == 403
    world.clock.pass_by(minutes=2)
    assert world.try_password(browser, "rowan").status_code == 303
    assert world.try_code(browser, "rowan").status_code == 303


def test_four_failures_and_a_success_begin_the_count_anew(world: Any) -> None:
    browser = world.stranger()
    for _ in range(2):
        for _ in range(4):
            world.try_password(browser, "rowan", "not the password")
        assert world.try_password(browser, "rowan").status_code == 303
        assert world.try_code(browser, "rowan").status_code == 303
        world.clock.pass_by(seconds=1)


def test_what_was_typed_as_an_unknown_name_is_not_kept(world: Any) -> None:
    world.try_password(world.stranger(), "my-secret-password-by-mistake", "x")
    with psycopg.connect(world.urls.deeds) as connection:
        kept = str(connection.execute("select * from decisions.sign_in_attempt").fetchall())
    assert "secret" not in kept
    assert "secret" not in str(world.audit())


def test_no_visit_no_page_and_no_deed(world: Any) -> None:
    answers = [world.stranger().get(page) for page in PAGES]
    answers += [world.stranger().post(form, {"csrf": "x"}) for form in FORMS]
    assert {(one.status_code, one.headers["location"], one.text) for one in answers} == {(303, "/sign-in", "")}


def test_no_token_no_deed(world: Any) -> None:
    browser = world.signed_in("rowan")
    before = world.audit()
    for form in FORMS:
        for token in ({}, {"csrf": ""}, {"csrf": "of somebody else"}):
            answer = browser.post(form, {**token, "search": "Quill"})
            assert answer.status_code == 403, (form, token)
            assert "Quill" not in answer.text
    assert world.audit() == before
    assert browser.get("/today").status_code == 200, "still signed in"


def test_another_visits_token_is_no_token(world: Any) -> None:
    mine, other = world.signed_in("rowan"), world.signed_in("sid")
    stolen = re.search(r'name="csrf" value="([^"]+)"', other.get("/today").text)
    assert stolen
    assert mine.post("/sign-out", {"csrf": stolen.group(1)}).status_code == 403


def test_the_sign_in_form_needs_its_token_too(world: Any) -> None:
    answer = world.stranger().post("/sign-in", {"user_name": "rowan", "password": "quiet-river-stone-lamp"})
    assert answer.status_code == 403
    assert world.audit() == []


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (30, 303)])
def test_a_visit_ends_when_unused(world: Any, minutes: int, status: int) -> None:
    browser = world.signed_in("rowan")
    world.clock.pass_by(minutes=minutes)
    assert browser.get("/today").status_code == status


def test_a_visit_ends_after_twelve_hours_in_any_case(world: Any) -> None:
    browser = world.signed_in("rowan")
    end = world.clock() + timedelta(hours=12)
    while world.clock() < end - timedelta(minutes=20):
        world.clock.pass_by(minutes=20)
        assert browser.get("/today").status_code == 200
    world.clock.pass_by(minutes=20)
    assert browser.get("/today").status_code == 303


def test_signing_out_ends_the_visit_for_good(world: Any) -> None:
    browser = world.signed_in("rowan")
    token = browser.cookies["pumphandle_session"]
    assert browser.press("/today", "/sign-out").status_code == 303
    browser.cookies.set("pumphandle_session", token, domain="testserver.local")
    assert browser.get("/today").status_code == 303
    assert world.audit("sign_out") == [("rowan", "sign_out", {})]


def test_closing_an_account_ends_its_visits(world: Any) -> None:
    browser = world.signed_in("rowan")
    world.tell(b"update decisions.account set disabled_at = now() where user_name = 'rowan'")
    assert browser.get("/today").status_code == 303


def test_a_token_planted_beforehand_is_worth_nothing(world: Any) -> None:
    browser = world.stranger()
    browser.cookies.set("pumphandle_session", "planted", domain="testserver.local")
    world.try_password(browser, "rowan")
    thief = world.stranger()
    thief.cookies.set("pumphandle_session", "planted", domain="testserver.local")
    assert thief.get("/today").status_code == 303
