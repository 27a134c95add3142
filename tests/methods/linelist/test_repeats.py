"""Two answers to one test in one message: OBX-4, 11, 14 and 19 tell which holds, or each is held; none is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.linelist.checks import check
from pumphandle.linelist.feeds import FeedContract, Rows
from pumphandle.linelist.formats import read_lines
from pumphandle.linelist.repeats import State, overtaken

CONTRACT = FeedContract("north", "North", "*", "hl7", "Europe/London", 1.0, Rows(0, 9))
PID = "PID|1||4010232137^^^NHS^NH||Quill^Ada||19800229|F|||1 Mill Lane^^Quillton^^QA1 1AA"
VALUES = {
    "+": "260373001^Detected^SCT", "-": "260415000^Not detected^SCT", "0": "419984006^Inconclusive^SCT",
    "?": "1^Strange^L", "": "",
}  # fmt: skip
Came = tuple[list[str], int, list[str]]
"""What holds, how many answers it takes the place of, and what is held."""


def obx(said: str) -> str:
    """`+ F 1 10` is: positive, final, OBX-4 1, observed at ten o'clock; `a10`: analysed then; `_`: nothing."""
    value, status, part, *moments = [one.strip("_") for one in said.split()]
    observed = next((f"202006{one.zfill(4)}" for one in moments if not one.startswith("a")), "")
    analysed = next((f"202006{one[1:].zfill(4)}" for one in moments if one.startswith("a")), "")
    return f"OBX|1|CWE|94500-6^PCR^LN|{part}|{VALUES[value]}||||||{status}|||{observed}|||||{analysed}"


@pytest.fixture(params=["quick", "package"])
def came(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., Came]:
    def read(*segments: str) -> Came:
        marks = "^~\\&" if request.param == "quick" else "^~\\$"
        head = f"MSH|{marks}|LAB|L1|US|U|20200601||ORU^R01^ORU_R01|1|P|2.5.1"
        path = tmp_path / "north.hl7"
        path.write_text("\r".join([head, *segments]) + "\r", "utf-8")
        lines = read_lines(path, CONTRACT)
        checked = check(lines.frame, CONTRACT, received_on=date(2020, 6, 2))
        held = (*lines.held, *checked.held)
        assert len({one.line for one in held}) + checked.good.height + lines.overtaken == lines.lines_in
        assert not any("Quill" in one.remedy for one in held)
        good = [" ".join(row) for row in checked.good.select("result", "status").rows()]
        return good, lines.overtaken, [one.code for one in held]

    return read


