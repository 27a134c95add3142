"""A password alone opens nothing: each code is good once, guesses are counted, and the purpose follows every look."""

import re
from typing import Any

from pumphandle.governance import second_factor
from tests.web.console.conftest import SECRET


def test_a_wrong_and_a_used_code_open_nothing(world: Any) -> None:
    first, second = world.stranger(), world.stranger()
    code = second_factor.code_at(SECRET, world.clock())
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert world.try_password(first, "rowan").status_code == 303
    assert world.try_code(first, "rowan", wrong).status_code == 403
    assert first.get("/today").status_code == 303
    assert world.try_code(first, "rowan", code).status_code == 303
    world.try_password(second, "rowan")
    assert world.try_code(second, "rowan", code).status_code == 403, "a code that somebody saw over a shoulder"
    assert second.get("/today").status_code == 303


def test_who_knows_the_password_cannot_guess_codes_for_ever(world: Any) -> None:
    browser = world.stranger()
    for _ in range(5):
        world.try_password(browser, "rowan")
        assert world.try_code(browser, "rowan", "000000").status_code == 403
    assert world.try_password(browser, "rowan").status_code == 403, "locked, although the password is right"


def test_one_who_has_no_factor_yet_scans_a_picture(world: Any) -> None:
    world.tell(b"delete from decisions.second_factor where user_name = 'rowan'")
    browser = world.stranger()
    world.try_password(browser, "rowan")
    page = browser.get("/sign-in/code").text
    assert "<svg" in page
    found = re.search(r'<span class="code">([A-Z2-7 ]+)</span>', page)
    assert found
    secret = found[1].replace(" ", "")
    assert found[1] in browser.get("/sign-in/code").text, "the same at each look, until it is proved"
    assert world.try_code(browser, "rowan", second_factor.code_at(secret, world.clock())).status_code == 303
    again = world.stranger()
    world.try_password(again, "rowan")
    assert "<svg" not in again.get("/sign-in/code").text, "shown until proved, and never again"


def test_between_the_steps_there_are_ten_minutes(world: Any) -> None:
    browser = world.stranger()
    world.try_password(browser, "rowan")
    world.clock.pass_by(minutes=10)
    assert browser.get("/sign-in/code").headers["location"] == "/sign-in"


def test_the_purpose_follows_every_look(world: Any) -> None:
    world.signed_in("tracy").get("/lines")
    world.signed_in("ash").get("/signals")
    told = world.ask(b"select by_name, deed, purpose from decisions.audit order by audit_id")
    assert told == [
        ("tracy", "sign_in", "tracing"),
        ("tracy", "look_lines", "tracing"),
        ("ash", "sign_in", "outbreak"),
        ("ash", "look_signals", "outbreak"),
    ]


def test_a_purpose_of_another_role_is_refused(world: Any) -> None:
    browser = world.stranger()
    world.try_password(browser, "tracy")
    code = second_factor.code_at(SECRET, world.clock())
    assert browser.press("/sign-in/code", "/sign-in/code", code=code, purpose="audit").status_code == 409
    assert browser.press("/sign-in/code", "/sign-in/code", code=code, purpose="").status_code == 400
    assert browser.get("/today").status_code == 303


def test_the_secret_is_kept_sealed(world: Any) -> None:
    kept = world.ask(b"select sealed_secret from decisions.second_factor where user_name = 'rowan'")[0][0]
    assert SECRET.encode() not in bytes(kept)
