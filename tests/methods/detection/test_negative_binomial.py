"""Quantiles are those of scipy.stats, which the program itself does not load: it takes a second of every start."""

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pumphandle.detection.negative_binomial import _exact
from pumphandle.tracing.measures import share


@given(st.floats(-6, 9), st.sampled_from([0.7, 1.0, 1.002, 1.3, 2.0, 7.5, 50.0]), st.floats(1e-9, 1 - 1e-9))
def test_the_exact_search_is_that_of_scipy(log_mean: float, dispersion: float, chance: float) -> None:
    mean = float(np.exp(log_mean))
    known = (
        stats.nbinom.ppf(chance, mean / (dispersion - 1.0), 1.0 / dispersion)
        if dispersion > 1
        else stats.poisson.ppf(chance, mean)
    )
    assert _exact(chance, mean, dispersion) == known
    assert _exact(chance, 0.0, dispersion) == 0


@given(st.integers(1, 3_000), st.data())
def test_a_share_has_the_interval_of_clopper_and_pearson(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    known, found = stats.binomtest(part, whole).proportion_ci(0.95, method="exact"), share(part, whole)
    assert found.low is not None
    assert found.high is not None
    assert abs(found.low - known.low) < 1e-9
    assert abs(found.high - known.high) < 1e-9


def test_the_command_starts_without_what_it_does_not_use() -> None:
    asked = "import sys, pumphandle.cli.main; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False, timeout=120).returncode == 0
