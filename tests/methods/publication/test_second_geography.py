"""A second map says nothing that the first did not: shares of published figures, proved bounds, marked as estimates."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.publication.estimates import Ground, Windows, seven_days, untold
from pumphandle.publication.second_geography import Correspondence, correspondence, seven_days_elsewhere
from pumphandle.vocabulary.errors import NotUnderstood

NODES = ("A", "B", "C")
NODE_OF = {"A": "A", "B": "B", "C": "C", "c": "C"}
PIECES = pl.DataFrame({
    "small_area": ["A", "A", "B", "C", "c", "Z"], "area": ["West", "East", "East", "East", None, "West"],
    "residents": [300, 100, 500, 200, 200, 999],
})  # fmt: skip
START = date(2020, 3, 1).toordinal()


def where(pieces: pl.DataFrame = PIECES) -> Correspondence:
    return correspondence(pieces, nodes=NODES, node_of=NODE_OF)


def windows(*rows: tuple[int, int, int, int]) -> Windows:
    node, first, last, value = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Windows(node, START + first, START + last, value, last)


def test_each_node_is_shared_out_by_where_its_residents_live() -> None:
    """A: three quarters West. C: half of it lies outside the second map. Z is none of the nation's."""
    found = where()
    assert found.areas == ("East", "West")
    assert found.share.toarray().tolist() == [[0.25, 1.0, 0.5], [0.75, 0.0, 0.0]]
    assert found.residents.tolist() == [800, 300]


def test_a_worked_example() -> None:
    """One day: 8 in A, 12 in B, 20 in C. East: 2 + 12 + 10 = 24, at least the 12 of B, at most all 40."""
    seven = seven_days(windows((0, 0, 0, 8), (1, 0, 0, 12), (2, 0, 0, 20)), Ground(3, START, START, 5))
    found = seven_days_elsewhere(seven, where())
    assert found.estimate[:, 0].tolist() == [24, 6]
    assert (found.low[:, 0].tolist(), found.high[:, 0].tolist()) == ([12, 0], [40, 8])
    assert found.standard_error[0, 0] ** 2 == pytest.approx(8 * 0.25 * 0.75 + 20 * 0.5 * 0.5)


@given(st.integers(0, 999))
def test_the_truth_lies_in_the_bounds_wherever_people_live(seed: int) -> None:
    """Persons are put into pieces at random; the windows are closed by the rule."""
    rng = np.random.default_rng(seed)
    share = where().share.toarray()
    counts = rng.poisson(2, (3, 12))
    rows: list[tuple[int, int, int, int]] = []
    for node, series in enumerate(counts):
        began = held = 0
        for day, count in enumerate(series.tolist()):
            held += count
            if held >= 5:
                rows.append((node, began, day, held))
                began, held = day + 1, 0
    found = seven_days_elsewhere(seven_days(windows(*rows), Ground(3, START, START + 11, 5)), where())
    real = np.zeros((2, 12))
    for node in range(3):
        open_to = [area for area in range(2) if share[area, node] > 0]
        outside = 1 - share[:, node].sum() > 1e-9
        for day in range(12):
            put = rng.multinomial(counts[node, day], np.ones(len(open_to) + outside) / (len(open_to) + outside))
            real[open_to, day] += put[: len(open_to)]
    for day in range(12):
        seven_real = real[:, max(0, day - 6) : day + 1].sum(axis=1)
        assert (found.low[:, day] <= seven_real + 1e-6).all()
        assert (seven_real <= found.high[:, day] + 1e-6).all()


def test_what_was_taken_back_in_a_node_is_told_of_no_area_that_it_reaches_into() -> None:
    gone = untold(windows((0, 0, 0, 0)))
    seven = seven_days(windows((1, 0, 0, 12), (2, 0, 0, 20)), Ground(3, START, START, 5), recalled=gone)
    found = seven_days_elsewhere(seven, where())
    assert found.recalled[:, 0].tolist() == [True, True]
    only = PIECES.filter(pl.col("area").is_null() | (pl.col("small_area") != "A") | (pl.col("area") == "West"))
    assert seven_days_elsewhere(seven, where(only)).recalled[:, 0].tolist() == [False, True]


def test_areas_that_take_whole_nodes_are_their_sums() -> None:
    whole = pl.DataFrame({"small_area": list(NODES), "area": ["X", "X", "Y"], "residents": [1, 2, 3]})
    seven = seven_days(windows((0, 0, 0, 8), (1, 0, 0, 12), (2, 0, 0, 20)), Ground(3, START, START, 5))
    found = seven_days_elsewhere(seven, where(whole))
    assert found.estimate[:, 0].tolist() == found.low[:, 0].tolist() == found.high[:, 0].tolist() == [20, 20]
    assert found.standard_error.max() == 0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"residents": pl.lit(-1)}, "no residents of 0 or more"),
        ({"residents": pl.lit(None, pl.Float64)}, "no residents of 0 or more"),
        ({"area": pl.lit("East"), "small_area": pl.lit("A")}, "paired twice"),
        ({"small_area": pl.concat_str(pl.lit("x"), "small_area")}, "one of the nation's"),
    ],
)
def test_a_table_that_cannot_be_is_refused(change: dict[str, pl.Expr], fault: str) -> None:
    with pytest.raises(NotUnderstood, match=fault):
        where(PIECES.with_columns(**change))


def test_a_correspondence_of_other_nodes_is_refused() -> None:
    seven = seven_days(windows((0, 0, 0, 8)), Ground(2, START, START, 5))
    with pytest.raises(NotUnderstood, match="other publication nodes"):
        seven_days_elsewhere(seven, where())
