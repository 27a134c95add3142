"""What publish-once costs and what it keeps.

Every figure is measured here, on made-up counts (Poisson with gamma rates by area, seed fixed) and, where the folder
shared/ lies beside the repository, on cases by postcode of New South Wales. Seconds are of one core's work, so that
they do not depend on what else the machine does. Every ledger is attacked from nothing at the end.
"""

import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.figures import SHARED, Figure
from pumphandle.disclosure.attack.ledger import attack_district
from pumphandle.disclosure.attack.unions import crossing, derived_unions, unions_of_runs
from pumphandle.disclosure.attack.windows import Blocks
from pumphandle.disclosure.gate import Arrivals, Gate, Watched, decide, decide_together, watch
from pumphandle.disclosure.lots import LEAST_BYTES, rests
from pumphandle.disclosure.residual import District, arrive, choose, close, opened

TITLE = "Nothing published can be undone"
Integers = NDArray[np.int64]
K = 5
LAGS = (0, 3, 7, 14)
POOL_DAYS, REST_PERCENT = 28, 10  # as the thresholds are shipped
CUTS_TO = 60  # days; a cut for every small crossing grows with the square of the history
NSW = SHARED / "data" / "nsw"
ENGLAND = SHARED / "data" / "england"
ENGLISH_WEEKS = 6
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


def rested(counts: Integers, day: int) -> bool:
    """Whether the district's own window rests, as the threshold is shipped."""
    name = f"{counts.shape[1]} areas, {int(counts.sum())} records"
    return rests(bytes(LEAST_BYTES), name, "cases", date(2020, 1, 1) + timedelta(days=day), percent=REST_PERCENT)


def district(counts: Integers) -> Run:
    """Every day decided, audited, held or published."""
    watched = watch(counts.shape[1], k=K)
    rows: list[tuple[int, int, int, int]] = []
    totals: list[tuple[int, int, int]] = []
    programs = held_areas = held_totals = 0
    begun = time.process_time()
    for day, arrivals in enumerate(counts):
        decided = decide(watched, arrivals, day=day, total_may_close=not rested(counts, day))
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


def row(name: str, done: list[tuple[Run, Attack]], *, mean: float | None = None, areas: int = 0) -> list[Figure]:
    """What a set of districts kept, and what the attack from nothing found."""
    runs, attacks = [run for run, _ in done], [seen for _, seen in done]
    shares = [100 * out_within(runs, lag) for lag in LAGS]
    wanted = TARGETS.get(mean or 0.0) if areas == 23 else None
    error = error_of_seven_days(runs)
    totals = np.concatenate([run.blocks.totals[:, 1] - run.blocks.totals[:, 0] + 1 for run in runs])
    days = sum(len(run.counts) for run in runs)
    cells, narrow, few = (sum(numbers) for numbers in zip(*((a.cells, a.narrow, a.few) for a in attacks), strict=True))
    spent = 1000 * sum(run.seconds for run in runs) / days
    return [
        Figure(
            f"{name}: small counts narrower than k - 1; derived groups of few; of small counts",
            f"{narrow}; {few}; {cells:,}",
            "0; 0",
            narrow == 0 and few == 0,
        ),
        Figure(
            f"{name}: out within {'/'.join(map(str, LAGS))} days",
            "/".join(f"{share:.0f}" for share in shares) + " %",
            "–" if wanted is None else f"{wanted} % within 7",
            None if wanted is None else shares[2] >= wanted,
        ),
        Figure(
            f"{name}: mean error of 7 days; mean days of a total; processor time a district and day",
            f"{error:.2f}; {totals.mean():.2f}; {spent:.0f} ms",
            "≤ 1.1; –; –",
            error <= 1.1,
        ),
    ]


def simulated(days: int, repeats: int, *, means: tuple[float, ...]) -> list[Figure]:
    found: list[Figure] = []
    with ProcessPoolExecutor(2) as pool:
        for areas in (23, 8, 4):
            for mean in means:
                counts = [made_up(mean, areas=areas, days=days, seed=seed) for seed in range(repeats)]
                name = f"{days} days, {areas} areas, {mean:g} a day"
                found += row(name, list(pool.map(both, counts)), mean=mean, areas=areas)
    return found


def new_south_wales(*, quick: bool) -> list[Figure]:
    """Cases by postcode and day of notification; a district is a council."""
    if not NSW.is_dir():
        return [Figure("New South Wales", "not measured: the folder shared/ is not beside the repository", "–")]
    spans = [("Delta, 16 June to 30 November 2021", date(2021, 6, 16), date(2021, 11, 30))]
    if not quick:
        spans.insert(0, ("25 February to 31 December 2020", date(2020, 2, 25), date(2020, 12, 31)))
    with ProcessPoolExecutor(2) as pool:
        return [
            figure
            for name, first, last in spans
            for figure in row(f"New South Wales, {name}", list(pool.map(both, _councils(first, last), chunksize=4)))
        ]


def _councils(first: date, last: date) -> Iterator[Integers]:
    cases = pl.read_csv(NSW / "cases_postcode_daily.csv.gz", try_parse_dates=True)
    cases = cases.filter(pl.col("notification_date").is_between(first, last))
    held = pl.read_csv(NSW / "postcode_to_lga2018_abs_correspondence.csv").sort("ratio").group_by("postcode").last()
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


