"""Thresholds equal R's surveillance on every reference series, many series in one call, and bad input has a name."""

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pumphandle.detection import negative_binomial
from pumphandle.detection.baseline import FLEXIBLE, ORIGINAL, ORIGINAL_WINDOW, Rule, Window, rows
from pumphandle.detection.farrington import farrington
from pumphandle.vocabulary.errors import NotUnderstood

METHODS: dict[str, Literal["nb", "nb upper", "power"]] = {"nbPlugin": "nb", "muan": "nb upper", "delta": "power"}
WINDOW = Window(years=3, half_width=2, periods=5, left_out=4, year=20)
RULE = Rule(fewest=(0, 1))


def _asked(config) -> dict[str, Any]:
    window = Window(
        years=config["b"],
        half_width=config["w"],
        periods=config["noPeriods"],
        left_out=config["pastWeeksNotIncluded"],
    )
    rule = Rule(
        alpha=config["alpha"],
        trend=config["trend"],
        trend_p=config["pThresholdTrend"],
        reweight=config.get("reweight", True),
        outlier=config.get("weightsThreshold", 2.58),
        method=METHODS[config["thresholdMethod"]],
        power=config.get("powertrans", "2/3"),
        fewest=tuple(config["limit54"]),
    )
    first, last = config["range"]
    return {"window": window, "rule": rule, "at": range(first - 1, last)}


def _columns(file, series):
    read = pl.read_csv(file, null_values="NA")
    read = read.sort("series", "t") if "series" in read.columns else read
    numbers = read.select(pl.exclude("t", "series").cast(pl.Float64).fill_null(np.nan))
    return {name: numbers[name].to_numpy().reshape(series, -1) for name in numbers.columns}


def _assert_equal(ours, theirs, *, within):
    judged = ~np.isnan(theirs["upperbound"])
    assert judged.any()
    np.testing.assert_array_equal(np.isnan(ours.upper), ~judged)
    np.testing.assert_allclose(ours.upper[judged], theirs["upperbound"][judged], rtol=within)
    np.testing.assert_allclose(ours.expected[judged], theirs["expected"][judged], rtol=within)
    np.testing.assert_allclose(ours.dispersion, theirs["phi"], rtol=within)
    np.testing.assert_allclose(ours.p_value, theirs["pvalue"], rtol=within)
    np.testing.assert_array_equal(ours.trend, theirs["trend"] == 1)
    np.testing.assert_allclose(ours.slope[ours.trend], theirs["trendBeta"][ours.trend], rtol=within)
    np.testing.assert_array_equal(ours.exceeds, theirs["alarm"] == 1)


@pytest.mark.parametrize("name", ["noufaily_nbPlugin", "noufaily_muan", "noufaily_delta", "original_1996"])
def test_equals_surveillance_on_salmonella_agona(shared: Path, name: str) -> None:
    folder = shared / "reference" / "outbreak" / "surveillance"
    config = json.loads((folder / "salmonella_agona_calls.json").read_text())["farrington_configs"][name]
    observed = pl.read_csv(folder / "salmonella_agona_input.csv")["observed"].to_numpy()[None]
    ours = farrington(observed, **_asked(config))
    _assert_equal(ours, _columns(folder / f"salmonella_agona_farrington_{name}.csv", 1), within=1e-9)


@pytest.mark.parametrize("name", ["nbPlugin", "muan", "delta", "nbPlugin_offset"])
def test_equals_surveillance_on_forty_series(shared: Path, name: str) -> None:
    folder = shared / "reference" / "outbreak" / "multi"
    config = json.loads((folder / "multi_series_calls.json").read_text())["configs"][name]
    read = pl.read_csv(folder / "multi_series_input.csv").sort("series", "t")
    observed, people = (read[column].to_numpy().reshape(40, -1) for column in ("observed", "population"))
    ours = farrington(observed, population=people if config["populationOffset"] else None, **_asked(config))
    _assert_equal(ours, _columns(folder / f"multi_series_farrington_{name}.csv", 40), within=2e-9)


def _season(seed: int, series: int = 30, mean: float = 12.0):
    rng = np.random.default_rng(seed)
    wave = 1 + 0.5 * np.cos(2 * np.pi * np.arange(90) / 20)
    return rng.negative_binomial(mean * wave, 0.5, size=(series, 90)).astype(float)


