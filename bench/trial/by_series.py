"""Methods that look at one area's own series: those of R's surveillance, and England's rule for places.

They are run by our own library; `beside_r` puts the same series through R, where it is installed, and says how far the
bounds lie apart.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.detection.baseline import Rule, Window
from pumphandle.detection.cusum import cusum
from pumphandle.detection.daily.known import Known
from pumphandle.detection.ears import Method, ears
from pumphandle.detection.farrington import farrington
from pumphandle.detection.likelihood_ratio import likelihood_ratio

Values = npt.NDArray[np.float64]


WEEK: Final = 7
ONLY_WEEKS: Final = Window(years=6, half_width=3, periods=1, left_out=WEEK, year=WEEK)
"""Farrington flexible on eight weeks of days, as England adapted it in 2020: a week stands for a year."""
EVERY_COUNT: Final = Rule(alpha=0.01, fewest=(0, 1))
LATEST: Final = (1, 2, 3)
"""Days back that a day's threshold is looked at: the very last days are hardly known."""
SCRIPT: Final = """
suppressMessages(library(surveillance))
folder <- commandArgs(trailingOnly = TRUE)[1]
given <- function(name) as.matrix(read.csv(file.path(folder, name), header = FALSE))
keep <- function(found, name) write.csv(found@upperbound, file.path(folder, name), row.names = FALSE)
days <- sts(given("days.csv"), frequency = 7, population = given("tests.csv"))
weeks <- sts(given("weeks.csv"), frequency = 52)
last <- nrow(days@observed)
keep(farringtonFlexible(days, control = list(range = last, b = 6, w = 3, noPeriods = 1, pastWeeksNotIncluded = 7,
  weightsThreshold = 2.58, pThresholdTrend = 1, trend = TRUE, thresholdMethod = "nbPlugin", alpha = 0.01,
  limit54 = c(0, 1), populationOffset = TRUE, glmWarnings = FALSE)), "farrington.csv")
at <- nrow(weeks@observed)
for (name in c("C1", "C2")) keep(earsC(weeks, control = list(range = at, method = name, baseline = 4, minSigma = 0.5,
  alpha = 0.001)), paste0(name, ".csv"))
"""


def ears_scores(known: Known, method: Method) -> Values:
    """(areas,) of the last seven-day sum, in standard deviations above the mean of four weeks before."""
    weekly = _weekly(known)
    mean, upper = (
        ears(weekly, [method], baseline=4, least_spread=0.5, alpha=a)[method].upper[:, -1] for a in (0.5, 0.001)
    )
    return 3.09 * (weekly[:, -1] - mean) / (upper - mean)


def farrington_scores(known: Known) -> Values:
    """(areas,) exceedance of the worst of the latest days, with tests as offset."""
    at = [known.days - back for back in LATEST]
    found = farrington(known.counts(), at=at, window=ONLY_WEEKS, rule=EVERY_COUNT, population=known.tests)
    return np.nan_to_num(found.score, nan=-np.inf).max(axis=1)


def cusum_scores(known: Known) -> Values:
    """(areas,) Rossi's sum over the last three weeks, against the five before."""
    counts = known.counts()
    start = known.days - 3 * WEEK
    total = cusum(counts, start=start, mean=np.maximum(counts[:, :start].mean(axis=1), 0.1)).total
    return total[:, -1]


def likelihood_scores(known: Known) -> Values:
    """(areas,) generalised likelihood ratio of a rise within the last three weeks, weekday and tests in the mean."""
    counts, learnt = known.counts(), known.days - 3 * WEEK
    rate = (counts[:, :learnt].sum(axis=1) + 1.0) / (known.tests[:, :learnt].sum(axis=1) + 20.0)
    mean = np.maximum(known.tests[:, learnt:] * rate[:, None], 0.02)
    spread = float(np.median((counts[:, :learnt].var(axis=1) - counts[:, :learnt].mean(axis=1)).clip(0.0)))
    return likelihood_ratio(counts[:, learnt:], mean=mean, excess=spread, limit=np.inf, longest=3 * WEEK).statistic[
        :, -1
    ]


def _weekly(known: Known) -> Values:
    return known.counts().reshape(known.tests.shape[0], -1, WEEK).sum(axis=2)


def beside_r(known: Known) -> float | None:
    """The largest relative difference of the bounds of a morning's areas from R's; None where R is not installed."""
    if shutil.which("Rscript") is None:
        return None
    counts, weekly = known.counts(), _weekly(known)
    names: tuple[Method, Method] = ("C1", "C2")
    ours: dict[str, Values] = {
        name: ears(weekly, [name], baseline=4, least_spread=0.5)[name].upper[:, -1] for name in names
    }
    found = farrington(counts, at=[known.days - 1], window=ONLY_WEEKS, rule=EVERY_COUNT, population=known.tests + 1.0)
    ours["farrington"] = found.upper[:, 0]
    with tempfile.TemporaryDirectory() as folder:
        for name, values in [("days", counts), ("tests", known.tests + 1.0), ("weeks", weekly)]:
            np.savetxt(Path(folder) / f"{name}.csv", values.T, fmt="%d", delimiter=",")
        (Path(folder) / "ask.R").write_text(SCRIPT)
        done = subprocess.run(["Rscript", f"{folder}/ask.R", folder], check=False, capture_output=True, text=True)
        if done.returncode:
            return None
        theirs = {
            name: np.genfromtxt(Path(folder) / f"{name}.csv", delimiter=",", skip_header=1, missing_values="NA")
            for name in ours
        }
    return max(
        float(np.nanmax(np.abs(ours[name] - theirs[name]) / np.maximum(np.abs(theirs[name]), 1e-9))) for name in ours
    )
