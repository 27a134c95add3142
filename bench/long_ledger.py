"""A ledger as long as a year over England's real areas: drawn by the rule of windows, laid down release by release.

Its rows have the form, the number and the sizes of real ones; the planner, which has benchmarks of its own, did not
decide them.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pumphandle.actions.load_nation import load_nation
from pumphandle.store.engine import Database, Transaction, copy_frame
from pumphandle.store.reference import areas
from pumphandle.vocabulary.people import THE_TIMER
from pumphandle.vocabulary.places import AreaLevel

FIRST = date(2020, 3, 1)
K = 5
Counts = NDArray[np.int64]
CASES, TESTS = 0.8, 9.0
"""A day and small area, on average: England in the autumn of 2020."""


def england(folder: Path, database: Database) -> None:
    """Load the nation."""
    at = datetime(FIRST.year, 1, 1, tzinfo=UTC)
    load_nation(folder, database=database, by=THE_TIMER, at=at, progress=lambda _: None)


class LongLedger:
    """Adds days to the ledger of a loaded nation; each node's window closes on the first day with K or more."""

    def __init__(self, database: Database) -> None:
        self._database, self._rng = database, np.random.default_rng(1854)
        with database.transaction() as tx:
            self._nodes = sorted(set(areas.publication_nodes(tx).values()))
            self._districts = sorted(str(one.area_code) for one in areas.areas(tx) if one.level is AreaLevel.DISTRICT)
        size = len(self._nodes)
        self._waiting = {"cases": np.zeros(size, dtype=np.int64), "tests": np.zeros(size, dtype=np.int64)}
        self._since = {name: np.full(size, FIRST.toordinal()) for name in self._waiting}
        self._mean = {"cases": CASES, "tests": TESTS}
        self._share = self._rng.lognormal(0, 0.6, size)
        self._hash, self.days, self.rows = "", 0, 0

    def add(self, days: int) -> None:
        """That many more releases, fifty to a transaction."""
        for begin in range(0, days, 50):
            count = min(50, days - begin)
            frames = [self._day(self.days + step) for step in range(count)]
            with self._database.transaction() as tx:
                for step, frame in enumerate(frames):
                    self._release(tx, self.days + step, frame.height)
                copy_frame(tx, "published.ledger", pl.concat(frames))
            self.days += count

    def _day(self, step: int) -> pl.DataFrame:
        day = FIRST + timedelta(days=step)
        parts = [self._measure(name, day) for name in self._waiting]
        made = pl.concat([*parts, *(self._totals(name, day) for name in self._waiting)])
        ids = pl.int_range(self.rows + 1, self.rows + 1 + made.height, eager=True).alias("block_id")
        self.rows += made.height
        return made.with_columns(
            ids, release_id=pl.lit(str(day)), group_code=pl.lit("all"), kind=pl.lit("exact"), waited=pl.lit(False)
        )

    def _measure(self, name: str, day: date) -> pl.DataFrame:
        waiting, since = self._waiting[name], self._since[name]
        waiting += self._rng.poisson(self._mean[name] * self._share)
        closed = np.flatnonzero(waiting >= K)
        frame = _rows([self._nodes[at] for at in closed], "small_area", name, since[closed], day, waiting[closed])
        waiting[closed], since[closed] = 0, day.toordinal() + 1
        return frame

    def _totals(self, name: str, day: date) -> pl.DataFrame:
        """A total a district and day, as large as its areas make it on average."""
        count = self._rng.poisson(self._mean[name] * len(self._nodes) / len(self._districts), len(self._districts)) + K
        first = np.full(len(self._districts), day.toordinal())
        return _rows(self._districts, "district", name, first, day, count)

    def _release(self, tx: Transaction, step: int, rows: int) -> None:
        day = FIRST + timedelta(days=step)
        rule = {"k_persons": K, "h_households": 2, "population_floor": 1_000}
        about: dict[str, Any] = {"release_id": str(day), "sequence": step + 1, "ledger_start": str(FIRST), "rows": rows}
        sealed = sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
        tx.execute(
            "insert into published.release (release_id, sequence, as_of, made_at, block_count, rule, certificate,"
            " manifest, previous_hash, hash) values (%s, %s, %s, %s, %s, %s, '{}', %s, %s, %s)",
            [str(day), step + 1, day, datetime.combine(day, time(17), UTC), rows, json.dumps(rule), json.dumps(about),
             self._hash, sealed],
        )  # fmt: skip
        self._hash = sealed


def _rows(
    nodes: Sequence[str],
    level: str,
    measure: str,
    first: "np.ndarray[Any, Any]",
    day: date,
    value: "np.ndarray[Any, Any]",
) -> pl.DataFrame:
    epoch = date(1970, 1, 1).toordinal()
    return pl.DataFrame(
        {
            "node": nodes,
            "level": [level] * len(nodes),
            "measure": [measure] * len(nodes),
            "first_day": pl.Series(first - epoch, dtype=pl.Int32).cast(pl.Date),
            "last_day": pl.Series([day] * len(nodes), dtype=pl.Date),
            "value": value,
        },
        schema_overrides={"node": pl.String},
    )
