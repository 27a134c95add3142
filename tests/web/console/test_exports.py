"""Records leave the console only as a request with a reason and an end, for who asked; every row says whose it is."""

import csv
import io
import re
import zipfile
from typing import Any

import psycopg
import pytest

from pumphandle.actions import export
from pumphandle.store.engine import Database
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode
from tests.web.console.conftest import DAY, NOON, illnesses

WISH = {"form": "line list", "reason": "For the ward round on Tuesday", "days_kept": "1"}


def ask(world: Any, who: str, **changes: str) -> tuple[Any, str]:
    """The asker's browser and the mark of their request."""
    world.clock.pass_by(seconds=1)
    browser = world.signed_in(who)
    answer = browser.press("/lines", "/exports/asked", **(WISH | {"result": "positive"} | changes))
    assert answer.status_code == 303, answer.text
    (mark,) = world.ask(b"select export_id from decisions.export order by asked_at desc limit 1")[0]
    return browser, mark


def allowed(world: Any, who: str, **changes: str) -> tuple[Any, str]:
    """A request that another director has allowed."""
    browser, mark = ask(world, who, **changes)
    allow(world, mark)
    return browser, mark


def allow(world: Any, mark: str) -> None:
    """By a second director of the authority, of whom the page knows by nothing but the account."""
    by = Actor("rhea", Role.DIRECTOR, AreaCode("NOR"))
    console = Database(world.urls.console)
    export.decide(console, mark, "allow", reason="", by=by, at=world.clock())
    console.close()


def fetch(browser: Any, mark: str) -> Any:
    return browser.press("/lines", f"/exports/{mark}/file")


def test_a_directors_own_request_waits_for_another_and_every_row_bears_the_mark(world: Any) -> None:
    browser, mark = ask(world, "rowan", columns="name,postcode,result")
    assert f'action="/exports/{mark}/decided"' not in browser.get("/exports").text
    own = browser.press("/exports", f"/exports/{mark}/decided", event="allow")
    assert (own.status_code, fetch(browser, mark).status_code) == (403, 409)
    allow(world, mark)
    copy = fetch(browser, mark)
    assert copy.headers["content-disposition"] == f'attachment; filename="{mark}.csv"'
    rows = list(csv.DictReader(io.StringIO(copy.text)))
    assert list(rows[0]) == ["record_key", "family_name", "given_name", "postcode", "result", "copy_of"]
    assert {row["given_name"] for row in rows} == {"Ada", "Bo"}
    assert all(row["copy_of"].startswith(f"{mark} · Rowan Director · NOR · delete by 2020-07-01") for row in rows)
    told = world.audit("fetch_export")[0][2]
    assert (told["shown"], len(told["records"])) == (3, 3)
    assert "fetched 1 times, 3 records" in browser.get("/exports").text


def test_an_analysts_waits_for_a_director_and_holds_no_name(world: Any) -> None:
    ash, mark = ask(world, "ash", columns="name,born,postcode,result")
    refused = fetch(ash, mark)
    assert (refused.status_code, "a director is to answer" in refused.text) == (409, True)
    rowan = world.signed_in("rowan")
    assert rowan.press("/exports", f"/exports/{mark}/decided", event="allow").status_code == 303
    copy = fetch(ash, mark)
    assert copy.status_code == 200
    assert "ND21AA" in copy.text
    assert "Quill" not in copy.text and "1980" not in copy.text


def test_what_is_refused_needs_a_reason_and_is_not_fetched(world: Any) -> None:
    ash, mark = ask(world, "ash")
    rowan = world.signed_in("rowan")
    decided = f"/exports/{mark}/decided"
    assert rowan.press("/exports", decided, event="refuse", reason=" ").status_code == 400
    assert ash.press("/exports", decided, event="allow").status_code == 403
    assert rowan.press("/exports", decided, event="refuse", reason="The map says it too.").status_code == 303
    assert fetch(ash, mark).status_code == 409
    assert "The map says it too." in ash.get("/exports").text


def test_a_copy_is_for_who_asked_until_it_expires_and_for_no_other_authority(world: Any) -> None:
    _, mark = allowed(world, "rowan")
    assert fetch(world.signed_in("tracy"), mark).status_code == 403
    assert fetch(world.signed_in("sid"), mark).status_code == 404
    assert mark not in world.signed_in("sid").get("/exports").text
    world.clock.pass_by(days=1)
    late = fetch(world.signed_in("rowan"), mark)
    assert (late.status_code, "is over; nothing can be fetched" in late.text) == (409, True)


