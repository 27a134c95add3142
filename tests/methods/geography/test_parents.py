"""An area goes where most of it lies, by the first rule that knows; and upwards there is one road."""

from pathlib import Path

import pytest
from shapely.geometry import box

from pumphandle.geography import hierarchy, parents
from pumphandle.geography.areas import Areas
from pumphandle.geography.boundaries import Shape
from pumphandle.geography.description import AreaList, Coordinates, Names, ParentRule, Parents, Table
from pumphandle.geography.files import Files
from pumphandle.geography.hierarchy import Hierarchy, Place
from pumphandle.vocabulary.errors import BadDescription, NotFound
from pumphandle.vocabulary.places import AreaLevel


def level(names: dict[str, str], shapes: dict[str, Shape] | None = None) -> parents.Level:
    listing = Areas(
        names=names, lines=dict.fromkeys(names, 2), own={code: code for code in names}, file="a.csv", notes=()
    )
    described = AreaList(Table("a.csv"), name="name", code="code", codes=None)
    return parents.Level(areas=listing, described=described, shapes=shapes or {}, plural="Wards")


WARDS = {"1": "One", "2": "Two", "3": "Three"}
TOWNS = {"N": "Northam (T)", "S": "Southam"}


def by_correspondence(folder: Path, lines: str, *, by_name: bool = False) -> tuple[dict[str, str], tuple[str, ...]]:
    (folder / "c.csv").write_text("ward,town,share\n" + lines)
    names = Names(drop=(r"\(T\)",), same=(("Sud", "Southam"),))
    rule = Parents(
        ParentRule.CORRESPONDENCE,
        table=Table("c.csv"),
        child="ward",
        parent=None if by_name else "town",
        parent_name="town" if by_name else None,
        weight="share",
        names=names,
    )
    files = Files(folder, coordinates=Coordinates.PLANE)
    return parents.find([rule], here=level(WARDS), above=level(TOWNS), files=files)


def test_the_largest_share_wins_and_shares_add_up(tmp_path: Path) -> None:
    found, _ = by_correspondence(tmp_path, "1,N,0.4\n1,S,0.3\n1,S,0.3\n2,N,1\n3,S,0\n9,N,1\n")
    assert found == {"1": "S", "2": "N", "3": "S"}


def test_ties_go_to_the_first_whatever_the_order_of_lines(tmp_path: Path) -> None:
    one, _ = by_correspondence(tmp_path, "1,S,0.5\n1,N,0.5\n")
    two, _ = by_correspondence(tmp_path, "1,N,0.5\n1,S,0.5\n")
    assert one == two == {"1": "N"}


def test_a_parent_that_is_none_here_is_no_answer_and_is_told(tmp_path: Path) -> None:
    found, notes = by_correspondence(tmp_path, "1,X,0.6\n1,N,0.4\n2,N,1\n")
    assert found == {"2": "N"}
    assert "1 (X)" in notes[0]


def test_names_are_compared_plainly(tmp_path: Path) -> None:
    found, _ = by_correspondence(tmp_path, "1,NORTHAM,1\n2,Sud,1\n3,Elsewhere,1\n", by_name=True)
    assert found == {"1": "N", "2": "S"}


def test_less_than_half_is_told(tmp_path: Path) -> None:
    _, notes = by_correspondence(tmp_path, "1,N,0.4\n1,S,0.3\n1,X,0.3\n")
    assert any("less than half" in note and "1 (40%)" in note for note in notes)


@pytest.mark.parametrize("weight", ["-1", "much", "", "inf"])
def test_a_weight_that_is_none(tmp_path: Path, weight: str) -> None:
    with pytest.raises(BadDescription, match=r"c\.csv, line 2, field share"):
        by_correspondence(tmp_path, f"1,N,{weight}\n")


def test_overlap_takes_the_larger_part_and_leaves_what_lies_nowhere(tmp_path: Path) -> None:
    wards: dict[str, Shape] = {"1": box(0, 0, 10, 10), "2": box(0, 10, 10, 20), "3": box(100, 100, 110, 110)}
    towns: dict[str, Shape] = {"N": box(0, 4, 10, 30), "S": box(0, 0, 10, 4)}
    files = Files(tmp_path, coordinates=Coordinates.PLANE)
    here, above = level(WARDS, wards), level(TOWNS, towns)
    found, _ = parents.find([Parents(ParentRule.OVERLAP)], here=here, above=above, files=files)
    assert found == {"1": "N", "2": "N"}


def test_the_first_rule_that_knows_holds(tmp_path: Path) -> None:
    given = Parents(ParentRule.GIVEN, areas=(("1", "S"),), reason="The bridge leads there.")
    (tmp_path / "a.csv").write_text("code,name,town\n1,One,N\n2,Two,N\n3,Three,\n")
    column = Parents(ParentRule.COLUMN, column="town")
    files = Files(tmp_path, coordinates=Coordinates.PLANE)
    found, notes = parents.find([given, column], here=level(WARDS), above=level(TOWNS), files=files)
    assert found == {"1": "S", "2": "N"}
    assert notes == ("Given by hand: 1 in Southam. The bridge leads there.",)


@pytest.mark.parametrize("pair", [("9", "S"), ("1", "X")])
def test_nothing_can_be_given_that_is_no_area(tmp_path: Path, pair: tuple[str, str]) -> None:
    rule = Parents(ParentRule.GIVEN, areas=(pair,), reason="So it is.")
    files = Files(tmp_path, coordinates=Coordinates.PLANE)
    with pytest.raises(BadDescription, match="is no area"):
        parents.find([rule], here=level(WARDS), above=level(TOWNS), files=files)


TREE = Hierarchy(
    level={
        "w": AreaLevel.SMALL_AREA,
        "v": AreaLevel.SMALL_AREA,
        "d": AreaLevel.DISTRICT,
        "r": AreaLevel.REGION,
        "n": AreaLevel.NATION,
    },
    parent={"w": "d", "v": "d", "d": "r", "r": "n", "n": None},
)


def test_up_and_down() -> None:
    hierarchy.check(TREE, places={code: Place("a.csv", 2) for code in TREE.level})
    assert list(TREE.ancestors("w")) == ["d", "r", "n"]
    assert TREE.children("d") == ["v", "w"]
    assert [TREE.district_of(code) for code in ("w", "d", "r", "n")] == ["d", "d", None, None]


def test_no_such_area() -> None:
    with pytest.raises(NotFound):
        list(TREE.ancestors("x"))
