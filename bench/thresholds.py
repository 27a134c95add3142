"""The shipped status rules over England's real second wave: every release of 149 authorities, as each day knew it."""

from datetime import date, timedelta
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl

from bench.figures import SHARED, Figure
from pumphandle.publication.status.backtest import back_test
from pumphandle.publication.status.inputs import Inputs
from pumphandle.publication.status.rules import Quantity, StatusRule, read_rule, shipped

TITLE = "Status rules over England's authorities, 10 September 2020 to 22 June 2021"
SPAN = 7
BEHIND = 5
"""Seven specimen days that ended five days before each release, as the United Kingdom's dashboard told them."""


def figures(*, quick: bool) -> list[Figure]:
    """quick : the first sixty days"""
    inputs = second_wave(SHARED / "data" / "england", days=60 if quick else None)
    told = [
        Figure("authorities, and days with a release or the one before it", f"{len(inputs.codes)}, {inputs.days}", "–")
    ]
    for text in shipped().values():
        told += _of(read_rule(text), inputs)
    return told


def _of(rule: StatusRule, inputs: Inputs) -> list[Figure]:
    if Quantity.POSITIVITY in rule.quantities:
        return [Figure(f"{rule.title}: not judged, it needs tests, which this history does not have", "–", "–")]
    done = back_test(rule, inputs)
    acting = np.array(done.acting)
    first = inputs.day(int(np.flatnonzero(acting)[0])) if acting.any() else None
    rows = [Figure(f"{rule.title}: first day on which it acts anywhere", str(first or "never"), "–")]
    for level in done.levels:
        share = level.days / max(1, done.area_days)
        about = (
            f"{level.areas} authorities; {share:.0%} of area-days; entered {level.entered:,}, flapped {level.flaps:,}"
        )
        rows.append(Figure(f"– {level.name} or above", about, "–"))
    return rows


def second_wave(folder: Path, *, days: int | None) -> Inputs:
    """Cases in seven days of every English upper-tier authority by day of release; there are no tests."""
    people = (
        pl.read_csv(folder / "msoa11_lookup.csv").group_by("utlacd").agg(pl.col("pop_mid2019").sum()).sort("utlacd")
    )
    changes = pl.read_parquet(folder / "utla_revision_triangle_20200910_20210622.parquet").with_columns(
        pl.col("area_code").cast(pl.String)
    )
    known = changes.filter(pl.col("area_code").is_in(people["utlacd"].implode()))
    people = people.filter(pl.col("utlacd").is_in(known["area_code"].unique().implode()))
    releases = known["first_release"].unique().sort().to_list()
    first, last = cast("tuple[date, date]", (releases[0], releases[-1]))
    length = (last - first).days + 1 if days is None else days
    codes = people["utlacd"].to_list()
    rates = _as_each_day_knew(known, codes, first=first, length=length)
    nothing = np.zeros(rates.shape, dtype=np.bool_)
    return Inputs(
        codes=tuple(codes),
        first=first,
        population=people["pop_mid2019"].to_numpy().astype(np.float64),
        cases=rates,
        tests=np.full(rates.shape, np.nan),
        quiet=nothing,
        institution=nothing,
        recalled=nothing,
        untested=nothing,
    )


def _as_each_day_knew(
    changes: pl.DataFrame, codes: list[str], *, first: date, length: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """(authorities, days of release) cases in the seven days that ended BEHIND days earlier."""
    begin = first - timedelta(days=BEHIND + SPAN - 1)
    place = {code: row for row, code in enumerate(codes)}
    wanted = changes.filter(pl.col("specimen_date") >= begin).sort("first_release")
    current = np.zeros((len(codes), length + SPAN), dtype=np.int64)
    found = np.zeros((len(codes), length))
    by_release = {
        key[0]: frame for key, frame in wanted.partition_by("first_release", as_dict=True, maintain_order=True).items()
    }
    for step in range(length):
        today = by_release.get(first + timedelta(days=step))
        if today is not None:
            column = (today["specimen_date"] - begin).dt.total_days().to_numpy()
            row = np.array([place[code] for code in today["area_code"]], dtype=np.int64)
            inside = column < current.shape[1]
            current[row[inside], column[inside]] = today["cases"].fill_null(0).to_numpy()[inside]
        found[:, step] = current[:, step : step + SPAN].sum(axis=1)
    return found