@pytest.mark.parametrize("wrong", [{"reason": "  "}, {"days_kept": "30"}, {"form": "fax"}, {"reason": "x" * 501}])
def test_a_request_with_a_fault_is_refused_with_a_sentence_and_nothing_is_kept(world: Any, wrong: Any) -> None:
    answer = world.signed_in("rowan").press("/lines", "/exports/asked", **(WISH | wrong))
    assert answer.status_code == 400
    assert world.ask(b"select count(*) from decisions.export") == [(0,)]


def test_a_search_is_never_written_into_a_request_or_a_view(world: Any) -> None:
    browser = world.signed_in("rowan")
    browser.press("/lines", "/exports/asked", **(WISH | {"search": "Quill"}))
    browser.press("/lines", "/lines/views/kept", name="mine", search="Quill")
    kept = world.ask(b"select question::text from decisions.export union all select question::text "
                     b"from decisions.saved_view")  # fmt: skip
    assert "Quill" not in str(kept)


def test_a_cell_that_looks_like_a_formula_is_text(world: Any) -> None:
    world.tell(b"update identified.record set family_name = '=HYPERLINK(1)' where family_name = 'Quill'")
    browser, mark = allowed(world, "rowan")
    assert ",'=HYPERLINK(1)," in fetch(browser, mark).text


def test_views_are_kept_shared_replaced_and_dropped(world: Any) -> None:
    rowan, tracy = world.signed_in("rowan"), world.signed_in("tracy")
    kept = {"name": "Young cases", "result": "positive", "days": "7", "columns": "name,result", "order": "-specimen"}
    answer = rowan.press("/lines", "/lines/views/kept", **kept)
    address = answer.headers["location"]
    assert set(re.findall(r"(\w+)=", address)) == {"result", "days", "order", "columns"}
    page = rowan.get(address).text
    assert "Young cases" in page
    assert re.findall(r'aria-sort="(\w+)"><a', rowan.get("/lines?order=-specimen").text) == ["descending"]
    assert len(re.findall(r'<th role="columnheader"', page)) == 2
    assert "Young cases" not in tracy.get("/lines").text
    rowan.press("/lines", "/lines/views/kept", **kept, shared="yes")
    assert "Young cases" in tracy.get("/lines").text
    assert "Young cases" not in world.signed_in("sid").get("/lines").text
    (number,) = world.ask(b"select view_id from decisions.saved_view")[0]
    assert tracy.press("/lines", "/lines/views/dropped", view_id=str(number)).status_code == 404
    assert rowan.press("/lines", "/lines/views/dropped", view_id=str(number)).status_code == 303
    assert "Young cases" not in rowan.get("/lines").text


@pytest.fixture
def traced(world: Any) -> Any:
    """Two illnesses; Ada's has two positives, and a contact was named for the later of them."""
    illnesses(world)
    world.tell(
        b"insert into identified.contact (contact_id, authority, case_key, case_authority, family_name, given_name, "
        b"phone, email, address, kind, exposure_day, state, since, due, named_at, named_by) values "
        b"(gen_random_uuid(), 'NOR', %s, 'NOR', 'Rook', 'Kim', '+44 7700 900001', 'kim@example.org', '2 Mill Lane', "
        b"'other', %s, 'to_reach', %s, %s, %s, 'x')", world.records["Ada"], DAY, NOON, NOON, NOON,
    )  # fmt: skip
    return world


def tables(copy: Any) -> dict[str, list[dict[str, str]]]:
    archive = zipfile.ZipFile(io.BytesIO(copy.content))
    return {name: list(csv.DictReader(io.StringIO(archive.read(name).decode()))) for name in archive.namelist()}


@pytest.mark.parametrize("day", [None, str(DAY)])
def test_one_illness_is_one_case_by_its_first_result_whichever_result_was_chosen(traced: Any, day: str | None) -> None:
    chosen = {} if day is None else {"first": day, "last": day}
    found = tables(fetch(*allowed(traced, "rowan", form="go.data", **chosen)))
    ill = {traced.records["Ada again"]} | ({traced.records["Bo"]} if day is None else set())
    assert sorted(one["visualId"] for one in found["cases.csv"]) == sorted(ill)
    assert [one["relationship.persons[0].id"] for one in found["contacts.csv"]] == [traced.records["Ada again"]]
    bundle = fetch(*allowed(traced, "rowan", form="fhir", **chosen)).json()
    kinds = [one["resource"]["resourceType"] for one in bundle["entry"]]
    assert (kinds.count("Patient"), kinds.count("Observation"), kinds.count("RelatedPerson")) == (len(ill), len(ill), 1)
    assert traced.audit("fetch_export")[0][2]["shown"] == len(ill)


