"""Style, format and types are clean."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent


def gate(*command: str | Path) -> None:
    """Fails with the gate's own words, whole."""
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        pytest.fail(answer.stdout + answer.stderr, pytrace=False)


def test_style() -> None:
    gate(PROGRAMS / "ruff", "check", "--output-format", "concise", "--no-cache")


def test_format() -> None:
    gate(PROGRAMS / "ruff", "format", "--check", "--quiet", "--no-cache")


def test_types() -> None:
    gate(PROGRAMS / "pyright", "--pythonpath", sys.executable)
