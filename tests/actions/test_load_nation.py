"""Loading a nation is all or nothing, leaves a mark, and never moves results that are kept already."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import polars as pl
import pytest

from pumphandle.actions.load_nation import NationLoaded, load_nation
from pumphandle.store.decisions import audit, thresholds
from pumphandle.store.engine import Database
from pumphandle.store.reference import areas, boundaries, nation, postcodes
from pumphandle.vocabulary.errors import BadDescription, NotFound, NotPermitted, Refused
from pumphandle.vocabulary.people import THE_TIMER, Actor, Role
from pumphandle.vocabulary.places import AreaCode, AreaLevel

PLAIN = Path(__file__).parents[1] / "data" / "plain_nation"
AT = datetime(2020, 7, 20, 6, 0, tzinfo=UTC)


class Urls(Protocol):
    """What the fixture database_urls gives."""

    @property
    def deeds(self) -> str: ...


@pytest.fixture
def database(database_urls: Urls) -> Iterator[Database]:
    opened = Database(database_urls.deeds)
    yield opened
    opened.close()


def load(folder: Path, database: Database, by: Actor = THE_TIMER) -> NationLoaded:
    return load_nation(folder, database=database, by=by, at=AT, progress=lambda _: None)


def add_record(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(
            "insert into identified.record (record_key, version, kind, person_key, household_key, laboratory, "
            "specimen_id, sex, age_band, specimen_date, report_date, pathogen, result, placement, linked_on) values "
            "(gen_random_uuid(), 1, 'reported', gen_random_uuid(), 'h', 'l', 's', 'unknown', 'unknown', '2020-07-01', "
            "'2020-07-02', 'sars_cov_2', 'negative', 'missing', '2020-07-02')"
        )


def test_the_plain_nation(database: Database) -> None:
    loaded = load(PLAIN, database)
    assert (loaded.name, loaded.population, loaded.postcodes) == ("Plainland", 3090, 6)
    assert loaded.areas == {
        AreaLevel.SMALL_AREA: 6,
        AreaLevel.DISTRICT: 3,
        AreaLevel.REGION: 2,
        AreaLevel.NATION: 1,
    }
    with database.transaction() as tx:
        assert nation.nation(tx).folder == str(PLAIN)
        assert nation.nation(tx).level_names["district"] == ["Borough", "Boroughs"]


def test_small_areas_below_the_floor_are_published_together(database: Database) -> None:
    loaded = load(PLAIN, database)
    with database.transaction() as tx:
        assert thresholds.current(tx, "population_floor").value == 500
        nodes = areas.publication_nodes(tx)
        assert areas.node_rule_version(tx) == 1
    assert nodes == {"A1": "A1", "A2": "A1", "A3": "A1", "B1": "B1", "B2": "B2", "C1": "C1"}
    assert loaded.nodes == 4


def test_a_mark_is_left(database: Database) -> None:
    load(PLAIN, database)
    with database.transaction() as tx:
        (entry,) = [one for one in audit.latest(tx) if one.deed == "load_nation"]
        assert (entry.by_name, entry.at) == ("timer", AT)
        assert entry.subject["nation_code"] == "PL"
        assert entry.subject["small_area"] == 6


def test_again_and_another_while_no_results_are_kept(database: Database, tmp_path: Path) -> None:
    load(PLAIN, database)
    first = load(PLAIN, database)
    other = Path(shutil.copytree(PLAIN, tmp_path / "other"))
    content = (other / "nation.toml").read_text().replace("Plainland", "Otherland")
    (other / "nation.toml").write_text(content)
    second = load(other, database)
    assert (first.nodes, first.notes) == (second.nodes, second.notes)
    with database.transaction() as tx:
        assert nation.nation(tx).name == "Otherland"
        assert len(areas.areas(tx)) == 12


def test_kept_results_keep_their_nation(database: Database, tmp_path: Path) -> None:
    load(PLAIN, database)
    add_record(database)
    other = Path(shutil.copytree(PLAIN, tmp_path / "other"))
    with pytest.raises(Refused, match="Results are kept here already"):
        load(other, database)
    with database.transaction() as tx:
        assert nation.nation(tx).folder == str(PLAIN)


def test_a_bad_nation_leaves_the_good_one_whole(database: Database, tmp_path: Path) -> None:
    load(PLAIN, database)
    other = Path(shutil.copytree(PLAIN, tmp_path / "other"))
    with (other / "postcodes.csv").open("a") as file:
        file.write("PX1 1AA,X1\n")
    with pytest.raises(BadDescription, match=r"postcodes\.csv, line 9, field small_area: X1 is no small area"):
        load(other, database)
    with database.transaction() as tx:
        assert nation.nation(tx).folder == str(PLAIN)
        assert postcodes.lookup_of(tx, pl.Series(["PA11AA", "PA11AB", "PB11AA", "PC11AA"])).height == 4
        assert len([one for one in audit.latest(tx) if one.deed == "load_nation"]) == 1


def test_what_fails_late_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise BadDescription("The very last step fails.")

    monkeypatch.setattr(audit, "add", broken)
    with pytest.raises(BadDescription, match="very last"):
        load(PLAIN, database)
    with database.transaction() as tx, pytest.raises(NotFound):
        nation.nation(tx)


def test_an_identifier_without_a_rule_is_refused(database: Database, tmp_path: Path) -> None:
    other = Path(shutil.copytree(PLAIN, tmp_path / "other"))
    content = (other / "nation.toml").read_text().replace("nhs_number_made_up", "shoe_size")
    (other / "nation.toml").write_text(content)
    with pytest.raises(BadDescription, match="shoe_size is no rule of ours"):
        load(other, database)


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.ANALYST, Role.TRACER, Role.NATIONAL])
def test_not_everybody_may(database: Database, role: Role) -> None:
    with pytest.raises(NotPermitted):
        load(PLAIN, database, by=Actor("somebody", role, AreaCode("DA")))


def test_new_south_wales_from_its_files_as_they_lie(database: Database, shared: Path) -> None:
    loaded = load(shared / "data" / "nsw", database)
    assert loaded.areas == {
        AreaLevel.SMALL_AREA: 622,
        AreaLevel.DISTRICT: 128,
        AreaLevel.REGION: 16,
        AreaLevel.NATION: 1,
    }
    assert loaded.population == 8_163_644
    assert any(
        "counts 8,167,532 people; 3,888 of them live in 10 codes without an area" in note for note in loaded.notes
    )
    with database.transaction() as tx:
        small = {str(area.area_code): area for area in areas.areas(tx) if area.level is AreaLevel.SMALL_AREA}
        assert [code for code, area in small.items() if area.population is None] == ["2899"]
        assert areas.area(tx, small["2350"].parent or "").name == "Armidale Regional"  # a new code since 2018
        assert areas.area(tx, small["2448"].parent or "").name == "Nambucca Valley"  # a new name since 2018
        assert areas.area(tx, small["2880"].parent or "").name == "Broken Hill"
        sydney = areas.area(tx, small["2000"].parent or "")
        assert (sydney.name, sydney.parent) == ("Sydney", "X700")
        assert areas.area(tx, small["2898"].parent or "").name == "Randwick"
        drawn = boundaries.boundaries(tx, AreaLevel.SMALL_AREA)
        assert len(drawn) == 622
        assert sum(len(path) for _, path in drawn) <= 250_000
        assert set(areas.publication_nodes(tx)) == set(small)
        assert postcodes.lookup_of(tx, pl.Series(["2611", "2000"]))["postcode"].to_list() == ["2000"]
        assert nation.nation(tx).folder.endswith("nations/nsw")


@pytest.mark.heavy
def test_england_from_its_files_as_they_lie(database: Database, shared: Path) -> None:
    loaded = load(shared / "data" / "england", database)
    assert (loaded.population, loaded.postcodes) == (56_286_961, 2_264_892)
    assert [loaded.areas[level] for level in AreaLevel] == [6_791, 314, 9, 1]
    with database.transaction() as tx:
        assert postcodes.lookup_of(tx, pl.Series(["LE11WB"]))["district"].to_list() == ["E06000016"]
        assert len(boundaries.boundaries(tx, AreaLevel.REGION)) == 9
