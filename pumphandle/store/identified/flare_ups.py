"""Flare-ups as a run makes them: sets of linked cases and clusters that share cases, under one name through time.

They are read where sets are read.
"""

from typing import Any, Final

import polars as pl

from pumphandle.store.engine import Transaction, insert_frame, read_frame

GROUP_SCHEMA: Final[dict[str, Any]] = {"group": pl.String, "case": pl.String, "authority": pl.String, "day": pl.Date}
FLARE_SCHEMA: Final[dict[str, Any]] = {"set_id": pl.String, "case": pl.String, "since": pl.Date}


def groups(tx: Transaction) -> pl.DataFrame:
    """Cases of every set, and of every cluster that has not ended as it was last seen (GROUP_SCHEMA).

    A cluster's cases as they stand today: one that was merged into another, was withdrawn or lies elsewhere by now is
    counted once, not at all, or there.
    """
    return read_frame(
        tx,
        "select 'set ' || set_id, case_key, authority, day from identified.case_set "
        "union select 'cluster ' || k.cluster_id, i.case_key, i.district, i.start_date "
        "from identified.cluster_case k join decisions.cluster c using (cluster_id) "
        "join identified.case_of_record i on i.record_key = k.case_key "
        "where c.state <> 'ended' and k.last_seen = c.last_seen",
        [],
        GROUP_SCHEMA,
    )


def living(tx: Transaction) -> pl.DataFrame:
    """Flare-ups as the last trace left them (FLARE_SCHEMA)."""
    return read_frame(tx, "select flare_id, case_key, since from identified.flare_case", [], FLARE_SCHEMA)


def replace(tx: Transaction, cases: pl.DataFrame, states: pl.DataFrame) -> None:
    """cases : flare_id, case_key, authority, day, since; states : columns of identified.flare_state, for this run."""
    tx.execute("delete from identified.flare_case")
    insert_frame(tx, "identified.flare_case", cases)
    insert_frame(tx, "identified.flare_state", states)
