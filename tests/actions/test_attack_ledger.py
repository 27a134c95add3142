"""The whole ledger is attacked from nothing with the records beside it; a fault planted in the daily deed is found."""

import json
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar.testing import TestClient

from pumphandle.actions.attack_ledger import Withstood, attack_ledger
from pumphandle.actions.load_nation import load_nation
from pumphandle.actions.publish import DayPublished, publish
from pumphandle.actions.verify import verify
from pumphandle.disclosure import districts, gate, residual, windows
from pumphandle.disclosure.attack.judging import Verdict
from pumphandle.disclosure.districts import Merged
from pumphandle.linelist.contributions import CONTRIBUTION_COLUMNS
from pumphandle.store.decisions import thresholds
from pumphandle.store.engine import Database
from pumphandle.store.published import reading
from pumphandle.vocabulary.errors import LedgerBroken
from pumphandle.web.public.app import create_app
from tests.actions.conftest import BY, House, moment
from tests.conftest import DatabaseUrls

FIRST = date(2020, 6, 1)
SCHEMA = dict.fromkeys(CONTRIBUTION_COLUMNS, pl.String) | {"sign": pl.Int8, "specimen_date": pl.Date}
DISTRICT = {"A": "D1", "B": "D1", "C": "D2"}
Row = dict[str, object]


@dataclass
class Epidemic:
    """Days of people with a test, a share of them with a case, families among them; some are withdrawn later."""

    house: House
    seed: int = 0
    mean: float = 4.0
    share: float = 1 / 3
    family: int = 1
    withdrawals: int = 1
    merged: Merged = field(default_factory=dict[tuple[str, str], frozenset[str]])
    sent: list[Row] = field(default_factory=list[Row])
    signer: Ed25519PrivateKey | None = field(default_factory=Ed25519PrivateKey.generate)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def day(self, number: int) -> DayPublished:
        day = FIRST + timedelta(days=number)
        rows = [row for area in DISTRICT for row in self._came(area, day)] + self._withdrawn()
        self.sent += [row for row in rows if row["sign"] == 1]
        premises = self.house.premises
        with premises.database.transaction() as tx:
            premises.lake.add(tx, "events", pl.DataFrame(rows, schema=SCHEMA), report_date=day, at=moment(day))
            return publish(
                day, tx=tx, lake=premises.lake, folder=premises.releases, signer=self.signer, by=BY, at=moment(day),
                merged=self.merged,
            )  # fmt: skip

    def _came(self, area: str, day: date) -> list[Row]:
        rows: list[Row] = []
        for one in range(int(self.rng.poisson(self.mean))):
            key = str(UUID(int=day.toordinal() * 100_000 + ord(area) * 1_000 + one))
            common: Row = {
                "sign": 1, "contribution": key, "record_key": key, "person_key": key,
                "household_key": f"{day}-{area}-{one // self.family}", "small_area": area, "district": DISTRICT[area],
                "postcode": None, "age_band": "25-44", "sex": "female", "laboratory": "northgate",
                "specimen_date": day, "pathogen": "sars_cov_2",
            }  # fmt: skip
            measures = ["tests", "cases"] if self.rng.random() < self.share or self.family > 1 else ["tests"]
            for measure in measures:
                rows.append({"measure": measure, **common})
        return rows

    def _withdrawn(self) -> list[Row]:
        """Some that came on any day before."""
        if not self.sent:
            return []
        chosen = {self.sent[at]["contribution"] for at in self.rng.integers(len(self.sent), size=self.withdrawals)}
        gone = [row for row in self.sent if row["contribution"] in chosen]
        self.sent = [row for row in self.sent if row["contribution"] not in chosen]
        return [{**row, "sign": -1} for row in gone]


def attacked(house: House) -> Withstood:
    premises = house.premises
    return attack_ledger(database=premises.database, lake=premises.lake, progress=lambda *_: None)


def nothing_is_narrow(lives: Any, **_: object) -> Verdict:
    return Verdict((), (None,) * len(lives))


