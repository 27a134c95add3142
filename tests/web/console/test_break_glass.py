"""Break-glass shows one other authority's records to one director, for a coded purpose and a stated time; the owner is
told at once, every look leaves its mark, another person reviews it, and it can neither write, grant nor hand over."""

import re
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from pumphandle.actions.break_glass import escalate_glass
from pumphandle.governance import policy
from pumphandle.store.engine import Database, Through
from pumphandle.vocabulary.people import THE_TIMER, Role
from tests.web.console.conftest import NOON, PEOPLE

ASKED = {"authority": "SOU", "purpose": "life_at_risk", "hours": "2"}


def opened(world: Any, browser: Any, **other: str) -> str:
    answer = browser.press("/break-glass", "/break-glass/opened", **{**ASKED, **other})
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/break-glass/(G\w+)/lines", answer.headers["location"])
    assert found is not None
    return found[1]


def test_one_director_reads_one_other_authority_and_each_look_leaves_its_mark(world: Any) -> None:
    rowan = world.signed_in("rowan")
    glass = opened(world, rowan)
    page = rowan.get(f"/break-glass/{glass}/lines").text
    assert "Marrow" in page and "Quill" not in page
    found = rowan.press("/today", f"/break-glass/{glass}/search", search="marr").text
    assert "Marrow" in found
    record = rowan.get(f"/break-glass/{glass}/lines/{world.records['Marrow']}").text
    assert "1 Mill Lane" in record
    looks = world.ask(
        b"select by_name, by_role, authority, subject ->> 'glass', subject -> 'records' from decisions.audit "
        b"where deed like 'look_glass_%%' order by audit_id"
    )
    mark = ("rowan", "break_glass", "SOU", glass, [world.records["Marrow"]])
    assert looks == [mark, mark, mark]
    digest = world.signed_in("sid").get("/looks").text
    assert "rowan" in digest


def test_the_owner_is_told_at_once_and_can_end_it(world: Any) -> None:
    rowan, sid = world.signed_in("rowan"), world.signed_in("sid")
    assert "through break-glass" not in sid.get("/today").text
    glass = opened(world, rowan)
    told = sid.get("/today").text
    assert "rowan of Northdale is reading your residents’ records through break-glass" in told
    assert "through break-glass" not in rowan.get("/today").text
    assert sid.press("/break-glass", f"/break-glass/{glass}/ended").status_code == 303
    refused = rowan.get(f"/break-glass/{glass}/lines")
    assert (refused.status_code, "Marrow" in refused.text) == (409, False)
    assert "Say by" in sid.get("/today").text
    again = sid.press("/break-glass", f"/break-glass/{glass}/ended")
    assert again.status_code == 409


def test_it_ends_by_the_clock(world: Any) -> None:
    rowan = world.signed_in("rowan")
    glass = opened(world, rowan, hours="1")
    world.clock.pass_by(minutes=20)
    rowan.get("/today")
    world.clock.pass_by(minutes=20)
    rowan.get("/today")
    world.clock.pass_by(minutes=19)
    assert "Marrow" in rowan.get(f"/break-glass/{glass}/lines").text
    world.clock.pass_by(minutes=1)
    assert rowan.get(f"/break-glass/{glass}/lines").status_code == 409
    assert rowan.get(f"/break-glass/{glass}/lines/{world.records['Marrow']}").status_code == 409


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"purpose": "curiosity"}, 400),
        ({"purpose": ""}, 400),
        ({"hours": "0"}, 400),
        ({"hours": "13"}, 400),
        ({"hours": "ever"}, 400),
        ({"authority": "NOR"}, 409),
        ({"authority": "N1"}, 409),
        ({"authority": "XXX"}, 404),
    ],
)
def test_nothing_else_opens_it(world: Any, wrong: dict[str, str], status: int) -> None:
    rowan = world.signed_in("rowan")
    assert rowan.press("/break-glass", "/break-glass/opened", **{**ASKED, **wrong}).status_code == status
    assert world.ask(b"select count(*) from decisions.break_glass") == [(0,)]


@pytest.mark.parametrize("who", [name for name, _, role, _ in PEOPLE if role != "director"])
def test_only_a_director_breaks_the_glass(world: Any, who: str) -> None:
    answer = world.signed_in(who).press("/today", "/break-glass/opened", **ASKED) if who != "enid" else None
    assert answer is None or answer.status_code == 403
    assert world.ask(b"select count(*) from decisions.break_glass") == [(0,)]


