"""The tutorial of the detection library runs as it stands, and prints what it says it prints."""

import contextlib
import io
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/find-outbreaks-with-arrays.md"
BLOCK = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)


def test_every_block_prints_what_stands_below_it() -> None:
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    assert [kind for kind, _ in blocks] == ["python", "text"] * (len(blocks) // 2)
    assert len(blocks) == 20
    names: dict[str, object] = {}
    for (_, code), (_, said) in zip(blocks[::2], blocks[1::2], strict=True):
        heard = io.StringIO()
        with contextlib.redirect_stdout(heard):
            exec(compile(code, PAGE.name, "exec"), names)
        assert heard.getvalue() == said