def test_a_house_that_has_published_nothing(house: House) -> None:
    assert attacked(house) == Withstood(0, 0, 0, 0, None, 0)


@pytest.mark.heavy
def test_withdrawals_days_without_release_and_another_rule_stand(house: House) -> None:
    epidemic = Epidemic(house)
    for number in range(12):
        epidemic.day(number)
    key, epidemic.signer = epidemic.signer, None
    assert "no key" in epidemic.day(12).withheld
    epidemic.signer = key
    with house.premises.database.transaction() as tx:
        thresholds.choose(tx, "k_persons", 8, chooser=BY.name, chosen_on=FIRST, reason="for a test")
        thresholds.choose(tx, "rest_percent", 40, chooser=BY.name, chosen_on=FIRST, reason="for a test")
    before = ledger_rows(house)
    for number in range(13, 26):
        epidemic.day(number)
    found = attacked(house)
    assert (found.days, found.districts) == (26, 2)
    assert found.windows > 30
    assert found.cells > 40
    assert found.narrowest is not None
    assert found.narrowest >= 4
    assert all(value >= 8 for value in ledger_rows(house)[len(before) :])


def ledger_rows(house: House) -> list[int]:
    with house.premises.database.transaction() as tx:
        return [value for (value,) in tx.execute("select value from published.ledger order by block_id").fetchall()]


def test_a_number_that_the_records_do_not_give(house: House, database_urls: DatabaseUrls) -> None:
    epidemic = Epidemic(house)
    for number in range(4):
        epidemic.day(number)
    assert attacked(house).windows
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update published.ledger set value = value + 1 where level = 'district' and block_id < 9")
    with pytest.raises(LedgerBroken, match=r"District D\d: \d published windows are not those"):
        attacked(house)


