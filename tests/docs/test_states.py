"""The diagrams of releases, concerns and holds in the documents are those of the program."""

from pathlib import Path

from pumphandle.governance.diagrams import as_markdown

FILE = Path(__file__).parents[2] / "docs" / "reference" / "states.md"


def test_the_diagrams_are_current() -> None:
    assert FILE.read_text(encoding="utf-8") == as_markdown()
