"""People are counted once, over the same ground as results, and those who are nowhere are named."""

from pathlib import Path

import pytest

from pumphandle.geography import populations
from pumphandle.geography.areas import Areas
from pumphandle.geography.description import Coordinates, PopulationSource, Table
from pumphandle.geography.files import Files
from pumphandle.vocabulary.errors import BadDescription

AREAS = Areas(names={"1": "One", "2": "Two"}, lines={"1": 2, "2": 3}, own={"1": "1", "2": "2"}, file="a.csv", notes=())


def read(folder: Path, content: str, *, stated_total: int | None = None) -> populations.Residents:
    (folder / "p.csv").write_text(content)
    source = PopulationSource(Table("p.csv"), code="code", columns=("young", "old"), stated_total=stated_total)
    return populations.read(Files(folder, coordinates=Coordinates.PLANE), source, AREAS, plural="Wards")


def test_columns_are_added_up(tmp_path: Path) -> None:
    assert read(tmp_path, "code,young,old\n1,10,5\n2,,7\n").by_area == {"1": 15, "2": 7}


def test_nobody_knows_is_not_nobody(tmp_path: Path) -> None:
    found = read(tmp_path, "code,young,old\n1,,\n2,0,0\n")
    assert found.by_area == {"1": None, "2": 0}
    assert found.notes[-1] == "Wards whose population is not known: 1."


def test_the_rest_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, "code,young,old\n1,10,5\n2,1,1\n9,1000,1\n")
    assert "p.csv counts 1,018 people; 1,001 of them live in 1 codes without an area here: 9 (1,001)." in found.notes


def test_a_file_that_does_not_add_up_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDescription, match=r"adds up to 15, and 16 was stated"):
        read(tmp_path, "code,young,old\n1,10,5\n", stated_total=16)


def test_a_code_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDescription, match=r"p\.csv, line 3, field code"):
        read(tmp_path, "code,young,old\n1,10,5\n1,10,5\n")


def test_sums_of_the_areas_below_are_compared_with_what_is_published(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("code,people\n1,100\n2,100\n8,5\n")
    compare = PopulationSource(Table("q.csv"), code="code", columns=("people",))
    files = Files(tmp_path, coordinates=Coordinates.PLANE)
    sums = {"1": 100, "2": 85}
    found = populations.from_children(files, PopulationSource(compare=compare), AREAS, children=sums, plural="Towns")
    assert found.by_area == sums
    assert "200 people in these 2 areas and 5 elsewhere; 1 differ by more than 10%: Two 85 for 100." in found.notes[-1]
