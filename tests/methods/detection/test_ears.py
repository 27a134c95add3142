"""EARS limits equal R's surveillance to 1e-9, and no time is judged by itself."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pumphandle.detection.ears import ears
from pumphandle.vocabulary.errors import NotUnderstood


@pytest.mark.parametrize("method", ["C1", "C2", "C3"])
@pytest.mark.parametrize(("name", "least", "alpha"), [("", 0.0, 0.001), ("_minsigma05_alpha01", 0.5, 0.01)])
def test_equals_surveillance(shared: Path, method, name, least, alpha) -> None:
    folder = shared / "reference" / "outbreak" / "surveillance"
    observed = pl.read_csv(folder / "salmonella_agona_input.csv")["observed"].to_numpy()[None]
    theirs = pl.read_csv(folder / f"salmonella_agona_ears_{method}{name}.csv")
    at = theirs["t"].to_numpy() - 1
    ours = ears(observed, [method], least_spread=least, alpha=alpha)[method]
    np.testing.assert_allclose(ours.upper[0, at], theirs["upperbound"].to_numpy(), rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(ours.exceeds[0, at], theirs["alarm"].to_numpy() == 1)


def test_the_worked_example_of_the_page() -> None:
    """A week of 2 and 4 in turn, then 9: docs/methods/ears.md."""
    observed = np.array([[2, 4, 2, 4, 2, 4, 3, 9]])
    found = ears(observed, ["C1"])["C1"]
    assert found.first == 7
    assert found.upper[0, 7] == pytest.approx(3 + 3.0902323 * 1.0, abs=1e-6)
    assert found.exceeds[0].tolist() == [False] * 7 + [True]


def test_a_slow_rise_is_seen_by_c2_and_hidden_from_c1() -> None:
    observed = np.array([[3, 4, 3, 4, 3, 4, 3, 9, 9, 9]], dtype=float)
    found = ears(observed, ["C1", "C2"])
    assert not found["C1"].exceeds[0, 9] and found["C2"].exceeds[0, 9]


@given(arrays(np.int64, (3, 20), elements=st.integers(0, 10_000)), st.integers(0, 100))
def test_a_constant_added_moves_the_limits_by_as_much(observed, more) -> None:
    for method in ("C1", "C2"):
        usual, raised = (ears(counts, [method])[method].upper for counts in (observed, observed + more))
        np.testing.assert_allclose(raised, usual + more, rtol=1e-9, atol=1e-6)


@given(arrays(np.int64, (2, 16), elements=st.integers(0, 50)))
def test_the_future_changes_nothing(observed) -> None:
    before = {name: one.upper for name, one in ears(observed[:, :14]).items()}
    for name, one in ears(observed).items():
        np.testing.assert_array_equal(one.upper[:, :14], before[name])


def test_all_zeros_are_quiet_and_a_case_after_zeros_is_not() -> None:
    observed = np.zeros((2, 15))
    observed[1, 14] = 1
    found = ears(observed)
    assert not any(one.exceeds[0].any() for one in found.values())
    assert all(found[name].exceeds[1, 14] for name in ("C1", "C2"))


@pytest.mark.parametrize(
    ("observed", "options"),
    [
        (np.full((1, 30), -1), {}),
        (np.full((1, 30), np.nan), {}),
        (np.ones((1, 7)), {"methods": ["C1"]}),
        (np.ones((1, 11)), {"methods": ["C3"]}),
        (np.ones((1, 30)), {"baseline": 2}),
        (np.ones((1, 30)), {"baseline": 40}),
        (np.ones((1, 30)), {"least_spread": -1.0}),
        (np.ones((1, 30)), {"least_spread": float("nan")}),
        (np.ones((1, 30)), {"methods": ["C4"]}),
        (np.ones(30), {}),
    ],
)
def test_bad_input_is_named(observed, options) -> None:
    with pytest.raises(NotUnderstood):
        ears(observed, **options)
