"""A message with the usual separators is cut here as the hl7 package cuts it, whatever it holds."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pumphandle.linelist import messages
from pumphandle.linelist.answers import Collected
from pumphandle.linelist.feeds import FeedContract, Rows

CONTRACT = FeedContract("north", "North", "*", "hl7", "Europe/London", 1.0, Rows(0, 9))
WHOLE = (
    "MSH|^~\\&|LAB|L1|US|U|20200601||ORU^R01^ORU_R01|1|P|2.5.1\rPID|1||99^^^X^PI~4010232137^^^NHS^NH||Quill&v^Ada"
    "||19800229|F|||1 Mill Lane^^Quillton^^QA1 1AA||(410) 895 2894^PRS^CP^^1^410^8952894~1^NET\r"
    "ORC|RE|1|2|||||||||^Roberts^Robert^M^^^^^^L\rOBR|1||F1|94500-6^PCR^LN|||202006011030+0000\rNTE|1|a\r"
    "OBX|1|CWE|94500-6^PCR^LN||260373001^Detected^SCT||||||F\rOBX|2|ST|1^x^L||a\\T\\b ||||||F|||2020\r"
    "SPM|1|^F1||697989009^Swab^SCT|||||||||||||202006011030+0000"
)


def found_by(parser: object, text: str) -> tuple[object, ...]:
    collected = Collected(CONTRACT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messages, "parsed", parser)
        messages.read_message(text, collected)
    return collected.rows, collected.held, collected.lines_in, collected.set_aside


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """The whole message with a few places of it written over, doubled or cut out."""
    text = WHOLE
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        until = draw(st.integers(at, min(len(text), at + 12)))
        new = draw(st.text('|^~\\&\r"MSHPIDOBXR9 \t\x0b\u00a0', max_size=6) | st.just(text[at:until] * 2))
        text = text[:at] + new + text[until:]
    return text


@given(spoilt())
@example(WHOLE)
@example(WHOLE.replace("^~\\&", "^~\\&#"))
@example(WHOLE.replace("PID|1", "PID^|1"))
@example(WHOLE.replace("\rOBR|", "\rOBR\rOBR|"))
@example(WHOLE + "\rMSH")
@example(WHOLE + '\rOBX|3|ST|1^x^L||"" \x1c')
def test_the_quick_way_finds_what_the_package_finds(text: str) -> None:
    for message in messages.split(text):
        assert found_by(messages.parsed, message) == found_by(messages.by_package, message)


def test_the_usual_message_goes_the_quick_way_and_another_does_not() -> None:
    assert type(messages.parsed(WHOLE)[1]) is list
    other = re.sub(r"\^", "%", WHOLE)
    assert type(messages.parsed(other)[1]) is not list
    assert found_by(messages.parsed, WHOLE)[0] == found_by(messages.parsed, other)[0]
    assert found_by(messages.parsed, WHOLE)[2:] == (2, 0)