def test_without_the_residual_rule_the_gate_takes_back_what_would_be_derived(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(residual, "_offence", lambda *_: None)
    monkeypatch.setattr(residual, "_total_safe", lambda *_: True)
    epidemic = Epidemic(house, mean=6.0)
    for number in range(14):
        epidemic.day(number)
    assert attacked(house).windows > 20


def test_without_residual_rule_and_gate_the_attack_finds_what_is_derived(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(residual, "_offence", lambda *_: None)
    monkeypatch.setattr(residual, "_total_safe", lambda *_: True)
    monkeypatch.setattr(gate, "judge", nothing_is_narrow)
    epidemic = Epidemic(house, mean=6.0)
    for number in range(14):
        epidemic.day(number)
    with pytest.raises(LedgerBroken, match="can be"):
        attacked(house)


def test_a_planner_that_counts_no_households_is_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = districts.movements

    def one_household_is_enough(moved: Any, standing: pl.DataFrame, ground: Any, *, rule: Any) -> Any:
        return whole(moved, standing, ground, rule=replace(rule, h_households=1))

    monkeypatch.setattr(districts, "movements", one_household_is_enough)
    monkeypatch.setattr(windows, "with_heads", lambda rows, *_, **__: rows.with_columns(heads=pl.lit(1, pl.Int64)))
    epidemic = Epidemic(house, mean=6.0, family=20)
    for number in range(4):
        epidemic.day(number)
    assert ledger_rows(house)
    with pytest.raises(LedgerBroken, match="are not those that the records and the rule"):
        attacked(house)


def test_families_wait(house: House) -> None:
    epidemic = Epidemic(house, mean=6.0, family=20)
    epidemic.day(0)
    with house.premises.database.transaction() as tx:
        levels = tx.execute("select distinct level from published.ledger").fetchall()
    assert ("small_area",) not in levels


def test_a_planner_that_opens_a_sealed_window_again_publishes_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    epidemic = Epidemic(house, mean=9.0)
    epidemic.day(0)
    before = ledger_rows(house)
    assert before
    whole = gate.close

    def open_again(district: Any, closing: Any) -> Any:
        return replace(whole(district, closing), first=0)

    monkeypatch.setattr(gate, "close", open_again)
    epidemic.day(1)  # what was remembered is right still; from now on it is not
    now = ledger_rows(house)
    assert "does not fit the published numbers" in epidemic.day(2).withheld
    assert ledger_rows(house) == now


@pytest.fixture
def three_districts(house: House, threeland: Path, tmp_path: Path) -> House:
    """Each small area in a district of its own."""
    folder = tmp_path / "three"
    copytree(threeland, folder)
    (folder / "areas.csv").write_text(
        "area_code,level,name,parent,population\nR,region,All,T,30000\n"
        + "".join(f"D{at},district,Borough {at},R,10000\n" for at in (1, 2, 3))
        + "".join(f"{code},small_area,Ward {code},D{at},10000\n" for at, code in enumerate("ABC", start=1))
    )
    shapes = json.loads((folder / "boundaries.geojson").read_text("utf-8"))
    outline = {one["properties"]["area_code"]: one["geometry"] for one in shapes["features"]}
    shapes["features"] = [
        {"type": "Feature", "properties": {"area_code": code}, "geometry": outline[like]}
        for code, like in {"R": "R", "D1": "A", "D2": "B", "D3": "C", "A": "A", "B": "B", "C": "C"}.items()
    ]
    (folder / "boundaries.geojson").write_text(json.dumps(shapes))
    load_nation(folder, database=house.premises.database, by=BY, at=moment(FIRST), progress=lambda _: None)
    return house


def test_quiet_districts_close_together_and_the_site_shows_it(
    three_districts: House, database_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = three_districts
    monkeypatch.setitem(DISTRICT, "B", "D2")
    monkeypatch.setitem(DISTRICT, "C", "D3")
    epidemic = Epidemic(house, seed=1, mean=2.0, share=0.03, withdrawals=0)
    days = [epidemic.day(number) for number in range(50)]
    with house.premises.database.transaction() as tx:
        pools = tx.execute("select node, measure, members from published.ledger where level = 'pool'").fetchall()
        certificates = [one.certificate for one in reading.releases(tx)]
    assert not any(one.withheld for one in days)
    assert {node for node, _, _ in pools} == {"R"}
    assert all({*"ABC", "D1", "D2", "D3"} == {one.split(":")[0] for one in told.split()} for _, _, told in pools)
    assert sum(one["wide_pools"] for one in certificates) == len(pools)
    assert all(one["narrowest_interval"] >= 4 for one in certificates if one["wide_pools"])
    assert attacked(house).windows
    assert verify(database=house.premises.database).releases == 50
    app = create_app(database=Database(database_urls.public), clock=lambda: moment(FIRST + timedelta(days=51)))
    with TestClient(app, base_url="http://testserver.local") as client:
        for path in ("/", "/areas/A", "/areas/D1", "/areas/R", "/areas/A.json", "/changes", "/status", "/areas.csv"):
            assert client.get(path).status_code == 200, path


def test_two_quiet_districts_wait(house: House) -> None:
    """Five people of two districts that hold at most four each are one to four in each: that is too narrow."""
    epidemic = Epidemic(house, seed=6, mean=2.0, share=0.05, withdrawals=0)
    for number in range(50):
        epidemic.day(number)
    with house.premises.database.transaction() as tx:
        pools = tx.execute("select node from published.ledger where level = 'pool'").fetchall()
    assert pools == []
    assert attacked(house).districts == 2


def test_windows_told_with_their_neighbours_go_on_from_there(house: House) -> None:
    epidemic = Epidemic(house, seed=6, mean=9.0, merged={("A", "tests"): frozenset({"B"})})
    assert not any(epidemic.day(number).withheld for number in range(5))
    epidemic.merged = {}
    assert not any(epidemic.day(number).withheld for number in range(5, 10))
    with house.premises.database.transaction() as tx:
        pools = tx.execute("select measure, members from published.ledger where level = 'pool'").fetchall()
    assert len(pools) > 1
    assert attacked(house).windows