def test_the_worked_example_of_the_page() -> None:
    """Ten cases a week for four years, then 25: docs/methods/farrington.md."""
    observed = np.full((1, 4 * 52 + 4), 10.0)
    observed[0, 1::2] = 12
    observed[0, -1] = 25
    found = farrington(observed, at=[observed.shape[1] - 1], window=Window(years=4))
    assert found.expected[0, 0] == pytest.approx(10.85, abs=0.01)
    assert found.upper[0, 0] == 20
    assert found.exceeds[0, 0] and found.p_value[0, 0] < 0.001
    assert found.dispersion[0, 0] == 1.0


def test_a_series_alone_equals_the_same_series_among_thousands() -> None:
    observed = np.concatenate([_season(1), _season(2, mean=0.4), np.zeros((5, 90))])
    together = farrington(observed, at=[89], window=WINDOW, rule=RULE, workers=2)
    for at in (0, 17, 31, 45, 62):
        alone = farrington(observed[at : at + 1], at=[89], window=WINDOW, rule=RULE)
        np.testing.assert_allclose(alone.expected[0], together.expected[at], rtol=1e-12)
        np.testing.assert_array_equal(alone.upper[0], together.upper[at])


def test_the_number_of_workers_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pumphandle.detection.farrington.BLOCK_VALUES", 500)  # many blocks
    observed = _season(3)
    one, four = (farrington(observed, at=[85, 89], window=WINDOW, workers=workers) for workers in (1, 4))
    for name in ("expected", "upper", "p_value", "dispersion", "slope"):
        np.testing.assert_array_equal(getattr(one, name), getattr(four, name))


def test_a_rise_in_tests_alone_is_no_exceedance() -> None:
    observed, tests = _season(4, series=1), np.full((1, 90), 400.0)
    observed[:, 89], tests[:, 89] = 30, tests[:, 89] * 5
    assert farrington(observed, at=[89], window=WINDOW).exceeds[0, 0]
    assert not farrington(observed, at=[89], window=WINDOW, population=tests).exceeds[0, 0]


def test_a_missing_week_is_left_out_and_a_week_without_tests_too() -> None:
    observed = _season(5, series=3)
    gap = observed.copy()
    gap[:, 60] = np.nan
    tests = np.full(observed.shape, 100.0)
    tests[:, 60] = 0
    by_gap = farrington(gap, at=[89], window=WINDOW)
    by_tests = farrington(observed, at=[89], window=WINDOW, population=tests)
    np.testing.assert_allclose(by_gap.expected, by_tests.expected, rtol=1e-9)
    assert not np.allclose(by_gap.expected, farrington(observed, at=[89], window=WINDOW).expected)


def test_a_past_outbreak_is_weighed_down() -> None:
    observed = _season(6, series=1)
    observed[0, 69] = 200  # same season, last year
    kept = farrington(observed, at=[89], window=WINDOW, rule=Rule(reweight=False))
    weighed = farrington(observed, at=[89], window=WINDOW)
    assert weighed.upper[0, 0] < kept.upper[0, 0]


def test_a_baseline_without_a_case_still_gives_a_threshold() -> None:
    observed = np.zeros((1, 90))
    observed[0, 89] = 6
    found = farrington(observed, at=[89], window=WINDOW)
    assert found.empty[0, 0] and found.exceeds[0, 0]
    assert 0 < found.expected[0, 0] < 0.05 and found.upper[0, 0] <= 1


def test_nothing_but_zeros_is_quiet() -> None:
    found = farrington(np.zeros((3, 90)), at=[89], window=WINDOW)
    assert found.too_few.all() and not found.exceeds.any() and np.isnan(found.upper).all()


def test_a_day_without_tests_has_no_threshold() -> None:
    observed, tests = _season(7, series=1), np.full((1, 90), 50.0)
    tests[0, 89] = 0
    found = farrington(observed, at=[89], window=WINDOW, population=tests)
    assert np.isnan(found.upper[0, 0]) and np.isnan(found.p_value[0, 0]) and not found.exceeds[0, 0]


def test_textbook_errors_differ_from_the_peers() -> None:
    observed = _season(8)
    ours, theirs = (
        farrington(observed, at=[89], window=WINDOW, rule=Rule(method="nb upper", compatible=compatible))
        for compatible in (False, True)
    )
    np.testing.assert_array_equal(ours.expected, theirs.expected)
    assert (ours.p_value != theirs.p_value).any()


