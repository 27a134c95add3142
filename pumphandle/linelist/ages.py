"""Age of a person on the day of the specimen, in bands."""

import polars as pl

from pumphandle.vocabulary.counts import AGE_BAND_STARTS, AGE_BANDS


def age_band() -> pl.Expr:
    """Expression over `date_of_birth` and `specimen_date` (dates): one of AGE_BANDS."""
    born, taken = pl.col("date_of_birth"), pl.col("specimen_date")
    had_birthday = (taken.dt.month() * 100 + taken.dt.day()) >= (born.dt.month() * 100 + born.dt.day())
    years = taken.dt.year() - born.dt.year() - (~had_birthday).cast(pl.Int32)
    band = pl.lit(AGE_BANDS[-1])
    for start, name in zip(AGE_BAND_STARTS, AGE_BANDS[:-1], strict=True):
        band = pl.when(years >= start).then(pl.lit(name)).otherwise(band)
    return band.alias("age_band")
