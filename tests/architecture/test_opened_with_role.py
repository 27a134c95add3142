"""Behind the console's door every transaction is opened with the authority and the role of who asks."""

import ast
from pathlib import Path

import pumphandle.web.console as console

BEFORE_ANYBODY_ASKS = {"app.py"}
"""What the nation is called is read once, before the door opens."""


def test_no_page_opens_a_transaction_without_saying_for_whom() -> None:
    found: list[str] = []
    for path in sorted(Path(str(console.__file__)).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr == "transaction" and {"authority", "role"} - {one.arg for one in node.keywords}:
                found.append(path.name)
    assert set(found) == BEFORE_ANYBODY_ASKS, found
