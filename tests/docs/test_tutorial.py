"""The tutorial of the disclosure library runs as it stands, and prints what it says it prints."""

import contextlib
import io
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/protect-and-audit-a-table.md"
BLOCK = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)


def test_every_block_prints_what_stands_below_it() -> None:
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    assert len(blocks) >= 12
    assert [kind for kind, _ in blocks] == ["python", "text"] * (len(blocks) // 2)
    names: dict[str, object] = {}
    for (_, code), (_, said) in zip(blocks[::2], blocks[1::2], strict=True):
        heard = io.StringIO()
        with contextlib.redirect_stdout(heard):
            exec(compile(code, PAGE.name, "exec"), names)
        assert heard.getvalue() == said
