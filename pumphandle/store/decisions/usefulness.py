"""How useful each release was: on an inner shelf, because it tells how many wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from psycopg.rows import class_row

from pumphandle.publication.estimates import Windows
from pumphandle.publication.usefulness import Usefulness
from pumphandle.store.engine import Transaction, read_frame


@dataclass(frozen=True)
class ReleaseUsefulness:
    """One measure of one release; see publication.usefulness.Usefulness. `narrowest_interval` is its certificate's."""

    release_id: str
    as_of: date
    measure: str
    out_0: float | None
    out_3: float | None
    out_7: float | None
    out_14: float | None
    window_days: float | None
    windows: int
    error: float | None
    error_settled: float | None
    seven_days: float | None
    held_back: float | None
    narrowest_interval: int | None


def add(
    tx: Transaction, release_id: str, as_of: date, measure: str, found: Usefulness, *, narrowest: int | None
) -> None:
    """Once for each release and measure; again, it replaces what was measured before."""
    tx.execute(
        "insert into decisions.usefulness (release_id, as_of, measure, out_0, out_3, out_7, out_14, window_days,"
        " windows, error, error_settled, seven_days, held_back, narrowest_interval)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (release_id, measure) do update set out_0 = excluded.out_0, out_3 = excluded.out_3,"
        " out_7 = excluded.out_7, out_14 = excluded.out_14, window_days = excluded.window_days,"
        " windows = excluded.windows, error = excluded.error, error_settled = excluded.error_settled,"
        " seven_days = excluded.seven_days, held_back = excluded.held_back,"
        " narrowest_interval = excluded.narrowest_interval",
        [
            release_id,
            as_of,
            measure,
            found.out_0,
            found.out_3,
            found.out_7,
            found.out_14,
            found.window_days,
            found.windows,
            found.error,
            found.error_settled,
            found.seven_days,
            found.held_back,
            narrowest,
        ],
    )


def history(tx: Transaction, measure: str, *, releases: int) -> list[ReleaseUsefulness]:
    """The newest so many releases, oldest first."""
    with tx.cursor(row_factory=class_row(ReleaseUsefulness)) as cursor:
        found = cursor.execute(
            "select release_id, as_of, measure, out_0, out_3, out_7, out_14, window_days, windows, error,"
            " error_settled, seven_days, held_back, narrowest_interval from decisions.usefulness"
            " where measure = %s order by as_of desc, release_id desc limit %s",
            [measure, releases],
        ).fetchall()
    return found[::-1]


def windows_since(tx: Transaction, nodes: Sequence[str], measure: str, *, first: date, last: date) -> Windows:
    """Windows of these nodes that end on first..last, and of each node the last that ended before.

    Cost grows with the days asked for, not with the ledger.
    """
    rows = tx.execute(
        "select array_position(%(nodes)s::text[], found.node) - 1, found.first_day, found.last_day, found.value,"
        " found.waited from ("
        " select node, first_day, last_day, value, waited from published.ledger"
        "  where measure = %(measure)s and level = 'small_area' and last_day between %(first)s and %(last)s"
        " union all"
        " select s.node, l.first_day, l.last_day, l.value, l.waited from unnest(%(nodes)s::text[]) as s(node)"
        "  cross join lateral (select first_day, last_day, value, waited from published.ledger"
        "   where ledger.node = s.node and ledger.measure = %(measure)s and level = 'small_area'"
        "   and last_day < %(first)s order by last_day desc limit 1) l"
        ") found order by 3, 1",
        {"nodes": list(nodes), "measure": measure, "first": first, "last": last},
    ).fetchall()
    placed = np.array(
        [(node, begun.toordinal(), ended.toordinal(), value) for node, begun, ended, value, _ in rows], dtype=np.int64
    ).reshape(-1, 4)
    waited = np.array([one[4] for one in rows], dtype=np.bool_)
    return Windows(*placed.T, sequence=placed[:, 2], waited=waited)


def pools_since(tx: Transaction, measure: str, *, first: date, last: date) -> pl.DataFrame:
    """block_id, last_day, value, members of the pools that closed on first..last."""
    return read_frame(
        tx,
        "select block_id, last_day, value, members from published.ledger"
        " where measure = %s and level = 'pool' and last_day between %s and %s order by block_id",
        [measure, first, last],
        {"block_id": pl.Int64, "last_day": pl.Date, "value": pl.Int64, "members": pl.String},
    )
