"""Fail closed: whatever fails on the way to a release, yesterday's ledger stays and the reason is kept.

Each fault is planted once, at its own point of the way.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from pumphandle.actions import publish, release
from pumphandle.actions.verify import verify
from pumphandle.disclosure import certificate, gate
from pumphandle.store.events import memory
from pumphandle.vocabulary.errors import CertificateRefused, LedgerBroken, NotUnderstood
from tests.actions.arrivals import arrive
from tests.actions.conftest import House
from tests.conftest import DatabaseUrls

DAY = date(2020, 6, 1)
NEXT = DAY + timedelta(days=1)
AFTER = DAY + timedelta(days=2)
Line = Callable[..., str]


def ledger(house: House) -> list[tuple[Any, ...]]:
    with house.premises.database.transaction() as tx:
        return tx.execute(
            "select node, level, first_day, last_day, value from published.ledger where measure = 'cases' order by 1, 3"
        ).fetchall()


def out_of_time(*_: object, **__: object) -> object:
    raise CertificateRefused("HiGHS ended with: Time limit reached.")


def no_table_fits(*_: object, **__: object) -> object:
    raise NotUnderstood("The table given as the truth does not fit the published numbers.")


def of_other_rows(planned: publish.Plan, signer: Any) -> dict[str, Any]:
    return certificate.signed({**planned.certified, "rows_sha256": "0" * 64}, signer)


def touched_up(planned: publish.Plan, signer: Any) -> dict[str, Any]:
    return {**certificate.signed(planned.certified, signer), "blocks": 0}


FAULTS = [
    pytest.param(gate, "judge", out_of_time, "Time limit", id="the solver runs out of time"),
    pytest.param(gate, "judge", no_table_fits, "does not fit", id="the model is infeasible"),
    pytest.param(publish, "audit", out_of_time, "Time limit", id="the audit of rows fails"),
    pytest.param(publish, "statement", out_of_time, "Time limit", id="the statement fails"),
    pytest.param(release, "certified", out_of_time, "Time limit", id="the key does not sign"),
    pytest.param(release, "certified", lambda *_: {}, "no signed certificate", id="there is no certificate"),
    pytest.param(release, "certified", of_other_rows, "not about the rows", id="it is about other rows"),
    pytest.param(release, "certified", touched_up, "not what was signed", id="it was changed after signing"),
]


@pytest.mark.parametrize(("where", "what", "fault", "reason"), FAULTS)
def test_whatever_fails_nothing_goes_out_and_nothing_is_lost(
    house: House, line: Line, monkeypatch: pytest.MonkeyPatch, where: Any, what: str, fault: Any, reason: str
) -> None:
    house.put(DAY, *[line(at, DAY) for at in range(8)])
    house.run(DAY)
    before = ledger(house)
    assert before
    house.put(NEXT, *[line(at, NEXT) for at in range(20, 27)])
    with monkeypatch.context() as planted:
        planted.setattr(where, what, fault)
        house.run(NEXT)
    assert ledger(house) == before
    with house.premises.database.transaction() as tx:
        ((as_of, told),) = tx.execute("select as_of, reason from published.withheld").fetchall()
    assert as_of == NEXT
    assert reason in told
    house.put(AFTER, *[line(at, AFTER) for at in range(30, 36)])
    house.run(AFTER)
    assert [row for row in ledger(house) if row not in before] == [
        ("A", "small_area", NEXT, AFTER, 13),
        ("D1", "district", NEXT, AFTER, 13),
    ]
    assert verify(database=house.premises.database).releases == 2


def test_without_a_key_nothing_goes_out(house: House, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = release.certified
    monkeypatch.setattr(release, "certified", lambda planned, _: whole(planned, None))
    house.put(DAY, *[line(at, DAY) for at in range(8)])
    assert "no key" in str(house.run(DAY)["publish"].summary["withheld"])
    assert ledger(house) == []


def test_a_day_that_is_out_is_sealed(house: House, line: Line) -> None:
    house.put(DAY, *[line(at, DAY) for at in range(8)])
    house.run(DAY)
    with house.premises.database.transaction() as tx, pytest.raises(LedgerBroken, match="is sealed"):
        publish.check_open(tx, DAY)


def test_a_broken_chain_stops_the_next_release(house: House, line: Line, database_urls: DatabaseUrls) -> None:
    house.put(DAY, *[line(at, DAY) for at in range(8)])
    house.run(DAY)
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update published.release set manifest = jsonb_set(manifest, '{rows}', '99')")
    house.put(NEXT, *[line(at, NEXT) for at in range(20, 27)])
    before = ledger(house)
    with pytest.raises(LedgerBroken, match="its hash does not hold"):
        house.run(NEXT)
    assert ledger(house) == before


def test_a_decision_is_taken_again_where_what_is_remembered_differs(house: House, line: Line) -> None:
    house.put(DAY, *[line(at, DAY) for at in range(8)])
    house.run(DAY)
    arrive(house.premises.database, house.premises.lake, NEXT, {"A": 7}, at=datetime(2020, 6, 2, 18, tzinfo=UTC))

    def decided() -> object:
        with house.premises.database.transaction() as tx:
            return publish.plan(NEXT, tx=tx, lake=house.premises.lake).protected

    first = decided()
    assert decided() is first
    with house.premises.database.transaction() as tx:
        kept = memory.memory(tx)
        memory.replace(tx, kept | {"D1": replace(kept["D1"], nodes=("elsewhere",))})
    with pytest.raises(LedgerBroken, match="other publication nodes"):
        decided()
