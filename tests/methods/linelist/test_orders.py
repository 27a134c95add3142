"""A message's order and its answers must both stand: what is preliminary, cancelled or says nothing is no result."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pumphandle.linelist.checks import Checked, check
from pumphandle.linelist.feeds import FeedContract, Rows
from pumphandle.linelist.formats import read_lines

CONTRACT = FeedContract("north", "North", "*", "hl7", "Europe/London", 1.0, Rows(0, 9))
Read = Callable[..., Checked]


@pytest.fixture(params=["quick", "package"])
def found(tmp_path: Path, request: pytest.FixtureRequest) -> Read:
    """What segments come to, read by either way; each line is accounted for."""

    def read(*segments: str, contract: FeedContract = CONTRACT) -> Checked:
        marks = "^~\\&" if request.param == "quick" else "^~\\$"  # the package reads what is not usual
        head = f"MSH|{marks}|LAB|L1|US|U|20200601||ORU^R01^ORU_R01|1|P|2.5.1"
        path = tmp_path / "north.hl7"
        path.write_text("\r".join([head, *segments]) + "\r", "utf-8")
        lines = read_lines(path, contract)
        checked = check(lines.frame, contract, received_on=date(2020, 6, 2))
        held = (*lines.held, *checked.held)
        assert len({one.line for one in held}) + checked.good.height == lines.lines_in >= 1
        return Checked(checked.good, held)

    return read


def person(name: str = "Quill") -> str:
    return f"PID|1||4010232137^^^NHS^NH||{name}^Ada||19800229|F|||1 Mill Lane^^Quillton^^QA1 1AA"


def answer(status: str = "F", value: str = "260373001^Detected^SCT") -> str:
    return f"OBX|1|CWE|94500-6^PCR^LN||{value}||||||{status}"


def order(number: str = "F1", status: str = "", placer: str = "P1", test: str = "94500-6^PCR^LN") -> str:
    return f"OBR|1|{placer}|{number}|{test}|||20200601" + "|" * 18 + status


def outcome(checked: Checked) -> list[str]:
    said = checked.good.select("result", "status").rows()
    return [" ".join(row) for row in said] + [one.code for one in checked.held]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("F", "positive final"), ("U", "positive final"), ("V", "positive final"),
        ("C", "positive corrected"), ("A", "positive corrected"), ("B", "positive corrected"),
        ("D", "positive withdrawn"), ("W", "positive withdrawn"), ("X", "void final"), ("N", "void final"),
        ("P", "status_not_final"), ("I", "status_not_final"), ("R", "status_not_final"), ("S", "status_not_final"),
        ("O", "status_unknown"), ("Z", "status_unknown"), ("f", "status_unknown"),
        ("", "status_missing"), ('""', "status_missing"), ("  ", "status_missing"),
    ],
)  # fmt: skip
def test_every_status_of_an_answer(found: Read, status: str, told: str) -> None:
    checked = found(person(), order(), answer(status))
    assert outcome(checked) == [told]
    assert all(one.field == "status" and one.remedy for one in checked.held)


def test_a_contract_may_say_what_an_empty_status_means(found: Read) -> None:
    agreed = replace(CONTRACT, codes={"status": {"": "final"}})
    assert outcome(found(person(), order(), answer(""), contract=agreed)) == ["positive final"]


@pytest.mark.parametrize("status", ["D", "W"])
def test_what_is_taken_back_need_not_be_said_again(found: Read, status: str) -> None:
    assert outcome(found(person(), order(), answer(status, ""))) == ["void withdrawn"]


@pytest.mark.parametrize("control", ["CA", "OC", "CR", "DC", "OD", "DR"])
@pytest.mark.parametrize(
    ("status", "told"),
    [("F", "order_cancelled"), ("C", "order_cancelled"), ("", "order_cancelled"), ("X", "void final"),
     ("D", "positive withdrawn"), ("W", "positive withdrawn")],
)  # fmt: skip
def test_a_cancelled_order_makes_no_case(found: Read, control: str, status: str, told: str) -> None:
    assert outcome(found(person(), f"ORC|{control}|P1|F1", order(), answer(status))) == [told]
    assert outcome(found(person(), order(status="X"), answer(status))) == [told]


@pytest.mark.parametrize("status", ["P", "R", "I", "S", "O"])
def test_an_order_that_is_not_done_holds_its_answers(found: Read, status: str) -> None:
    assert outcome(found(person(), "ORC|RE|P1|F1", order(status=status), answer())) == ["status_not_final"]


@pytest.mark.parametrize("status", ["F", "C", "A", ""])
def test_an_order_in_force_leaves_its_answers_as_they_are(found: Read, status: str) -> None:
    assert outcome(found(person(), "ORC|RE|P1|F1", order(status=status), answer())) == ["positive final"]


def test_a_cancelled_order_beside_another_touches_that_alone(found: Read) -> None:
    checked = found(person(), "ORC|CA|P1|F1", order("F1"), answer(), "ORC|RE|P2|F2", order("F2"), answer(), "SPM|1|^S2")
    assert outcome(checked) == ["positive final", "order_cancelled"]
    assert checked.good["specimen_id"].to_list() == ["F2/94500-6"]


def test_a_cancelled_order_without_an_answer_is_not_lost(found: Read) -> None:
    checked = found(person(), order("F1"), answer(), "ORC|OC|P2|F2", order("F2"))
    assert outcome(checked) == ["positive final", "no_result"]
    assert outcome(found(person(), order("F1"), answer(), "ORC|OC|P2|F2", order("F2", test="1^x^L"))) == [
        "positive final"
    ]


@pytest.mark.parametrize(
    ("orc", "obr", "number"),
    [
        ("ORC|RE|P8|F9", order("F1", placer="P1"), "F1"),
        ("ORC|RE|P8|F9", order("", placer="P1"), "F9"),
        ("ORC|RE|P8|", order("", placer="P1"), "P1"),
        ("ORC|RE|P8|", order("", placer=""), "P8"),
        ("ORC|RE||", order("", placer=""), "S7"),
    ],
)
def test_one_number_is_used_whichever_segment_has_it(found: Read, orc: str, obr: str, number: str) -> None:
    checked = found(person(), orc, obr, answer(), "SPM|1|P7^S7")
    assert checked.good["specimen_id"].to_list() == [f"{number}/94500-6"]


def test_the_numbers_of_an_orc_are_its_first_obr_s_alone(found: Read) -> None:
    checked = found(person(), "ORC|RE|P1|F1", order("F1"), answer(), order("", placer=""), answer())
    assert outcome(checked) == ["positive final", "specimen_id_missing"]


def test_the_last_order_of_a_person_is_not_the_next_person_s(found: Read) -> None:
    checked = found(person("Quill"), order("F1"), answer(), person("Thorn"), order("F2"), answer())
    assert checked.good.select("specimen_id", "family_name").rows() == [
        ("F1/94500-6", "Quill"),
        ("F2/94500-6", "Thorn"),
    ]


def test_the_second_order_has_its_own_site(found: Read) -> None:
    site = "|" * 19 + "{0} Clinic|^^^^{0}"
    checked = found(
        person(), "ORC|RE|" + site.format("QA1"), order("F1"), answer(), "ORC|RE|" + site.format("QB2"), order("F2"),
        answer(),
    )  # fmt: skip
    assert checked.good["test_site_postcode"].to_list() == ["QA1", "QB2"]


def test_an_answer_without_an_order_or_a_person_is_held(found: Read) -> None:
    checked = found(person(), answer(), order("F1"), answer())
    assert outcome(checked) == ["positive final", "specimen_id_missing", "specimen_date_missing"]
    assert outcome(found(order("F1"), answer())) == ["patient_missing"]