SPECIMEN = "SPM|1|^S1|||||||||||||||20200601"
DIFFER = "answers_differ"


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        # the same said twice is one: the second is a duplicate when it is received
        (["+ F _", "+ F _"], (["positive final", "positive final"], 0, [])),
        (["+ F 1", "+ F 2"], (["positive final", "positive final"], 0, [])),
        # preliminary, final, corrected
        (["+ P _", "- F _"], (["negative final"], 1, [])),
        (["- F _", "+ P _"], (["negative final"], 1, [])),
        (["? P _", "- F _"], (["negative final"], 1, [])),
        (["+ F _", "- C _"], (["negative corrected"], 1, [])),
        (["- C _", "+ F _"], (["negative corrected"], 1, [])),
        (["+ P _", "+ F _", "- C _"], (["negative corrected"], 2, [])),
        (["+ P 1", "- F 2"], (["negative final"], 0, ["status_not_final"])),
        (["+ F 1", "- C 2"], ([], 0, [DIFFER, DIFFER])),
        # taken back
        (["+ W _", "- F _"], (["negative final"], 1, [])),
        (["- F _", "+ D _"], (["negative final"], 1, [])),
        (["+ W 1", "+ F 2"], (["positive final"], 1, [])),
        (["+ W _", "+ F _"], ([], 0, [DIFFER, DIFFER])),
        (["_ D _", "+ F _"], ([], 0, [DIFFER, DIFFER])),
        (["+ W _ 109", "+ F _ 110"], (["positive final"], 1, [])),
        (["+ W _ 111", "+ F _ 110"], (["positive withdrawn"], 1, [])),
        (["+ W _", "+ W _"], (["positive withdrawn", "positive withdrawn"], 0, [])),
        # repeated: the one observed last, else the one analysed last
        (["+ F _ 109", "- F _ 111"], (["negative final"], 1, [])),
        (["- F _ 111", "+ F _ 109"], (["negative final"], 1, [])),
        (["+ F _ 109 a111", "- F _ 109 a112"], (["negative final"], 1, [])),
        (["+ F _ a111", "- F _ a112"], (["negative final"], 1, [])),
        (["+ F _ 109", "- F _ 109"], ([], 0, [DIFFER, DIFFER])),
        (["+ F _ 109", "- F _"], ([], 0, [DIFFER, DIFFER])),
        (["+ F _", "- F _"], ([], 0, [DIFFER, DIFFER])),
        # a run that failed says nothing against one that did not
        (["0 F _", "+ F _"], (["positive final"], 1, [])),
        (["- F _", "0 F _"], (["negative final"], 1, [])),
        (["+ X _", "- F _"], (["negative final"], 1, [])),
        (["+ F _", "0 C _"], (["void corrected"], 1, [])),
        # side by side: two targets of one specimen
        (["+ F 1", "- F 2"], ([], 0, [DIFFER, DIFFER])),
        (["+ F 1", "0 F 2"], ([], 0, [DIFFER, DIFFER])),
        (["+ F 1 109", "- F 2 110"], ([], 0, [DIFFER, DIFFER])),
        (["+ P 1", "- F 1", "- F 2"], (["negative final", "negative final"], 1, [])),
        # what no table knows is held by itself
        (["? F _", "+ F _"], (["positive final"], 0, ["result_unknown"])),
        (["+ _ _", "- F _"], (["negative final"], 0, ["status_missing"])),
        (["+ F _", "- F _", "- Z _"], ([], 0, [DIFFER, DIFFER, "status_unknown"])),
    ],
)  # fmt: skip
def test_which_answer_holds(came: Callable[..., Came], answers: list[str], told: Came) -> None:
    good, gone, held = came(PID, "OBR|1||F1|94500-6^PCR^LN|||20200601", *map(obx, answers), SPECIMEN)
    assert (sorted(good), gone, sorted(held)) == (sorted(told[0]), told[1], sorted(told[2]))


def test_two_days_or_two_people_under_one_number_are_not_chosen_between(came: Callable[..., Came]) -> None:
    orders = ["OBR|1||F1|94500-6^PCR^LN|||20200531", obx("+ F _"), "OBR|2||F1|94500-6^PCR^LN|||20200601", obx("+ F _")]
    assert came(PID, *orders) == ([], 0, [DIFFER, DIFFER])
    same = [one.replace("20200531", "20200601") for one in orders]
    assert came(PID, *same) == (["positive final", "positive final"], 0, [])
    assert came(PID, *same[:2], PID.replace("Quill", "Thorn"), *same[2:]) == ([], 0, [DIFFER, DIFFER])
    assert came(PID, *[one.replace("||F1|", f"||F{at}|") for at, one in enumerate(orders)])[1:] == (0, [])


def test_a_later_message_of_a_file_corrects_an_earlier_one(tmp_path: Path) -> None:
    head = "MSH|^~\\&|LAB|L1|US|U|20200601||ORU^R01^ORU_R01|1|P|2.5.1"
    path = tmp_path / "north.hl7"
    parts = [head, PID, "OBR|1||F1|94500-6^PCR^LN|||20200601"]
    path.write_text("\r".join([*parts, obx("+ F _"), *parts, obx("- C _")]) + "\r", "utf-8")
    lines = read_lines(path, CONTRACT)
    assert lines.frame.select("line", "result", "status").rows() == [
        (1, "positive", "final"),
        (2, "negative", "corrected"),
    ]


