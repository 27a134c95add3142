"""What arrives is taken in as it arrives, file by file; the day that is closed afterwards is the same day."""

import os
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pumphandle.actions import send_on
from pumphandle.actions.doorstep import Doorstep
from pumphandle.actions.rebuild import rebuild
from pumphandle.actions.take_in import Taken, open_day, take_in
from pumphandle.linelist.contributions import CONTRIBUTION_COLUMNS, together
from pumphandle.store.decisions import timers
from pumphandle.store.engine import Database
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode
from tests.actions.conftest import BY, HEADER, House, moment
from tests.actions.outcome import opened
from tests.conftest import DatabaseUrls

DAY = date(2020, 6, 1)
NEXT = DAY + timedelta(days=1)
Line = Callable[..., str]


def drop(house: House, name: str, *lines: str) -> Path:
    """Into the inbox itself, as a laboratory does."""
    house.premises.inbox.mkdir(parents=True, exist_ok=True)
    path = house.premises.inbox / name
    path.write_text("".join(f"{line}\n" for line in [HEADER, *lines, f"END;{len(lines)}"]), "utf-8")
    return path


def a_round(house: House, doorstep: Doorstep, day: date = DAY, *, slow: bool = False) -> Taken:
    clock = iter(range(0, 10**6, 100 if slow else 0) if slow else ())

    def at() -> datetime:
        return moment(day)

    return take_in(
        doorstep, day, premises=house.premises, by=BY, at=at, stopwatch=lambda: float(next(clock)) if slow else 0.0
    )


def seen(house: House) -> dict[str, tuple[str, str]]:
    """Family name -> (district, result) of every record that an authority is shown."""
    with house.premises.database.transaction() as tx:
        rows = tx.execute(
            "select family_name, district, result from identified.record where kind <> 'retracted'"
        ).fetchall()
    return {name: (district, result) for name, district, result in rows}


def lake(house: House, day: date) -> pl.DataFrame:
    with house.premises.database.transaction() as tx:
        return house.premises.lake.read(tx, "events", report_date=day)


def test_a_file_is_taken_once_it_is_whole_and_kept_under_its_day(house: House, line: Line) -> None:
    path = drop(house, "northgate_1.csv", line(1, DAY), line(2, DAY, area="C"))
    doorstep = Doorstep(house.premises.inbox)
    assert a_round(house, doorstep) == Taken(0, 0, 0)  # the first look cannot tell whether it is still written
    with path.open("a") as stream:
        stream.write("")
    os.utime(path, ns=(1, 1))  # somebody wrote on
    assert a_round(house, doorstep) == Taken(0, 0, 0)
    assert a_round(house, doorstep) == Taken(1, 2, 0)
    assert seen(house) == {"Surname1": ("D1", "positive"), "Surname2": ("D2", "positive")}
    assert not path.exists()
    assert (house.premises.inbox / str(DAY) / path.name).exists()
    assert a_round(house, doorstep) == Taken(0, 0, 0)


@pytest.mark.parametrize("name", [".northgate_1.csv", "northgate_1.csv.part", "northgate_1.csv.filepart"])
def test_what_is_still_being_written_is_left_alone(house: House, line: Line, name: str) -> None:
    drop(house, name, line(1, DAY))
    doorstep = Doorstep(house.premises.inbox)
    for _ in range(3):
        assert a_round(house, doorstep) == Taken(0, 0, 0)


def test_two_files_of_one_name_are_both_kept(house: House, line: Line) -> None:
    doorstep = Doorstep(house.premises.inbox)
    for number in (1, 2):
        drop(house, "northgate_1.csv", line(number, DAY))
        a_round(house, doorstep)
        assert a_round(house, doorstep) == Taken(1, 1, 0)
    assert len(list((house.premises.inbox / str(DAY)).iterdir())) == 2
    assert set(seen(house)) == {"Surname1", "Surname2"}


def test_a_long_queue_is_seen_piece_by_piece(house: House, line: Line) -> None:
    for number in range(3):
        drop(house, f"northgate_{number}.csv", line(number, DAY))
    doorstep = Doorstep(house.premises.inbox)
    doorstep.whole(DAY)
    taken = a_round(house, doorstep, slow=True)
    assert taken.files < 3
    assert taken.left == 3 - taken.files
    for _ in range(3):
        a_round(house, doorstep, slow=True)
    assert len(seen(house)) == 3


def test_a_day_of_rounds_is_closed_as_one_day(house: House, line: Line) -> None:
    """Corrected, withdrawn, moved and come again within the day: counts are as if all had come at once."""
    doorstep = Doorstep(house.premises.inbox)
    pieces = [
        [line(at, DAY, area="ABC"[at % 3]) for at in range(9)],
        [line(0, DAY, result="NEG", state="C"), line(1, DAY, area="B", state="X"), line(2, DAY, area="A", state="C")],
        [line(20, DAY), line(3, DAY, area="A", result="NEG", state="C")],
        [line(3, DAY, area="A", result="POS", state="C")],
    ]
    for number, lines in enumerate(pieces):
        drop(house, f"northgate_{number}.csv", *lines)
        doorstep.whole(DAY)
        assert a_round(house, doorstep).records == len(lines)
    assert rebuild(house.premises.database, house.premises.lake, by=BY, at=moment(DAY)).records == 10
    house.put(DAY, line(30, DAY, area="C"), name="northgate_last.csv")
    done = house.run(DAY)
    assert (done["receive"].summary["files"], done["receive"].summary["accepted"]) == (5, 16)
    counted = {name: done["link"].summary[name] for name in ("records", "tests", "positives", "cases")}
    # eleven people; one withdrawn, one turned negative: ten tests, nine of them positive
    assert counted == {"records": 16, "tests": 10, "positives": 9, "cases": 9}
    came = lake(house, DAY)
    assert came["sign"].to_list() == [1] * 28
    assert came["contribution"].n_unique() == 19
    assert (done["deliver"].summary["new"], done["deliver"].summary["withdrawn"]) == (10, 0)
    _, south = opened(house, "D2", DAY)
    assert {row["family_name"] for row in south} == {"Surname5", "Surname8", "Surname30"}
    assert rebuild(house.premises.database, house.premises.lake, by=BY, at=moment(DAY)).cells > 0
    with house.premises.database.transaction() as tx:
        row = tx.execute("select count(*) from events.early").fetchone()
        assert row == (0,)
        reach = tx.execute("select sum(line_count) from decisions.feed_reach where report_date = %s", [DAY]).fetchone()
        assert reach == (16,)


