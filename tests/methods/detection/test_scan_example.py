"""The worked example in docs/methods/scan.md prints what the page says."""

import contextlib
import io
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "methods" / "scan.md"


def test_the_worked_example_prints_what_the_page_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    program = re.findall(r"```python\n(.*?)```", text, re.S)[0]
    printed = re.findall(r"```text\n(.*?)```", text, re.S)[0]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(program, "docs/methods/scan.md", "exec"), {})
    assert said.getvalue() == printed
