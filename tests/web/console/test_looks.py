"""A director sees who looked at their residents, for what purpose, and what to ask about; others see nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pumphandle.governance.digest import BULK, REPEATED, Look, questions, summary

AT = datetime(2020, 6, 30, 12, tzinfo=UTC)


def look(number: int = 1, *, name: str = "ash", at: datetime = AT, opened: str | None = None) -> Look:
    return Look(at, name, "analyst", "outbreak", tuple(f"r{one}" for one in range(number)), opened)


def test_the_week_by_account() -> None:
    rows = summary([look(3), look(2), look(9, name="tracy")])
    assert [(row.by_name, row.looks, row.records) for row in rows] == [("tracy", 1, 9), ("ash", 2, 3)]


def test_rules_ask_about_bulk_night_and_repeated_looks_and_nothing_else() -> None:
    assert questions([look(BULK), *[look(opened="r1")] * (REPEATED - 1)], zone=UTC) == []
    many, night = look(BULK + 1), look(at=AT.replace(hour=23))
    again = [look(name="tracy", opened="r1")] * REPEATED
    found = questions([many, night, *again], zone=UTC)
    assert {(one.rule, one.by_name, one.number) for one in found} == {
        ("bulk", "ash", BULK + 1), ("out_of_hours", "ash", 1), ("repeated", "tracy", REPEATED),
    }  # fmt: skip


def test_a_director_sees_who_looked(world: Any) -> None:
    world.signed_in("tracy").get(f"/lines/{world.records['Ada']}")
    world.signed_in("sid").get("/lines")
    page = world.signed_in("rowan").get("/looks")
    assert page.status_code == 200
    assert ">tracy<" in page.text
    assert "Trace contacts" in page.text
    assert ">sid<" not in page.text, "another authority's looks"
    assert "Quill" not in page.text
    auditor = world.signed_in("aud").get("/looks").text
    assert ">tracy<" in auditor
    assert ">sid<" in auditor
    assert world.audit("look_looks")[0][0] == "rowan"


@pytest.mark.parametrize("who", ["ash", "tracy", "enid", "stew", "nat", "rev"])
def test_nobody_else_sees_it(world: Any, who: str) -> None:
    assert world.signed_in(who).get("/looks").status_code == 403


def test_a_week_is_seven_days(world: Any) -> None:
    world.signed_in("tracy").get("/lines")
    world.clock.now += timedelta(days=7, minutes=1)
    assert ">tracy<" not in world.signed_in("rowan").get("/looks").text