def test_a_record_that_is_sent_on_is_linked_anew_by_one_round_and_by_no_other(
    house: House, line: Line, database_urls: DatabaseUrls
) -> None:
    drop(house, "northgate_1.csv", line(1, DAY))
    doorstep = Doorstep(house.premises.inbox)
    doorstep.whole(DAY)
    a_round(house, doorstep)
    with house.premises.database.transaction() as tx:
        [(key,)] = tx.execute("select record_key::text from identified.record").fetchall()
    console = Database(database_urls.console)
    north = Actor("rowan", Role.DIRECTOR, AreaCode("D1"))
    send_on.not_ours(console, str(key), to="D2", postcode="", reason="moved away", by=north, at=moment(DAY))
    console.close()
    assert [a_round(house, doorstep).records for _ in range(3)] == [1, 0, 0]
    assert seen(house) == {"Surname1": ("D2", "positive")}
    done = house.run(DAY)
    # one record, told twice; one test, counted where the person lives
    assert (done["link"].summary["records"], done["link"].summary["tests"]) == (2, 1)
    with house.premises.database.transaction() as tx:
        assert tx.execute("select count(*)::int from identified.round").fetchone() == (2,)


def test_the_next_day_begins_with_nothing_of_the_last(house: House, line: Line) -> None:
    doorstep = Doorstep(house.premises.inbox)
    drop(house, "northgate_1.csv", line(1, DAY))
    doorstep.whole(DAY)
    a_round(house, doorstep)
    house.run(DAY)
    drop(house, "northgate_2.csv", line(2, DAY))
    doorstep.whole(NEXT)
    assert a_round(house, doorstep, NEXT).records == 1
    done = house.run(NEXT)
    assert (done["link"].summary["records"], done["link"].summary["tests"]) == (1, 1)
    assert lake(house, DAY).height == lake(house, NEXT).height == 3


def test_arrivals_count_for_today_and_once_it_was_run_for_tomorrow(house: House, line: Line) -> None:
    database, later = house.premises.database, DAY + timedelta(days=5)
    assert open_day(database, today=DAY, replay=False) == DAY
    house.put(DAY, line(1, DAY))
    house.run(DAY)
    assert open_day(database, today=DAY, replay=False) == NEXT
    assert open_day(database, today=later, replay=False) == later
    assert open_day(database, today=later, replay=True) == NEXT


def test_while_a_day_is_being_run_nothing_is_taken_in(house: House, line: Line) -> None:
    house.put(DAY, line(1, DAY))
    house.run(DAY)
    with house.premises.database.transaction() as tx:
        tx.execute("insert into decisions.run_step values (%s, 'receive', %s, 0, '{}')", [NEXT, moment(NEXT)])
    assert open_day(house.premises.database, today=NEXT, replay=False) is None
    drop(house, "northgate_2.csv", line(2, NEXT))
    doorstep = Doorstep(house.premises.inbox)
    doorstep.whole(NEXT)
    assert a_round(house, doorstep, NEXT).records == 0  # the run began between the look and the round
    assert set(seen(house)) == {"Surname1"}


def test_that_somebody_is_at_the_door_is_written_down(house: House, line: Line) -> None:
    drop(house, "northgate_1.csv", line(1, DAY))
    doorstep = Doorstep(house.premises.inbox)
    for _ in range(2):
        a_round(house, doorstep)
    with house.premises.database.transaction() as tx:
        kept = timers.find(tx, "take_in")
    assert kept is not None
    assert kept.summary == {"files": 1, "records": 1, "left": 0, "day": str(DAY)}


def test_what_came_and_went_between_two_linkings_is_neither() -> None:
    same = dict.fromkeys(CONTRIBUTION_COLUMNS, "x") | {"specimen_date": DAY, "record_key": "first"}

    def one(**said: object) -> Mapping[str, object]:
        return same | {"sign": 1} | said

    rows = [one(), one(sign=-1, record_key="second"), one(small_area="A"), one(small_area="A", sign=-1),
            one(small_area="B")]  # fmt: skip
    schema = dict.fromkeys(CONTRIBUTION_COLUMNS, pl.String) | {"sign": pl.Int8, "specimen_date": pl.Date}
    left = together(pl.DataFrame(rows, schema=schema))
    assert left.rows(named=True) == [one(small_area="B")]
    assert left.schema == pl.DataFrame(schema=schema).select(CONTRIBUTION_COLUMNS).schema
