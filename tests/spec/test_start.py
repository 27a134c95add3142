"""The README's one file says in a sentence what is missing, and never mixes two made-up countries."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASKED = {"people": 10, "days": 2, "seed": 1854}


@pytest.fixture
def start() -> ModuleType:
    spec = importlib.util.spec_from_file_location("start", ROOT / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def refusal(capsys: pytest.CaptureFixture[str], refused: pytest.ExceptionInfo[SystemExit]) -> str:
    said = capsys.readouterr().err
    assert refused.value.code == 2
    assert said.count("\n") == 1, "one sentence"
    return said


def test_old_python_is_told(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "OLDEST_PYTHON", (4, 0))
    with pytest.raises(SystemExit) as refused:
        start.check_machine()
    assert "needs Python 3.11 or later" in refusal(capsys, refused)


def test_incomplete_venv_module_is_told(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(SystemExit) as refused:
        start.check_machine()
    assert "python3-venv" in refusal(capsys, refused)


def test_installer_itself_is_checked_against_its_hash(start: ModuleType) -> None:
    lines = start.lines_of("uv", start.LOCK).splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 1
    assert all(line.strip().startswith("--hash=sha256:") for line in lines[1:])


def test_done_stages_are_not_done_again(start: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(start, "run", lambda command, _: ran.append(command))
    for _ in range(2):
        start.Stages(tmp_path / "home", ASKED, {}).do("make", "Making.", ["make"])
    assert ran == [["make"]]


def test_failed_stage_is_done_again(start: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(start, "call", lambda *_: 3)
    with pytest.raises(SystemExit) as failed:
        start.Stages(tmp_path / "home", ASKED, {}).do("make", "Making.", ["make"])
    assert failed.value.code == 3
    assert json.loads((tmp_path / "home/demo.json").read_text(encoding="utf-8"))["done"] == []


def test_another_country_is_not_written_over(
    start: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start.Stages(tmp_path, ASKED, {})
    with pytest.raises(SystemExit) as refused:
        start.Stages(tmp_path, {**ASKED, "people": 11}, {})
    assert "name another --home" in refusal(capsys, refused)


def test_a_folder_with_something_else_is_left_alone(
    start: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter").touch()
    with pytest.raises(SystemExit) as refused:
        start.Stages(tmp_path, ASKED, {})
    assert "name another --home" in refusal(capsys, refused)
    assert [path.name for path in tmp_path.iterdir()] == ["letter"]
