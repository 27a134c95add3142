"""No agreement, no record; and no step of one goes unseen: each is timed, refused in words, remembered."""

import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyrage
import pytest

from pumphandle.actions import agree
from pumphandle.governance.agreements import (
    CLOCKS,
    FIELDS,
    IDENTITY,
    STEPS,
    AgreementState,
    Side,
    Terms,
    as_markdown,
    check_terms,
    overdue,
    step_from,
)
from pumphandle.store.at_rest import beside
from pumphandle.store.decisions import agreements
from pumphandle.vocabulary.errors import NotPermitted, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode
from tests.actions.conftest import BY, House

D1 = AreaCode("D1")
DAY = date(2020, 6, 1)
AT = datetime(2020, 6, 1, 9, tzinfo=UTC)
TERMS = Terms(FIELDS, "control of outbreaks", "regulation 3(4)", 365, date(2021, 6, 1))
DIRECTOR = Actor("rowan", Role.DIRECTOR, D1)
STEWARD = Actor("stew", Role.STEWARD)


def opened(house: House, authority: str, day: date) -> dict[str, bytes]:
    key = (house.home / "keys" / "authorities" / f"{authority}.age-key").read_text().strip()
    sealed = beside(house.premises.deliveries).read(f"{authority}/{day}.tar.age")
    content = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(key)])
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {name: file.read() for name in archive.getnames() if (file := archive.extractfile(name)) is not None}


@pytest.fixture
def unagreed(house: House) -> House:
    with house.premises.database.transaction() as tx:
        tx.execute("delete from decisions.agreement where authority = 'D1'")
        tx.execute(
            "insert into decisions.account (user_name, full_name, role, authority, password_hash, created_at, "
            "created_by) values ('rowan', 'Rowan', 'director', 'D1', 'x', now(), 'tests')"
        )
    return house


def state(house: House) -> str:
    with house.premises.database.transaction() as tx:
        found = agreements.find(tx, "D1")
    return "" if found is None else found.state


def test_records_flow_when_it_is_active_those_that_came_before_too(unagreed: House, line: Callable[..., str]) -> None:
    house, database = unagreed, unagreed.premises.database
    house.put(DAY, line(1, DAY), line(2, DAY, result="NEG"))
    house.run(DAY)
    before = opened(house, "D1", DAY)
    assert "records.csv" not in before
    assert pl.read_csv(before["denominators.csv"])["tests"].sum() == 2, "counts flow from day one"
    agree.offer(D1, TERMS, database=database, by=STEWARD, at=AT)
    agree.name_user(D1, "rowan", database=database, by=DIRECTOR, at=AT + timedelta(hours=1))
    agree.sign(D1, database=database, by=DIRECTOR, at=AT + timedelta(hours=2))
    house.put(DAY + timedelta(1), line(3, DAY))
    house.run(DAY + timedelta(1))
    assert "records.csv" not in opened(house, "D1", DAY + timedelta(1)), "signed is not active"
    agree.activate(D1, database=database, by=STEWARD, at=AT + timedelta(days=1, hours=20))
    house.put(DAY + timedelta(2), line(4, DAY))
    house.run(DAY + timedelta(2))
    told = pl.read_csv(opened(house, "D1", DAY + timedelta(2))["records.csv"])
    assert told["change"].to_list() == ["new"] * 4
    assert set(told["specimen_id"]) == {"S1", "S2", "S3", "S4"}
    with database.transaction() as tx:
        steps = agreements.steps(tx, "D1")[-4:]
    assert [(step.step, step.by_name) for step in steps] == [
        ("offer", "stew"), ("name_user", "rowan"), ("sign", "rowan"), ("activate", "stew"),
    ]  # fmt: skip
    assert [step.at for step in steps] == sorted(step.at for step in steps)


def test_an_emergency_activates_at_once_and_asks_for_the_signature(unagreed: House, line: Callable[..., str]) -> None:
    house, database = unagreed, unagreed.premises.database
    agree.offer(D1, TERMS, database=database, by=STEWARD, at=AT)
    agree.activate_in_emergency(D1, notice="Notice 7 of 2020", days_to_sign=2, database=database, by=STEWARD, at=AT)
    house.put(DAY, line(1, DAY))
    house.run(DAY)
    assert pl.read_csv(opened(house, "D1", DAY)["records.csv"]).height == 1
    for later in (1, 2):
        house.run(DAY + timedelta(later))
    assert state(house) == "ACTIVE"
    house.run(DAY + timedelta(3))
    assert state(house) == "SUSPENDED", "nobody signed by the day that was named"
    assert json.loads(opened(house, "D1", DAY + timedelta(3))["manifest.json"])["agreement"] == "SUSPENDED"
    agree.resume(D1, reason="signature promised", database=database, by=STEWARD, at=AT + timedelta(days=4))
    agree.sign(D1, database=database, by=DIRECTOR, at=AT + timedelta(days=4))
    house.run(DAY + timedelta(4))
    assert state(house) == "ACTIVE"


