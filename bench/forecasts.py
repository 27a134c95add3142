"""Forecasts scored on real revision histories: `python -m bench.forecasts DATA`, with `--quick` for fewer mornings.

Each morning sees only what had been released by then. Outcomes are the counts released five weeks after the forecast
day, or the last ones there are. Scores: weighted interval score and coverage of the 95 % interval, days 1 to 14.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from pumphandle.detection.daily.ahead import ahead
from pumphandle.detection.forecast import LEVELS, forecast
from pumphandle.detection.nowcast import nowcast
from pumphandle.detection.scoring import covered, weighted_interval_score, worth_showing

Values = npt.NDArray[np.float64]

DAYS = 85
DELAYS = 15
RUN_DAYS = 126  # of a run's own triangle
MONDAYS = [date(2021, 1, 11) + timedelta(weeks=2 * step) for step in range(9)]
SETTLED = 35  # days after which an outcome is taken as final
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class History:
    """values (areas, specimen days, releases) from first_day and first_release on."""

    values: Values
    first_day: date
    first_release: date

    def triangle(self, morning: date, days: int = DAYS) -> Values:
        """(areas, days, DELAYS) increments known on `morning`."""
        release = (morning - self.first_release).days
        first = (morning - self.first_day).days - days + 1
        before = (self.first_day - self.first_release).days
        found = np.zeros((len(self.values), days, DELAYS))
        for day in range(first, first + days):
            seen = np.clip(np.arange(-1, DELAYS) + day + before, -1, release)
            known = np.where(seen >= 0, self.values[:, day, np.maximum(seen, 0)], 0.0)
            known[:, -1] = self.values[:, day, release]
            found[:, day - first] = np.diff(known, axis=1)
        return found

    def outcome(self, morning: date) -> Values:
        """(areas, 14) counts of `morning` and the days after it."""
        release = min((morning - self.first_release).days + SETTLED, self.values.shape[2] - 1)
        first = (morning - self.first_day).days
        return self.values[:, first : first + 14, release]


@dataclass(frozen=True)
class Scores:
    """Each (mornings, areas)."""

    ours: Values
    flat: Values
    held: Values


def england(file: Path, kind: str | None) -> History:
    """From a parquet file of changes: area_code, specimen_date, first_release, cases."""
    changes = pl.read_parquet(file).with_columns(pl.col("area_code").cast(pl.String))
    if kind is not None:
        changes = changes.filter(pl.col("area_type").cast(pl.String) == kind)
    changes = changes.filter(pl.col("area_code").str.starts_with("E"))
    day, release = pl.col("specimen_date"), pl.col("first_release")
    first_day, first, last = changes.select(day.min(), release.min().alias("first"), release.max().alias("last")).row(0)
    areas = {code: at for at, code in enumerate(sorted(changes["area_code"].unique()))}
    values = np.full((len(areas), (last - first_day).days + 1, (last - first).days + 1), np.nan)
    at = changes.select(
        pl.col("area_code").replace_strict(areas, return_dtype=pl.Int64),
        (day - first_day).dt.total_days(),
        (release - first).dt.total_days(),
    ).to_numpy()
    values[at[:, 0], at[:, 1], at[:, 2]] = changes["cases"].to_numpy()
    since = np.where(np.isnan(values), 0, np.arange(values.shape[2]))
    np.maximum.accumulate(since, axis=2, out=since)
    return History(np.nan_to_num(np.take_along_axis(values, since, 2)), first_day, first)


def new_york(file: Path, first: date, last: date) -> tuple[Values, date]:
    """(areas, days) cases by day of release: the city publishes totals, so a day's cases are what the total rose by.

    A day without a release shares the next one's rise; a total that falls counts as no case.
    """
    totals = (
        pl.read_parquet(file, columns=["committed", "modzcta", "cases"])
        .with_columns(day=pl.col("committed").cast(pl.Date), area=pl.col("modzcta").cast(pl.String))
        .filter(pl.col("day").is_between(first, last))
        .sort("committed")
        .group_by("area", "day")
        .agg(pl.col("cases").last().cast(pl.Float64))
    )
    areas = sorted(totals["area"].drop_nulls().unique())
    days = [first + timedelta(days=day) for day in range((last - first).days + 1)]
    frame = pl.DataFrame({"area": areas}).join(pl.DataFrame({"day": days}), how="cross")
    wide = frame.join(totals, on=["area", "day"], how="left").sort("area", "day")
    filled = wide.with_columns(pl.col("cases").interpolate().over("area"))["cases"].to_numpy()
    counts = np.diff(np.asarray(filled, dtype=np.float64).reshape(len(areas), len(days)), axis=1)
    kept = np.isfinite(counts).all(1)
    return np.maximum(np.rint(counts[kept]), 0.0), first + timedelta(days=1)


def score(known: Values, complete: Values | None, outcome: Values) -> tuple[Values, Values, Values]:
    """(areas,) score, baseline's score and coverage, means over the days ahead."""
    found = forecast(known, complete)
    return (
        weighted_interval_score(found.model.quantiles, LEVELS, outcome).mean(1),
        weighted_interval_score(found.baseline.quantiles, LEVELS, outcome).mean(1),
        covered(found.model.quantiles, LEVELS, outcome).mean(1),
    )


