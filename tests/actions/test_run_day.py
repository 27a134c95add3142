"""A day is received, linked, delivered, watched and published; each deed leaves its mark, nothing is done twice."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import psycopg
import pyrage
import pytest

from pumphandle.actions import publish, receive
from pumphandle.disclosure import protect
from pumphandle.disclosure.rules import Rule
from pumphandle.linelist import accounting
from pumphandle.store.at_rest import beside
from pumphandle.store.decisions import audit, runs
from pumphandle.store.identified import intake
from pumphandle.vocabulary.errors import LinesUnaccounted, Refused
from tests.actions.conftest import House
from tests.actions.outcome import contributions, ledger, opened
from tests.conftest import DatabaseUrls

DAY = date(2020, 6, 1)
NEXT = DAY + timedelta(days=1)
Line = Callable[..., str]


def test_a_whole_day(house: House, line: Line) -> None:
    house.put(DAY, *[line(at, DAY, area="A") for at in range(6)], line(6, DAY, area="C", result="NEG"))
    done = house.run(DAY)
    assert done["receive"].summary["accepted"] == 7
    assert done["link"].summary["cases"] == 6
    assert done["deliver"].summary["packages"] == 2
    assert ledger(house) == [("A", "cases", DAY, DAY, 6), ("A", "tests", DAY, DAY, 6)]
    with house.premises.database.transaction() as tx:
        deeds = [row[0] for row in tx.execute("select deed from decisions.audit order by audit_id").fetchall()]
        assert audit.verify(tx) == len(deeds)
    for deed in ("receive", "receive_day", "link", "deliver", "detect", "trace", "publish"):
        assert deeds.count(deed) == 1, deed


def test_what_waits_one_day_goes_out_with_the_next(house: House, line: Line) -> None:
    house.put(DAY, *[line(at, DAY) for at in range(3)])
    house.run(DAY)
    assert ledger(house) == []
    house.put(NEXT, *[line(at, DAY) for at in range(10, 13)])
    house.run(NEXT)
    assert ledger(house) == [("A", "cases", DAY, NEXT, 6), ("A", "tests", DAY, NEXT, 6)]


def test_each_authority_gets_its_own_residents_and_nobody_else_s(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY, area="A"), line(2, DAY, area="C"))
    house.run(DAY)
    _, north = opened(house, "D1", DAY)
    _, south = opened(house, "D2", DAY)
    assert [row["family_name"] for row in north] == ["Surname1"]
    assert [row["family_name"] for row in south] == ["Surname2"]
    sealed = beside(house.premises.deliveries).read(f"D1/{DAY}.tar.age")
    other = (house.home / "keys" / "authorities" / "D2.age-key").read_text().strip()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(other)])


def test_an_authority_without_a_key_gets_nothing_and_is_named(
    house: House, line: Line, database_urls: DatabaseUrls
) -> None:
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute("delete from decisions.recipient where authority = 'D2'")
    house.put(DAY, line(1, DAY, area="A"), line(2, DAY, area="C"))
    summary = house.run(DAY)["deliver"].summary
    assert (summary["packages"], summary["without_key"]) == (1, ["D2"])
    assert not (house.premises.deliveries / "D2").exists()


def test_a_day_without_files_delivers_manifests_that_name_the_late_laboratory(house: House) -> None:
    done = house.run(DAY)
    assert done["receive"].summary["late_laboratories"] == ["northgate"]
    manifest, records = opened(house, "D1", DAY)
    assert manifest["late_laboratories"] == ["northgate"]
    assert (manifest["new"], records) == (0, [])


def test_a_corrected_postcode_moves_the_record_to_its_true_authority(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY, area="A"))
    house.run(DAY)
    house.put(NEXT, line(1, DAY, area="C", state="C"))
    house.run(NEXT)
    _, north = opened(house, "D1", NEXT)
    _, south = opened(house, "D2", NEXT)
    assert [(row["change"], row["family_name"]) for row in north] == [("withdrawn", "")]
    assert [(row["change"], row["family_name"]) for row in south] == [("new", "Surname1")]
    assert (contributions(house, "cases", "A"), contributions(house, "cases", "C")) == (0, 1)


def test_a_withdrawn_result_leaves_every_count_and_its_authority_is_told(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY), line(2, DAY))
    house.run(DAY)
    house.put(NEXT, line(1, DAY, state="X"))
    house.run(NEXT)
    _, north = opened(house, "D1", NEXT)
    assert [(row["change"], row["reason"]) for row in north] == [("withdrawn", "withdrawn by the laboratory")]
    assert [contributions(house, measure) for measure in ("tests", "positives", "cases")] == [1, 1, 1]


def test_repeat_positives_are_one_case_and_a_withdrawn_first_one_redates_it(house: House, line: Line) -> None:
    again = {"surname": "Surname1", "born": "1941-02-02", "address": "1 Mill Lane"}
    house.put(DAY, line(1, DAY))
    house.run(DAY)
    house.put(NEXT, line(50, NEXT, **again))
    house.run(NEXT)
    assert contributions(house, "cases") == 1
    house.put(NEXT + timedelta(days=1), line(1, DAY, state="X"))
    house.run(NEXT + timedelta(days=1))
    assert contributions(house, "cases") == 1
    with house.premises.database.transaction() as tx:
        assert tx.execute("select start_date from identified.episode").fetchall() == [(NEXT,)]


def test_a_postcode_that_leads_nowhere_waits_and_is_nobody_s_until_mended(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY, area="ZZ11ZZ"), line(2, DAY, area=""))
    done = house.run(DAY)
    assert done["receive"].summary["accepted"] == 2
    assert done["link"].summary["unplaced_waiting"] == 2
    assert opened(house, "D1", DAY)[0]["unplaced_in_nation"] == 2
    house.put(NEXT, line(1, DAY, area="C", state="C"))
    assert house.run(NEXT)["link"].summary["unplaced_waiting"] == 1
    assert [row["change"] for row in opened(house, "D2", NEXT)[1]] == ["new"]
    assert contributions(house, "tests") == 2


def test_the_same_file_again_changes_nothing(house: House, line: Line) -> None:
    lines = [line(at, DAY) for at in range(3)]
    house.put(DAY, *lines)
    house.run(DAY)
    house.put(NEXT, *lines, name="northgate_again.csv")
    done = house.run(NEXT)
    summary = done["receive"].summary
    assert (summary["duplicates"], summary["accepted"], summary["seen_before"]) == (3, 0, ["northgate_again.csv"])
    assert contributions(house, "tests") == 3


def test_a_day_run_again_repeats_no_step(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY))
    first = house.run(DAY)
    again = house.run(DAY)
    assert all(step.fresh for step in first.values())
    assert not any(step.fresh for step in again.values())
    assert {name: step.summary for name, step in first.items()} == {name: step.summary for name, step in again.items()}


def test_days_go_forward_only(house: House, line: Line) -> None:
    house.put(NEXT, line(1, DAY))
    house.run(NEXT)
    with pytest.raises(Refused, match="lies before 2020-06-02"):
        house.run(DAY)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02binary", "binary"),
        ("id;nhs;surname;forename;born;sex;address;postcode;taken;result;state\nS1;;Häns;".encode("cp1252"), "cut_off"),
        (b"id,nhs,surname\n1,2,3\nEND,1\n", "delimiter"),
        (b"id;nhs;surname\nS1;;X\nEND;1\n", "missing_column"),
        (
            "id;nhs;surname;forename;born;sex;address;postcode;taken;result;state\nS1;;H\xe4ns;A;;F;;;;POS;F\nEND;1\n".encode(
                "cp1252"
            ),
            "encoding",
        ),
    ],
)
def test_a_bad_file_is_refused_by_name_and_the_next_goes_on(
    house: House, line: Line, content: bytes, code: str
) -> None:
    house.put(DAY, line(1, DAY))
    (house.premises.inbox / str(DAY) / "northgate_a_bad.csv").write_bytes(content)
    summary = house.run(DAY)["receive"].summary
    refusals = summary["refused"]
    assert isinstance(refusals, list)
    assert len(refusals) == 1
    assert f"[{code}]" in refusals[0]
    assert "northgate_a_bad.csv" in refusals[0]
    assert summary["accepted"] == 1


def test_a_file_of_nobody_is_refused(house: House) -> None:
    (house.premises.inbox / str(DAY)).mkdir(parents=True)
    (house.premises.inbox / str(DAY) / "results.csv").write_text("a;b\n")
    refused = house.run(DAY)["receive"].summary["refused"]
    assert isinstance(refused, list)
    assert "[no_contract]" in refused[0]


def test_bad_lines_are_held_with_their_remedy_and_good_ones_go_on(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY), line(2, date(2099, 1, 1)), line(3, DAY, result="MAYBE"), line(4, DAY))
    summary = house.run(DAY)["receive"].summary
    assert (summary["lines_in"], summary["accepted"], summary["quarantined"]) == (4, 2, 2)
    held = summary["held"]
    assert isinstance(held, list)
    assert {tuple(row[1:4]) for row in held} == {
        (3, "specimen_date", "specimen_date_in_future"),
        (4, "result", "result_unknown"),
    }
    assert "Surname" not in json.dumps(summary)


def test_a_file_with_too_many_bad_lines_is_refused_whole(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY), line(2, date(2099, 1, 1)), line(3, date(2099, 1, 1)))
    summary = house.run(DAY)["receive"].summary
    assert (summary["lines_in"], summary["accepted"], summary["quarantined"]) == (3, 0, 3)
    assert "[too_many_bad_lines]" in str(summary["refused"])


def test_a_file_that_loses_a_line_is_not_taken(house: House, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong between reading and keeping, lines that do not add up stop the run; nothing is kept."""
    house.put(DAY, *[line(at, DAY) for at in range(4)])
    whole = accounting.sort_lines

    def losing(good: pl.DataFrame, known: pl.DataFrame) -> accounting.Sorted:
        return whole(good.head(3), known)

    monkeypatch.setattr(receive, "sort_lines", losing)
    with pytest.raises(LinesUnaccounted, match="4 lines in, 3 accounted for"):
        house.run(DAY)
    with house.premises.database.transaction() as tx:
        assert tx.execute("select count(*) from identified.file").fetchone() == (0,)
        assert runs.finished(tx, DAY) == {}
    monkeypatch.undo()
    assert house.run(DAY)["receive"].summary["accepted"] == 4


