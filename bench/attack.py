"""The attack on single tables, beside the plain way: two linear programs for each hidden cell, solved by SciPy (HiGHS).

No package of the Python index attacks tables; the plain way is what sdcTable's attack() does in R. Seconds are of one
core's work. Both attackers get the same table, and their bounds are compared cell by cell.
"""

import json
import time
from datetime import date

import numpy as np
import polars as pl
from scipy.optimize import linprog

from bench.figures import SHARED, Figure
from pumphandle.disclosure.attack.equations import NO_BOUND, System
from pumphandle.disclosure.attack.intervals import Method, intervals
from pumphandle.disclosure.attack.layout import Layout, as_of, cells, over_days, with_parents
from pumphandle.disclosure.attack.published.totals import attack_totals
from pumphandle.disclosure.attack.published.weekdays import attack_weekdays
from pumphandle.disclosure.attack.tables import table

TITLE = "The attack on single tables"
AGES = [f"g{at}" for at in range(10)]
TRIED_QUICKLY = 30


def figures(*, quick: bool) -> list[Figure]:
    shown = [_beside_scipy(quick=quick)]
    begun = time.process_time()
    attacked, cells_there = made_up(areas=7_000, districts=300, regions=9)
    found = intervals(attacked)
    seconds = time.process_time() - begun
    undecided = int((found.method == Method.UNDECIDED).sum())
    hidden = int((attacked.low != attacked.high).sum())
    shown.append(
        Figure(
            f"{cells_there:,} cells, {hidden:,} hidden, area tree by age with all margins",
            f"{seconds:.1f} s; {found.linear_programs:,} programs; {undecided} undecided",
            "≤ 10 s",
            seconds <= 10 and not undecided,
        )
    )
    if (SHARED / "data").is_dir():
        shown += [_vectors(), *_england()]
    return shown


def made_up(*, areas: int, districts: int, regions: int) -> tuple[System, int]:
    """Poisson counts with gamma rates by area, ages, sums up the tree, 1 to 4 hidden; the system and its cells."""
    rng = np.random.default_rng(1854)
    codes = [f"a{at}" for at in range(areas)]
    parents = {area: f"L{at}" for area, at in zip(codes, rng.integers(0, districts, areas), strict=True)}
    parents |= {f"L{at}": f"R{at % regions}" for at in range(districts)} | {f"R{at}": "N" for at in range(regions)}
    counts = rng.poisson(rng.gamma(2, 1, (areas, 1)) * np.ones(len(AGES)))
    level = pl.DataFrame({"area": np.repeat(codes, len(AGES)), "age": AGES * areas, "n": counts.ravel()})
    levels = [level]
    for _ in range(3):
        level = (
            level.with_columns(pl.col("area").replace_strict(parents)).group_by("area", "age").agg(pl.col("n").sum())
        )
        levels.append(level)
    by_age = pl.concat(levels)
    by_area = by_age.group_by("area").agg(pl.col("n").sum()).with_columns(age=pl.lit("T")).select("area", "age", "n")
    whole = pl.concat([by_age, by_area]).sort("area", "age")
    value = pl.when(pl.col("n").is_between(1, 4)).then(None).otherwise("n").alias("value")
    system = table(whole.with_columns(value), parents={"area": parents, "age": dict.fromkeys(AGES, "T")})
    return system, whole.height


