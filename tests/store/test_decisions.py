"""The shelf of decisions: the audit chain holds and shows tampering; versions, signals and runs are kept as said."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from pumphandle.governance.thresholds import DEFAULTS
from pumphandle.store.decisions import accounts, audit, runs, sessions, thresholds
from pumphandle.store.decisions.accounts import Account
from pumphandle.store.engine import Database
from pumphandle.vocabulary.errors import Broken, NoThresholdSet, Refused
from pumphandle.vocabulary.people import THE_TIMER, Actor, Role
from pumphandle.vocabulary.places import AreaCode

AT = datetime(2020, 6, 30, 9, 0, 0, 123456, tzinfo=UTC)
DAY = date(2020, 6, 30)
ROWAN = Actor("rowan|x", Role.DIRECTOR, AreaCode("NOR"))


@dataclass(frozen=True)
class Shelf:
    deeds: Database
    owner_url: str

    def tamper(self, statement: str) -> None:
        """As somebody who owns the database could."""
        with psycopg.connect(self.owner_url) as connection:
            connection.execute("alter table decisions.audit disable trigger all")
            connection.execute(statement.encode())
            connection.execute("alter table decisions.audit enable trigger all")


@pytest.fixture
def shelf(database_urls: Any) -> Iterator[Shelf]:
    made = Shelf(Database(database_urls.deeds, largest=8), database_urls.owner)
    yield made
    made.deeds.close()


def remember(shelf: Shelf, times: int) -> None:
    with shelf.deeds.transaction() as tx:
        for number in range(times):
            audit.add(tx, deed="look_lines", subject={"shown": number}, by=ROWAN, at=AT + timedelta(seconds=number))


def test_a_chain_that_holds(shelf: Shelf) -> None:
    with shelf.deeds.transaction() as tx:
        assert audit.verify(tx) == 0
    remember(shelf, 5)
    with shelf.deeds.transaction() as tx:
        assert audit.verify(tx) == 5
        newest = audit.latest(tx, largest=1)[0]
        assert (newest.audit_id, newest.by_name, newest.subject) == (5, "rowan|x", {"shown": 4})


@pytest.mark.parametrize(
    ("tampering", "row"),
    [
        ("update decisions.audit set subject = '{\"shown\": 0}' where audit_id = 3", 3),
        ("update decisions.audit set by_name = 'sid' where audit_id = 1", 1),
        ("update decisions.audit set at = at + interval '1 microsecond' where audit_id = 4", 4),
        ("update decisions.audit set by_name = 'rowan', by_role = 'x|director' where audit_id = 2", 2),
        ("update decisions.audit set authority = null where audit_id = 2", 2),
        ("delete from decisions.audit where audit_id = 2", 3),
        ("delete from decisions.audit where audit_id = 1", 2),
        ("update decisions.audit set audit_id = 100 where audit_id = 3", 4),
    ],
)
def test_tampering_shows_at_its_first_row(shelf: Shelf, tampering: str, row: int) -> None:
    remember(shelf, 5)
    shelf.tamper(tampering)
    with pytest.raises(Broken, match=f"{row}"), shelf.deeds.transaction() as tx:
        audit.verify(tx)


@pytest.mark.parametrize(
    "change", ["update decisions.audit set deed = 'x'", "delete from decisions.audit", "truncate decisions.audit"]
)
def test_the_audit_only_grows(shelf: Shelf, change: str) -> None:
    remember(shelf, 1)
    with pytest.raises(psycopg.errors.Error), shelf.deeds.transaction() as tx:
        tx.execute(change.encode())


def test_a_writer_cannot_choose_its_number_or_hash(shelf: Shelf) -> None:
    remember(shelf, 2)
    with shelf.deeds.transaction() as tx:
        tx.execute(
            "insert into decisions.audit (audit_id, at, by_name, by_role, deed, subject, previous_hash, hash) "
            "values (99, now(), 'x', 'x', 'x', '{}', 'mine', 'mine')"
        )
        assert audit.verify(tx) == 3


def test_many_at_once_make_one_chain(shelf: Shelf) -> None:
    """Numbers were once taken before the lock: eight writers then forked the chain."""
    writers = [threading.Thread(target=remember, args=(shelf, 1)) for _ in range(24)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with shelf.deeds.transaction() as tx:
        assert audit.verify(tx) == 24


def test_a_deed_that_fails_leaves_no_mark(shelf: Shelf) -> None:
    with pytest.raises(Broken), shelf.deeds.transaction() as tx:
        audit.add(tx, deed="link", subject={"day": "2020-06-30"}, by=THE_TIMER, at=AT)
        audit.add(tx, deed="link", subject={"postcode": "x"}, by=THE_TIMER, at=AT)
    with shelf.deeds.transaction() as tx:
        assert audit.verify(tx) == 0


def test_no_number_is_taken_for_granted(shelf: Shelf) -> None:
    with pytest.raises(NoThresholdSet, match="k_persons"), shelf.deeds.transaction() as tx:
        thresholds.current(tx, "k_persons")


def test_defaults_are_seeded_once_and_never_over_a_choice(shelf: Shelf) -> None:
    with shelf.deeds.transaction() as tx:
        thresholds.seed_defaults(tx, AT)
        chosen = thresholds.choose(tx, "k_persons", 10, chooser="The committee", chosen_on=DAY, reason="A hard winter.")
        thresholds.seed_defaults(tx, AT)
        assert thresholds.current(tx, "k_persons") == chosen
        assert (chosen.version, chosen.value) == (2, 10)
        assert len(thresholds.versions(tx)) == len([one for one in DEFAULTS if one.value is not None]) + 1


@pytest.mark.parametrize(
    ("name", "value", "reason"), [("k_persons", 2, "less"), ("nothing", 5, "why"), ("k_persons", 7, " ")]
)
def test_a_bad_choice_is_refused(shelf: Shelf, name: str, value: int, reason: str) -> None:
    with pytest.raises(Refused), shelf.deeds.transaction() as tx:
        thresholds.choose(tx, name, value, chooser="The committee", chosen_on=DAY, reason=reason)


def test_runs(shelf: Shelf) -> None:
    with shelf.deeds.transaction() as tx:
        assert (runs.last_day(tx), runs.finished(tx, DAY)) == (None, {})
        runs.finish(tx, DAY, "receive", seconds=1.5, summary={"files": 2, "late_laboratories": ["x"]}, at=AT)
        runs.finish(tx, DAY, "receive", seconds=2.5, summary={"files": 3}, at=AT)
        runs.finish(tx, DAY, "link", seconds=1.0, summary={}, at=AT + timedelta(minutes=1))
        assert runs.last_day(tx) == DAY
        assert list(runs.finished(tx, DAY)) == ["receive", "link"]
        assert runs.finished(tx, DAY)["receive"].summary == {"files": 3}
        assert len(runs.summaries(tx, DAY, DAY)) == 2


def test_every_step_of_a_run_is_known_to_the_table(shelf: Shelf) -> None:
    with shelf.deeds.transaction() as tx:
        for step in runs.STEPS:
            runs.finish(tx, DAY, step, seconds=0.0, summary={}, at=AT)
    with pytest.raises(psycopg.errors.CheckViolation), shelf.deeds.transaction() as tx:
        runs.finish(tx, DAY, "dance", seconds=0.0, summary={}, at=AT)


def test_accounts(shelf: Shelf) -> None:
    account = Account("rowan", "Rowan Director", "director", "NOR", "scrypt$…")
    with shelf.deeds.transaction() as tx:
        accounts.add(tx, account, by=THE_TIMER, at=AT)
        assert accounts.find(tx, "rowan") == replace(account, person="rowan")  # their own, where nobody else's is said
        assert accounts.find(tx, "nobody") is None
    assert account.actor == Actor("rowan", Role.DIRECTOR, AreaCode("NOR"))
    assert "scrypt" not in repr(account)
    with pytest.raises(Refused, match="already"), shelf.deeds.transaction() as tx:
        accounts.add(tx, account, by=THE_TIMER, at=AT)


@pytest.mark.parametrize(("role", "authority"), [("director", None), ("national", "NOR"), ("system", None)])
def test_the_table_refuses_a_role_with_the_wrong_reach(shelf: Shelf, role: str, authority: str | None) -> None:
    with pytest.raises(psycopg.errors.CheckViolation), shelf.deeds.transaction() as tx:
        accounts.add(tx, Account("x", "X", role, authority, "h"), by=THE_TIMER, at=AT)


def test_failures_are_counted_since_the_last_success(shelf: Shelf) -> None:
    with shelf.deeds.transaction() as tx:
        for minute, succeeded in enumerate((False, True, False, False)):
            sessions.add_attempt(tx, "rowan", step="code", succeeded=succeeded, at=AT + timedelta(minutes=minute))
        assert sessions.failures_since(tx, "rowan", since=AT - timedelta(hours=1)) == 2
        assert sessions.failures_since(tx, "rowan", since=AT + timedelta(minutes=2)) == 1
        assert sessions.failures_since(tx, "sid", since=AT - timedelta(hours=1)) == 0
