"""Connections and transactions: one pool a door, one transaction a deed."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString

import polars as pl
import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from pumphandle.vocabulary.errors import DatabaseMissing
from pumphandle.vocabulary.people import Role
from pumphandle.vocabulary.places import AreaCode

Transaction = psycopg.Connection[TupleRow]
PIECE: Final = 2_000
"""Rows of a bulk insert sent at once: few enough that we write the next ones while the server takes these."""


@dataclass(frozen=True)
class Through:
    """What a transaction is opened through that reads another authority's records: whose break-glass, and when."""

    glass_id: str
    user_name: str
    moment: datetime


class Database:
    """A pool of connections that all log in as one role.

    url : PostgreSQL connection string; the role in it decides which shelves open
    """

    def __init__(self, url: str, *, largest: int = 4) -> None:
        self._pool = ConnectionPool(url, min_size=0, max_size=largest, open=False, timeout=30)
        self._pool.open()

    @contextmanager
    def transaction(
        self, *, authority: AreaCode | None = None, role: Role | None = None, through: Through | None = None
    ) -> Generator[Transaction]:
        """All or nothing. `authority`, `role` and `through` are what row-level security judges the console by.

        The settings belong to the transaction, so they are made anew at every begin.
        """
        try:
            with self._pool.connection() as connection:
                glass = ("", "", "") if through is None else (through.glass_id, through.user_name, str(through.moment))
                connection.execute(
                    "select set_config('pumphandle.authority', %s, true), set_config('pumphandle.role', %s, true), "
                    "set_config('pumphandle.glass', %s, true), set_config('pumphandle.user', %s, true), "
                    "set_config('pumphandle.moment', %s, true)",
                    [authority or "", role or "", *glass],
                )
                yield connection
        except psycopg.OperationalError as failure:
            if failure.sqlstate is None:  # no server answered
                raise DatabaseMissing("PostgreSQL does not answer. Is the server running?") from None
            raise _without_data(failure) from None
        except psycopg.Error as failure:
            raise _without_data(failure) from None

    def close(self) -> None:
        self._pool.close()


def _without_data(failure: psycopg.Error) -> psycopg.Error:
    """The same kind of error, saying what and where; PostgreSQL's own words can quote a person's identifier."""
    named = (failure.diag.schema_name, failure.diag.table_name, failure.diag.column_name, failure.diag.constraint_name)
    return type(failure)(f"{failure.sqlstate} {'.'.join(name for name in named if name)}".strip())


def one_at_a_time(tx: Transaction) -> None:
    """Wait until no other runner is inside a step; the lock ends with the transaction."""
    tx.execute("select pg_advisory_xact_lock(85400002)")


@contextmanager
def meanwhile(write: Callable[[], object]) -> Generator[None]:
    """The server keeps what `write` sends it while the block reckons: two cores instead of one after the other.

    The block itself must leave the transaction alone. What `write` raises is raised at the block's end.
    """
    with ThreadPoolExecutor(1) as beside:
        writing = beside.submit(write)
        yield
        writing.result()


def copy_frame(tx: Transaction, table: str, frame: pl.DataFrame) -> int:
    """Bulk insert of a frame whose columns bear the table's column names. Empty text must be null. Returns rows."""
    with tx.cursor().copy(f"copy {table} ({', '.join(frame.columns)}) from stdin (format csv)".encode()) as copy:
        for part in frame.iter_slices(PIECE):
            copy.write(part.write_csv(include_header=False))
    return frame.height


def insert_frame(tx: Transaction, table: str, frame: pl.DataFrame) -> int:
    """copy_frame for a table under row-level security, which COPY refuses: through a passing table. Returns rows."""
    with _passing(tx, table, tuple(frame.columns)) as passing:
        return copy_frame(tx, passing, frame)


def insert_rows(tx: Transaction, table: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> int:
    """copy_rows for a table under row-level security. Returns rows written."""
    with _passing(tx, table, columns) as passing:
        return copy_rows(tx, passing, columns, rows)


@contextmanager
def _passing(tx: Transaction, table: str, columns: tuple[str, ...]) -> Generator[str]:
    """A table for the moment; what it was filled with is then in `table`."""
    named = ", ".join(columns)
    tx.execute(f"create temporary table passing on commit drop as select {named} from {table} with no data".encode())
    yield "passing"
    tx.execute(f"insert into {table} ({named}) select {named} from passing".encode())
    tx.execute("drop table passing")


def read_frame(
    tx: Transaction,
    query: LiteralString,
    parameters: Sequence[object] | Mapping[str, object],
    schema: Mapping[str, Any],
) -> pl.DataFrame:
    """Rows of a query as a frame. `schema` names the columns in the query's order; UUIDs come as text."""
    bound = psycopg.ClientCursor(tx).mogrify(query, parameters)
    with tx.cursor().copy(f"copy ({bound}) to stdout (format csv)".encode()) as copy:
        content = b"".join(bytes(part) for part in copy)
    if not content:
        return pl.DataFrame(schema=dict(schema))
    return pl.read_csv(content, has_header=False, schema=dict(schema))


def copy_rows(tx: Transaction, table: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> int:
    """Bulk insert through COPY; `table` and `columns` are our own words, never a caller's. Returns rows written."""
    written = 0
    with tx.cursor().copy(f"copy {table} ({', '.join(columns)}) from stdin".encode()) as copy:
        for row in rows:
            copy.write_row(row)
            written += 1
    return written
