"""Whatever arrives is accounted for, correctable for ever, and every decision about it is an event with a reason."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest

from pumphandle.actions import look_known, mend, people, place, receive
from pumphandle.actions.rebuild import rebuild
from pumphandle.actions.watch import watch_clock
from pumphandle.linelist.feeds import Expected, Rows
from pumphandle.store.decisions import watch
from pumphandle.store.identified import history
from pumphandle.store.reference.postcodes import shares_of
from pumphandle.vocabulary.errors import Broken, NotFound, NotPermitted, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode
from tests.actions.conftest import POSTCODE, House, moment

DAY = date(2020, 6, 1)
NEXT, THIRD = DAY + timedelta(days=1), DAY + timedelta(days=2)
STEWARD = Actor("Sten Steward", Role.STEWARD)
Line = Callable[..., str]
PERSONS = "select person_key::text from identified.record where result = 'positive'"
VINTAGES = "select distinct place_vintage from identified.record where small_area = 'C' and linked_on = '2020-06-02'"
TOLD = "select distinct reason from identified.change where linked_on = '2020-06-02'"


def ask(house: House, query: str) -> list[tuple[Any, ...]]:
    with house.premises.database.transaction() as tx:
        return tx.execute(query.encode()).fetchall()


def increments(house: House, day: date) -> dict[tuple[str, str], int]:
    with house.premises.database.transaction() as tx:
        frame = house.premises.lake.read(tx, "triangle", report_date=day)
    sums = frame.group_by("small_area", "measure").agg(pl.col("increment").sum())
    return {(str(area), measure): count for area, measure, count in sums.iter_rows() if count}


def sound(house: House) -> None:
    rebuild(house.premises.database, house.premises.lake, by=STEWARD, at=moment(DAY))


def first_held(house: House, *, of: int) -> tuple[int, int, dict[str, str]]:
    """(file, line, its fields as a steward sees them) of the first held line; there must be so many."""
    rows = ask(house, "select file_id, line from identified.quarantine order by line")
    assert len(rows) == of
    file_id, number = rows[0]
    case = mend.show(house.premises.database, file_id, number, by=STEWARD, at=moment(DAY))
    return file_id, number, dict(mend.fields_of(case, house.premises.contracts[0]))


def test_a_rehearsal_says_the_same_and_keeps_nothing(house: House, line: Line) -> None:
    path = house.put(DAY, line(1, DAY), line(2, date(2099, 1, 1)), line(3, DAY))
    contract, database = house.premises.contracts[0], house.premises.database
    outcome, held = receive.rehearse(path, contract, received_on=DAY, database=database, by=STEWARD, at=moment(DAY))
    assert [(one.line, one.code) for one in held] == [(3, "specimen_date_in_future")]
    assert ask(house, "select count(*) from identified.file")[0] == (0,)
    assert ask(house, "select count(*) from identified.event")[0] == (0,)
    done = receive.receive(path, contract, received_on=DAY, database=database, by=STEWARD, at=moment(DAY))
    assert done == outcome


def test_a_held_line_is_mended_and_counts_once(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY), line(2, date(2099, 1, 1)), line(3, DAY, result="MAYBE"), line(4, DAY))
    house.run(DAY)
    database, contracts = house.premises.database, house.premises.contracts
    _, (_, second) = ask(house, "select file_id, line from identified.quarantine order by line")
    file_id, first, fields = first_held(house, of=2)
    assert fields["family_name"] == "Surname2"
    told: dict[str, Any] = {"contracts": contracts, "reason": "asked the laboratory", "by": STEWARD, "at": moment(DAY)}
    with pytest.raises(Refused, match="specimen_date_in_future") as refused:
        mend.mend(database, file_id, first, fields, **told)
    assert "Surname2" not in str(refused.value)
    assert mend.mend(database, file_id, first, fields | {"specimen_date": str(DAY)}, **told) == "accepted"
    with pytest.raises(NotFound):
        mend.mend(database, file_id, first, fields | {"specimen_date": str(DAY)}, **told)
    assert mend.mend(database, file_id, second, None, **told) == "dismissed"
    with pytest.raises(Refused, match="Say why"):
        without: dict[str, Any] = told | {"reason": " "}
        mend.mend(database, file_id, second, None, **without)
    house.put(NEXT)
    done = house.run(NEXT)
    assert done["receive"].summary["accepted"] == 1
    assert done["link"].summary["tests"] == 1
    assert mend.waiting(database, by=STEWARD, at=moment(NEXT)) == []
    marks = [row[0] for row in ask(house, "select deed from decisions.audit where by_name = 'Sten Steward'")]
    assert {"look_quarantine", "mend"} <= set(marks)
    sound(house)


def test_a_withdrawal_of_nothing_known_is_held_as_it_came_and_mended(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY), line(7, DAY, state="X"))
    house.run(DAY)
    database, contracts = house.premises.database, house.premises.contracts
    file_id, number, fields = first_held(house, of=1)
    assert (fields["family_name"], fields["status"]) == ("Surname7", "X")
    own = ask(house, "select specimen_id from identified.event")[0][0]
    told: dict[str, Any] = {"contracts": contracts, "reason": "another number", "by": STEWARD, "at": moment(DAY)}
    assert mend.mend(database, file_id, number, fields | {"specimen_id": str(own)}, **told) == "accepted"
    house.put(NEXT)
    assert house.run(NEXT)["link"].summary["tests"] == -1


def test_a_preliminary_answer_beside_its_final_one_is_superseded(house: House) -> None:
    """Every OBX is in one of the four counts, and what a steward sees of two that differ is mended into one."""
    contract = replace(
        house.premises.contracts[0], format="hl7", columns={}, codes={}, fixed={}, trailer=None, files="northgate_*.hl7"
    )
    house.premises = replace(house.premises, contracts=(contract,))
    positive, negative = "260373001^Detected^SCT", "260415000^Not detected^SCT"
    answers = [("P", positive, ""), ("F", negative, "")], [("F", positive, "1"), ("F", negative, "2")]
    text = ""
    for at, several in enumerate(answers, start=1):
        text += f"MSH|^~\\&|LAB|L1|US|U|{DAY:%Y%m%d}||ORU^R01^ORU_R01|{at}|P|2.5.1\rPID|1||||Quill^Ada||19800229|F|||"
        text += f"1 Mill Lane^^^^AA11AA\rOBR|1||F{at}|94500-6^PCR^LN|||{DAY:%Y%m%d}\r"
        text += "".join(f"OBX|1|CWE|94500-6^PCR^LN|{part}|{value}||||||{status}\r" for status, value, part in several)
    (house.home / "inbox" / str(DAY)).mkdir(parents=True, exist_ok=True)
    (house.home / "inbox" / str(DAY) / "northgate_1.hl7").write_text(text, "utf-8", newline="")
    summary = house.run(DAY)["receive"].summary
    assert [summary[one] for one in ("lines_in", "accepted", "quarantined", "duplicates", "superseded")] == [
        4,
        1,
        2,
        0,
        1,
    ]
    assert ask(house, "select code from identified.quarantine") == [("answers_differ",), ("answers_differ",)]
    database = house.premises.database
    file_id, number, fields = first_held(house, of=2)
    assert fields["result"] == "different: positive"
    told: dict[str, Any] = {"contracts": (contract,), "reason": "asked", "by": STEWARD, "at": moment(DAY)}
    with pytest.raises(Refused, match="answers_differ"):
        mend.mend(database, file_id, number, fields, **told)
    assert mend.mend(database, file_id, number, fields | {"result": "positive"}, **told) == "accepted"


def test_what_a_steward_asks_for_at_the_console_is_done_with_the_next_files(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY), line(2, DAY, result="MAYBE"))
    house.run(DAY)
    database, contracts = house.premises.database, house.premises.contracts
    file_id, number, fields = first_held(house, of=1)
    asked: dict[str, Any] = {"contracts": contracts, "reason": "telephone", "by": STEWARD, "at": moment(DAY)}
    with pytest.raises(Refused, match="result_unknown"):
        mend.ask(database, file_id, number, fields, **asked)
    mend.ask(database, file_id, number, fields | {"result": "POS"}, **asked)
    assert mend.waiting(database, by=STEWARD, at=moment(DAY)) == []
    house.put(NEXT)
    assert house.run(NEXT)["link"].summary["positives"] == 1


def test_roles_without_the_duty_see_no_held_line(house: House, line: Line) -> None:
    with pytest.raises(Refused):
        mend.waiting(house.premises.database, by=Actor("Ned", Role.NATIONAL), at=moment(DAY))


def test_events_only_grow_and_the_past_can_be_asked_for(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY), line(2, DAY))
    house.run(DAY)
    house.put(NEXT, line(1, DAY, result="NEG", state="C"), line(2, DAY, state="X"))
    house.run(NEXT)
    with house.premises.database.transaction() as tx:
        then, now = history.as_of(tx, moment(DAY)), history.as_of(tx, moment(NEXT))
        before = history.as_of(tx, moment(DAY) - timedelta(seconds=1))
    database = house.premises.database
    counted = [look_known.known(database, moment(day), by=STEWARD, at=moment(NEXT)) for day in (DAY, NEXT)]
    assert counted == [[history.Known("northgate", 2, 2, 0, 0, 0)], [history.Known("northgate", 2, 0, 1, 0, 1)]]
    with pytest.raises(Refused, match="lies ahead"):
        look_known.known(database, moment(THIRD), by=STEWARD, at=moment(NEXT))
    with pytest.raises(Refused):
        look_known.known(database, moment(DAY), by=Actor("Ned", Role.NATIONAL), at=moment(NEXT))
    assert before.height == 0
    assert sorted(then["result"].to_list()) == ["positive", "positive"]
    assert sorted(now.select("kind", "result").rows()) == [("corrected", "negative"), ("retracted", "positive")]
    with pytest.raises(psycopg.Error), house.premises.database.transaction() as tx:
        tx.execute("update identified.event set result = 'negative'")
    with pytest.raises(psycopg.Error), house.premises.database.transaction() as tx:
        tx.execute("delete from identified.event")


def test_an_event_names_a_file_that_is_there_and_stays(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY))
    house.run(DAY)
    columns = (
        "version, kind, reason, line, received_on, laboratory, content_hash, specimen_id, sex, specimen_date,"
        " pathogen, result, known_at"
    )
    added = f"insert into identified.event (record_key, file_id, {columns}) select gen_random_uuid(), %s, {columns}"
    refused = (
        (psycopg.errors.ForeignKeyViolation, added + " from identified.event", [10**9]),
        (psycopg.errors.RaiseException, "update identified.file set file_id = default", []),
        (psycopg.errors.RaiseException, "delete from identified.file", []),
    )
    for error, statement, values in refused:
        with pytest.raises(error), house.premises.database.transaction() as tx:
            tx.execute(statement.encode(), values)
    with house.premises.database.transaction() as tx:
        known = tx.execute("select file_id from identified.event").fetchone()
        assert tx.execute((added + " from identified.event").encode(), known).rowcount == 1


def two_persons(house: House, line: Line) -> tuple[str, str]:
    """One ill twice within ten days, met under two names."""
    house.put(DAY, line(1, DAY), line(2, DAY, result="NEG"))
    house.put(DAY, line(51, DAY - timedelta(days=9), surname="Quite", forename="Otherwise"), name="northgate_b.csv")
    house.run(DAY)
    rows = ask(
        house, "select person_key::text from identified.record where result = 'positive' order by specimen_date desc"
    )
    assert len(rows) == 2
    return str(rows[0][0]), str(rows[1][0])


def test_a_merge_tells_its_effect_counts_once_and_can_be_undone(house: House, line: Line) -> None:
    kept, merged = two_persons(house, line)
    database = house.premises.database
    told: dict[str, Any] = {"reason": "the same passport", "by": STEWARD, "at": moment(DAY)}
    _, effect = people.merge(database, kept, merged, **told, rehearse=True)
    assert effect.cases == {"2020-W23": -1}
    assert "1 cases fewer" in effect.sentence
    assert ask(house, "select count(*) from identified.merge") == [(0,)]
    number, _ = people.merge(database, kept, merged, **told)
    with pytest.raises(Refused):
        people.merge(database, kept, merged, **told)
    house.put(NEXT)
    assert house.run(NEXT)["link"].summary["cases"] == -1
    assert len(ask(house, "select distinct person_key from identified.record where result = 'positive'")) == 1
    assert ask(house, TOLD) == [("the same passport",)]
    sound(house)
    assert people.split(database, number, **told).cases == {"2020-W23": 1}
    house.put(THIRD)
    assert house.run(THIRD)["link"].summary["cases"] == 1
    keys = {
        str(row[0]) for row in ask(house, "select person_key::text from identified.record where result = 'positive'")
    }
    assert keys == {kept, merged}
    kinds = ask(house, "select kind from identified.event where file_id is null order by version")
    assert [row[0] for row in kinds] == ["merged", "split"]
    sound(house)


def test_a_doubt_is_decided_by_a_person(house: House, line: Line) -> None:
    """Without telephone, house and identifier the same name and birthday are no certainty."""
    namesake = line(90, DAY, surname="Surname1", born="1941-02-02", sex="", area="C", address="9 Elsewhere")
    house.put(DAY, line(1, DAY), namesake)
    assert house.run(DAY)["link"].summary["possible_matches"] == 1
    [pair] = people.doubts(house.premises.database, by=STEWARD, at=moment(DAY))
    assert pair.due_on == DAY + timedelta(days=7)
    one, other = str(pair.person_key), str(pair.other_key)
    told: dict[str, Any] = {"reason": "asked", "by": STEWARD, "at": moment(DAY)}
    effect = people.decide(house.premises.database, one, other, same=True, **told)
    assert effect is not None and effect.cases == {"2020-W23": -1}
    with pytest.raises(NotFound):
        people.decide(house.premises.database, one, other, same=False, **told)


def test_a_record_without_a_place_waits_with_a_clock_and_is_placed_by_a_person(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY, area="ZZ99 3VZ"), line(2, DAY))
    house.run(DAY)
    database = house.premises.database
    [one] = place.unplaced(database, by=STEWARD, at=moment(DAY))
    assert (one.placement, one.owner, one.due_on) == ("pseudo", "steward", DAY + timedelta(days=3))
    told: dict[str, Any] = {"reason": "known to the hostel", "by": STEWARD, "at": moment(DAY)}
    with pytest.raises(Refused, match="no small area"):
        place.place(database, str(one.record_key), "D2", **told)
    place.place(database, str(one.record_key), "C", **told)
    house.put(NEXT)
    house.run(NEXT)
    assert increments(house, NEXT)["C", "cases"] == 1
    asked = "select district, placement, responsible_authority from identified.record where place_given = 'C'"
    found = ask(house, asked)
    assert found == [("D2", "pseudo", "D2")]
    house.put(THIRD, line(1, DAY, area="ZZ99 3VZ", state="C", forename="Eda"))
    house.run(THIRD)
    assert ask(house, "select count(*) from identified.record where small_area = 'C'") == [(1,)]
    sound(house)


def of_2021(threeland: Path, home: Path) -> Path:
    """The same country in the postcodes of another year, which are still to be written."""
    newer = Path(shutil.copytree(threeland, home / "newer"))
    (newer / "nation.toml").write_text((newer / "nation.toml").read_text().replace('"2020"', '"2021"'))
    return newer


def test_a_new_vintage_leaves_alone_what_a_person_placed(
    house: House, line: Line, threeland: Path, tmp_path: Path
) -> None:
    house.put(DAY, line(40, DAY, area="NN11NN"), line(41, DAY, area="NN11NN"))
    house.run(DAY)
    database = house.premises.database
    [(key,)] = ask(house, "select record_key::text from identified.record where specimen_id = 'S40'")
    place.place(database, key, "B", reason="asked the household", by=STEWARD, at=moment(DAY))
    house.put(NEXT)
    house.run(NEXT)
    newer = of_2021(threeland, tmp_path)
    moved = [(POSTCODE[area], area) for area in "ABC"] + [("NN11NN", "A")]
    pl.DataFrame(moved, schema=["postcode", "small_area"], orient="row").write_csv(newer / "postcodes.csv")
    done = place.recode(database, newer, by=STEWARD, at=moment(NEXT))
    assert (done.postcodes, done.records) == (1, 1), "the other one"


def test_a_new_vintage_explains_every_count_that_it_changes(
    house: House, line: Line, threeland: Path, tmp_path: Path
) -> None:
    house.put(DAY, *[line(at, DAY, area="ABC"[at % 3]) for at in range(12)], line(40, DAY, area="NN11NN"))
    house.run(DAY)
    newer = of_2021(threeland, tmp_path)
    moved = [(POSTCODE["A"], "A"), (POSTCODE["B"], "C"), (POSTCODE["C"], "C"), ("NN11NN", "A")]
    pl.DataFrame(moved, schema=["postcode", "small_area"], orient="row").write_csv(newer / "postcodes.csv")
    done = place.recode(house.premises.database, newer, by=STEWARD, at=moment(DAY))
    assert (done.vintage, done.postcodes, done.records) == ("2021", 2, 5)
    house.put(NEXT)
    house.run(NEXT)
    recoded = ask(
        house, "select r.small_area, count(*)::int from identified.event e join identified.record r using (record_key)"
        " where e.reason = 'geography_recoded' group by 1"
    )  # fmt: skip
    changed = increments(house, NEXT)
    assert dict(recoded) == {"C": 4, "A": 1}
    assert {cell: count for cell, count in changed.items() if cell[1] == "tests"} == {
        ("A", "tests"): 1, ("B", "tests"): -4, ("C", "tests"): 4, ("None", "tests"): -1,
    }  # fmt: skip
    assert {row[0] for row in ask(house, TOLD)} <= {
        "geography_recoded",
        "address corrected: not a resident of this authority",
        "address corrected: a resident of this authority",
    }
    assert ask(house, VINTAGES) == [("2021",)]
    sound(house)


def test_a_vintage_with_shares_and_last_days_places_by_them_and_explains_it(
    house: House, line: Line, threeland: Path, tmp_path: Path
) -> None:
    house.put(DAY, *[line(at, DAY, area="ABC"[at % 3]) for at in range(6)])
    house.run(DAY)
    newer = of_2021(threeland, tmp_path)
    with (newer / "nation.toml").open("a") as described:
        described.write('\n[postcodes]\nfile = "postcodes.csv"\npostcode = "postcode"\nsmall_area = "small_area"\n')
        described.write('share = "share"\nvalid_to = "until"\n')
    rows = [
        (POSTCODE["A"], "A", 0.6, None), (POSTCODE["A"], "B", 0.4, None), (POSTCODE["B"], "B", 0.5, None),
        (POSTCODE["B"], "C", 0.5, None), (POSTCODE["C"], "C", 1.0, str(DAY)),
    ]  # fmt: skip
    pl.DataFrame(rows, schema=["postcode", "small_area", "share", "until"], orient="row").write_csv(
        newer / "postcodes.csv"
    )
    done = place.recode(house.premises.database, newer, by=STEWARD, at=moment(DAY))
    assert (done.postcodes, done.records) == (3, 6)
    house.put(NEXT)
    house.run(NEXT)
    assert ask(house, "select placement, small_area, district, count(*)::int from identified.record"
               " group by 1, 2, 3 order by 1, 3") == [
        ("ambiguous", None, "D1", 2), ("ambiguous", None, None, 2), ("terminated", "C", "D2", 2),
    ]  # fmt: skip
    assert ask(house, "select distinct reason from identified.event where received_on = '2020-06-02'") == [
        ("geography_recoded",)
    ]
    changed = {cell: count for cell, count in increments(house, NEXT).items() if cell[1] == "tests"}
    assert changed == {("A", "tests"): -2, ("B", "tests"): -2, ("None", "tests"): 4}
    with house.premises.database.transaction() as tx:
        assert [(area, share) for area, _, share in shares_of(tx, POSTCODE["A"])] == [("A", 0.6), ("B", 0.4)]
    sound(house)


def test_a_triangle_that_lost_a_cell_is_found_out(house: House, line: Line) -> None:
    house.put(DAY, *[line(at, DAY) for at in range(6)])
    house.run(DAY)
    sound(house)
    path = next((house.home / "lake" / "triangle").rglob("*.parquet"))
    frame = pl.read_parquet(path)
    frame.with_columns(pl.col("increment") + 1).write_parquet(path)
    with pytest.raises(Broken, match="not what the contributions"):
        sound(house)


def test_a_silent_laboratory_is_an_alarm_that_names_the_affected(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY, area="A"), line(2, DAY, area="C"))
    house.run(DAY)
    summary = house.run(NEXT)["receive"].summary
    assert summary["watch"] == [["alarm", "Northgate Pathology sent nothing; 2 lines are usual. Concerns: D1, D2."]]
    with house.premises.database.transaction() as tx:
        [said] = watch.of_authority(tx, NEXT, "D1")
        assert (said.kind, said.authorities) == ("silent", ["D1", "D2"])
        assert watch.of_authority(tx, NEXT, "D3") == []
    contract = replace(house.premises.contracts[0], rows=Rows(5, 100))
    house.premises = replace(house.premises, contracts=(contract,))
    house.put(THIRD, line(10, THIRD))
    assert "at least 5" in json.dumps(house.run(THIRD)["receive"].summary["watch"])


def test_a_laboratory_whose_files_were_refused_is_not_said_to_be_silent(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY), trailer="")
    watch: Any = house.run(DAY)["receive"].summary["watch"]
    [(severity, sentence)] = watch
    assert severity == "alarm"
    assert sentence.startswith(
        "Northgate Pathology sent nothing that could be taken in (1 refused); 1 lines are usual."
    )


def test_each_laboratory_is_asked_by_its_own_clock_and_for_its_own_day(house: House) -> None:
    """10:00 is midnight in Sydney and 02:00 in Perth by the world's clock; at 15:00 Sydney's next day has begun."""
    where = house.premises
    given = replace(where.contracts[0], expected=Expected(by="10:00"), rows=Rows(1, 100))
    both = tuple(
        replace(given, laboratory=name, name=name, files=f"{name}_*", time_zone=f"Australia/{name}")
        for name in ("Sydney", "Perth")
    )

    def at(hour: int) -> list[tuple[str, int]]:
        clock = datetime(2020, 6, 4, hour, 5, tzinfo=UTC)
        said = watch_clock(where.database, both, inbox=where.inbox, by=STEWARD, at=clock)
        return [(one.laboratory, one.watch_date.day) for one in said]

    assert at(1) == [("Sydney", 4)]
    assert at(3) == [("Perth", 4), ("Sydney", 4)]
    folder = where.inbox / "2020-06-04"
    folder.mkdir(parents=True)
    (folder / "Perth_1.csv").write_text("not read yet")
    assert at(4) == at(15) == [("Sydney", 4)]
    assert at(17) == []


def test_silence_is_told_by_the_clock_before_the_day_is_run(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY, area="A"), line(2, DAY, area="C"))
    house.run(DAY)
    where = house.premises
    contract = replace(where.contracts[0], expected=Expected(by="10:00"))
    told: dict[str, Any] = {"inbox": where.inbox, "by": STEWARD}
    database = where.database

    def at(hour: int) -> list[tuple[str, str, list[str]]]:
        clock = datetime(2020, 6, 2, hour, 5, tzinfo=UTC)
        said = watch_clock(database, (contract,), at=clock, **told)
        return [(one.severity, one.kind, one.authorities) for one in said]

    assert at(8) == []
    assert at(10) == [("alarm", "silent", ["D1", "D2"])]
    house.put(NEXT, line(3, NEXT))
    assert at(11) == []
    house.run(NEXT)
    assert at(12) == []
    assert ask(house, "select count(*)::int from decisions.audit where deed = 'watch_clock'") == [(3,)]
    with pytest.raises(NotPermitted):
        stranger = Actor("Dora Director", Role.DIRECTOR, AreaCode("D1"))
        watch_clock(database, (contract,), inbox=where.inbox, by=stranger, at=moment(DAY))
