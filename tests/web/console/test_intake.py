"""A steward sees what is wrong with the files and mends a held line at the console; nobody else sees one."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.actions.conftest import FEED

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
