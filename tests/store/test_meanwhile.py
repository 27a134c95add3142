"""What the server is given to keep while our process reckons: kept, or refused out loud."""

from threading import Event

import polars as pl
import psycopg
import pytest

from pumphandle.store.engine import Database, Transaction, copy_frame, meanwhile
from tests.conftest import DatabaseUrls


def count(tx: Transaction) -> int:
    row = tx.execute("select count(*)::int from kept").fetchone()
    assert row is not None
    return int(row[0])


def test_what_was_given_is_there_at_the_end_of_the_block(database_urls: DatabaseUrls) -> None:
    database = Database(database_urls.deeds)
    with database.transaction() as tx:
        tx.execute("create temporary table kept (number integer primary key) on commit drop")
        begun = Event()

        def write() -> None:
            assert begun.wait(10), "the block runs beside it"
            copy_frame(tx, "kept", pl.DataFrame({"number": range(5_000)}))

        with meanwhile(write):
            begun.set()
        assert count(tx) == 5_000
    database.close()


def test_what_the_server_refuses_is_raised_and_nothing_is_kept(database_urls: DatabaseUrls) -> None:
    database = Database(database_urls.deeds)
    with pytest.raises(psycopg.errors.UniqueViolation), database.transaction() as tx:
        tx.execute("create temporary table kept (number integer primary key) on commit drop")
        with meanwhile(lambda: copy_frame(tx, "kept", pl.DataFrame({"number": [1, 1]}))):
            pass
        tx.execute("insert into kept values (2)")
    database.close()


def test_what_the_block_raises_comes_after_the_server_has_ended(database_urls: DatabaseUrls) -> None:
    database = Database(database_urls.deeds)
    with database.transaction() as tx:
        tx.execute("create temporary table kept (number integer primary key) on commit drop")
        with (
            pytest.raises(ZeroDivisionError),
            meanwhile(lambda: copy_frame(tx, "kept", pl.DataFrame({"number": range(5_000)}))),
        ):
            _ = 1 // 0
        assert count(tx) == 5_000, "the transaction is free again"
    database.close()