def test_with_the_consoles_checks_off_the_database_still_says_whose_and_until_when(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's break-glass, one that is over, and one of a closed account show nothing."""
    rowan = world.signed_in("rowan")
    glass = opened(world, rowan)
    monkeypatch.setattr(policy, "check_can_break_glass", lambda *_, **__: None)
    monkeypatch.setattr("pumphandle.actions.break_glass.state_at", lambda **_: "open")
    assert "Marrow" in rowan.get(f"/break-glass/{glass}/lines").text
    world.clock.now = NOON + timedelta(hours=2)
    over = world.signed_in("rowan").get(f"/break-glass/{glass}/lines")
    assert "Marrow" not in over.text and over.status_code == 409
    database = Database(world.urls.console)
    for through, seen in (
        (Through(glass, "rowan", NOON), 1),
        (Through(glass, "sid", NOON), 0),
        (Through("other", "rowan", NOON), 0),
        (Through(glass, "rowan", NOON - timedelta(seconds=1)), 0),
        (Through(glass, "rowan", NOON + timedelta(hours=2)), 0),
    ):
        with database.transaction(role=Role.BREAK_GLASS, through=through) as tx:
            assert tx.execute("select count(*) from identified.record").fetchone() == (seen,), through
    with database.transaction(role=Role.DIRECTOR, through=Through(glass, "rowan", NOON)) as tx:
        assert tx.execute("select count(*) from identified.record").fetchone() == (0,)
    world.tell(b"update decisions.account set disabled_at = now() where user_name = 'rowan'")
    with database.transaction(role=Role.BREAK_GLASS, through=Through(glass, "rowan", NOON)) as tx:
        assert tx.execute("select count(*) from identified.record").fetchone() == (0,)
    database.close()


def test_through_it_nothing_can_be_written_granted_or_handed_over(planted: Any) -> None:
    """Every table that the console's role may write at all, but for the one mark in the owner's audit."""
    glass = opened(planted, planted.signed_in("rowan"))
    database = Database(planted.urls.console)
    through = Through(glass, "rowan", NOON)
    tables = planted.ask(
        b"select distinct c.table_schema || '.' || c.table_name from information_schema.columns c join pg_class p on "
        b"p.oid = format('%%I.%%I', c.table_schema, c.table_name)::regclass and p.relkind = 'r' and p.relrowsecurity "
        b"where has_any_column_privilege('pumphandle_console', p.oid, 'update')"
    )
    assert len(tables) > 10
    for (table,) in tables:
        column = planted.ask(
            b"select column_name from information_schema.columns where table_schema || '.' || table_name = %s and "
            b"has_column_privilege('pumphandle_console', table_schema || '.' || table_name, column_name, 'update') "
            b"and is_identity = 'NO' limit 1",
            table,
        )[0][0]
        with database.transaction(role=Role.BREAK_GLASS, through=through) as tx:
            assert tx.execute(f"update {table} set {column} = {column}".encode()).rowcount == 0, table
    forbidden = (
        "insert into identified.misroute (record_key, from_authority, to_authority, reason, laboratory, by_name,"
        f" said_at) values ('{planted.records['Marrow']}', 'SOU', 'NOR', 'moved away', 'x', 'rowan', now())",
        "insert into decisions.break_glass (glass_id, authority, user_name, user_authority, purpose, opened_at,"
        " ends_at, review_due) values ('G2', 'SOU', 'rowan', 'NOR', 'life_at_risk', now(), now() + interval '1 hour',"
        " now() + interval '3 days')",
        "insert into decisions.audit (at, by_name, by_role, authority, deed, subject)"
        " values (now(), 'rowan', 'break_glass', 'SOU', 'look_glass_lines', '{}')",
        "insert into decisions.audit (at, by_name, by_role, authority, deed, subject) values (now(), 'rowan',"
        f" 'break_glass', 'SOU', 'grant', '{{\"glass\": \"{glass}\"}}')",
        "insert into decisions.audit (at, by_name, by_role, authority, deed, subject) values (now(), 'sid',"
        f" 'break_glass', 'SOU', 'look_glass_lines', '{{\"glass\": \"{glass}\"}}')",
    )
    for statement in forbidden:
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            database.transaction(role=Role.BREAK_GLASS, through=through) as tx,
        ):
            tx.execute(statement.encode())
    database.close()


