"""Day after day a rise is found, followed under one name, handed on when nobody acts, and repeated byte for byte."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Protocol

import numpy as np
import polars as pl
import pytest
from psycopg.types.json import Jsonb

from pumphandle.actions.decide import decide
from pumphandle.actions.detect import detect
from pumphandle.actions.reproduce import Reproduced, reproduce
from pumphandle.store.decisions import clusters, outlook, signals, thresholds
from pumphandle.store.engine import Database
from pumphandle.store.events.lake import Lake
from pumphandle.store.identified import cluster_cases, persons_own
from pumphandle.store.identified.places_told import places_told
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.vocabulary.people import THE_TIMER, Actor, Role
from pumphandle.vocabulary.places import AreaCode

FIRST, BEGUN, DAYS = date(2020, 6, 1), date(2020, 7, 9), 44
PATHOGEN = "sars_cov_2"
ROWAN = Actor("rowan", Role.DIRECTOR, AreaCode("NOR"))
AREAS = [f"{side}{at}" for side in ("N", "S") for at in range(6)]


class Urls(Protocol):
    deeds: str


def key(number: int) -> str:
    return str(uuid.UUID(int=number + 1))


def cases_of(day: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """(small area, household) of each case of a day: a few anywhere, and from BEGUN on three to five a day in N2."""
    anywhere = [(AREAS[at], f"h{day}-{at}") for at in np.flatnonzero(rng.random(12) < 0.3)]
    rise = (FIRST + timedelta(days=day) - BEGUN).days
    return anywhere + [("N2", f"rise{day}-{at}") for at in range(3 + rise % 3 if rise >= 0 else 0)]


@pytest.fixture
def lake(database_urls: Urls, tmp_path: Path) -> Iterator[tuple[Database, Lake]]:
    """Two authorities of six areas, and the batches of 44 days; results come on the day itself."""
    database, kept = Database(database_urls.deeds), Lake(tmp_path / "lake")
    rng = np.random.default_rng(1854)
    with database.transaction() as tx:
        tx.execute(
            "insert into reference.nation (code, name, vintage, time_zone, identifier, identifier_name, "
            "postcode_pattern, level_names, attribution, folder, picture) values ('NAT', 'T', 'test 2020', 'UTC', "
            "'none', 'n', '.*', '{}', '', '', %s)",
            [Jsonb({"view_box": "0 0 1 1", "west": 0, "north": 0, "across": 1, "up": 1, "coordinates": "plane"})],
        )
        rows = [("NAT", "nation", None, 0, 0), ("NOR", "district", "NAT", 0, 0), ("SOU", "district", "NAT", 0, 0)]
        rows += [(code, "small_area", "NOR" if code < "S" else "SOU", 1000 * at, 0) for at, code in enumerate(AREAS)]
        for code, level, parent, x, y in rows:
            tx.execute(
                "insert into reference.area values (%s, %s, %s, %s, 5000, %s, %s, 'test 2020')",
                [code, level, f"Name of {code}", parent, x, y],
            )
        thresholds.seed_defaults(tx, datetime(2020, 6, 1, tzinfo=UTC))
        number = 0
        for step in range(DAYS):
            day = FIRST + timedelta(days=step)
            found = cases_of(step, rng)
            keys = [key(number + at) for at in range(len(found))]
            number += len(found)
            shared = {"specimen_date": day, "pathogen": PATHOGEN, "report_date": day}
            events = pl.DataFrame(
                {
                    "measure": ["cases"] * len(found),
                    "sign": [1] * len(found),
                    "record_key": keys,
                    "household_key": [home for _, home in found],
                    "small_area": [area for area, _ in found],
                    "postcode": [None] * len(found),
                },
                schema_overrides={"postcode": pl.String},
            ).with_columns(**{name: pl.lit(value) for name, value in shared.items()})
            told = [("tests", area, 12 + int(rng.integers(6))) for area in AREAS]
            told += [("cases", area, 1) for area, _ in found]
            triangle = pl.DataFrame(told, schema=["measure", "small_area", "increment"], orient="row").with_columns(
                **{name: pl.lit(value) for name, value in shared.items()}
            )
            at = datetime.combine(day, time(17), UTC)
            kept.add(tx, "events", events, report_date=day, at=at)
            kept.add(tx, "triangle", triangle, report_date=day, at=at)
    yield database, kept
    database.close()


def run(database: Database, lake: Lake, day: date) -> None:
    with database.transaction() as tx:
        detect(day, tx=tx, lake=lake, by=THE_TIMER, at=datetime.combine(day, time(18), UTC))


def test_a_rise_from_its_first_day_to_its_decision(lake: tuple[Database, Lake]) -> None:
    database, kept = lake
    day = BEGUN - timedelta(days=1)
    while day < BEGUN + timedelta(days=6):
        run(database, kept, day)
        day += timedelta(days=1)
    with database.transaction() as tx:
        (cluster,) = [one for one in clusters.of_authority(tx, "NOR") if one.cases > 5]
        seen = clusters.history(tx, cluster.cluster_id)
        assert cluster.first_seen >= BEGUN
        assert seen[0].state == "new" and {one.state for one in seen[1:]} <= {"growing", "stable"}
        assert 1 <= sum(one.raised for one in seen) < len(seen)
        found = signals.newest(tx, cluster.cluster_id)
        assert found is not None and found.areas[0] == "N2"
        assert len(cluster_cases.latest(tx, [cluster.cluster_id])[cluster.cluster_id]) == found.observed
        assert (cluster.status, cluster.acting_role) == ("escalated", "national")
        assert [one.event for one in clusters.steps(tx, cluster.cluster_id)] == ["find", "escalate"]
        assert len(outlook.nowcast(tx, found.run_date, "NOR")) == 14
        assert len(outlook.growth(tx, found.run_date, "NOR")) == 1
    with pytest.raises(NotFound):
        decide(database, "no such", "dismiss", reason="x", by=ROWAN, at=datetime(2020, 7, 15, tzinfo=UTC))
    after, none = decide(
        database, cluster.cluster_id, "dismiss", reason="A school.", by=ROWAN, at=datetime(2020, 7, 15, tzinfo=UTC)
    )
    assert (after.status, none) == ("dismissed", None)
    with pytest.raises(Refused, match="from here"):
        decide(
            database,
            cluster.cluster_id,
            "close",
            reason="x",
            lessons="y",
            by=ROWAN,
            at=datetime(2020, 7, 15, tzinfo=UTC),
        )


def test_a_look_is_repeated_byte_for_byte_and_a_changed_batch_shows(lake: tuple[Database, Lake]) -> None:
    database, kept = lake
    day, at = BEGUN + timedelta(days=3), datetime(2020, 8, 1, tzinfo=UTC)
    run(database, kept, day)

    def again() -> Reproduced:
        return reproduce(day, PATHOGEN, database=database, lake=kept, by=THE_TIMER, at=at)

    first = again()
    assert first.equal and first.moved == () and first.signals >= 1
    with database.transaction() as tx:
        thresholds.choose(tx, "false_alarms_in_100_weeks", 1, chooser="c", chosen_on=day, reason="Fewer, for a trial.")
    assert again().equal, "the version that was in force is used"
    path = kept.folder / f"triangle/{day:%Y-%m}/{day}.parquet"
    pl.read_parquet(path).with_columns(increment=pl.col("increment") * 9).write_parquet(path)
    assert not again().equal
    with pytest.raises(NotFound):
        reproduce(day, "measles", database=database, lake=kept, by=THE_TIMER, at=at)


def staff_of_one_workplace(database: Database) -> tuple[list[tuple[str, date]], date]:
    """Nine cases from both authorities with their days, and the last day; the records of eight name one workplace."""
    rng, number, staff = np.random.default_rng(1854), 0, list[tuple[str, date]]()
    for step in range(DAYS):
        found = cases_of(step, rng)
        if step >= 31 and found and not found[0][1].startswith("rise"):
            staff.append((key(number), FIRST + timedelta(days=step)))
        number += len(found)
        rng.integers(6, size=len(AREAS))  # as the lake's tests are drawn
    staff, day = staff[:9], FIRST + timedelta(days=DAYS - 1)
    with database.transaction() as tx:
        for record, taken in staff[:8]:
            tx.execute(
                "insert into identified.event (record_key, version, kind, reason, received_on, laboratory,"
                " content_hash, specimen_id, sex, specimen_date, pathogen, result, workplace_postcode, known_at,"
                " by_name)"
                " values (%s, 1, 'reassigned', 'placed by hand', %s, 'lab', 'x', %s, 'unknown', %s, %s, 'positive',"
                " 'wk1 1aa', %s, 'rowan')",
                [record, taken, record, taken, PATHOGEN, datetime.combine(taken, time(17), UTC)],
            )
    return staff, day


def tell_of_it(database: Database, one: tuple[str, date], at: datetime) -> None:
    """An interview with one of them tells of the workplace."""
    with database.transaction() as tx:
        tx.execute(
            "insert into identified.visit (authority, person_key, case_key, day, postcode, setting_kind, source,"
            " added_at, added_by) values ('NOR', %s, %s, %s, 'WK1 1AA', 'workplace', 'interview', %s, 'rowan')",
            [one[0], one[0], one[1], at],
        )


def test_staff_of_one_workplace_are_one_signal_and_what_is_told_later_changes_no_past_look(
    lake: tuple[Database, Lake],
) -> None:
    """Eight cases from both authorities whose records name one workplace; a ninth tells of it in a later interview."""
    database, kept = lake
    staff, day = staff_of_one_workplace(database)
    run(database, kept, day)
    with database.transaction() as tx:
        (found_there,) = [one for one in signals.of_day(tx, day) if one.level == "place"]
        assert found_there.method == "linked cases"
        assert found_there.observed == 8 and "that name one place" in found_there.sentence
    tell_of_it(database, staff[8], datetime.combine(day, time(19), UTC))
    asked = datetime(2020, 8, 1, tzinfo=UTC)
    again = reproduce(day, PATHOGEN, database=database, lake=kept, by=THE_TIMER, at=asked)
    assert again.equal and again.moved == ()
    with database.transaction() as tx:
        keys = pl.Series([record for record, _ in staff])
        then, now = (
            places_told(tx, keys, received=day, heard=datetime.combine(day, time(hour), UTC)) for hour in (18, 20)
        )
    assert (then.height, now.height) == (8, 9)
    assert now["place"].unique().to_list() == ["WK11AA/workplace"]


def test_a_look_whose_places_were_erased_says_so_instead_of_being_broken(lake: tuple[Database, Lake]) -> None:
    """What stays of them is how many and of which days, and no person."""
    database, kept = lake
    staff, day = staff_of_one_workplace(database)
    tell_of_it(database, staff[8], datetime.combine(day, time(9), UTC))
    run(database, kept, day)

    def again() -> Reproduced:
        return reproduce(day, PATHOGEN, database=database, lake=kept, by=THE_TIMER, at=datetime(2021, 8, 1, tzinfo=UTC))

    with database.transaction() as tx:
        (found_there,) = [one for one in signals.of_day(tx, day) if one.level == "place"]
        assert found_there.observed == 9
        tx.execute(
            "insert into decisions.agreement (authority, state, since, fields, purpose, legal_basis, retention_days, "
            "expires_on, signed_at, signed_by) values ('NOR', 'ACTIVE', now(), '{sex}', 'x', 'x', 30, '2099-12-31', "
            "now(), 'x')"
        )
        assert persons_own.erase_visits(tx, on=staff[8][1] + timedelta(days=30)) == 0
    assert (again().equal, again().erased, again().why_not) == (True, 0, None)
    with database.transaction() as tx:
        assert persons_own.erase_visits(tx, on=staff[8][1] + timedelta(days=31)) == 1
        assert tx.execute("select case_day, heard_on, visits from identified.visit_erased").fetchall() == [
            (staff[8][1], day, 1)
        ]
    repeated = again()
    assert (repeated.equal, repeated.erased) == (False, 1)
    assert repeated.why_not is not None and "1 of the places that cases had told" in repeated.why_not
    with database.transaction() as tx:
        before = day - timedelta(days=1)
        heard = datetime.combine(before, time(23), UTC)
        assert persons_own.visits_erased(tx, first=FIRST, last=day, heard=heard) == 0
