"""Real revision histories: what was known of each day on each morning."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest


@dataclass(frozen=True)
class Revisions:
    """values (areas, specimen days, releases), from first_day and first_release on."""

    values: np.ndarray
    first_day: date
    first_release: date

    def counts(self, morning: date, *, days: int, later: int = 0, ahead: int = 0) -> np.ndarray:
        """The `days` up to `ahead` days after `morning`, as known `later` days after it."""
        release = min((morning - self.first_release).days + later, self.values.shape[2] - 1)
        last = (morning - self.first_day).days + ahead
        return self.values[:, last - days + 1 : last + 1, release]

    def triangle(self, morning: date, *, days: int, delays: int) -> np.ndarray:
        """(areas, days, delays) increments known on `morning`; the longest delay takes all that came later."""
        release = (morning - self.first_release).days
        first = (morning - self.first_day).days - days + 1
        found = np.zeros((len(self.values), days, delays))
        for day in range(days):
            seen = np.clip(
                np.arange(-1, delays) + first + day + (self.first_day - self.first_release).days, -1, release
            )
            known = np.where(seen >= 0, self.values[:, first + day, np.maximum(seen, 0)], 0.0)
            known[:, -1] = self.values[:, first + day, release]
            found[:, day] = np.diff(known, axis=1)
        return found


@pytest.fixture(scope="session")
def second_wave(shared: Path) -> Revisions:
    """Cases of England's upper-tier areas, released daily from 10 September 2020 to 22 June 2021."""
    return _read(shared / "data" / "england" / "utla_revision_triangle_20200910_20210622.parquet", prefix="E")


def _read(file: Path, *, prefix: str) -> Revisions:
    """From a parquet file of changes: area_code, specimen_date, first_release, cases."""
    changes = pl.read_parquet(file).with_columns(pl.col("area_code").cast(pl.String))
    changes = changes.filter(pl.col("area_code").str.starts_with(prefix))
    first_day: date = changes.select(pl.col("specimen_date").min()).item()
    first: date = changes.select(pl.col("first_release").min()).item()
    last: date = changes.select(pl.col("first_release").max()).item()
    areas = {code: at for at, code in enumerate(sorted(changes["area_code"].unique()))}
    shape = (len(areas), (last - first_day).days + 1, (last - first).days + 1)
    values = np.full(shape, np.nan)
    values[
        changes["area_code"].replace_strict(areas, return_dtype=pl.Int64).to_numpy(),
        (changes["specimen_date"] - first_day).dt.total_days().to_numpy(),
        (changes["first_release"] - first).dt.total_days().to_numpy(),
    ] = changes["cases"].to_numpy()
    since = np.where(np.isnan(values), 0, np.arange(shape[2]))
    np.maximum.accumulate(since, axis=2, out=since)
    return Revisions(np.nan_to_num(np.take_along_axis(values, since, 2)), first_day, first)
