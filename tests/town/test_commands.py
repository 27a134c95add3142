"""The two commands make what they say, and never write over a country that is already there."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pumphandle.vocabulary.errors import Refused
from pumphandle_town.__main__ import app


def arguments(root: Path, *more: str) -> list[str]:
    folders = ["--nation", str(root / "nation"), "--inbox", str(root / "inbox"), "--truth", str(root / "truth")]
    return ["make", "--people", "9000", "--days", "3", *folders, *more]


def test_make_says_what_it_made(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, arguments(tmp_path, "--start", "2021-02-01"))
    assert done.exit_code == 0, done.output
    assert "9,000 people, 3 days" in done.output
    assert sorted(path.name for path in (tmp_path / "inbox").iterdir()) == ["2021-02-01", "2021-02-02", "2021-02-03"]
    assert not (tmp_path / "truth" / "people.parquet").exists()


def test_a_full_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "theirs.csv").write_text("kept", encoding="utf-8")
    with pytest.raises(Refused, match="not empty"):
        CliRunner().invoke(app, arguments(tmp_path), catch_exceptions=False)
    assert not (tmp_path / "nation").exists()


@pytest.mark.parametrize("command", ["make", "expand", "contracts"])
def test_every_command_has_help(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert "Usage" in done.output