def test_telephones_are_carried_where_the_agreement_shows_them_and_nowhere_else(traced: Any) -> None:
    def handed() -> tuple[dict[str, list[dict[str, str]]], str]:
        return tables(fetch(*allowed(traced, "rowan", form="go.data"))), fetch(
            *allowed(traced, "rowan", form="fhir")
        ).text

    found, bundle = handed()
    assert {one["addresses[0].phoneNumber"] for one in found["cases.csv"]} == {"01632 960001"}
    assert found["contacts.csv"][0]["addresses[0].phoneNumber"] == "+44 7700 900001"
    assert "01632 960001" in bundle and "+44 7700 900001" in bundle
    traced.tell(b"update decisions.agreement set fields = array_remove(fields, 'phone') where authority = 'NOR'")
    found, bundle = handed()
    told = str(found) + bundle
    for way in ("01632 960001", "7700 900001", "kim@example.org"):
        assert way not in told
    assert found["contacts.csv"][0]["firstName"] == "Kim"


def test_who_traces_nobody_gets_no_file_that_says_there_is_none(traced: Any) -> None:
    ash, mark = allowed(traced, "ash", form="go.data")
    assert set(tables(fetch(ash, mark))) == {"clusters.csv", "cases.csv"}


@pytest.mark.parametrize(
    ("form", "ending", "start"), [("go.data", "zip", b"PK"), ("sormas", "zip", b"PK"), ("fhir", "json", b"{")]
)
def test_other_programs_get_their_own_form(world: Any, form: str, ending: str, start: bytes) -> None:
    browser, mark = allowed(world, "rowan", form=form)
    copy = fetch(browser, mark)
    assert copy.headers["content-disposition"] == f'attachment; filename="{mark}.{ending}"'
    assert copy.content.startswith(start)


def test_a_persons_own_record_holds_them_and_nobody_else(world: Any) -> None:
    world.tell(
        b"insert into decisions.threshold values ('contact_keep_days', 1, '28'::jsonb, 'tests', '2020-06-01', 'x')"
    )
    rowan, address = world.signed_in("rowan"), f"/lines/{world.records['Ada']}"
    rowan.get(address)
    unchecked = rowan.press(address, f"{address}/own")
    assert (unchecked.status_code, "shown who they are" in unchecked.text) == (400, True)
    told = rowan.press(address, f"{address}/own", identity_checked="yes").json()
    assert {row["given_name"] for row in told["results"]} == {"Ada"}
    assert len(told["results"]) == 2
    assert {row["by_name"] for row in told["who looked at them"]} == {"rowan"}
    assert "Bo" not in str(told["results"])
    assert world.audit("own_record")[0][2]["shown"] == 2
    for who, status in (("tracy", 403), ("ash", 403), ("sid", 404)):
        browser = world.signed_in(who)
        assert browser.press("/today", f"{address}/own", identity_checked="yes").status_code == status


def test_an_old_request_is_fetched_when_a_hundred_newer_ones_stand_before_it(world: Any) -> None:
    browser, mark = allowed(world, "rowan")
    world.tell(
        b"insert into decisions.export select 'new-' || n, authority, form, question, columns, reason, asked_by, "
        b"asked_at + interval '1 minute', expires_at, 'asked', null, null, null, 0, null "
        b"from decisions.export, generate_series(1, 100) n"
    )
    assert mark not in browser.get("/exports").text
    assert fetch(browser, mark).status_code == 200


ALLOW = "update decisions.export set state = 'allowed', decided_at = now(), decided_by = "


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (Role.ANALYST, f"{ALLOW} 'rowan'"),
        (Role.ANALYST, f"{ALLOW} 'ash'"),
        (Role.TRACER, f"{ALLOW} 'rowan'"),
        (Role.DIRECTOR, f"{ALLOW} 'ash'"),
        (Role.DIRECTOR, f"{ALLOW} null"),
        (Role.ANALYST, "update decisions.export set decision = 'x'"),
        *((role, "insert into decisions.export select 'own', authority, form, question, columns, reason, asked_by, "
          "asked_at, expires_at, 'allowed', 'rowan', now(), null, 0, null from decisions.export")
          for role in (Role.ANALYST, Role.DIRECTOR)),
    ],
)  # fmt: skip
def test_the_database_alone_lets_nobody_allow_their_own(world: Any, role: Role, statement: str) -> None:
    _, mark = ask(world, "ash")
    console = Database(world.urls.console)
    with (
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.CheckViolation)),
        console.transaction(authority=AreaCode("NOR"), role=role) as tx,
    ):
        tx.execute(statement.encode())
    console.close()
    assert world.ask(b"select export_id, state from decisions.export") == [(mark, "asked")]
    with pytest.raises(psycopg.errors.CheckViolation):
        world.tell(b"update decisions.export set asked_by = 'somebody'")
