"""What publish-once costs and what it keeps: `python -m bench.disclosure [--quick]`, from the repository's root.

Every figure is measured here, on made-up counts (Poisson with gamma rates by area, seed fixed) and, where the folder
shared/ lies beside the repository, on cases by postcode of New South Wales. Seconds are of one core's work, so that
they do not depend on what else the machine does. Every ledger is attacked from nothing at the end.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pumphandle.disclosure.attack.ledger import Blocks, attack_district
from pumphandle.disclosure.attack.unions import crossing, derived_unions, unions_of_runs
from pumphandle.disclosure.gate import Watched, decide, watch
from pumphandle.disclosure.residual import District, arrive, choose, close, opened

Integers = NDArray[np.int64]
K = 5
LAGS = (0, 3, 7, 14)
CUTS_TO = 60  # days; a cut for every small crossing grows with the square of the history
SHARED = Path(__file__).resolve().parents[2] / "shared/data/nsw"
TARGETS = {3.0: 99, 1.0: 86, 0.5: 77}


@dataclass(frozen=True)
class Run:
    """One district's history, and what it cost."""

    counts: Integers
    blocks: Blocks
    seconds: float
    programs: int
    held_areas: int
    held_totals: int


@dataclass(frozen=True)
class Attack:
    cells: int
    narrow: int
    narrowest: int | None
    few: int
    seconds: float
    programs: int


def district(counts: Integers) -> Run:
    """Every day decided, audited, held or published."""
    watched = watch(counts.shape[1], k=K)
    rows: list[tuple[int, int, int, int]] = []
    totals: list[tuple[int, int, int]] = []
    programs = held_areas = held_totals = 0
    begun = time.process_time()
    for day, arrivals in enumerate(counts):
        decided = decide(watched, arrivals, day=day)
        watched, closing = decided.watched, decided.closing
        for area in np.flatnonzero(closing.areas):
            rows.append((int(area), int(closing.first[area]), day, int(closing.value[area])))
        if closing.district is not None:
            totals.append((closing.district[0], day, closing.district[1]))
        programs += decided.linear_programs
        held_areas += int(closing.held.sum())
        held_totals += decided.held_by_audit
    seconds = time.process_time() - begun
    table = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    blocks = Blocks(table[0], table[1], table[2], table[3], np.array(totals, dtype=np.int64).reshape(-1, 3))
    return Run(counts, blocks, seconds, programs, held_areas, held_totals)


def attack(run: Run) -> Attack:
    """The whole history from nothing: intervals of all small area-days, and every derivable union."""
    begun = time.process_time()
    seen = attack_district(run.blocks, run.counts, k=K)
    seconds = time.process_time() - begun
    spans = np.stack([run.blocks.area, run.blocks.first, run.blocks.last], axis=1)
    few = int(unions_of_runs(run.counts, spans, run.blocks.totals[:, :2], k=K) is not None)
    if len(run.counts) <= CUTS_TO:
        few += derived_unions(crossing(run.counts, spans, run.blocks.totals[:, :2]), k=K).few
    programs = seen.result.linear_programs
    return Attack(int(seen.cells.sum()), seen.narrow + seen.waiting_narrow, seen.narrowest, few, seconds, programs)


def both(counts: Integers) -> tuple[Run, Attack]:
    run = district(counts)
    return run, attack(run)


def made_up(mean: float, *, areas: int, days: int, seed: int) -> Integers:
    rng = np.random.default_rng(seed)
    return rng.poisson(mean * rng.gamma(4, 0.25, areas), (days, areas)).astype(np.int64)


def out_within(runs: list[Run], lag: int) -> float:
    """Share of records public within so many days, of those that are old enough to say."""
    out = every = 0
    for run in runs:
        days = len(run.counts)
        every += int(run.counts[: max(days - lag, 0)].sum())
        for area, first, last in zip(run.blocks.area, run.blocks.first, run.blocks.last, strict=True):
            out += int(run.counts[max(first, last - lag) : min(last + 1, days - lag), area].sum())
    return out / max(every, 1)


