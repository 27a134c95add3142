"""People declare an outbreak, write down what is done, read how it stands as page and PDF, close it with lessons."""

import re
from datetime import timedelta
from typing import Any

import pytest

from pumphandle.actions import look_outbreak
from pumphandle.actions.look import NO_TRACING, NOT_THEIRS
from tests.web.console.conftest import DAY, NOON, illnesses

CLUSTER = f"NOR/{DAY}/sars_cov_2/1"
SIGNAL = f"/signals/{CLUSTER}"


@pytest.fixture
def declared(world: Any) -> Any:
    illnesses(world)
    for name in ("link_days", "isolation_days", "reach_hours", "check_hours"):
        world.tell(b"insert into decisions.threshold values (%s, 1, '14'::jsonb, 'tests', '2020-06-01', 'x')", name)
    said = {"cluster_id": CLUSTER, "signal_id": CLUSTER, "event": "declare", "reason": "Three of one family.",
            "name": "Oldchurch family"}  # fmt: skip
    assert world.signed_in("rowan").press(SIGNAL, "/signals/decide", **said).status_code == 303
    return world


def measure(world: Any, who: str = "rowan", **changes: str) -> Any:
    sent = {"what": "Visits stopped", "first_day": str(DAY)} | changes
    return world.signed_in(who).press("/today", "/outbreaks/NOR-1/measures", **sent)


def test_how_it_stands_is_counted_from_the_cases_and_its_numbers_open_them(declared: Any) -> None:
    browser = declared.signed_in("rowan")
    page = browser.get("/outbreaks/NOR-1").text
    figures = re.findall(r'class="figure[^"]*">([\d,]+)</span> <span class="of">([^<]+)', page)
    assert figures[:3] == [
        ("2", "cases"), ("2", "in the last seven days, 24 Jun 2020 to 30 Jun 2020"), ("1", "households")
    ], "Ada was tested twice and Gone was withdrawn: two people are ill"  # fmt: skip
    for door in re.findall(r'<li><a href="(/lines[^"]+)"><span class="figure', page):
        assert "<strong>2</strong> results" in browser.get(door.replace("&amp;", "&")).text
    assert "Quill" not in page
    assert "/outbreaks/NOR-1" in browser.get("/signals").text


def test_the_week_ends_with_the_last_day_that_was_run_in_the_page_as_in_the_report(declared: Any) -> None:
    """Records of three more days have come, and the newest case is of the first of them."""
    for later in (1, 2, 3):
        declared.tell(b"insert into decisions.run_step values (%s, 'receive', %s, 1, '{}')",
                      DAY + timedelta(days=later), NOON)  # fmt: skip
    declared.clock.pass_by(days=9)
    page = declared.signed_in("rowan").get("/outbreaks/NOR-1").text
    assert "in the last seven days, 27 Jun 2020 to 3 Jul 2020" in page
    told: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(look_outbreak, "as_pdf", lambda report, **_: told.append(report) or b"%PDF-")
        declared.signed_in("rowan").get("/outbreaks/NOR-1/report.pdf")
    sentences = " ".join(one for part in told[0].parts for one in part.sentences)
    assert "1 of them in the last seven days, 27 June 2020 to 3 July 2020" in sentences


def test_a_case_known_by_a_record_that_is_no_longer_its_first_is_counted_once(declared: Any) -> None:
    """The two Quills turn out to be one person: their illnesses are one, and it lies where the first record lies."""
    declared.tell(b"update identified.record set person_key = (select person_key from identified.record "
                  b"where given_name = 'Ada' limit 1) where given_name = 'Bo'")  # fmt: skip
    declared.tell(b"delete from identified.episode where first_record = %s", declared.records["Bo"])
    page = declared.signed_in("rowan").get("/outbreaks/NOR-1").text
    assert '<span class="figure red">1</span> <span class="of">cases' in page