def test_an_accepted_line_that_is_not_on_the_shelf_stops_the_day(
    house: House, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put(DAY, *[line(at, DAY) for at in range(4)])
    whole = intake.add_events
    monkeypatch.setattr(intake, "add_events", lambda tx, events: whole(tx, events.head(3)))
    with pytest.raises(LinesUnaccounted, match="4 lines accepted, 3 on the shelf"):
        house.run(DAY)


def test_a_careless_planner_publishes_nothing_and_the_reason_is_kept(
    house: House, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attacker stands between the planner and the public: its refusal leaves yesterday's ledger as it was."""
    house.put(DAY, *[line(at, DAY) for at in range(6)])
    house.run(DAY)
    before = ledger(house)
    house.put(NEXT, line(50, NEXT), line(51, NEXT))
    whole = protect.protect

    def careless(*given: pl.DataFrame, rule: Rule, **named: Any) -> protect.Protected:
        return whole(*given, rule=replace(rule, k_persons=1, h_households=1), **named)

    with monkeypatch.context() as planted:
        planted.setattr(publish, "protect", careless)
        assert "fewer than 5" in str(house.run(NEXT)["publish"].summary["withheld"])
    assert ledger(house) == before
    with house.premises.database.transaction() as tx:
        assert tx.execute("select count(*) from published.release").fetchone() == (1,)
        assert tx.execute("select as_of, stage from published.withheld").fetchall() == [(NEXT, "decide")]


def test_no_person_stands_in_audit_summaries_or_releases(house: House, line: Line) -> None:
    house.put(DAY, *[line(at, DAY) for at in range(8)])
    house.run(DAY)
    with house.premises.database.transaction() as tx:
        told = json.dumps(tx.execute("select deed, subject::text from decisions.audit").fetchall())
        told += json.dumps(tx.execute("select summary::text from decisions.run_step").fetchall())
    for path in house.premises.releases.rglob("*"):
        if path.is_file():
            told += path.read_bytes().decode("latin-1")
    assert "Surname" not in told
    assert "Mill Lane" not in told
    assert "AA11AA" not in told
