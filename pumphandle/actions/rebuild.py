"""Tell the reporting triangle anew, once from every contribution and once from the records, and compare."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from pumphandle.linelist.contributions import of_episodes, of_records, triangle
from pumphandle.linelist.episodes import episodes
from pumphandle.store.decisions import audit, thresholds
from pumphandle.store.engine import Database
from pumphandle.store.events import counts
from pumphandle.store.events.lake import Lake
from pumphandle.store.identified import linking, purging
from pumphandle.vocabulary.errors import Broken
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class Compared:
    """cells : of the triangle; records : that stand behind it, of persons of whom none was erased"""

    cells: int
    records: int


def rebuild(database: Database, lake: Lake, *, by: Actor, at: datetime) -> Compared:
    """Raises Broken with the number of cells that differ; nothing is changed either way.

    Persons of whom a record was erased are compared by their contributions alone: nothing else is left of them.
    """
    with database.transaction() as tx:
        kept, anew = counts.triangle_kept(tx, lake), counts.triangle_from_events(tx, lake)
        if not kept.equals(anew):
            cells = kept.join(anew, on=kept.columns, how="anti", nulls_equal=True).height
            raise Broken(f"{max(cells, 1):,} cells of the reporting triangle are not what the contributions add up to.")
        sums, erased = counts.contributions_of_all_but(tx, lake, purging.erased(tx))
        records = linking.standing_records(tx).join(erased, on="person_key", how="anti")
        days = int(thresholds.current(tx, "episode_days").value)
        told = triangle(_from_records(records, days))
        if not sums.equals(told.select(sums.columns)):
            raise Broken("The sum of the reporting triangle is not what the records and their episodes add up to.")
        done = Compared(kept.height, records.height)
        audit.add(tx, deed="rebuild", subject={"cells": done.cells, "records": done.records}, by=by, at=at)
        return done


def _from_records(records: pl.DataFrame, days: int) -> pl.DataFrame:
    positives = records.filter((pl.col("result") == "positive") & (pl.col("kind") != "retracted"))
    starts = episodes(positives, days=days).rename({"specimen_date": "start_date", "record_key": "first_record"})
    now = starts.select(list(linking.EPISODE_SCHEMA))
    return pl.concat([of_records(records.clear(), records), of_episodes(now.clear(), now)])
