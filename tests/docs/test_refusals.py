"""Every refusal that a laboratory can meet is documented under its code."""

import re
from datetime import date
from pathlib import Path

from pumphandle.linelist.checks import rules

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "refusals.md").read_text("utf-8")


def test_every_rule_of_a_line_is_documented_with_its_remedy() -> None:
    for rule in rules(date(2020, 6, 1)):
        assert f"| `{rule.code}` | {rule.field} | {rule.remedy} |" in PAGE


def test_every_code_in_the_code_is_documented() -> None:
    sources = [*(ROOT / "pumphandle" / "linelist").glob("*.py"), ROOT / "pumphandle" / "actions" / "receive.py"]
    codes = {code for path in sources for code in re.findall(r'code="(\w+)"', path.read_text("utf-8"))}
    assert len(codes) > 8
    assert {code for code in codes if f"`{code}`" not in PAGE} == set()