def england(*, quick: bool) -> list[Figure]:
    """The last weeks of 2020 that were published by small area and week, spread over days by a seeded draw."""
    if not ENGLAND.is_dir():
        return [Figure("England", "not measured: the folder shared/ is not beside the repository", "–")]
    weeks = 2 if quick else ENGLISH_WEEKS
    name = f"England, 6,791 small areas in 314 districts, {weeks} weeks to 28 November 2020"
    with ProcessPoolExecutor(2) as pool:
        return row(name, list(pool.map(both, _english_districts(weeks), chunksize=4)))


def _english_districts(weeks: int) -> Iterator[Integers]:
    """(days, areas) of each district. A week published as "fewer than 3" is drawn from 0, 1 and 2."""
    rng = np.random.default_rng(1854)
    told = pl.read_parquet(ENGLAND / "msoa_weekly_20200321_20201128.parquet")
    last = sorted(told["week_end"].unique())[-weeks:]
    areas = pl.read_csv(ENGLAND / "msoa11_lookup.csv", columns=["msoa11cd", "lad20cd"])
    wide = (
        areas.join(pl.DataFrame({"week_end": last}), how="cross")
        .join(told.select("msoa11cd", "week_end", "cases_7d"), on=["msoa11cd", "week_end"], how="left")
        .sort("lad20cd", "msoa11cd", "week_end")
    )
    for _, district in wide.group_by("lad20cd", maintain_order=True):
        counts = district["cases_7d"].to_numpy().astype(np.float64).reshape(-1, weeks)
        hidden = np.isnan(counts)
        counts[hidden] = rng.integers(0, 3, int(hidden.sum()))
        days = rng.multinomial(counts.astype(np.int64), np.full(7, 1 / 7))
        yield days.reshape(len(counts), weeks * 7).T.astype(np.int64)


def _warm(seed: int) -> tuple[Watched, Integers]:
    """A district of 23 after 28 days, and its 29th."""
    counts = made_up(3.0, areas=23, days=29, seed=seed)
    watched = watch(23, k=K)
    for day in range(28):
        watched = decide(watched, counts[day], day=day, total_may_close=not rested(counts, day)).watched
    return watched, counts[28]


def national(*, quick: bool) -> list[Figure]:
    """A nation at 3 a day and area, in districts of 23."""
    count = 24 if quick else 304
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
    deciding = time.process_time() - begun
    with ProcessPoolExecutor(2) as pool:
        warm = list(pool.map(_warm, range(count), chunksize=8))
    begun = time.process_time()
    done = [decide(watched, arrivals, day=28) for watched, arrivals in warm]
    auditing = (time.process_time() - begun) * 304 / count
    programs = sum(one.linear_programs for one in done)
    seen = [attack(district(made_up(3.0, areas=23, days=28, seed=seed))) for seed in range(count // 4)]
    whole = 304 / len(seen) * sum(one.seconds for one in seen)
    return [
        Figure("deciding one day of 34,960 areas, one core", f"{deciding:.2f} s", "≤ 1 s", deciding <= 1),
        Figure(
            f"auditing one new day of 6,992 areas ({count} of 304 districts measured, {programs:,} programs)",
            f"{auditing:.1f} s of one core",
            "≤ 5 s on 2 cores",
            auditing <= 10,
        ),
        Figure(
            f"attacking 28 days of 6,992 areas from nothing ({len(seen)} of 304 districts measured)",
            f"{whole:.0f} s of one core",
            "≤ 60 s on 2 cores",
            whole <= 120,
        ),
    ]


def _year_of_one(seed: int) -> list[float]:
    """Processor seconds of each day. Windows pool as the rule has them: one that never closes would never be sealed."""
    watched = watch(23, k=K)
    took: list[float] = []
    counts = made_up(3.0, areas=23, days=365, seed=seed)
    for day, arrivals in enumerate(counts):
        today = Arrivals(arrivals, total_may_close=not rested(counts, day))
        begun = time.process_time()
        done = decide_together([watched], [today], day=day, gate=Gate(pool_after=POOL_DAYS))
        watched = done.sides[0].watched
        took.append(time.process_time() - begun)
    return took


def year() -> list[Figure]:
    """Months are compared over several districts: one day with a hard program weighs more than a month without."""
    with ProcessPoolExecutor(2) as pool:
        every: NDArray[np.float64] = np.array(list(pool.map(_year_of_one, range(1, 9))))
    took = every.mean(axis=0)
    months = [1000 * float(took[at : at + 30].mean()) for at in range(0, 360, 30)]
    rise = float(np.mean(months[-3:])) / float(np.mean(months[1:4]))
    return [
        Figure(
            "cost of a day through a year, mean of eight districts of 23, ms by month",
            " ".join(f"{one:.1f}" for one in months),
            "flat",
            rise < 1.5,
        ),
        Figure("– last three months over months two to four", f"{rise:.2f}", "about 1", rise < 1.5),
    ]


def figures(*, quick: bool) -> list[Figure]:
    found = simulated(28, 3, means=(0.5, 1.0, 3.0, 6.0))
    if not quick:
        found += simulated(365, 2, means=(0.5, 1.0, 3.0, 6.0))
    found += [*new_south_wales(quick=quick), *england(quick=quick), *national(quick=quick), *year()]
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    return [*found, Figure("largest process", f"{peak:,.0f} MiB", "≤ 2,048 MiB", peak <= 2048)]
