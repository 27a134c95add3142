"""The receipt clock shows every leg of every delivery, who is to act on what is late, and to whom it belongs."""

import re
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.web.console.conftest import DAY, NOON

LEGS = ("received", "routed", "available")


@pytest.fixture
def delivered(world: Any) -> Any:
    """Both authorities' packages of the day were ready at noon."""
    for authority in ("NOR", "SOU"):
        for stage, hours in zip(LEGS, (3, 1, 0), strict=True):
            world.tell(
                b"insert into identified.receipt values (%s, %s, %s, %s, 'timer')",
                authority, DAY, stage, NOON - timedelta(hours=hours),
            )  # fmt: skip
    return world


def section(page: str, name: str) -> str:
    found = re.search(rf'aria-labelledby="{name}".*?</section>', page, re.S)
    assert found is not None
    return found[0]


def test_what_nobody_opens_is_late_for_the_director_then_for_the_centre(delivered: Any) -> None:
    assert "Nothing is late" in delivered.signed_in("nat").get("/receipts").text
    delivered.clock.pass_by(hours=25)
    late = section(delivered.signed_in("nat").get("/receipts").text, "late")
    assert ("Northdale" in late, "Southfold" in late, "director" in late) == (True, True, True)
    assert "twice the time is over" not in late
    delivered.signed_in("rowan").press("/deliveries", f"/deliveries/{DAY}/acknowledge")
    delivered.clock.pass_by(hours=24)
    late = section(delivered.signed_in("nat").get("/receipts").text, "late")
    assert ("Northdale" in late, "Southfold" in late) == (False, True)
    assert "the national centre" in late and "twice the time is over" in late


def test_an_authority_sees_its_own_row_and_no_other(delivered: Any) -> None:
    for who in ("rowan", "ash"):
        page = delivered.signed_in(who).get("/receipts").text
        assert ("Northdale" in page, "Southfold" in page) == (True, False)
    for who in ("tracy", "rev", "aud", "enid"):
        assert delivered.signed_in(who).get("/receipts").status_code == 403
    board = section(delivered.signed_in("stew").get("/receipts").text, "board")
    assert ("Northdale" in board, "Southfold" in board) == (True, True)


def test_a_day_without_a_package_stands_out(delivered: Any) -> None:
    delivered.tell(b"insert into decisions.run_step values (%s, 'deliver', now(), 1, '{}')", DAY + timedelta(days=1))
    delivered.clock.pass_by(days=1)
    assert section(delivered.signed_in("nat").get("/receipts").text, "board").count("no package") == 2


def test_hours_of_the_legs(delivered: Any) -> None:
    legs = section(delivered.signed_in("nat").get("/receipts").text, "legs")
    assert re.findall(r"(\d+\.\d) h", legs) == ["2.0", "2.0", "1.0", "1.0"]


@pytest.mark.parametrize(
    ("stage", "at"), [("opened", NOON - timedelta(seconds=1)), ("opened", NOON - timedelta(days=9))]
)
def test_a_receipt_never_lies_before_an_earlier_one(delivered: Any, stage: str, at: datetime) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        delivered.tell(b"insert into identified.receipt values ('NOR', %s, %s, %s, 'x')", DAY, stage, at)
    with pytest.raises(psycopg.Error, match="only ever added to"):
        delivered.tell(b"delete from identified.receipt")


@pytest.mark.parametrize("opened_first", [True, False])
def test_a_package_is_fetched_again_after_it_was_acknowledged(delivered: Any, opened_first: bool) -> None:
    """It leaves its mark, and the moments of the receipts stay as they were."""
    rowan, package = delivered.signed_in("rowan"), f"/deliveries/{DAY}/package"
    if opened_first:
        assert rowan.press("/deliveries", package).status_code == 200
    delivered.clock.pass_by(minutes=5)
    rowan.press("/deliveries", f"/deliveries/{DAY}/acknowledge")
    moments = b"select stage, at from identified.receipt where authority = 'NOR' order by at, stage"
    before, looks = delivered.ask(moments), len(delivered.audit("collect"))
    delivered.clock.pass_by(minutes=5)
    for _ in range(2):
        again = rowan.press("/deliveries", package)
        assert (again.status_code, again.content[:22]) == (200, b"age-encryption.org/v1 ")
    assert delivered.ask(moments) == before
    told = delivered.audit("collect")
    assert len(told) == looks + 2
    assert [row[2]["first"] for row in told[-2:]] == [False, False]
