"""Repeat positives of one person become one illness."""

import polars as pl


def episodes(positives: pl.DataFrame, *, days: int) -> pl.DataFrame:
    """First record of every episode.

    positives : person_key, pathogen, specimen_date, record_key and any other columns, one row a positive record
    days      : an episode takes in every positive of the same person within so many days of its FIRST one

    Start-anchored: a positive starts a new episode when it lies more than `days` after the start of the episode
    before it, not after the last positive. Ties on the date go to the smaller record_key. Input order does not matter.
    """
    waiting = positives.sort("person_key", "pathogen", "specimen_date", "record_key")
    starts: list[pl.DataFrame] = []
    while waiting.height:
        first = waiting.unique(["person_key", "pathogen"], keep="first", maintain_order=True)
        starts.append(first)
        anchor = first.select("person_key", "pathogen", start=pl.col("specimen_date"))
        waiting = (
            waiting.join(anchor, on=["person_key", "pathogen"], how="left", maintain_order="left")
            .filter((pl.col("specimen_date") - pl.col("start")).dt.total_days() > days)
            .drop("start")
        )
    return pl.concat([positives.clear(), *starts]).sort("person_key", "pathogen", "specimen_date")