def test_it_ends_on_its_last_day(unagreed: House) -> None:
    terms = replace(TERMS, expires_on=DAY + timedelta(1))
    agree.offer(D1, terms, database=unagreed.premises.database, by=STEWARD, at=AT)
    unagreed.run(DAY + timedelta(1))
    assert state(unagreed) == "OFFERED"
    unagreed.run(DAY + timedelta(2))
    assert state(unagreed) == "EXPIRED"


def test_each_side_takes_its_own_steps(unagreed: House) -> None:
    database = unagreed.premises.database
    with pytest.raises(NotPermitted):
        agree.offer(D1, TERMS, database=database, by=DIRECTOR, at=AT)
    agree.offer(D1, TERMS, database=database, by=STEWARD, at=AT)
    with pytest.raises(Refused, match="not possible"):
        agree.offer(D1, TERMS, database=database, by=STEWARD, at=AT)
    with pytest.raises(Refused, match="not a step of the nation"):
        agree.name_user(D1, "rowan", database=database, by=STEWARD, at=AT)
    with pytest.raises(Refused, match="not possible while the agreement is OFFERED"):
        agree.activate(D1, database=database, by=STEWARD, at=AT)
    other = Actor("sid", Role.DIRECTOR, AreaCode("D2"))
    with pytest.raises(NotPermitted):
        agree.sign(D1, database=database, by=other, at=AT)
    for role in (Role.ANALYST, Role.TRACER, Role.ENTRY):
        with pytest.raises(NotPermitted):
            agree.name_user(D1, "rowan", database=database, by=Actor("x", role, D1), at=AT)
    assert state(unagreed) == "OFFERED"


def test_the_table_is_whole() -> None:
    """Every pair of state and step that is not in the table is refused; every state can be left and reached."""
    for here in (None, *AgreementState):
        for step in STEPS:
            allowed = here in step.sources or (here is None and step.name == "offer")
            for side in Side:
                if allowed and side in step.sides:
                    assert step_from(here, step.name, side=side) is step
                else:
                    with pytest.raises(Refused):
                        step_from(here, step.name, side=side)
    assert {step.target for step in STEPS} == set(AgreementState)
    assert {source for step in STEPS for source in step.sources} == set(AgreementState)
    with pytest.raises(Refused):
        step_from(None, "wish", side=Side.NATION)


def test_the_page_is_drawn_from_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "agreements.md"
    assert page.read_text(encoding="utf-8") == as_markdown(), "run `just docs`"


@pytest.mark.parametrize("state", list(CLOCKS))
def test_a_state_that_lasts_too_long_shows(state: AgreementState) -> None:
    assert not overdue(state, since=AT, at=AT + CLOCKS[state])
    assert overdue(state, since=AT, at=AT + CLOCKS[state] + timedelta(seconds=1))


@pytest.mark.parametrize(
    "change",
    [
        {"fields": (*FIELDS, "ethnicity")},
        {"fields": ("result",)},
        {"purpose": " "},
        {"legal_basis": ""},
        {"retention_days": 0},
        {"expires_on": DAY},
    ],
)
def test_terms_that_are_none_are_refused(change: dict[str, Any]) -> None:
    check_terms(TERMS, today=DAY)
    with pytest.raises(Refused):
        check_terms(replace(TERMS, **change), today=DAY)


def test_the_database_and_the_room_know_the_same_fields(house: House) -> None:
    """Every field of the dictionary is shown through the view only where the agreement and the role allow it."""
    with house.premises.database.transaction(authority=D1) as tx:
        for field in FIELDS:
            row = tx.execute("select decisions.shows(%s)", [field]).fetchone()
            assert row == (field not in IDENTITY,), field
    with house.premises.database.transaction(authority=D1, role=Role.TRACER) as tx:
        assert all(tx.execute("select decisions.shows(%s)", [field]).fetchone() == (True,) for field in FIELDS)
    with house.premises.database.transaction(role=Role.TRACER) as tx:
        assert tx.execute("select decisions.shows('result')").fetchone() == (False,)


def test_the_timer_is_no_director(unagreed: House) -> None:
    agree.offer(D1, TERMS, database=unagreed.premises.database, by=BY, at=AT)
    with pytest.raises(Refused):
        agree.sign(D1, database=unagreed.premises.database, by=BY, at=AT)
