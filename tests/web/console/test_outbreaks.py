"""People declare an outbreak, write down what is done, read how it stands as page and PDF, close it with lessons."""

import re
from typing import Any

import pytest

from tests.web.console.conftest import DAY

CLUSTER = f"NOR/{DAY}/sars_cov_2/1"
SIGNAL = f"/signals/{CLUSTER}"


@pytest.fixture
def declared(world: Any) -> Any:
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
    assert figures[:3] == [("3", "cases"), ("3", "in the last seven days"), ("1", "households")]
    door = re.search(r'<li><a href="(/lines\?[^"]+)"><span class="figure red"', page)
    assert door
    assert "<strong>3</strong> results" in browser.get(door[1].replace("&amp;", "&")).text
    assert "Quill" not in page
    assert "/outbreaks/NOR-1" in browser.get("/signals").text


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