def error_of_seven_days(runs: list[Run]) -> float:
    """Mean absolute error of "last 7 days" where each block's persons are spread evenly over its days."""
    errors: list[NDArray[np.float64]] = []
    for run in runs:
        spread = np.full(run.counts.shape, np.nan)
        for area, first, last, value in zip(
            run.blocks.area, run.blocks.first, run.blocks.last, run.blocks.value, strict=True
        ):
            spread[first : last + 1, area] = value / (last - first + 1)
        if len(spread) >= 7:
            windows = np.lib.stride_tricks.sliding_window_view
            gap = windows(spread, 7, axis=0).sum(axis=-1) - windows(run.counts, 7, axis=0).sum(axis=-1)
            errors.append(np.abs(gap[~np.isnan(gap)]))
    joined = np.concatenate(errors) if errors else np.zeros(1)
    return float(joined.mean())


HEAD = (
    f"{'':26}{'out within ' + '/'.join(map(str, LAGS)) + ' d':>26}{'error 7 d':>11}{'window':>8}"
    f"{'total':>7}{'held':>7}{'cells':>9}{'narrow':>8}{'unions':>8}{'ms a day':>10}"
)


def line(name: str, done: list[tuple[Run, Attack]]) -> str:
    runs, attacks = [run for run, _ in done], [seen for _, seen in done]
    lags = "/".join(f"{100 * out_within(runs, lag):.0f}" for lag in LAGS)
    lengths = np.concatenate([run.blocks.last - run.blocks.first + 1 for run in runs])
    totals = np.concatenate([run.blocks.totals[:, 1] - run.blocks.totals[:, 0] + 1 for run in runs])
    days = sum(len(run.counts) for run in runs)
    held = sum(run.held_totals for run in runs) / days
    return (
        f"{name:26}{lags + ' %':>26}{error_of_seven_days(runs):11.2f}{lengths.mean():8.1f}{totals.mean():7.2f}"
        f"{100 * held:6.1f}%{sum(seen.cells for seen in attacks):9,}{sum(seen.narrow for seen in attacks):8}"
        f"{sum(seen.few for seen in attacks):8}{1000 * sum(run.seconds for run in runs) / days:10.1f}"
    )


def simulated(quick: bool) -> None:
    days, repeats = (60, 3) if quick else (365, 6)
    print(f"\nMade-up districts, {days} days, {repeats} each. window, total: mean days of area and district windows.")
    print("held: days on which the audit made the district's window wait; out within 7 d wanted: 99/86/77 % at 3/1/0.5")
    print(HEAD)
    with ProcessPoolExecutor(2) as pool:
        for areas in (23, 8, 4):
            for mean in (0.5, 1.0, 3.0, 6.0):
                counts = [made_up(mean, areas=areas, days=days, seed=seed) for seed in range(repeats)]
                print(line(f"{areas} areas, {mean:g} a day", list(pool.map(both, counts))), flush=True)


def new_south_wales() -> None:
    if not SHARED.is_dir():
        print("\nNew South Wales: the folder shared/ is not beside the repository; left out.")
        return
    print("\nNew South Wales, cases by postcode and day of notification; district: council")
    print(HEAD)
    with ProcessPoolExecutor(2) as pool:
        for name, first, last in (
            ("25 Feb to 31 Dec 2020", date(2020, 2, 25), date(2020, 12, 31)),
            ("Delta, 16 Jun to 30 Nov 21", date(2021, 6, 16), date(2021, 11, 30)),
        ):
            print(line(name, list(pool.map(both, _councils(first, last), chunksize=4))), flush=True)


