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


def test_windows_by_their_first_and_last_day(folder: Path) -> None:
    (folder / "spans.csv").write_text("code,from,to,n\nE1,2020-03-01,2020-03-07,12\nE1,2020-03-01,2020-03-05,9\n")
    said = run(folder / "spans.csv", "--area", "code", "--first", "from", "--period", "to", "--value", "n")
    assert "1 runs of days whose sum nobody published count 1 to 4, exactly." in said


def test_rates_changes_and_groups(folder: Path) -> None:
    (folder / "rates.csv").write_text(
        "code,day,n,rate,people,change\nE1,2020-03-02,<5,41.1,9721,\nE1,2020-03-09,8,82.3,9721,100.0\n"
        "E2,2020-03-09,0,0.0,40,\n"
    )
    said = run(
        folder / "rates.csv", "--area", "code", "--period", "day", "--value", "n", "--mark", "<5",
        "--rate", "rate", "--population", "people", "--change", "change",
    )  # fmt: skip
    assert "3 of 3 rates give their count away, 1 of them counts of 1 to 4." in said
    assert "1 of 1 hidden counts beside a printed change are determined exactly, 1 of them" in said
    assert "1 tell of everyone in one of fewer than 500 that they are not" in said


def test_a_table_with_its_margins_and_a_second_map(folder: Path) -> None:
    (folder / "table.csv").write_text(
        "code,age,n\nN,all,10\nS,all,20\nAll,all,30\nN,young,4\nS,young,12\nAll,young,16\nN,old,6\nS,old,\nAll,old,\n"
    )
    said = run(
        folder / "table.csv", "--area", "code", "--value", "n", "--hidden", "0-99", "--margin", "code=All",
        "--margin", "age=all",
    )  # fmt: skip
    assert "2 of 2 hidden cells are determined exactly" in said
    (folder / "old.csv").write_text("zone,n\nN,10\nS,20\n")
    (folder / "new.csv").write_text("place,n\nnorth,7\nsouth,23\n")
    (folder / "pieces.csv").write_text("zone,place\nN,north\nN,south\nS,south\n")
    said = run(
        folder / "old.csv", "--area", "zone", "--value", "n", "--other-map", folder / "new.csv",
        "--other-area", "place", "--pieces", folder / "pieces.csv",
    )  # fmt: skip
    assert "1 of 3 pieces lie in a group of 1 to 4 persons that nobody published and anyone can subtract out." in said


def test_every_pair_of_releases_and_a_person_inside(folder: Path) -> None:
    for name, count in (("a.csv", "7"), ("b.csv", "S"), ("c.csv", "9")):
        (folder / name).write_text(f"code,n\nE1,{count}\n")
    said = run(
        *(folder / name for name in ("a.csv", "b.csv", "c.csv")), "--area", "code", "--value", "n", "--mark", "S",
        "--every-pair",
    )  # fmt: skip
    assert "1 of 1 numbers differ from one released earlier by 1 to 4 persons, exactly." in said


def test_a_file_that_is_no_table_is_named(folder: Path) -> None:
    (folder / "picture.parquet").write_bytes(b"no table at all")
    with pytest.raises(NotUnderstood, match="picture"):
        run(folder / "picture.parquet", "--area", "code", "--value", "n", "--window", 7)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--area", "code", "--value", "n", "--mark", "S"], "Say what to attack"),
        (["--area", "code", "--value", "n", "--window", "7"], "is no number"),
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
