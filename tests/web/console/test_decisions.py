"""A council sees its own part of the next release and the effect of each answer, raises a concern, holds, and lifts."""

from typing import Any

HOLD = {
    "kind": "stigma or cohesion", "product": "cases and tests", "statement": "The community fears to be named.",
    "evidence": "Threats last week.", "answer": "hold cases and tests", "hours": "72", "until_persons": "",
}  # fmt: skip


def test_a_council_sees_its_own_part_and_not_the_others(drafted: Any) -> None:
    page = drafted.signed_in("rowan").get("/decisions").text
    assert "goes out" in page
    assert f"/decisions/areas/{drafted.north}" in page
    assert f"/decisions/areas/{drafted.south}" not in page
    assert drafted.audit("look_decisions")[0][2]["windows"] == 1


def test_the_effect_of_every_answer_stands_before_the_choice(drafted: Any) -> None:
    page = drafted.signed_in("rowan").get(f"/decisions/areas/{drafted.north}").text
    for told in ("Publish with context", "cases: 6", "Publish tests only", "no number", "total of these days waits"):
        assert told in page, told
    assert drafted.signed_in("sid").get(f"/decisions/areas/{drafted.north}").status_code == 403


def test_a_concern_with_a_hold_is_raised_answered_and_lifted(drafted: Any) -> None:
    council = drafted.signed_in("rowan")
    area = f"/decisions/areas/{drafted.north}"
    assert council.press(area, f"{area}/concern", **HOLD).status_code == 303
    page = council.get("/decisions").text
    assert "The community fears to be named." in page
    assert "ends 3 Jul 2020" in page
    assert "The community fears" not in drafted.signed_in("sid").get("/decisions").text
    centre = drafted.signed_in("nat")
    assert "With the national centre" in centre.get("/decisions").text
    assert centre.press("/decisions", "/decisions/concerns/1/answer", event="acknowledge").status_code == 303
    assert "acknowledged" in council.get("/decisions").text
    assert council.press("/decisions", "/decisions/holds/1/lift", outcome="The families agree.").status_code == 303
    assert drafted.ask(b"select entry from published.hold_entry order by entry_id") == [("placed",), ("lifted",)]


def test_what_may_not_be_held_is_refused_with_its_reason_and_leaves_nothing(drafted: Any) -> None:
    council = drafted.signed_in("rowan")
    own, other = (f"/decisions/areas/{code}" for code in (drafted.north, drafted.south))
    assert council.press(own, f"{own}/concern", **{**HOLD, "hours": "100"}).status_code in (403, 409, 422)
    assert council.press(own, f"{other}/concern", **HOLD).status_code == 403
    waits = {**HOLD, "answer": "wait for a larger window", "until_persons": "2"}
    assert council.press(own, f"{own}/concern", **waits).status_code >= 400
    assert drafted.ask(b"select count(*) from decisions.concern") == [(0,)]
    assert drafted.ask(b"select count(*) from published.hold_entry") == [(0,)]


def test_a_reviewer_votes_blind_and_a_council_cannot(drafted: Any) -> None:
    reviewer = drafted.signed_in("rev")
    page = reviewer.get("/decisions").text
    assert "0 of 2 votes are in" in page
    vote = "/decisions/releases/2020-06-30/vote"
    assert reviewer.press("/decisions", vote, vote="release", reason="Stricter rule.").status_code == 303
    drafted.tell(b"insert into decisions.review values ('2020-06-30', 'other', 'return', 'Secret reason.', now())")
    assert "1 of 2 votes" not in reviewer.get("/decisions").text
    council = drafted.signed_in("rowan")
    assert council.press(f"/decisions/areas/{drafted.north}", vote, vote="release", reason="Mine.").status_code == 403


def test_who_has_nothing_to_do_with_it_sees_nothing(drafted: Any) -> None:
    for name in ("tracy", "stew", "aud"):
        browser = drafted.signed_in(name)
        assert browser.get("/decisions").status_code == 403, name
        assert 'href="/decisions"' not in browser.get("/today").text, name
