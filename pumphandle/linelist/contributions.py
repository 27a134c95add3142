"""Signed contributions: what a day's news adds to and takes from every count.

The reporting triangle and the publication windows are sums of these and of nothing else.
"""

from typing import Final

import polars as pl

from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.pathogens import TestResult

COUNTED: Final = (
    "record_key",
    "person_key",
    "household_key",
    "small_area",
    "district",
    "postcode",
    "age_band",
    "sex",
    "laboratory",
    "specimen_date",
    "pathogen",
    "result",
)
CONTRIBUTION_COLUMNS: Final = (
    "measure",
    "sign",
    "contribution",
    "record_key",
    "person_key",
    "household_key",
    "small_area",
    "district",
    "postcode",
    "age_band",
    "sex",
    "laboratory",
    "specimen_date",
    "pathogen",
)
TRIANGLE_KEY: Final = ("small_area", "specimen_date", "pathogen", "measure", "age_band", "sex")


def of_records(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """tests and positives: the state before goes out, the state after comes in (CONTRIBUTION_COLUMNS).

    before, after : COUNTED and `kind`, one row a record; a retracted or void record counts nothing.
    A record whose counted columns did not change gives no row.
    """
    columns = list(COUNTED)
    out, into = _standing(before).select(columns), _standing(after).select(columns)
    gone = out.join(into, on=columns, how="anti", nulls_equal=True).with_columns(sign=pl.lit(-1, pl.Int8))
    come = into.join(out, on=columns, how="anti", nulls_equal=True).with_columns(sign=pl.lit(1, pl.Int8))
    both = pl.concat([gone, come]).with_columns(contribution=pl.col("record_key"))
    tests = both.with_columns(measure=pl.lit(str(Measure.TESTS)))
    positives = both.filter(pl.col("result") == str(TestResult.POSITIVE)).with_columns(
        measure=pl.lit(str(Measure.POSITIVES))
    )
    return pl.concat([tests, positives]).select(CONTRIBUTION_COLUMNS)


def _standing(records: pl.DataFrame) -> pl.DataFrame:
    return records.filter((pl.col("kind") != "retracted") & (pl.col("result") != str(TestResult.VOID)))


def of_episodes(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """cases: an episode that is gone, come, or lies elsewhere (CONTRIBUTION_COLUMNS).

    before, after : person_key, pathogen, start_date, first_record, small_area, district, household_key, age_band, sex
    """
    columns = ["person_key", "pathogen", "start_date", "small_area", "district", "household_key", "age_band", "sex"]
    gone = before.join(after, on=columns, how="anti", nulls_equal=True).with_columns(sign=pl.lit(-1, pl.Int8))
    come = after.join(before, on=columns, how="anti", nulls_equal=True).with_columns(sign=pl.lit(1, pl.Int8))
    return (
        pl.concat([gone, come])
        .with_columns(
            measure=pl.lit(str(Measure.CASES)),
            contribution=pl.concat_str("person_key", pl.col("start_date").cast(pl.String), separator=":"),
            record_key=pl.col("first_record"),
            specimen_date=pl.col("start_date"),
            postcode=pl.lit(None, pl.String),
            laboratory=pl.lit(None, pl.String),
        )
        .select(CONTRIBUTION_COLUMNS)
    )


def together(contributions: pl.DataFrame) -> pl.DataFrame:
    """Contributions of several linkings as one linking would have made them: what came and went in between is neither
    (CONTRIBUTION_COLUMNS, in no order)."""
    key = [name for name in CONTRIBUTION_COLUMNS if name not in ("sign", "record_key")]
    sums = contributions.group_by(key, maintain_order=True).agg(
        pl.col("sign").cast(pl.Int64).sum(), pl.col("record_key").last()
    )
    kept = sums.filter(pl.col("sign") != 0).with_columns(pl.col("sign").cast(pl.Int8))
    return kept.select(CONTRIBUTION_COLUMNS)


def triangle(contributions: pl.DataFrame) -> pl.DataFrame:
    """Increments by TRIANGLE_KEY; cells whose increments cancel are left out."""
    key = list(TRIANGLE_KEY)
    sums = contributions.group_by(key).agg(increment=pl.col("sign").cast(pl.Int64).sum())
    return sums.filter(pl.col("increment") != 0).sort(key)
