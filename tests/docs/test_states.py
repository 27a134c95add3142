"""The state diagrams in the documents are those of the program."""

from pathlib import Path

from pumphandle.governance import diagrams
from pumphandle.tracing import diagrams as of_follow_up

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_the_diagrams_are_current() -> None:
    assert (REFERENCE / "states.md").read_text(encoding="utf-8") == diagrams.as_markdown()
    assert (REFERENCE / "follow-up.md").read_text(encoding="utf-8") == of_follow_up.as_markdown()
