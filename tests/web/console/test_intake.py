"""A steward sees what is wrong with the files and mends a held line at the console; nobody else sees one."""

import re
from typing import Any

import pytest


def test_the_page_tells_alarms_and_held_lines_and_no_person(world: Any, held: str) -> None:
    page = world.signed_in("stew").get("/intake").text
    assert "Northgate Pathology sent nothing" in page and "NOR" in page
    assert "specimen_date_in_future" in page
    assert "Quill" not in page


def test_a_line_that_is_still_wrong_comes_back_and_a_mended_one_waits_for_the_next_files(world: Any, held: str) -> None:
    browser = world.signed_in("stew")
    page = browser.get(held)
    assert "Quill" in page.text and 'aria-invalid="true"' in page.text
    fields = dict(re.findall(r'name="(field-[a-z_]+)" value="([^"]*)"', page.text))
    again = browser.press(held, f"{held}/mend", **fields, reason="asked", what="mend")
    assert again.status_code == 422
    assert "Not taken in yet" in again.text and "specimen_date_in_future" in again.text
    mended = fields | {"field-specimen_date": "2020-06-29"}
    assert browser.press(held, f"{held}/mend", **mended, reason=" ", what="mend").status_code == 422
    assert browser.press(held, f"{held}/mend", **mended, reason="asked", what="mend").status_code == 303
    [(asked, by, reason)] = world.ask(b"select fields->>'specimen_date', by_name, reason from identified.mend_request")
    assert (asked, by, reason) == ("2020-06-29", "stew", "asked")
    assert "No line waits." in browser.get("/intake").text
    assert {row[1] for row in world.audit("ask_mend")} == {"ask_mend"}
    assert "Quill" not in str(world.audit())


def test_a_line_can_be_dismissed_with_a_reason(world: Any, held: str) -> None:
    browser = world.signed_in("stew")
    assert browser.press(held, f"{held}/mend", reason="sent by mistake", what="dismiss").status_code == 303
    assert world.ask(b"select fields, reason from identified.mend_request") == [(None, "sent by mistake")]


@pytest.mark.parametrize("name", ["rowan", "tracy", "nat"])
def test_nobody_else_sees_a_held_line(world: Any, held: str, name: str) -> None:
    browser = world.signed_in(name)
    assert "/intake" not in browser.get("/today").text
    for address in ("/intake", held):
        answer = browser.get(address)
        assert answer.status_code == 403
        assert "Quill" not in answer.text
