"""A nation of three small areas in two districts, one laboratory, and a house to run days in."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from pumphandle.actions.agree import agree_for_trial
from pumphandle.actions.load_nation import load_nation
from pumphandle.actions.register_key import make_keys
from pumphandle.actions.run_day import Premises, StepDone, run_day
from pumphandle.linelist.feeds import read_contracts
from pumphandle.store.decisions import thresholds
from pumphandle.store.engine import Database
from pumphandle.store.events.lake import Lake
from pumphandle.store.keys import keys
from pumphandle.vocabulary.people import Actor, Role
from tests.conftest import DatabaseUrls

BY = Actor("Morag Test", Role.SYSTEM)
HEADER = "id;nhs;surname;forename;born;sex;address;postcode;taken;result;state"
NATION = """
name = "Threeland"
code = "T"
vintage = "2020"
time_zone = "Europe/London"
identifier = "nhs_number_made_up"
identifier_name = "NHS number"
postcode_pattern = '^[A-Z]{2}[0-9]{2}[A-Z]{2}$'
attribution = "Invented for tests."
[levels]
small_area = ["Ward", "Wards"]
district = ["Borough", "Boroughs"]
region = ["Region", "Regions"]
"""
AREAS = """area_code,level,name,parent,population
R,region,All,T,30000
D1,district,North Borough,R,20000
D2,district,South Borough,R,10000
A,small_area,Alder,D1,10000
B,small_area,Birch,D1,10000
C,small_area,Cedar,D2,10000
"""
FEED = """
laboratory = "northgate"
name = "Northgate Pathology"
files = "northgate_*.csv"
format = "csv"
encoding = "utf-8"
delimiter = ";"
dates = "%Y-%m-%d"
time_zone = "Europe/London"
trailer = "END"
refuse_above = 0.5
[rows]
minimum = 1
maximum = 100000
[columns]
specimen_id = "id"
national_id = "nhs"
family_name = "surname"
given_name = "forename"
date_of_birth = "born"
sex = "sex"
address = "address"
postcode = "postcode"
specimen_date = "taken"
result = "result"
status = "state"
[fixed]
pathogen = "sars_cov_2"
[codes.result]
POS = "positive"
NEG = "negative"
[codes.sex]
F = "female"
M = "male"
[codes.status]
F = "final"
C = "corrected"
X = "withdrawn"
"""
POSTCODE = {"A": "AA11AA", "B": "BB11BB", "C": "CC11CC"}


def square(code: str, west: float, width: float) -> dict[str, object]:
    ring = [[west, 0.0], [west + width, 0.0], [west + width, 1.0], [west, 1.0], [west, 0.0]]
    return {
        "type": "Feature",
        "properties": {"area_code": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture(scope="session")
def threeland(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("threeland")
    (folder / "feeds").mkdir()
    (folder / "nation.toml").write_text(NATION)
    (folder / "areas.csv").write_text(AREAS)
    (folder / "postcodes.csv").write_text(
        "postcode,small_area\n" + "".join(f"{code},{area}\n" for area, code in POSTCODE.items())
    )
    (folder / "feeds" / "northgate.toml").write_text(FEED)
    shapes = [
        square("R", 0, 3),
        square("D1", 0, 2),
        square("D2", 2, 1),
        square("A", 0, 1),
        square("B", 1, 1),
        square("C", 2, 1),
    ]
    (folder / "boundaries.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": shapes}))
    return folder


def moment(day: date) -> datetime:
    return datetime.combine(day, time(18), UTC)


@dataclass
class House:
    """Files are put into its inbox by day, and days are run."""

    premises: Premises
    home: Path

    def put(self, day: date, *lines: str, name: str = "", trailer: str | None = None) -> Path:
        folder = self.premises.inbox / str(day)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (name or f"northgate_{day:%Y%m%d}.csv")
        end = f"END;{len(lines)}" if trailer is None else trailer
        path.write_text("".join(f"{line}\n" for line in [HEADER, *lines, *([end] if end else [])]), "utf-8")
        return path

    def run(self, day: date) -> dict[str, StepDone]:
        steps = run_day(day, premises=self.premises, by=BY, at=moment(day), stopwatch=lambda: 0.0, tell=lambda _: None)
        return {step.step: step for step in steps}


@pytest.fixture
def line() -> Callable[..., str]:
    """A line of the laboratory. Different numbers are different people in different homes."""

    def make(number: int, taken: date, *, area: str = "A", result: str = "POS", state: str = "F", **cells: str) -> str:
        values = {
            "id": f"S{number}",
            "nhs": "",
            "surname": f"Surname{number}",
            "forename": "Ada",
            "born": f"{1940 + number % 60}-{1 + number % 12:02}-{1 + number % 28:02}",
            "sex": "F",
            "address": f"{number} Mill Lane",
            "postcode": POSTCODE.get(area, area),
            "taken": str(taken),
            "result": result,
            "state": state,
        } | cells
        return ";".join(values.values())

    return make


def choose_notice(database: Database, hours: int, at: datetime) -> None:
    """A dated row, as people choose it. Without notice a day's release goes out with the day's run."""
    with database.transaction() as tx:
        thresholds.choose(tx, "notice_hours", hours, chooser=BY.name, chosen_on=at.date(), reason="for a test")


@pytest.fixture
def house(tmp_path: Path, database_urls: DatabaseUrls, threeland: Path) -> Iterator[House]:
    database = Database(database_urls.deeds)
    at = datetime(2020, 1, 1, tzinfo=UTC)
    load_nation(threeland, database=database, by=BY, at=at, progress=lambda _: None)
    make_keys(tmp_path / "keys" / "authorities", database=database, by=BY, at=at)
    agree_for_trial(database=database, expires_on=date(2099, 12, 31), by=BY, at=at)
    choose_notice(database, 0, at)
    yield House(
        home=tmp_path,
        premises=Premises(
            database=database,
            lake=Lake(tmp_path / "lake"),
            inbox=tmp_path / "inbox",
            deliveries=tmp_path / "deliveries",
            releases=tmp_path / "releases",
            keys=keys(tmp_path / "keys"),
            contracts=read_contracts(threeland),
        ),
    )
    database.close()
