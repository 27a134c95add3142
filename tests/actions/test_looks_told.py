"""Every Monday each authority's package says who looked at its residents in the week before, also when nobody did."""

import io
import tarfile
from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pyrage

from pumphandle.store.at_rest import beside
from pumphandle.store.decisions import audit
from pumphandle.vocabulary.people import Actor, Purpose, Role
from pumphandle.vocabulary.places import AreaCode
from tests.actions.conftest import House, moment

MONDAY = date(2020, 6, 8)
NORTH = Actor("rowan", Role.DIRECTOR, AreaCode("D1"), Purpose.OUTBREAK)
KEYS = [f"00000000-0000-4000-8000-{number:012}" for number in range(3)]


def files(house: House, authority: str, day: date) -> dict[str, bytes]:
    key = (house.home / "keys" / "authorities" / f"{authority}.age-key").read_text().strip()
    sealed = beside(house.premises.deliveries).read(f"{authority}/{day}.tar.age")
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(key)]))) as archive:
        found = {one.name: archive.extractfile(one) for one in archive}
        return {name: content.read() for name, content in found.items() if content is not None}


def test_the_weeks_looks_go_out_on_monday_and_only_then(house: House, line: Callable[..., str]) -> None:
    house.put(MONDAY - timedelta(days=1), line(1, MONDAY - timedelta(days=2)))
    house.run(MONDAY - timedelta(days=1))
    with house.premises.database.transaction() as tx:
        for _ in range(5):
            subject: dict[str, object] = {"record_key": KEYS[0], "records": KEYS[:1]}
            audit.add(tx, deed="look_record", subject=subject, by=NORTH, at=moment(MONDAY - timedelta(days=2)))
        late = moment(MONDAY - timedelta(days=1)).replace(hour=23)
        audit.add(tx, deed="look_lines", subject={"shown": 3, "records": KEYS}, by=NORTH, at=late)
        before = moment(MONDAY - timedelta(days=9))
        audit.add(tx, deed="look_lines", subject={"shown": 3, "records": KEYS}, by=NORTH, at=before)
    assert not [name for name in files(house, "D1", MONDAY - timedelta(days=1)) if name.startswith("looks")]
    house.put(MONDAY, line(2, MONDAY))
    house.run(MONDAY)
    north = files(house, "D1", MONDAY)
    looks = pl.read_csv(north["looks.csv"]).rows(named=True)
    assert [(one["account"], one["role"], one["purposes"], one["looks"], one["records"]) for one in looks] == [
        ("rowan", "director", "outbreak", 6, 3)
    ]
    asked = {(one["rule"], one["account"], one["number"]) for one in pl.read_csv(north["questions.csv"]).to_dicts()}
    assert asked == {("repeated", "rowan", 5), ("out_of_hours", "rowan", 1)}
    assert pl.read_parquet(io.BytesIO(north["looks.parquet"])).height == 1
    south = files(house, "D2", MONDAY)
    assert pl.read_csv(south["looks.csv"]).is_empty() and b"rowan" not in b"".join(south.values())
