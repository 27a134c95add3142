"""The same query text on two engines: DuckDB in this process, or any server that speaks Spark Connect.

The text is written in DuckDB's dialect, in the portable subset (docs/decisions/0006); for Spark it is transpiled, with
its parameters put in as literals through the syntax tree, never as text.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, Final, Protocol

import duckdb
import polars as pl
import sqlglot
from sqlglot import exp

BATCH: Final = "batch"
"""What every query reads: the rows of the batches that it is given."""


class Engine(Protocol):
    """Runs a query over the rows of these files together."""

    def query(self, sql: str, files: list[str], parameters: Mapping[str, object]) -> pl.DataFrame: ...


class Embedded:
    """DuckDB in this process. Parameters are bound."""

    def query(self, sql: str, files: list[str], parameters: Mapping[str, object]) -> pl.DataFrame:
        named = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
        with _process().cursor() as engine:
            engine.execute(f"create temp view {BATCH} as select * from read_parquet([{named}])")
            return engine.execute(sql, dict(parameters)).pl()


@cache
def _process() -> duckdb.DuckDBPyConnection:
    """One engine a process: opening one takes a hundredth of a second. A cursor's view goes with the cursor."""
    return duckdb.connect()


class Cluster:
    """A server that speaks Spark Connect, and sees the lake under the same paths.

    session : pyspark.sql.SparkSession, from SparkSession.builder.remote("sc://…"); its package is no need of ours
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    def query(self, sql: str, files: list[str], parameters: Mapping[str, object]) -> pl.DataFrame:
        self._session.read.parquet(*files).createOrReplaceTempView(BATCH)
        table: Any = self._session.sql(for_spark(sql, parameters)).toArrow()
        found: Any = pl.from_arrow(table)  # pyright: ignore[reportUnknownMemberType]
        if not isinstance(found, pl.DataFrame):
            raise TypeError("a table was asked for")
        return found


def for_spark(sql: str, parameters: Mapping[str, object]) -> str:
    """The query in Spark's dialect, its parameters as literals."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")

    def bound(node: Any) -> Any:
        if isinstance(node, exp.Parameter | exp.Placeholder):
            return _literal(parameters[node.name])
        return node

    return tree.transform(bound).sql(dialect="spark")


def _literal(value: object) -> Any:
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    if isinstance(value, int):
        return exp.Literal.number(value)
    return exp.Literal.string(str(value))