def test_another_person_reviews_it_and_a_late_review_goes_to_the_national_centre(world: Any) -> None:
    rowan, glass = world.signed_in("rowan"), ""
    glass = opened(world, rowan)
    review = f"/break-glass/{glass}/reviewed"
    said = {"verdict": "not justified", "note": "We could have been asked."}
    world.clock.now = NOON + timedelta(hours=3)
    rowan, sid, nat = (world.signed_in(name) for name in ("rowan", "sid", "nat"))
    assert rowan.press("/break-glass", review, **said).status_code == 403
    assert sid.press("/break-glass", review, verdict="fine", note="x").status_code == 400
    assert sid.press("/break-glass", review, verdict="justified", note=" ").status_code == 400
    assert "overdue" not in nat.get("/break-glass").text
    late = NOON + timedelta(days=3)
    with psycopg.connect(world.urls.deeds) as tx:
        assert escalate_glass(tx, by=THE_TIMER, at=late - timedelta(seconds=1)) == 0
        assert escalate_glass(tx, by=THE_TIMER, at=late) == 1
        assert escalate_glass(tx, by=THE_TIMER, at=late) == 0
    world.clock.now = late
    rowan, nat = world.signed_in("rowan"), world.signed_in("nat")
    assert "the national centre has it" in nat.get("/break-glass").text
    assert nat.press("/break-glass", review, **said).status_code == 303
    assert "We could have been asked." in world.signed_in("sid").get("/break-glass").text
    assert nat.press("/break-glass", review, **said).status_code == 409
    assert [deed for _, deed, _ in world.audit("escalate_glass")] == ["escalate_glass"]


def test_the_database_holds_who_reviews(world: Any) -> None:
    """A build without the console's checks: the reader's own review, and a changed verdict, are refused."""
    glass = opened(world, world.signed_in("rowan"))
    database = Database(world.urls.console)
    review = (
        "update decisions.break_glass set reviewed_at = %s, reviewed_by = %s, verdict = 'justified', review_note = 'x' "
        "where glass_id = %s"
    )
    for role, authority, name in ((Role.DIRECTOR, "NOR", "other"), (Role.NATIONAL, None, "rowan")):
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.CheckViolation)):  # noqa: SIM117
            with database.transaction(role=role, authority=authority) as tx:  # pyright: ignore[reportArgumentType]
                tx.execute(review, [NOON, name, glass])
    with database.transaction(role=Role.NATIONAL) as tx:
        tx.execute(review, [NOON, "nat", glass])
    for change in (b"verdict = 'not justified'", b"reviewed_by = 'else'"):
        with pytest.raises(psycopg.errors.CheckViolation), database.transaction(role=Role.NATIONAL) as tx:
            tx.execute(b"update decisions.break_glass set " + change)
    for change in (b"ends_at = ends_at + interval '1 hour'", b"user_name = 'sid'"):
        with pytest.raises(psycopg.errors.CheckViolation):
            world.tell(b"update decisions.break_glass set " + change)
    database.close()


@pytest.mark.parametrize("name", ["glass_hours", "glass_review_days"])
def test_where_nobody_has_chosen_how_long_nobody_can_open_it(world: Any, name: str) -> None:
    with psycopg.connect(world.urls.owner) as owner:
        owner.execute("set session_replication_role = replica")  # versions are only ever added
        owner.execute("delete from decisions.threshold where name = %s", [name])
    rowan = world.signed_in("rowan")
    page = rowan.get("/break-glass").text
    assert "Nobody can break the glass" in page and "Break the glass</button>" not in page
    answer = rowan.press("/today", "/break-glass/opened", **ASKED)
    assert (answer.status_code, name in answer.text) == (409, True)
    assert world.ask(b"select count(*) from decisions.break_glass") == [(0,)]


def test_how_long_it_lasts_is_what_was_chosen(world: Any) -> None:
    world.tell(b"insert into decisions.threshold values ('glass_hours', 2, '4', 'nat', '2020-06-30', 'shorter')")
    world.tell(b"insert into decisions.threshold values ('glass_review_days', 2, '1', 'nat', '2020-06-30', 'sooner')")
    rowan = world.signed_in("rowan")
    page = rowan.get("/break-glass").text
    assert "at most 4 hours" in page and "within 1 days" in page
    assert rowan.press("/break-glass", "/break-glass/opened", **{**ASKED, "hours": "5"}).status_code == 400
    opened(world, rowan, hours="4")
    due = world.ask(b"select review_due - opened_at from decisions.break_glass")
    assert due == [(timedelta(days=1),)]
