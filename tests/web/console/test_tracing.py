"""A team names, calls and closes contacts in the console; nothing typed is lost, and another authority sees nothing."""

import re

import pytest

from tests.web.console.conftest import DAY, World, csrf_of, illnesses

CONTACT = {
    "given_name": "Kim", "family_name": "Quill", "phone": "07700 900001", "kind": "household",
    "exposure_day": str(DAY), "date_of_birth": "", "email": "", "address": "", "postcode": "", "setting": "",
}  # fmt: skip
CALL = {"answered": "yes", "well": "well", "home": "yes", "note": "speaks Welsh"}


@pytest.fixture
def cases(world: World) -> World:
    for name, value in (("link_days", 14), ("reach_hours", 24), ("check_hours", 24), ("isolation_days", 14)):
        world.tell(
            b"insert into decisions.threshold values (%s, 1, %s::jsonb, 'the tests', '2020-06-01', 'for the tests')",
            name, str(value))  # fmt: skip
    illnesses(world)
    return world


def first_case(world: World, name: str) -> str:
    return next(
        key for (key,) in world.ask(
            b"select e.first_record::text from identified.episode e join identified.record r on "
            b"r.record_key = e.first_record where r.given_name = %s or r.family_name = %s", name, name)
    )  # fmt: skip


def name_one(world: World, by: str = "tracy", **changes: str) -> tuple[int, str]:
    browser, form = world.signed_in(by), f"/lines/{first_case(world, 'Bo')}/contact"
    drawn = re.search(r'name="contact_id" value="([^"]+)"', browser.get(form).text)
    assert drawn is not None
    sent = browser.post(
        f"{form}/named", CONTACT | {"csrf": csrf_of(browser.get(form)), "contact_id": drawn[1]} | changes
    )
    return sent.status_code, sent.headers.get("location", sent.text)


def test_a_contact_is_named_taken_called_and_waits_for_tomorrow(cases: World) -> None:
    status, address = name_one(cases)
    assert status == 303
    tracy = cases.signed_in("tracy")
    assert "Kim Quill" in tracy.get("/contacts").text
    assert tracy.press("/contacts", "/contacts/next").headers["location"] == address
    assert "Taken by you" in tracy.get("/contacts").text
    called = tracy.press(address, f"{address}/said", version="1", **CALL)
    assert called.headers["location"] == "/contacts"
    page = tracy.get(address).text
    assert "isolating" in page
    assert "Yes, the contact or somebody who looks after them" in page
    assert "speaks Welsh" in page
    deeds = [deed for _, deed, _ in cases.audit()]
    assert {"name_contact", "take_next", "look_contact", "follow_up", "look_work"} <= set(deeds)


def test_a_form_with_faults_comes_back_with_what_was_typed(cases: World) -> None:
    status, text = name_one(cases, phone="", exposure_day="2020-03-01")
    assert status == 400
    assert "Give a way to reach them" in text
    assert "more than 14 days" in text
    assert 'value="Kim"' in text
    assert cases.ask(b"select count(*) from identified.contact") == [(0,)]


def test_a_call_that_was_overtaken_keeps_its_words_on_the_page(cases: World) -> None:
    _, address = name_one(cases)
    tracy, rowan = cases.signed_in("tracy"), cases.signed_in("rowan")
    assert rowan.press(address, f"{address}/said", version="1", answered="no").status_code == 303
    late = tracy.press(address, f"{address}/said", version="1", **CALL)
    assert late.status_code == 400
    assert "Somebody else has written about this contact meanwhile" in late.text
    assert "speaks Welsh" in late.text
    assert 'name="version" value="2"' in late.text
    assert tracy.press(address, f"{address}/said", version="2", **CALL).status_code == 303


def test_a_question_without_an_answer_is_named(cases: World) -> None:
    _, address = name_one(cases)
    tracy = cases.signed_in("tracy")
    refused = tracy.press(address, f"{address}/said", version="1", answered="yes")
    assert refused.status_code == 400
    assert "How are they today?" in refused.text


def test_another_authority_and_roles_without_the_duty_are_refused(cases: World) -> None:
    _, address = name_one(cases)
    sid = cases.signed_in("sid")
    assert sid.get(address).status_code == 404
    assert "Kim" not in sid.get("/contacts").text
    assert sid.get(f"/lines/{first_case(cases, 'Bo')}/contact").status_code == 404
    for role in ("ash", "stew", "nat", "rev"):
        for page in ("/contacts", address, "/links", "/settings"):
            assert cases.signed_in(role).get(page).status_code == 403


def test_the_register_of_settings(cases: World) -> None:
    cases.tell(b"insert into reference.postcode (postcode, small_area, vintage) values ('ND11AA', 'N1', '2020')")
    rowan = cases.signed_in("rowan")
    entry = {"name": "Mill School", "kind": "school", "postcode": "nd1 1aa", "capacity": "200"}
    assert rowan.press("/settings", "/settings/kept", **entry).status_code == 303
    assert "Mill School" in rowan.get("/settings").text
    wrong = rowan.press("/settings", "/settings/kept", **(entry | {"capacity": "many"}))
    assert (wrong.status_code, "whole number" in wrong.text, "Mill School" in wrong.text) == (400, True, True)
    assert "Mill School" not in cases.signed_in("sid").get("/settings").text


def test_linked_cases_are_shown_and_another_authority_s_have_no_name(cases: World) -> None:
    ada, marrow = first_case(cases, "Ada"), first_case(cases, "Marrow")
    for case, authority in ((ada, "NOR"), (marrow, "SOU")):
        cases.tell(b"insert into identified.case_set values ('a/b', %s, %s, %s, %s)", case, authority, DAY, DAY)
    cases.tell(b"insert into identified.set_state values ('a/b', %s, 'growing', 2, 1, %s, null)", DAY, DAY)
    cases.tell(
        b"insert into identified.link values ('same_place', 'XX/event', %s, %s, %s, 2, 'moderate', 'interview', "
        b"'NOR', 'SOU', %s)", ada, marrow, DAY, DAY)  # fmt: skip
    rowan = cases.signed_in("rowan")
    assert "same place" in rowan.get("/links").text
    page = rowan.get("/links/a/b").text
    assert "Ada" in page
    assert "another authority" in page
    assert "Marrow" not in page
    assert cases.signed_in("rowan").get("/links/nothing").status_code == 404
    assert "Ada" not in cases.signed_in("sid").get("/links/a/b").text
