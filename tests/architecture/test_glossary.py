"""Every word of the vocabulary stands in the glossary."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_class_of_the_vocabulary_is_explained() -> None:
    glossary = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`(\w+)`", glossary))
    words = {
        node.name
        for path in (ROOT / "pumphandle/vocabulary").glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    assert words - explained == set()