@pytest.mark.parametrize(
    ("observed", "options"),
    [
        (np.full((1, 90), -1.0), {}),
        (np.full((1, 90), np.inf), {}),
        (np.ones(90), {}),
        (np.ones((0, 90)), {}),
        (np.ones((1, 60)), {"at": [59]}),
        (np.ones((1, 90)), {"at": [90]}),
        (np.ones((1, 90)), {"at": []}),
        (np.ones((1, 90)), {"window": Window(years=9, year=20)}),
        (np.ones((1, 90)), {"window": Window(years=3, half_width=9, periods=10, year=20)}),
        (np.ones((1, 90)), {"window": Window(years=0)}),
        (np.ones((1, 90)), {"window": Window(years=1, half_width=2, periods=2, left_out=30, year=20)}),
        (np.ones((1, 90)), {"population": np.ones((1, 89))}),
        (np.ones((1, 90)), {"population": np.full((1, 90), np.nan)}),
        (np.ones((1, 90)), {"population": np.full((1, 90), -3.0)}),
        (np.ones((1, 90)), {"rule": Rule(fewest=(5, 0))}),
        (np.ones((1, 90)), {"rule": Rule(fewest=(5, 400))}),
    ],
)
def test_bad_input_is_named(observed, options) -> None:
    asked: dict[str, Any] = {"at": [89], "window": WINDOW} | options
    with pytest.raises(NotUnderstood):
        farrington(observed, **asked)


@given(arrays(np.int64, (4, 90), elements=st.integers(0, 40)), st.integers(2, 9))
def test_the_threshold_of_doubled_tests_is_not_lower(observed, factor) -> None:
    tests = np.full(observed.shape, 100.0)
    more = tests.copy()
    more[:, 89] *= factor
    usual = farrington(observed, at=[89], window=WINDOW, population=tests, rule=RULE)
    busy = farrington(observed, at=[89], window=WINDOW, population=more, rule=RULE)
    kept = usual.trend == busy.trend  # a trend may fall away because it would now predict more than was ever seen
    assert (busy.upper >= usual.upper)[kept].all()
    np.testing.assert_allclose(busy.expected[kept], factor * usual.expected[kept], rtol=1e-6)


@given(arrays(np.int64, (3, 90), elements=st.integers(0, 30)))
def test_p_value_and_threshold_agree(observed) -> None:
    found = farrington(observed, at=[89], window=WINDOW, rule=RULE)
    judged = ~np.isnan(found.upper)
    assert (found.exceeds[judged] == (found.p_value[judged] <= FLEXIBLE.alpha * (1 + 1e-9))).all()


@given(st.floats(0.001, 3000), st.floats(1, 40), st.floats(0.001, 0.999))
def test_the_quantile_is_the_first_count_that_reaches_the_chance(mean, dispersion, chance) -> None:
    mean, dispersion = np.array([mean]), np.array([dispersion])
    found = negative_binomial.quantile(chance, mean, dispersion)
    at_least_one_more = negative_binomial.upper_chance(found + 1, mean, dispersion)
    assert at_least_one_more[0] <= 1 - chance + 1e-9
    if found[0] > 0:
        assert negative_binomial.upper_chance(found, mean, dispersion)[0] >= 1 - chance - 1e-9


def test_the_year_is_cut_into_blocks_and_the_latest_weeks_left_out() -> None:
    past, groups = rows(Window(years=4, half_width=3, periods=10, left_out=26), now=311, times=312)
    assert len(past) == 185 and past.max() == 311 - 27 and past.min() == 311 - 208 - 3
    assert set(groups.tolist()) == set(range(10))
    assert (groups[np.isin(past, 311 - 52 * np.arange(1, 5))] == 9).all()
    lengths = np.bincount(groups[(past > 311 - 208 + 3) & (past < 311 - 156 - 3)])
    assert lengths.sum() == 45 and set(lengths[:9].tolist()) == {5}


def test_the_original_rule_uses_only_the_same_season() -> None:
    past, groups = rows(ORIGINAL_WINDOW, now=300, times=301)
    assert len(past) == 35 and (groups == 0).all() and ORIGINAL.method == "power"
