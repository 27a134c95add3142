"""Every contract on imports holds, and every contract notices the fault it is there for."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = configparser.ConfigParser()
CONTRACTS.read(ROOT / ".importlinter", encoding="utf-8")
NAMES = {
    section.removeprefix("importlinter:contract:"): CONTRACTS[section]["name"]
    for section in CONTRACTS.sections()
    if section.startswith("importlinter:contract:")
}


@dataclass(frozen=True)
class Fault:
    """Files to add to a copy of the house: path -> content. `breaks` is the one contract that must notice."""

    breaks: str
    what: str
    files: dict[str, str]


FAULTS = (
    Fault("storeys", "neighbours", {"pumphandle/identity/planted.py": "import pumphandle.geography\n"}),
    Fault("storeys", "dumping-ground", {"pumphandle/utils/__init__.py": '"""Things."""\n'}),
    Fault("storeys", "upward", {"pumphandle/delivery/planted.py": "import pumphandle.publication\n"}),
    Fault("two-doors", "public-to-console", {"pumphandle/web/public/planted.py": "import pumphandle.web.console\n"}),
    Fault("two-doors", "console-to-public", {"pumphandle/web/console/planted.py": "import pumphandle.web.public\n"}),
    Fault("public-is-blind", "straight", {"pumphandle/web/public/planted.py": "import pumphandle.store.decisions\n"}),
    Fault(
        "public-is-blind",
        "round-the-corner",
        {
            "pumphandle/publication/planted.py": "import pumphandle.delivery\n",
            "pumphandle/web/public/planted.py": "import pumphandle.publication.planted\n",
        },
    ),
    Fault(
        "public-is-blind",
        "inside-a-function",
        {"pumphandle/web/public/planted.py": "def f():\n    import pumphandle.actions\n"},
    ),
    Fault("identified-shelf", "cli", {"pumphandle/cli/planted.py": "import pumphandle.store.identified\n"}),
    Fault("seal", "publication", {"pumphandle/publication/planted.py": "import pumphandle.disclosure.protect\n"}),
    Fault("one-seal", "deed", {"pumphandle/actions/planted.py": "import pumphandle.disclosure.seal\n"}),
    Fault("settings", "in-the-middle", {"pumphandle/actions/planted.py": "import pumphandle.config\n"}),
    Fault("pure-methods", "database", {"pumphandle/geography/planted.py": "import duckdb\n"}),
    Fault("pure-methods", "clock", {"pumphandle/detection/planted.py": "from time import monotonic\n"}),
    Fault("pure-methods", "chance", {"pumphandle/linelist/planted.py": "import random\n"}),
    Fault("compiled-loops", "elsewhere", {"pumphandle/detection/planted.py": "from numba import njit\n"}),
    Fault("queries-have-one-home", "deed", {"pumphandle/actions/planted.py": "import psycopg\n"}),
    Fault("queries-have-one-home", "page", {"pumphandle/web/public/planted.py": "import sqlalchemy\n"}),
    Fault(
        "no-circles",
        "siblings",
        {
            "pumphandle/linelist/planted_a.py": "import pumphandle.linelist.planted_b\n",
            "pumphandle/linelist/planted_b.py": "import pumphandle.linelist.planted_a\n",
        },
    ),
    Fault("town-is-outside", "cli", {"pumphandle/cli/planted.py": "import pumphandle_town\n"}),
    Fault("town-speaks-vocabulary", "town", {"pumphandle_town/planted.py": "import pumphandle.geography\n"}),
)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy to plant faults in."""
    for package in ("pumphandle", "pumphandle_town"):
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=lambda _, names: [n for n in names if _is_ballast(n)]
        )
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def _is_ballast(name: str) -> bool:
    return name in ("__pycache__", "static", "templates")


def broken_contracts(house: Path) -> set[str]:
    """Ids of contracts that are broken. Fails if the linter did not judge every one of them."""
    order = "from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"
    environment = {**os.environ, "PYTHONPATH": str(house), "COLUMNS": "250", "NO_COLOR": "1"}
    answer = subprocess.run(
        [sys.executable, "-c", order], cwd=house, env=environment, capture_output=True, text=True, check=False
    )
    verdicts = {
        contract: re.search(rf"^{re.escape(name)} (KEPT|BROKEN)", answer.stdout, flags=re.MULTILINE)
        for contract, name in NAMES.items()
    }
    assert all(verdicts.values()), answer.stdout + answer.stderr
    return {contract for contract, verdict in verdicts.items() if verdict is not None and verdict[1] == "BROKEN"}


def test_house_keeps_every_contract(house: Path) -> None:
    assert broken_contracts(house) == set()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.breaks}-{fault.what}")
def test_planted_fault_breaks_just_its_contract(house: Path, fault: Fault) -> None:
    for path, content in fault.files.items():
        assert not (house / path).exists()
        (house / path).parent.mkdir(exist_ok=True)
        (house / path).write_text(content, encoding="utf-8")
    assert broken_contracts(house) == {fault.breaks}


def test_misspelt_module_in_a_contract_is_an_error(house: Path) -> None:
    contracts = (house / ".importlinter").read_text(encoding="utf-8")
    assert contracts.count("    pumphandle.store.identified\n") == 2
    (house / ".importlinter").write_text(contracts.replace("store.identified", "store.identfied"), encoding="utf-8")
    with pytest.raises(AssertionError, match="does not exist"):
        broken_contracts(house)


def test_every_contract_has_a_fault() -> None:
    assert {fault.breaks for fault in FAULTS} == set(NAMES)


def test_no_contract_has_an_exception() -> None:
    assert not [section for section in CONTRACTS.sections() if "ignore_imports" in CONTRACTS[section]]


def test_seal_names_every_room_of_disclosure_but_the_sealed_table() -> None:
    named = set(CONTRACTS["importlinter:contract:seal"]["forbidden_modules"].split())
    inside = (ROOT / "pumphandle/disclosure").iterdir()
    rooms = {path.stem for path in inside if path.suffix == ".py" or (path / "__init__.py").exists()}
    rooms -= {"__init__", "safe", "certificate"}  # a release is refused without a certificate of its own rows
    assert named == {f"pumphandle.disclosure.{room}" for room in rooms}
