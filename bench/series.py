"""Time-series detectors against the clock: `python -m bench series`, with `--quick` for a tenth of the series.

Peers' figures are CPU-seconds of R's surveillance 1.20.3 and EpiEstim 2.2.4 on one core, measured on the machine that
the goals were set on; ours are the best of a few runs, after one warm-up, beside whatever else this machine is doing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.figures import Figure, within
from pumphandle.detection.baseline import Window
from pumphandle.detection.cusum import cusum
from pumphandle.detection.ears import ears
from pumphandle.detection.farrington import farrington
from pumphandle.detection.forecast import forecast
from pumphandle.detection.growth import growth
from pumphandle.detection.in_control import in_control
from pumphandle.detection.likelihood_ratio import likelihood_ratio
from pumphandle.detection.nowcast import nowcast
from pumphandle.detection.reproduction import reproduction_number, serial_interval

Values = npt.NDArray[np.float64]

TITLE = "Time series: exceedance, reproduction number, growth, nowcast, forecast"

NATION = 7_000
RUNS = 5
DAILY = Window(half_width=10, left_out=161, year=365)  # 1,664 rows a series, as the peer's run had


@dataclass(frozen=True)
class Task:
    """name : what is timed; peer_cpu : seconds for 7,000 series, None = no peer; goal : wall seconds, None = none."""

    name: str
    run: Callable[[], object]
    peer_cpu: float | None
    goal: float | None


@dataclass(frozen=True)
class Measured:
    """Best of a few runs, in seconds."""

    wall: float
    cpu: float


def counts(series: int, times: int, year: int, mean: float, rng: np.random.Generator) -> Values:
    """(series, times) seasonal counts, variance twice the mean, the series' means spread over a factor of ten."""
    level = mean * rng.gamma(4.0, 0.25, size=(series, 1))
    season = np.exp(0.5 * np.cos(2.0 * np.pi * np.arange(times) / year))
    return rng.negative_binomial(level * season, 0.5).astype(np.float64)


def tasks(series: int, rng: np.random.Generator) -> list[Task]:
    """Everything that the national morning asks of one pathogen."""
    weekly, sparse = counts(series, 312, 52, 20.0, rng), counts(series, 312, 52, 0.7, rng)
    daily, year = counts(series, 5 * 365 + 30, 365, 5.0, rng), counts(series, 301, 365, 3.0, rng)
    tests = np.full(weekly.shape, 400.0) * rng.uniform(0.5, 1.5, weekly.shape)
    interval = serial_interval(5.5, 2.5, 30)
    interval /= interval.sum()
    usual = in_control(weekly[:, :260], until=260)
    steady = np.repeat(usual.mean[:, -1:], 52, axis=1)
    triangle = rng.multinomial(year[:, -90:].astype(np.int64), [0.1, 0.3, 0.3, 0.2, 0.1]).astype(np.float64)

    def thresholds(observed: Values, window: Window, population: Values | None = None) -> object:
        return farrington(observed, at=[observed.shape[1] - 1], window=window, population=population, workers=2)

    return [
        Task("Farrington flexible, weekly, 4 years", lambda: thresholds(weekly, Window(years=4)), 59.0, 0.3),
        Task("... sparse (0.7 a week)", lambda: thresholds(sparse, Window(years=4)), None, None),
        Task("... tests as offset", lambda: thresholds(weekly, Window(years=4), tests), None, None),
        Task("Farrington flexible, daily, 5 years", lambda: thresholds(daily, DAILY), 131.0, 1.5),
        Task("EARS C1, C2, C3, 301 days", lambda: ears(year), 62.0, 0.3),
        Task("CUSUM, 301 days", lambda: cusum(year, start=100), None, None),
        Task("likelihood ratio, fixed rise, 52 weeks", lambda: _ratio(weekly, steady, usual.excess, 2.0), None, None),
        Task("... most likely rise, 12 weeks back", lambda: _ratio(weekly, steady, usual.excess, None), None, None),
        Task("reproduction number, 200 days", lambda: reproduction_number(year[:, -200:], interval), 264.0, 2.0),
        Task("growth and doubling time, 21 days", lambda: growth(year), None, None),
        Task("nowcast, 90 days, 5 delays", lambda: nowcast(triangle), None, None),
        Task("forecast, 14 days, 350 districts", lambda: forecast(year[:350, -84:]), None, None),
    ]


def _ratio(observed: Values, mean: Values, excess: Values, factor: float | None) -> object:
    back = None if factor is not None else 12
    times = 52 if factor is not None else 12
    return likelihood_ratio(
        observed[:, -times:], mean=mean[:, -times:], excess=excess, factor=factor, longest=back, limit=5.0
    )


def measure(run: Callable[[], object], runs: int) -> Measured:
    """Best wall time and best CPU time; they need not be of the same run."""
    run()
    walls: list[float] = []
    cpus: list[float] = []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Measured(min(walls), min(cpus))


def figures(*, quick: bool) -> list[Figure]:
    """Best of a few runs of each task; with `quick` a tenth of the series, against a tenth of the peer's time."""
    series = NATION // 10 if quick else NATION
    found: list[Figure] = []
    for task in tasks(series, np.random.default_rng(7)):
        taken = measure(task.run, 2 if quick else RUNS)
        peer = None if task.peer_cpu is None else task.peer_cpu * series / NATION
        beside = "" if peer is None else f"; {peer / taken.cpu:,.0f} × less CPU than R's {peer:,.1f} s"
        goal = None if quick or task.goal is None else task.goal
        found.append(
            Figure(
                f"{task.name}, {series:,} series",
                f"{taken.wall:.3f} s wall, {taken.cpu:.3f} CPU-s{beside}",
                "–" if goal is None else f"≤ {goal} s wall",
                None if goal is None else within(taken.wall, goal),
            )
        )
    return found
