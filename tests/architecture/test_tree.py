"""The house stays readable: captions in `__init__`, small files, no dumping grounds, nothing of any one machine."""

import ast
import re
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(path for package in ("pumphandle", "pumphandle_town", "bench") for path in (ROOT / package).rglob("*.py"))
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if path.name != "__init__.py")
TEXTS = sorted(
    path
    for top in ("pumphandle", "pumphandle_town", "bench", "nations", "tests", "docs", ".ci")
    for path in (ROOT / top).rglob("*")
    if path.suffix in {".py", ".sql", ".md", ".toml", ".html", ".js", ".css", ".json", ""} and path.is_file()
) + [path for path in ROOT.iterdir() if path.is_file()]
DUMPING_GROUNDS = {"utils", "common", "helpers", "misc", "core", "base", "manager", "service", "processor", "handler"}
MACHINE = re.compile(r"/work/|/root/|files\.pythonhosted|pypi\.org/simple|registry\.npmjs")


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(
    "path", [p for p in CODE if p.name == "__init__.py"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_init_holds_a_caption_and_nothing_else(path: Path) -> None:
    """Importing a child runs its parent's `__init__`, which no import contract sees."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert len(tree.body) == 1
    assert ast.get_docstring(tree), "a room needs its caption"


def test_every_file_says_what_it_is() -> None:
    silent = [path for path in [*CODE, *TESTS] if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert silent == []


def test_files_stay_small() -> None:
    sizes = {str(path.relative_to(ROOT)): lines_of(path) for path in CODE if path.name != "__init__.py"}
    assert {name: size for name, size in sizes.items() if size > 600} == {}
    assert statistics.median(sizes.values()) <= 150


def test_test_files_stay_small() -> None:
    assert {str(path.relative_to(ROOT)): lines_of(path) for path in TESTS if lines_of(path) > 600} == {}


def test_no_dumping_grounds() -> None:
    names = {part for path in CODE for part in path.relative_to(ROOT).with_suffix("").parts}
    assert names & DUMPING_GROUNDS == set()


def test_nothing_names_one_machine_or_a_package_index() -> None:
    here = Path(__file__)
    found = [
        str(path.relative_to(ROOT))
        for path in TEXTS
        if path != here and MACHINE.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_tests_import_nothing_from_each_other() -> None:
    guilty = [
        str(path.relative_to(ROOT))
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[-1].startswith("test_")
    ]
    assert guilty == []