def _beside_scipy(*, quick: bool) -> Figure:
    attacked, cells_there = made_up(areas=200, districts=9, regions=3)
    begun = time.process_time()
    ours = intervals(attacked)
    mine = time.process_time() - begun
    hidden = np.flatnonzero(attacked.low != attacked.high)
    tried = hidden[:: max(len(hidden) // TRIED_QUICKLY, 1)] if quick else hidden
    begun = time.process_time()
    theirs = np.array([_plain_way(attacked, int(at)) for at in tried])
    other = (time.process_time() - begun) * len(hidden) / len(tried)
    same = (theirs[:, 0] == ours.low[tried]).all() and (theirs[:, 1] == np.minimum(ours.high[tried], NO_BOUND)).all()
    how = f"from {len(tried)} of them" if quick else "all solved"
    return Figure(
        f"{cells_there:,} cells, {len(hidden):,} hidden: ours, and two programs a cell by SciPy ({how})",
        f"{mine:.2f} s, {other:.1f} s: {other / mine:.0f} times; bounds {'equal' if same else 'DIFFER'}",
        "equal bounds",
        bool(same),
    )


def _plain_way(attacked: System, cell: int) -> tuple[int, int]:
    cost = np.zeros(attacked.atoms)
    matrix = attacked.matrix.astype(np.float64)
    equal = attacked.row_low == attacked.row_high
    bounds = [(low, None if high >= NO_BOUND else high) for low, high in zip(attacked.low, attacked.high, strict=True)]
    ends: list[int] = []
    for sign in (1, -1):
        cost[cell] = sign
        solved = linprog(
            cost,
            A_eq=matrix[equal],
            b_eq=attacked.row_low[equal],
            A_ub=matrix[~equal],
            b_ub=attacked.row_high[~equal],
            bounds=bounds,
            method="highs",
        )
        ends.append(NO_BOUND if solved.x is None else round(float(solved.x[cell])))
    return ends[0], ends[1]


def _vectors() -> Figure:
    """Intervals that GaussSuppression's auditor gave, where it gave one."""
    held = json.loads((SHARED / "reference/disclosure/vectors.json").read_text("utf-8"))
    tree = {f"a{at}": f"L{(at - 1) // 3 + 1}" for at in range(1, 10)} | {f"L{at}": "Total" for at in (1, 2, 3)}
    two_way = {
        "r": {f"r{at}": "Total" for at in range(1, 5)},
        "c": {f"c{at}": "Total" for at in range(1, 6)},
    }
    small = {"a1": "L1", "a2": "L1", "a3": "L1", "b1": "L2", "b2": "L2", "L1": "Total", "L2": "Total"}
    parents = {
        "two_way_1to4_zero_public": two_way,
        "two_way_0to4": two_way,
        "tree_1to4": {"area": tree},
        "tree_by_age_1to4": {"area": tree, "age": dict.fromkeys("ymo", "Total")},
        "singletons_1_1": {"area": small},
    }
    right = asked = 0
    for name, tree_of in parents.items():
        result = held[name]["result"]
        value = [None if hide else n for hide, n in zip(result["suppressed"], result["freq"], strict=True)]
        frame = pl.DataFrame({**{column: result[column] for column in tree_of}, "value": value}, strict=False)
        found = intervals(table(frame, parents=tree_of))
        for at, (low, up) in enumerate(zip(result["lo"], result["up"], strict=True)):
            if low != "NA":
                asked += 1
                right += (int(found.low[at]), int(found.high[at])) == (low, up)
    return Figure(
        f"intervals of GaussSuppression's auditor, {len(parents)} tables", f"{right} of {asked}", "all", right == asked
    )


def _england() -> list[Figure]:
    folder = SHARED / "data/england"
    weekly = pl.read_parquet(folder / "msoa_weekly_20200321_20201128.parquet")
    history = pl.read_parquet(folder / "utla_revision_triangle_20200910_20210622.parquet")
    lookup = pl.read_csv(folder / "msoa11_lookup.csv")
    begun = time.process_time()
    told = cells(weekly, Layout(area="msoa11cd", period="week_end", value="cases_7d"))
    named = Layout(area="area_code", period="specimen_date", value="cases", release="first_release")
    totals = over_days(as_of(cells(history, named), date(2020, 12, 3)), told["period"], days=7)
    placed = with_parents(told, lookup, child="msoa11cd", parent="lad20cd")
    found = attack_totals(placed, totals.rename({"area": "parent"}), hidden=(0, 2))
    first = time.process_time() - begun
    rolling = pl.read_parquet(folder / "msoa_daily_rolling7_20200315_20201125.parquet")
    layout = Layout(area="msoa11cd", period="specimen_date", value="rolling_sum", untold=("status", "blank"))
    begun = time.process_time()
    days = attack_weekdays(cells(rolling, layout))
    second = time.process_time() - begun
    exact, fitting = found["determined exactly"], found["hidden beside a total that fits"]
    return [
        Figure(
            "England, weekly small areas of 2020-12-03 beside upper-tier totals",
            f"{exact} of {fitting:,} exact; {first:.1f} s",
            "about 665 of 83,329",
            (exact, fitting) == (665, 83_329),
        ),
        Figure(
            "England, seven-day sums of 6,791 areas, weekday theorem",
            f"{days['days in those, exact']:,} days exact; {second:.1f} s",
            "–",
        ),
    ]