def test_a_steward_sees_what_came_and_mends_one(tmp_path: Path) -> None:
    head = "MSH|^~\\&|LAB|L1|US|U|20200601||ORU^R01^ORU_R01|1|P|2.5.1"
    path = tmp_path / "north.hl7"
    path.write_text(
        "\r".join([head, PID, "OBR|1||F1||||20200601", obx("+ F 1"), obx("- F 2"), SPECIMEN]) + "\r", "utf-8"
    )
    frame = read_lines(path, CONTRACT).frame
    held = check(frame, CONTRACT, received_on=date(2020, 6, 2)).held
    assert ['"different: positive"' in held[0].content, '"different: negative"' in held[1].content] == [True, True]
    mended = frame.head(1).with_columns(result=pl.lit("negative"))
    assert check(mended, CONTRACT, received_on=date(2020, 6, 2)).good["result"].to_list() == ["negative"]


STATES = st.builds(
    State,
    part=st.sampled_from(["", "1", "2"]),
    status=st.sampled_from(["final", "corrected", "withdrawn", "pending"]),
    result=st.sampled_from(["positive", "negative", "void"]),
    moments=st.tuples(*[st.sampled_from(["", "2020-06-01T09:00", "2020-06-01T10:00+01:00", "soon"])] * 2),
    whose=st.sampled_from([("Quill",), ("Quill",), ("Quill",), ("Thorn",)]),
)


@given(st.lists(STATES, min_size=1, max_size=5), st.randoms())
def test_the_order_of_segments_decides_nothing(states: list[State], chance: Random) -> None:
    def left(those: list[State]) -> list[State] | None:
        gone = overtaken(those)
        return None if gone is None else sorted((one for at, one in enumerate(those) if at not in gone), key=repr)

    mixed = list(states)
    chance.shuffle(mixed)
    assert left(states) == left(mixed)
    firm = {one.result for one in left(states) or [] if one.status in {"final", "corrected"}}
    assert len(firm) <= 1


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("260373001^Detected^SCT", "positive"),
        ("260373001^Positive^SCT^DET^Detected^L", "positive"),
        ("260373001^Not detected^SCT", None),
        ("260373001^^SCT^^^^^^Negative", None),
        ("260373001^^SCT^260415000^^SCT", None),
        ("260373001^^SCT^NEG^^L", None),
        ("419984006^Positive^SCT", None),
        ("260415000^See comment^SCT", "negative"),
        ("260373001^Detected^SCT~260415000^Not detected^SCT", None),
        ("260373001^Detected^SCT~260373001^Detected^SCT", "positive"),
    ],
)
@pytest.mark.parametrize("status", ["F", "W", "X"])
def test_code_and_text_that_disagree_are_held(
    came: Callable[..., Came], value: str, told: str | None, status: str
) -> None:
    """What is taken back, or was never found, need not make sense."""
    good, _, held = came(PID, "OBR|1||F1||||20200601", f"OBX|1|CWE|94500-6^PCR^LN||{value}||||||{status}")
    if status == "X":
        assert (good, held) == (["void final"], [])
    elif status == "W":
        assert (good, held) == ([f"{told or 'void'} withdrawn"], [])
    else:
        assert (good, held) == (([f"{told} final"], []) if told else ([], ["answer_contradictory"]))


def test_a_laboratory_s_own_words_come_before_the_tables_and_are_compared_too(tmp_path: Path) -> None:
    own = replace(CONTRACT, codes={"result": {"L7": "positive", "Weak": "void"}})
    path = tmp_path / "north.hl7"
    head = "MSH|^~\\&|LAB|L1|US|U|20200601||ORU^R01^ORU_R01|1|P|2.5.1"
    for value, told in [
        ("L7^Detected^L", "positive"),
        ("L7^Not detected^L", None),
        ("L7^Weak^L", None),
        ("1^Weak^L", "void"),
    ]:
        segment = f"OBX|1|CWE|94500-6^PCR^LN||{value}||||||F"
        path.write_text("\r".join([head, PID, "OBR|1||F1||||20200601", segment]) + "\r", "utf-8")
        checked = check(read_lines(path, own).frame, own, received_on=date(2020, 6, 2))
        assert checked.good["result"].to_list() == ([told] if told else [])
        assert [one.code for one in checked.held] == ([] if told else ["answer_contradictory"])
