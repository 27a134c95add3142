"""Where R and its package `surveillance` are installed, fresh series are put through both: the thresholds are equal."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from pumphandle.detection.baseline import Rule, Window
from pumphandle.detection.ears import ears
from pumphandle.detection.farrington import farrington

SERIES, WEEKS, JUDGED = 12, 312, 4
SCRIPT = """
suppressMessages(library(surveillance))
folder <- commandArgs(trailingOnly = TRUE)[1]
given <- function(name) as.matrix(read.csv(file.path(folder, name), header = FALSE))
keep <- function(found, name) write.csv(found@upperbound, file.path(folder, paste0(name, ".csv")), row.names = FALSE)
observed <- given("observed.csv")
series <- sts(observed, start = c(2015, 1), frequency = 52, population = given("people.csv"))
at <- (nrow(observed) - 3):nrow(observed)
common <- list(range = at, w = 3, pastWeeksNotIncluded = 26, alpha = 0.005, trend = TRUE, limit54 = c(5, 4),
               weightsThreshold = 2.58, glmWarnings = FALSE)
asked <- list(
  plain = list(noPeriods = 10, b = 4, pThresholdTrend = 0.05, thresholdMethod = "nbPlugin"),
  unweighted = list(noPeriods = 10, b = 4, reweight = FALSE, pThresholdTrend = 0.05, thresholdMethod = "nbPlugin"),
  offset = list(noPeriods = 10, b = 4, pThresholdTrend = 1, thresholdMethod = "muan", populationOffset = TRUE),
  narrow = list(noPeriods = 5, b = 3, pThresholdTrend = 1, thresholdMethod = "delta", powertrans = "1/2"))
for (name in names(asked)) keep(farringtonFlexible(series, control = c(common, asked[[name]])), name)
for (name in c("C1", "C2", "C3"))
  keep(earsC(series, control = list(range = at, method = name, baseline = 7, minSigma = 0, alpha = 0.001)), name)
"""
ASKED: dict[str, tuple[int, int, dict[str, Any]]] = {
    "plain": (4, 10, {"trend_p": 0.05}),
    "unweighted": (4, 10, {"trend_p": 0.05, "reweight": False}),
    "offset": (4, 10, {"trend_p": 1.0, "method": "nb upper"}),
    "narrow": (3, 5, {"trend_p": 1.0, "method": "power", "power": "1/2"}),
}


def _has_surveillance() -> bool:
    if shutil.which("Rscript") is None:
        return False
    asked = ["Rscript", "-e", "if (!requireNamespace('surveillance', quietly = TRUE)) quit(status = 1)"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _read(file: Path) -> np.ndarray:
    return pl.read_csv(file, null_values="NA").cast(pl.Float64).fill_null(np.nan).to_numpy().T


def test_fresh_series_have_the_same_thresholds_in_r(tmp_path: Path) -> None:
    if not _has_surveillance():
        pytest.skip("needs R with the package surveillance")
    rng = np.random.default_rng(20261126)
    season = 1 + 0.4 * np.cos(2 * np.pi * np.arange(WEEKS) / 52)
    mean = rng.gamma(2.0, 8.0, (SERIES, 1)) * season
    observed = rng.negative_binomial(mean / 0.8, 1 / 1.8)
    people = np.round(1_000 * (1 + 0.002 * np.arange(WEEKS)) * rng.uniform(0.9, 1.1, (SERIES, WEEKS)))
    for name, values in [("observed", observed), ("people", people)]:
        np.savetxt(tmp_path / f"{name}.csv", values.T, fmt="%d", delimiter=",")
    (tmp_path / "ask.R").write_text(SCRIPT)
    subprocess.run(["Rscript", str(tmp_path / "ask.R"), str(tmp_path)], check=True, capture_output=True)
    at = range(WEEKS - JUDGED, WEEKS)
    for name, (years, periods, options) in ASKED.items():
        ours = farrington(
            observed,
            at=at,
            window=Window(years=years, half_width=3, periods=periods, left_out=26),
            rule=Rule(alpha=0.005, trend=True, outlier=2.58, fewest=(5, 4), **options),
            population=people if name == "offset" else None,
        )
        np.testing.assert_allclose(ours.upper, _read(tmp_path / f"{name}.csv"), rtol=1e-6, err_msg=name)
    for name, ours in ears(observed, alpha=0.001).items():
        np.testing.assert_allclose(ours.upper[:, list(at)], _read(tmp_path / f"{name}.csv"), rtol=1e-6, err_msg=name)
