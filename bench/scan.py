"""How long the space-time scan takes, beside what SaTScan took. Run: python -m bench detection [--quick]

Data are drawn from fixed seeds. Peers' figures: SaTScan 10.3.2 on two threads of a Xeon with AVX-512, measured or
extrapolated as said in docs/methods/scan.md; ours are measured where this runs. Compiling is not counted.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt

from bench.figures import Figure, peak_mib, within
from pumphandle.detection.layout import Windows
from pumphandle.detection.models import Model, cases_at, poisson, space_time_permutation
from pumphandle.detection.scan import Chance, scan
from pumphandle.detection.zones import circles

TITLE = "Space-time scan: 56 days (permutation 365), windows of 1 to 28 days, no replicate stopped early"
SEED = 1854
THREADS = 2
FOUR_WEEKS = Windows("prospective", 28)


@dataclass(frozen=True)
class Task:
    """One line of the table. peer : SaTScan's CPU-seconds; goal : wall seconds on two quiet cores."""

    name: str
    places: int
    max_share: float
    cases: int
    days: int
    replicates: int
    centres: str
    peer: float | None
    goal: float | None
    model: str = "population"
    max_places: int | None = None


@dataclass(frozen=True)
class Taken:
    """Zones are made once a geography and vintage, so they are timed apart, except where cases are the places."""

    zones_cpu: float
    wall: float
    cpu: float
    peak_mib: float
    ratio: float
    p_value: float


TASKS = (
    Task("300 areas, 50 %", 300, 0.5, 6_000, 56, 999, "all", 4.1, None),
    Task("7,000 areas, 1 %", 7_000, 0.01, 6_000, 56, 999, "all", 53, None),
    Task("7,000 areas, 5 %", 7_000, 0.05, 6_000, 56, 999, "all", 263, 3.0),
    Task("7,000 areas, 5 %, tests by area and day", 7_000, 0.05, 6_000, 56, 999, "all", None, None, "tests"),
    Task("7,000 areas, 5 %, 200,000 cases", 7_000, 0.05, 200_000, 56, 999, "all", 3_000, None),
    Task("33,000 areas, 1 %", 33_000, 0.01, 6_000, 56, 999, "all", 2_976, 6.0),
    Task("33,000 areas, 1 %, centres with cases", 33_000, 0.01, 6_000, 56, 999, "cases", 2_976, 1.2),
    Task(
        "permutation, 1.7 M postcodes", 1_700_000, 0.05, 100_000, 365, 999, "cases", 5_400, 10.0, "permutation", 500
    ),
)  # fmt: skip
QUICK = (
    Task("quick: 7,000 areas, 1 %", 7_000, 0.01, 2_000, 56, 99, "all", None, None),
    Task("quick: the same, tests by area and day", 7_000, 0.01, 2_000, 56, 99, "all", None, None, "tests"),
    Task("quick: 50,000 postcodes", 50_000, 0.05, 3_000, 120, 99, "cases", None, None, "permutation", 200),
)


def country(places: int, rng: np.random.Generator) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Places in 400 towns of very different size, in metres, and people in each place."""
    centre, size = rng.random((400, 2)) * 5e5, rng.pareto(1.1, 400) + 1.0
    town = rng.choice(400, places, p=size / size.sum())
    points = centre[town] + rng.normal(0.0, 1.0, (places, 2)) * (3_000.0 * np.sqrt(size[town] / 5.0))[:, None]
    return np.round(points), rng.gamma(20.0, 400.0, places)


def study(task: Task, rng: np.random.Generator) -> tuple[Model, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The model, the points and the sizes of its places; nothing is going on in it."""
    points, people = country(task.places, rng)
    where = rng.choice(task.places, task.cases, p=people / people.sum())
    when = rng.integers(0, task.days, task.cases)
    if task.model == "permutation":
        used, where = np.unique(where, return_inverse=True)
        cases = cases_at(where, when, places=len(used), days=task.days)
        return space_time_permutation(cases), points[used], np.bincount(where).astype(np.float64)
    cases = cases_at(where, when, places=task.places, days=task.days)
    if task.model == "population":
        return poisson(cases, people), points, people
    tests = rng.poisson(5.0 * people[:, None] / people.mean(), (task.places, task.days)).astype(np.float64)
    tests[cases.place, cases.day] += 1.0
    return poisson(cases, tests), points, people


def run(task: Task, threads: int) -> Taken:
    """One task from drawn data to clusters with p-values."""
    rng = np.random.default_rng(SEED)
    model, points, size = study(task, rng)
    wall, cpu = time.perf_counter(), time.process_time()
    zones = circles(points, size, max_share=task.max_share, max_places=task.max_places, threads=threads)
    zones_cpu = time.process_time() - cpu
    if task.model != "permutation":
        wall, cpu = time.perf_counter(), time.process_time()
    chance = Chance(replicates=task.replicates, threads=threads)
    found = scan(model, zones, FOUR_WEEKS, rng=rng, chance=chance, centres=task.centres)
    return Taken(
        zones_cpu=zones_cpu,
        wall=time.perf_counter() - wall,
        cpu=time.process_time() - cpu,
        peak_mib=peak_mib(),
        ratio=found.clusters[0].ratio,
        p_value=found.clusters[0].p_value or 1.0,
    )


def alone(task: Task, threads: int) -> Taken:
    """In a process of its own, so that the peak of memory is its own; compiled before the clock starts."""
    words = [sys.executable, "-m", "bench.scan", "--one", task.name, "--threads", str(threads)]
    answer = subprocess.run(words, check=True, capture_output=True, text=True)
    return Taken(**json.loads(answer.stdout))


def figures(*, quick: bool) -> list[Figure]:
    """Every task in a process of its own, two threads; then tests by area and day against the separable scan."""
    taken = {task.name: alone(task, THREADS) for task in (QUICK if quick else TASKS)}
    found = [_figure(task, taken[task.name]) for task in (QUICK if quick else TASKS)]
    plain, uneven = taken.get("7,000 areas, 5 %"), taken.get("7,000 areas, 5 %, tests by area and day")
    if plain and uneven:
        times = uneven.cpu / plain.cpu
        found.append(
            Figure("tests by area and day over the separable scan, CPU", f"{times:.1f} ×", "≤ 3 ×", times <= 3.0)
        )
    return found


def _figure(task: Task, taken: Taken) -> Figure:
    beside = f"; {task.peer / taken.cpu:,.0f} × less CPU than SaTScan's {task.peer:,.0f} s" if task.peer else ""
    zones = f", circles {taken.zones_cpu:.1f} CPU-s" + (" among them" if task.model == "permutation" else " before")
    return Figure(
        f"{task.name}: {task.places:,} places, {task.cases:,} cases, {task.replicates} replicates",
        f"{taken.wall:.2f} s wall, {taken.cpu:.2f} CPU-s, {taken.peak_mib:,.0f} MiB{zones}{beside}",
        f"≤ {task.goal} s wall" if task.goal else "–",
        within(taken.wall, task.goal) if task.goal else None,
    )


def main(words: list[str] | None = None) -> None:
    """The figures of one task as JSON: how `figures` gives each a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m bench.scan", description="One task of the scan's table.")
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--one", required=True, help="name of one task")
    given = parser.parse_args(words)
    task = next(task for task in TASKS + QUICK if task.name == given.one)
    small = replace(task, places=min(task.places, 400), cases=300, replicates=19, max_share=0.3)
    run(small, given.threads)
    run(replace(small, places=70_000 if task.places > 65_536 else small.places), given.threads)
    print(json.dumps(asdict(run(task, given.threads))))


if __name__ == "__main__":
    main()
