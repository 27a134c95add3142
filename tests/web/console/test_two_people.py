"""What takes two people takes two humans: whose an account is decides, and not its name; where an authority has nobody
else, a national release reviewer answers, who sees the request and no record."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from pumphandle.actions import break_glass, export, release
from pumphandle.governance.exports import ASKED_ALONE
from pumphandle.governance.releases import Vote
from pumphandle.store.engine import Database
from pumphandle.vocabulary.errors import NotPermitted, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode
from tests.web.console.conftest import NOON

WISH = {"form": "line list", "reason": "For the ward round on Tuesday", "days_kept": "1", "result": "positive"}
NORTH = AreaCode("NOR")


@pytest.fixture
def console(world: Any) -> Any:
    database = Database(world.urls.console)
    yield database
    database.close()


def account(world: Any, name: str, role: str, authority: str | None, *, person: str | None) -> Actor:
    """Another account; of a human who has one already, or of a new one."""
    world.tell(
        b"insert into decisions.account (user_name, full_name, role, authority, password_hash, created_at, created_by, "
        b"person) values (%s, %s, %s, %s, 'x', %s, 'tests', %s)",
        name, name, role, authority, NOON, person,
    )  # fmt: skip
    return Actor(name, Role(role), AreaCode(authority) if authority else None)


def asked(world: Any, who: str) -> tuple[Any, str]:
    browser = world.signed_in(who)
    assert browser.press("/lines", "/exports/asked", **WISH).status_code == 303
    (mark,) = world.ask(b"select export_id from decisions.export order by asked_at desc limit 1")[0]
    return browser, mark


def allow(console: Database, mark: str, by: Actor) -> None:
    export.decide(console, mark, "allow", reason="", by=by, at=NOON)


def test_a_second_account_of_who_asked_allows_nothing(world: Any, console: Database) -> None:
    _, mark = asked(world, "rowan")
    account(world, "stranger", "director", "NOR", person=None)
    same = account(world, "rowan2", "director", "NOR", person="rowan")
    with pytest.raises(NotPermitted, match="another director"):
        allow(console, mark, same)
    answer = b"update decisions.export set state = 'allowed', decided_by = %s, decided_at = now() where export_id = %s"
    for name in ("rowan", "rowan2"):
        with (
            pytest.raises(psycopg.errors.CheckViolation),
            console.transaction(authority=NORTH, role=Role.DIRECTOR) as tx,
        ):
            tx.execute(answer, [name, mark])
    with console.transaction(authority=NORTH, role=Role.DIRECTOR) as tx:
        tx.execute(answer, ["stranger", mark])


def test_where_there_is_no_other_director_a_reviewer_answers_and_sees_no_record(world: Any) -> None:
    rowan, mark = asked(world, "rowan")
    own = rowan.press("/exports", f"/exports/{mark}/decided", event="allow")
    assert (own.status_code, ASKED_ALONE in own.text) == (403, True)
    assert ASKED_ALONE in rowan.get("/exports").text
    reviewer = world.signed_in("rev")
    page = reviewer.get("/exports").text
    assert mark in page and "For the ward round" in page and "NOR: rowan" in page
    assert "Quill" not in page and f"/exports/{mark}/file" not in page
    assert reviewer.press("/exports", f"/exports/{mark}/decided", event="allow").status_code == 303
    assert reviewer.press("/exports", f"/exports/{mark}/file").status_code == 403
    assert rowan.press("/exports", f"/exports/{mark}/file").status_code == 200
    assert [by for by, *_ in world.audit("decide_export")] == ["rev"]


def test_a_reviewer_answers_nothing_that_a_director_could(world: Any, console: Database) -> None:
    """Asked by an analyst; or by a director who has a colleague. The database shows them neither."""
    _, of_analyst = asked(world, "ash")
    world.clock.pass_by(seconds=1)
    account(world, "stranger", "director", "NOR", person=None)
    _, of_director = asked(world, "rowan")
    reviewer = world.signed_in("rev")
    page = reviewer.get("/exports").text
    for mark in (of_analyst, of_director):
        assert mark not in page
        assert reviewer.press("/exports", f"/exports/{mark}/decided", event="allow").status_code == 404
    world.tell(b"update decisions.account set disabled_at = now() where user_name = 'stranger'")
    assert of_director in reviewer.get("/exports").text
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        console.transaction(role=Role.REVIEWER) as tx,
    ):
        tx.execute("update decisions.export set fetched = 9 where export_id = %s", [of_director])


def test_two_votes_are_of_two_humans(drafted: Any) -> None:
    database = Database(drafted.urls.console)
    again = account(drafted, "rev2", "reviewer", None, person="rev")
    other = account(drafted, "rev3", "reviewer", None, person=None)
    first, day = Actor("rev", Role.REVIEWER), NOON.date()

    def vote(by: Actor) -> None:
        release.vote(database, day, Vote.RELEASE, reason="x", by=by, at=NOON)

    vote(first)
    with pytest.raises(Refused, match="votes once"):
        vote(again)
    with pytest.raises(psycopg.errors.CheckViolation), database.transaction(role=Role.REVIEWER) as tx:
        tx.execute("insert into decisions.review values (%s, 'rev2', 'release', 'x', %s)", [day, NOON])
    drafted.tell(b"update decisions.draft set author = 'rev3'")
    with pytest.raises(NotPermitted):
        vote(other)
    drafted.tell(b"update decisions.draft set author = 'timer'")
    vote(other)
    database.close()


def test_who_read_through_break_glass_reviews_it_under_no_account(world: Any, console: Database) -> None:
    reader = Actor("sid", Role.DIRECTOR, AreaCode("SOU"))
    same = account(world, "sid-north", "director", "NOR", person="sid")
    break_glass.open_glass(console, NORTH, purpose="life_at_risk", hours=1, glass_id="G1", by=reader, at=NOON)
    late = NOON + timedelta(hours=2)
    with pytest.raises(NotPermitted):
        break_glass.review_glass(console, "G1", verdict="justified", note="x", by=same, at=late)
    review = (
        "update decisions.break_glass set reviewed_at = %s, reviewed_by = %s, verdict = 'justified', review_note = 'x'"
    )
    with pytest.raises(psycopg.errors.CheckViolation), console.transaction(authority=NORTH, role=Role.DIRECTOR) as tx:
        tx.execute(review, [late, "sid-north"])
    north = Actor("rowan", Role.DIRECTOR, NORTH)
    break_glass.review_glass(console, "G1", verdict="justified", note="x", by=north, at=late)
