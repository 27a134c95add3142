"""`pumphandle audit` attacks files of any shape by naming their columns, and prints counts of counts only."""

from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from pumphandle.cli.audit import audit
from pumphandle.vocabulary.errors import NotFound, NotUnderstood

APP = typer.Typer()
APP.command()(audit)


def run(*arguments: object) -> str:
    done = CliRunner().invoke(APP, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "week.csv").write_text(
        "code,week,n\nE1,2020-11-07,S\nE2,2020-11-07,9\nE3,2020-11-07,S\nE4,2020-11-07,S\n"
    )
    (tmp_path / "places.csv").write_text("code,district\nE1,D1\nE2,D1\nE3,D2\nE4,D2\n")
    (tmp_path / "totals.csv").write_text("district,week,n\nD1,2020-11-07,11\nD2,2020-11-07,3\n")
    return tmp_path


def test_hidden_counts_beside_totals(folder: Path) -> None:
    said = run(
        folder / "week.csv", "--area", "code", "--period", "week", "--value", "n", "--mark", "S", "--hidden", "1-4",
        "--lookup", folder / "places.csv", "--parent", "district", "--totals", folder / "totals.csv",
    )  # fmt: skip
    assert "1 of 3 hidden cells beside a total that fits are determined exactly." in said
    assert "E1" not in said
    assert "2020" not in said


def test_several_files_are_releases_one_after_another(folder: Path) -> None:
    for name, count in (("a.csv", 7), ("b.csv", 8), ("c.csv", 30)):
        (folder / name).write_text(f"code,n\nE1,{count}\n")
    said = run(folder / "a.csv", folder / "b.csv", folder / "c.csv", "--area", "code", "--value", "n")
    assert "1 of 2 increments between releases count 1 to 4, exactly." in said


def test_rolling_sums_of_a_parquet_file(folder: Path) -> None:
    days = pl.date_range(pl.date(2020, 3, 1), pl.date(2020, 3, 20), eager=True)
    pl.DataFrame({"code": "E1", "day": days, "n": 0}).write_parquet(folder / "sums.parquet")
    said = run(folder / "sums.parquet", "--area", "code", "--period", "day", "--value", "n", "--window", 7)
    assert "26 of 26 single days are determined exactly" in said


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--area", "code", "--value", "n", "--mark", "S"], "Say what to attack"),
        (["--area", "code", "--value", "n", "--window", "7"], "is no count"),
        (["--area", "place", "--value", "n", "--window", "7"], "no column place"),
        (["--area", "code", "--value", "n", "--mark", "S", "--window", "7", "--hidden", "4"], "no range"),
        (["--area", "code", "--value", "n", "--mark", "S", "--untold", "status", "--window", "7"], "COLUMN=TEXT"),
        (["--area", "code", "--value", "n", "--mark", "S", "--totals", "x.csv"], "needs --parent"),
    ],
)
def test_what_is_missing_is_named(folder: Path, arguments: list[str], fault: str) -> None:
    with pytest.raises(NotUnderstood, match=fault):
        run(folder / "week.csv", *arguments)


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(NotFound, match=r"no file gone\.csv"):
        run(folder / "gone.csv", "--area", "code", "--value", "n", "--window", 7)