def _councils(first: date, last: date) -> Iterator[Integers]:
    cases = pl.read_csv(SHARED / "cases_postcode_daily.csv.gz", try_parse_dates=True)
    cases = cases.filter(pl.col("notification_date").is_between(first, last))
    held = pl.read_csv(SHARED / "postcode_to_lga2018_abs_correspondence.csv").sort("ratio").group_by("postcode").last()
    placed = cases.join(held, on="postcode").with_columns(
        day=(pl.col("notification_date") - first).dt.total_days().cast(pl.Int64)
    )
    areas_of = held.filter(pl.col("postcode").is_in(placed["postcode"].unique().implode()))
    days = (last - first).days + 1
    for _, council in sorted(areas_of.group_by("lga_code18"), key=lambda one: str(one[0])):
        codes = {code: at for at, code in enumerate(sorted(council["postcode"]))}
        counts = np.zeros((days, len(codes)), dtype=np.int64)
        mine = placed.filter(pl.col("postcode").is_in(list(codes)))
        for day, postcode, number in mine.select("day", "postcode", "cases").iter_rows():
            counts[day, codes[postcode]] += number
        yield counts


def _warm(seed: int) -> tuple[Watched, Integers]:
    """A district of 23 after 28 days, and its 29th."""
    counts = made_up(3.0, areas=23, days=29, seed=seed)
    watched = watch(23, k=K)
    for day in range(28):
        watched = decide(watched, counts[day], day=day).watched
    return watched, counts[28]


def national(quick: bool) -> None:
    print("\nA nation at 3 a day and area, districts of 23; seconds of one core")
    count = 60 if quick else 304
    plans: list[tuple[District, Integers]] = []
    for seed in range(1_520):
        counts = made_up(3.0, areas=23, days=15, seed=seed)
        plan = opened(23, k=K)
        for day in range(14):
            plan = arrive(plan, counts[day], day=day)
            plan = close(plan, choose(plan, may_close=plan.pending[0] >= K))
        plans.append((plan, counts[14]))
    begun = time.process_time()
    for plan, arrivals in plans:
        now = arrive(plan, arrivals, day=14)
        close(now, choose(now, may_close=now.pending[0] >= K))
    print(f"deciding one day, 34,960 areas: {time.process_time() - begun:.2f} s (wanted: 1 s)")
    with ProcessPoolExecutor(2) as pool:
        warm = list(pool.map(_warm, range(count), chunksize=8))
    begun = time.process_time()
    done = [decide(watched, arrivals, day=28) for watched, arrivals in warm]
    seconds = (time.process_time() - begun) * 304 / count
    cells, programs = sum(one.cells for one in done), sum(one.linear_programs for one in done)
    print(
        f"auditing one new day, 6,992 areas: {seconds:.1f} s (wanted: 5 s on 2 cores); {cells:,} cells,",
        f"{programs:,} programs",
        end="",
    )
    print(f" in {count} of 304 districts")
    runs = [district(made_up(3.0, areas=23, days=28, seed=seed)) for seed in range(count // 4)]
    seen = [attack(run) for run in runs]
    scale = 304 / len(runs)
    print(
        f"attacking 28 days from nothing, 6,992 areas: {scale * sum(one.seconds for one in seen):.1f} s (wanted: 60 s "
        f"on 2 cores); {int(scale * sum(one.cells for one in seen)):,} cells, narrow {sum(one.narrow for one in seen)}"
    )


def year() -> None:
    print("\nOne district of 23 at 3 a day, 365 days: ms a day, by month (is the cost flat?)")
    counts = made_up(3.0, areas=23, days=365, seed=1)
    watched = watch(23, k=K)
    took: list[float] = []
    for day, arrivals in enumerate(counts):
        begun = time.process_time()
        watched = decide(watched, arrivals, day=day).watched
        took.append(time.process_time() - begun)
    print(" ".join(f"{1000 * np.mean(took[at : at + 30]):.0f}" for at in range(0, 360, 30)))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="60 days and fewer districts; about two minutes")
    quick = bool(parser.parse_args().quick)
    simulated(quick)
    new_south_wales()
    national(quick)
    year()
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"\nLargest process: {peak / 1024:,.0f} MiB")


if __name__ == "__main__":
    sys.exit(main())
