"""The commands of noisy products, usefulness and second geographies say what was done, and refuse in one sentence."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pumphandle.cli import noisy
from pumphandle.cli.second_geography import second_geography
from pumphandle.cli.usefulness import usefulness
from pumphandle.vocabulary.errors import BudgetSpent, NotFound, NotUnderstood
from tests.actions.conftest import House
from tests.conftest import DatabaseUrls

DAY = date(2020, 6, 1)
APP = typer.Typer()
APP.add_typer(noisy.app, name="noisy")
APP.command()(usefulness)
APP.command("second-geography")(second_geography)
Run = Callable[..., str]


@pytest.fixture
def run(
    house: House, line: Callable[..., str], database_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Run:
    house.put(DAY, *[line(at, DAY, area="A") for at in range(8)], *[line(at, DAY, area="C") for at in range(10, 16)])
    house.run(DAY)
    monkeypatch.setenv("PUMPHANDLE_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", database_urls.owner)
    monkeypatch.setenv("PUMPHANDLE_CONSOLE_DATABASE_URL", database_urls.console)
    monkeypatch.setenv("PUMPHANDLE_PUBLIC_DATABASE_URL", database_urls.public)

    def say(*words: object) -> str:
        done = CliRunner().invoke(APP, [str(word) for word in words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return say


MAKE = (
    "noisy",
    "make",
    "--measure",
    "cases",
    "--first",
    DAY,
    "--last",
    DAY,
    "--level",
    "district",
    "--reason",
    "a test",
)


def test_a_noisy_product_from_the_command_line(run: Run) -> None:
    assert "Nothing has been spent of 1" in run("noisy", "budget")
    said = run(*MAKE, "--epsilon", 0.6, "--by", "sex")
    assert "noisy-1: 20 cells, discrete Laplace, OpenDP" in said
    assert "at least 0.4 is left" in said
    budget = " ".join(run("noisy", "budget").split())
    assert "2020-06-01 0.6 0.4" in budget
    table = run("noisy", "show", "noisy-1").splitlines()
    assert table[0] == "area_code,level,age_band,sex,estimate,standard_error,low,high"
    assert len(table) == 21
    with pytest.raises(BudgetSpent, match=r"0\.6 is spent"):
        run(*MAKE, "--epsilon", 0.5)
    with pytest.raises(NotUnderstood, match="thousandths"):
        run(*MAKE, "--epsilon", 0.1234)
    with pytest.raises(NotFound, match="noisy-7"):
        run("noisy", "show", "noisy-7")


def test_usefulness_and_a_second_map_from_the_command_line(run: Run, tmp_path: Path) -> None:
    assert "100%" in run("usefulness")
    assert "Nothing has been measured of positives" in run("usefulness", "--measure", "positives")
    (tmp_path / "wards.csv").write_text("small,ward,share\nA,East,0.25\nA,West,0.75\nC,East,1\n")
    said = run(
        "second-geography", tmp_path / "wards.csv", "--small-area", "small", "--area", "ward", "--share", "share"
    )
    lines = said.splitlines()
    assert lines[0].startswith("area,measure,first_day,last_day,estimate,low,high")
    east = lines[1].split(",")
    assert (east[0], float(east[4])) == ("East", pytest.approx(8.0))  # a quarter of 8 and all 6
    assert all(line.endswith("estimate") for line in lines[1:])
    with pytest.raises(NotUnderstood, match="either --residents COLUMN or --share"):
        run("second-geography", tmp_path / "wards.csv", "--small-area", "small", "--area", "ward")