def of_history(history: History, mornings: Iterator[date]) -> Scores:
    """With the nowcast's completeness; today's own specimens are left out."""
    found: list[tuple[Values, Values, Values]] = []
    for morning in mornings:
        now = nowcast(history.triangle(morning))
        found.append(score(now.reported[:, :-1], now.completeness[:, :-1], history.outcome(morning)))
    return Scores(*(np.array(one) for one in zip(*found, strict=True)))


def of_counts(counts: Values, step: int) -> Scores:
    """Without revisions."""
    origins = range(DAYS, counts.shape[1] - 14, step)
    found = [score(counts[:, at - DAYS + 1 : at], None, counts[:, at : at + 14]) for at in origins]
    return Scores(*(np.array(one) for one in zip(*found, strict=True)))


def mornings(first: date, last: date, step: timedelta) -> Iterator[date]:
    """From `first` to before `last`."""
    while first < last:
        yield first
        first += step


def report(name: str, scores: Scores, late: int) -> str:
    """One line; `late` : mornings whose outcome is not yet known when the next forecast is made."""
    ratio = scores.ours.mean() / scores.flat.mean()
    ours, flat, count, total = 0.0, 0.0, 0, 0
    for at in range(late, len(scores.ours)):
        past = slice(0, at - late)
        shown = worth_showing(scores.ours[past], scores.flat[past], scores.held[past])
        ours, flat = ours + float(scores.ours[at][shown].sum()), flat + float(scores.flat[at][shown].sum())
        count, total = count + int(shown.sum()), total + len(shown)
    where = f"{ours / flat:.2f}" if flat else "-"
    line = f"{name:34}{scores.ours.shape[0]:>9}{scores.ours.shape[1]:>7}{scores.ours.mean():>8.2f}{ratio:>7.2f}"
    return f"{line}{scores.held.mean():>9.2f}{count / max(total, 1):>8.0%}{where:>10}"


def as_a_run(history: History, morning: date) -> str:
    """One line: what a run shows on this Monday, from six earlier mornings of its own triangle, and what came."""
    triangle, outcome = history.triangle(morning, RUN_DAYS), history.outcome(morning + timedelta(days=1))
    made = ahead(triangle)
    if made is None:
        return f"{morning}: too short a past"
    now = nowcast(triangle)
    flat = forecast(now.reported, now.completeness).baseline
    ours, theirs = (weighted_interval_score(one, LEVELS, outcome).mean(1) for one in (made.quantiles, flat.quantiles))
    where = f"{ours[made.shown].sum() / theirs[made.shown].sum():.2f}" if made.shown.any() else "-"
    everywhere = f"{ours.sum() / theirs.sum():.2f}"
    return f"{morning}: shown in {made.shown.mean():.0%}, there {where} of the baseline; everywhere {everywhere}"


def main() -> None:
    """Prints one table, and what a run would have shown on some Mondays."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("data", type=Path, help="folder with england/ and nyc/")
    reader.add_argument("--quick", action="store_true", help="every third morning")
    options = reader.parse_args()
    data, every = options.data, 3 if options.quick else 1
    print(
        f"{'history':34}{'mornings':>9}{'areas':>7}{'score':>8}{'ratio':>7}{'95% held':>9}{'shown':>8}{'its ratio':>10}"
    )
    upper = england(data / "england" / "utla_revision_triangle_20200910_20210622.parquet", None)
    wave = of_history(upper, mornings(date(2020, 12, 4), date(2021, 5, 14), WEEK * every))
    print(report("England, upper tier, wave 2020-21", wave, 3))
    lower = england(data / "england" / "ltla_revision_triangle_20200409_20200829.parquet", "ltla")
    summer = of_history(lower, mornings(date(2020, 6, 20), date(2020, 7, 25), timedelta(days=3 * every)))
    print(report("England, lower tier, summer 2020", summer, 6))
    print("As a run shows it, England's upper tier:")
    for monday in MONDAYS[:: 3 if options.quick else 1]:
        print(" ", as_a_run(upper, monday))
    history = data / "nyc" / "modzcta_release_history_20200401_20251016.parquet"
    city, _ = new_york(history, date(2020, 11, 10), date(2021, 6, 30))
    print(report("New York City, by day of release", of_counts(city, 7 * every), 3))


if __name__ == "__main__":
    main()
