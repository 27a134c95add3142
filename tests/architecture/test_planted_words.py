"""After the whole run, logs and error output are searched for planted words; the search itself is tried here."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEAKING = """
import logging, sys
def test_it():
    {deed}
"""


@pytest.mark.parametrize(
    ("deed", "found"),
    [
        ("logging.getLogger('x').warning('Quill')", True),
        ("print('1 Mill Lane', file=sys.stderr)", True),
        ("print('nobody', file=sys.stderr)", False),
    ],
)
def test_a_planted_word_in_a_log_fails_the_run(tmp_path: Path, deed: str, found: bool) -> None:
    test = tmp_path / "test_leak.py"
    test.write_text(LEAKING.format(deed=deed))
    words = ["-q", "-n0", "-p", "tests.conftest", "--rootdir", str(tmp_path), "-c", "/dev/null", str(test)]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ("holds the planted word" in ran.stdout) == found, ran.stdout + ran.stderr
    assert (ran.returncode != 0) == found