def test_what_is_hidden_from_a_role_is_not_shown_as_nothing(declared: Any) -> None:
    declared.tell(
        b"insert into identified.contact (contact_id, authority, case_key, case_authority, kind, exposure_day, state, "
        b"since, due, named_at, named_by) values (gen_random_uuid(), 'NOR', %s, 'NOR', 'other', %s, 'to_reach', %s, %s,"
        b" %s, 'x')", declared.records["Ada again"], DAY, NOON, NOON, NOON,
    )  # fmt: skip
    director, analyst = (declared.signed_in(who).get("/outbreaks/NOR-1").text for who in ("rowan", "ash"))
    assert '<span class="figure">1</span> <span class="of">contacts named' in director
    assert "contacts named" not in analyst
    assert "followed up now" not in analyst
    assert "No case of this outbreak has named a contact" not in analyst
    assert NO_TRACING in analyst
    assert "those that came in through links are not shown to your role" in analyst
    assert NOT_THEIRS in declared.signed_in("nat").get("/outbreaks/NOR-1").text


def test_without_an_agreement_that_is_said_and_no_zero(declared: Any) -> None:
    declared.tell(b"update decisions.agreement set state = 'SUSPENDED' where authority = 'NOR'")
    for who in ("rowan", "ash"):
        browser = declared.signed_in(who)
        for address in ("/outbreaks/NOR-1", SIGNAL):
            page = browser.get(address).text
            assert "No agreement is active for your authority" in page, address
            assert '<span class="figure red">0</span>' not in page
            assert "corrected, withdrawn or moved" not in page
        today = browser.get("/today").text
        assert "No agreement is active for your authority" in today
        assert "new positives" not in today
    assert "No agreement is active" not in declared.signed_in("nat").get("/today").text


def test_what_is_done_is_drawn_on_the_curve_and_ends_once(declared: Any) -> None:
    assert measure(declared).status_code == 303
    browser = declared.signed_in("rowan")
    page = browser.get("/outbreaks/NOR-1").text
    assert "Visits stopped" in page
    assert len(re.findall(r'<rect class="lane"', page)) == 1
    (number,) = declared.ask(b"select measure_id from decisions.control_measure")[0]
    ended = f"/outbreaks/NOR-1/measures/{number}/ended"
    early = browser.press("/outbreaks/NOR-1", ended, last_day="2020-06-01")
    assert (early.status_code, "not before it began" in early.text) == (400, True)
    assert browser.press("/outbreaks/NOR-1", ended, last_day=str(DAY)).status_code == 303
    assert browser.press("/outbreaks/NOR-1", ended, last_day=str(DAY)).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"what": " "}, "Say what was done."),
        ({"first_day": "2021-01-01"}, "written down when it begins"),
        ({"first_day": "soon"}, "Give the day."),
        ({"first_day": "2001-01-01"}, "more than a year before"),
    ],
)
def test_a_measure_with_a_fault_comes_back_with_a_sentence(declared: Any, wrong: Any, sentence: str) -> None:
    answer = measure(declared, **wrong)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert declared.ask(b"select count(*) from decisions.control_measure") == [(0,)]


def test_the_report_is_a_pdf_for_those_who_may_see_it(declared: Any) -> None:
    measure(declared)
    for who in ("rowan", "ash", "nat"):
        answer = declared.signed_in(who).get("/outbreaks/NOR-1/report.pdf")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
    assert declared.signed_in("sid").get("/outbreaks/NOR-1/report.pdf").status_code == 403
    assert declared.signed_in("stew").get("/outbreaks/NOR-1").status_code == 403
    assert declared.signed_in("rowan").get("/outbreaks/NOR-9").status_code == 404


def test_it_is_closed_with_what_was_learnt_and_then_stays(declared: Any) -> None:
    browser = declared.signed_in("rowan")
    close = {"reason": "No case for two weeks.", "lessons": "Ring the family on the first day."}
    empty = browser.press("/outbreaks/NOR-1", "/outbreaks/NOR-1/closed", **(close | {"lessons": " "}))
    assert (empty.status_code, "Say what was learnt" in empty.text) == (400, True)
    assert "No case for two weeks." in empty.text, "what was typed is still there"
    assert browser.press("/outbreaks/NOR-1", "/outbreaks/NOR-1/closed", **close).status_code == 303
    page = browser.get("/outbreaks/NOR-1").text
    assert "Ring the family on the first day." in page
    assert 'action="/outbreaks/NOR-1/closed"' not in page
    assert measure(declared).status_code == 400
    assert declared.audit("decide")[-1][2]["event"] == "close"


def test_others_write_nothing(declared: Any) -> None:
    for who in ("ash", "tracy", "sid", "nat"):
        assert measure(declared, who).status_code == 403
    assert declared.ask(b"select count(*) from decisions.control_measure") == [(0,)]
