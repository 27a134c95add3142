"""The lake: immutable Parquet batches below one folder, one for each report date and table.

A file counts only when the manifest names it, and the manifest is written in the deed's own
transaction: a file without a row is the leaving of a crash, and the next try writes over it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from importlib.resources import files as package_files
from pathlib import Path
from typing import Final

import polars as pl

from pumphandle.store.engine import Transaction
from pumphandle.store.events.engines import Embedded, Engine
from pumphandle.vocabulary.errors import NotFound

EMBEDDED: Final = Embedded()


@dataclass(frozen=True)
class Lake:
    """folder : where the batches lie."""

    folder: Path

    def add(self, tx: Transaction, table: str, batch: pl.DataFrame, *, report_date: date, at: datetime) -> None:
        """Write a batch (it has specimen_date) and its manifest row. A second batch of one day is refused."""
        path = f"{table}/{report_date:%Y-%m}/{report_date:%Y-%m-%d}.parquet"
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        batch.write_parquet(part, compression="zstd")
        content = part.read_bytes()
        with part.open("rb") as stream:
            os.fsync(stream.fileno())
        part.replace(target)
        first, last = (batch["specimen_date"].min(), batch["specimen_date"].max()) if batch.height else (None, None)
        tx.execute(
            "insert into events.manifest (batch_id, lake_table, report_date, path, sha256, line_count,"
            " first_specimen_date, last_specimen_date, committed_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                f"{table}/{report_date}",
                table,
                report_date,
                path,
                sha256(content).hexdigest(),
                batch.height,
                first,
                last,
                at,
            ],
        )

    def batches(self, tx: Transaction, table: str, *, first: date, last: date) -> list[str]:
        """Files of the report dates first..last that hold anything, oldest first."""
        rows = tx.execute(
            "select path from events.manifest where lake_table = %s and report_date between %s and %s"
            " and line_count > 0 order by report_date",
            [table, first, last],
        ).fetchall()
        return [str(self.folder / path) for (path,) in rows]

    def read(self, tx: Transaction, table: str, *, report_date: date) -> pl.DataFrame:
        """One day's batch, with its columns also where nothing was reported. Raises NotFound for a day never linked."""
        row = tx.execute(
            "select path from events.manifest where lake_table = %s and report_date = %s", [table, report_date]
        ).fetchone()
        if row is None:
            raise NotFound(f"The lake has no {table} of {report_date}. Link that day first.")
        return pl.read_parquet(self.folder / row[0])


def query(sql: str, files: list[str], parameters: Mapping[str, object], *, engine: Engine = EMBEDDED) -> pl.DataFrame:
    """Run a query over `batch`, the rows of these files together; parameters are bound, never written into the text."""
    return engine.query(sql, files, parameters)


def statement(name: str) -> str:
    """The text of a query of ours."""
    return package_files("pumphandle.store.events").joinpath(f"queries/{name}.sql").read_text("utf-8")
