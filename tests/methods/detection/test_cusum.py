"""CUSUM and negative binomial likelihood ratios equal R's surveillance, and find a rise that no single day shows."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pumphandle.detection.cusum import TRANSFORMATIONS, cusum
from pumphandle.detection.in_control import in_control
from pumphandle.detection.likelihood_ratio import likelihood_ratio
from pumphandle.vocabulary.errors import NotUnderstood


def _salmonella(shared: Path, name: str):
    folder = shared / "reference" / "outbreak" / "surveillance"
    observed = pl.read_csv(folder / "salmonella_agona_input.csv")["observed"].to_numpy()[None]
    return observed, pl.read_csv(folder / f"salmonella_agona_{name}.csv")


def test_cusum_equals_surveillance(shared: Path) -> None:
    observed, theirs = _salmonella(shared, "cusum_rossi")
    ours = cusum(observed, start=208, transformation="rossi", k=1.04, h=2.26)
    np.testing.assert_allclose(ours.upper[0], theirs["upperbound"].to_numpy(), rtol=1e-12)
    np.testing.assert_array_equal(ours.exceeds[0], theirs["alarm"].to_numpy() == 1)


def test_likelihood_ratio_equals_surveillance(shared: Path) -> None:
    """glrnb with mean by one wave a year and a trend (maximum likelihood on weeks 1-208), excess 1 / theta, limit 5."""
    observed, theirs = _salmonella(shared, "glrnb_value")
    usual = in_control(observed, until=208, trend=True)
    ours = likelihood_ratio(observed[:, 208:], mean=usual.mean[:, 208:], excess=usual.excess, limit=5.0)
    np.testing.assert_allclose(ours.statistic[0], theirs["statistic"].to_numpy(), atol=1e-7)
    np.testing.assert_array_equal(ours.exceeds[0], theirs["alarm"].to_numpy() == 1)


def test_many_small_exceedances_are_one_large() -> None:
    observed = np.full((1, 60), 10.0)
    observed[0, ::2] = 8
    observed[0, 50:] = 16
    found = cusum(observed, start=40, transformation="anscombe")
    assert found.exceeds[0, 10:].any() and not found.exceeds[0, :10].any()
    ratio = likelihood_ratio(observed[:, 40:], mean=np.full((1, 20), 9.0), factor=1.5)
    assert ratio.exceeds[0, 10:].any() and not ratio.exceeds[0, :10].any()


@given(st.integers(1, 60), st.floats(0.5, 30), st.sampled_from(["rossi", "anscombe"]))
def test_the_upper_count_is_where_the_sum_reaches_the_limit(count, mean, transformation) -> None:
    found = cusum(np.array([[1.0, count]]), start=1, mean=np.array([mean]), transformation=transformation)
    assert found.exceeds[0, 0] == (count >= found.upper[0, 0] - 1e-9)


@given(arrays(np.int64, (2, 12), elements=st.integers(0, 30)), st.floats(0.5, 10), st.sampled_from([0.0, 0.1, 0.7]))
def test_the_most_likely_factor_is_at_least_as_good_as_any(observed, level, excess) -> None:
    mean = np.full(observed.shape, level)
    best = likelihood_ratio(observed[:, :1], mean=mean[:, :1], excess=excess, limit=1e9).statistic
    for factor in (1.2, 2.0, 5.0):
        fixed = likelihood_ratio(observed[:, :1], mean=mean[:, :1], excess=excess, factor=factor, limit=1e9).statistic
        assert (best >= fixed - 1e-9).all()


@given(arrays(np.int64, (1, 10), elements=st.integers(0, 30)))
def test_a_small_excess_is_nearly_poisson(observed) -> None:
    mean = np.full(observed.shape, 4.0)
    poisson, nearly = (likelihood_ratio(observed, mean=mean, excess=one).statistic for one in (0.0, 1e-9))
    np.testing.assert_allclose(nearly, poisson, atol=1e-5, rtol=1e-5)


def test_the_chart_restarts_after_it_signalled() -> None:
    observed = np.array([[30, 3, 3]])
    found = likelihood_ratio(observed, mean=np.full((1, 3), 3.0))
    assert found.exceeds[0].tolist() == [True, False, False] and found.statistic[0, 1] == 0


def test_in_control_finds_the_excess_of_many_series_at_once() -> None:
    rng = np.random.default_rng(5)
    observed = np.concatenate([rng.negative_binomial(4, 0.4, (60, 400)), rng.poisson(6, (60, 400))])
    found = in_control(observed, until=400)
    assert np.median(found.excess[:60]) == pytest.approx(0.25, abs=0.03)
    assert np.median(found.excess[60:]) < 0.01 and (found.excess[60:] == 0).mean() > 0.3


def test_all_zeros_have_defined_answers() -> None:
    zeros = np.zeros((2, 300))
    usual = in_control(zeros, until=208)
    assert (usual.excess == 0).all() and (usual.mean > 0).all() and (usual.mean < 0.01).all()
    assert not likelihood_ratio(zeros, mean=usual.mean, excess=usual.excess, longest=10).exceeds.any()
    assert not cusum(zeros, start=200).exceeds.any()


@pytest.mark.parametrize("transformation", TRANSFORMATIONS)
def test_bad_counts_are_named(transformation) -> None:
    for bad in (np.full((1, 9), np.nan), np.full((1, 9), -2), np.ones(9)):
        with pytest.raises(NotUnderstood):
            cusum(bad, start=3, transformation=transformation)


@pytest.mark.parametrize(
    "options",
    [{"start": 0}, {"start": 9}, {"start": 3, "mean": [0.0]}, {"start": 3, "mean": [1.0, 2.0]},
     {"start": 3, "transformation": "square"}],
)  # fmt: skip
def test_bad_settings_of_cusum_are_named(options) -> None:
    with pytest.raises(NotUnderstood):
        cusum(np.ones((1, 9)), **options)


@pytest.mark.parametrize(
    "options",
    [{"mean": np.zeros((1, 9))}, {"mean": np.ones((1, 8))}, {"mean": np.ones((1, 9)), "excess": -1.0},
     {"mean": np.ones((1, 9)), "factor": 1.0}, {"mean": np.ones((1, 9)), "longest": -1}],
)  # fmt: skip
def test_bad_settings_of_likelihood_ratio_are_named(options) -> None:
    with pytest.raises(NotUnderstood):
        likelihood_ratio(np.ones((1, 9)), **options)


def test_too_short_a_past_is_named() -> None:
    with pytest.raises(NotUnderstood):
        in_control(np.ones((1, 9)), until=3)
