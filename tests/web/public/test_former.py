"""Programs for the former dashboard work against this server with nothing changed but the address.

The published client is the judge: uk-covid19 from the package index, as it is installed.
"""

import csv
import io
from typing import Any

import httpx
import pytest
from uk_covid19 import Cov19API
from uk_covid19.exceptions import FailedRequestError

from pumphandle.publication.former import METRICS
from pumphandle.web.public import former

STRUCTURE = {
    "day": "date",
    "name": "areaName",
    "code": "areaCode",
    "new": "newCasesByPublishDate",
    "total": "cumCasesByPublishDate",
    "week": "newCasesByPublishDateRollingSum",
}


@pytest.fixture
def client(totals: None, address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(Cov19API, "endpoint", f"{address}/v1/data")
    monkeypatch.setattr(Cov19API, "release_timestamp_endpoint", f"{address}/v1/timestamp")
    return Cov19API


def test_json_of_all_districts(client: Any) -> None:
    got = client(filters=["areaType=ltla"], structure=STRUCTURE).get_json()
    assert got["lastUpdate"] == "2020-06-10T08:00:00.000000Z"
    assert (got["length"], got["totalPages"]) == (29, 1)  # D3 has no row for 9 June: nothing is known of that day
    rows = {(row["code"], row["day"]): row for row in got["data"]}
    assert [row["name"] for row in got["data"]] == sorted(row["name"] for row in got["data"])
    assert [row["day"] for row in got["data"][:10]] == [f"2020-06-{day:02}" for day in range(10, 0, -1)]
    assert rows["D1", "2020-06-07"] == {
        "day": "2020-06-07",
        "name": "Alder",
        "code": "D1",
        "new": 14,
        "total": 98,
        "week": 98,
    }
    assert rows["D1", "2020-06-06"]["week"] is None  # seven days before the ledger began
    assert rows["D3", "2020-06-10"] == {
        "day": "2020-06-10",
        "name": "Cedar",
        "code": "D3",
        "new": None,  # published together with the day before
        "total": 45,
        "week": 30,
    }


def test_what_is_above_a_district_is_the_sum_of_districts(client: Any) -> None:
    for area_type, code, each in (("region", "R1", 22), ("nation", "NAT", 27)):
        got = client(filters=[f"areaType={area_type}", f"areaCode={code}", "date=2020-06-08"], structure=STRUCTURE)
        assert [row["new"] for row in got.get_json()["data"]] == [each]


def test_a_small_area_tells_only_what_its_windows_add_up_to(client: Any) -> None:
    got = client(filters=["areaType=msoa", "areaCode=a1"], structure=STRUCTURE).get_json()["data"]
    assert [(row["day"], row["new"], row["total"]) for row in got] == [("2020-06-04", None, 6)]
    every_day = client(filters=["areaType=msoa", "areaName=colby <north>"], structure=STRUCTURE).get_json()["data"]
    assert {row["new"] for row in every_day} == {12}


def test_csv_and_xml_hold_the_same_rows(client: Any) -> None:
    asked = client(filters=["areaType=ltla"], structure=STRUCTURE)
    rows = asked.get_json()["data"]
    listed = list(csv.DictReader(io.StringIO(asked.get_csv())))
    assert listed == [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    document = asked.get_xml()
    told = [{child.tag: child.text for child in one} for one in document.findall("data")]
    assert told == [{name: None if value is None else str(value) for name, value in row.items()} for row in rows]


def test_latest_by(client: Any) -> None:
    asked = client(
        filters=["areaType=ltla"], structure={"d": "date", "n": "areaName"}, latest_by="newCasesByPublishDate"
    )
    assert asked.get_json()["data"] == [{"d": "2020-06-10", "n": "Alder"}, {"d": "2020-06-10", "n": "Birch"}]


def test_pages(client: Any, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(former, "PAGE", 10)
    asked = client(filters=["areaType=ltla"], structure=STRUCTURE)
    got = asked.get_json()
    assert (got["length"], asked.total_pages) == (29, 3)
    assert len({(row["code"], row["day"]) for row in got["data"]}) == 29
    assert asked.get_csv().count("day,name") == 1
    one = httpx.get(f"{address}/v1/data", params={"filters": "areaType=ltla", "page": "2"}).json()
    links = one["pagination"]
    assert (one["length"], one["maxPageLimit"], one["totalRecords"]) == (10, 10, 29)
    assert httpx.get(address + links["next"]).json()["pagination"]["next"] is None
    assert httpx.get(address + links["previous"]).json()["pagination"]["previous"] is None


def test_nothing_that_fits_is_204(client: Any, address: str) -> None:
    got = httpx.get(f"{address}/v1/data", params={"filters": "areaType=ltla;areaName=Nowhere"})
    assert (got.status_code, got.content) == (204, b"")
    assert client(filters=["areaType=ltla", "areaName=Nowhere"], structure=STRUCTURE).total_pages is None


def test_head_options_and_timestamp(client: Any) -> None:
    asked = client(filters=["areaType=ltla"], structure=STRUCTURE)
    assert asked.head()["Last-Modified"] == "Wed, 10 Jun 2020 08:00:00 GMT"
    assert client.get_release_timestamp() == "2020-06-10T08:00:00.000000Z"
    described = client.options()
    assert "/v1/data" in described["paths"]


def test_an_error_has_the_former_shape_and_says_what_is_allowed(client: Any, address: str) -> None:
    with pytest.raises(FailedRequestError, match="closest to what was asked is newCasesByPublishDate"):
        client(filters=["areaType=ltla"], structure={"x": "newCasesByPublishDat"}).get_json()
    for query, word in (
        ("", "filters must be given"),
        ("filters=areaName=Alder", "areaType=nation|region|ltla|msoa"),
        ("filters=areaType=utla", "areaType=nation|region|ltla|msoa"),
        ("filters=areaType=ltla;areaType=ltla", "areaType stands twice"),
        ("filters=areaType=ltla;colour=red", "made of areaType, areaName, areaCode, date"),
        ("filters=areaType=ltla;date=June", "YYYY-MM-DD"),
        ("filters=areaType=msoa", "add areaCode, areaName or date"),
        ("filters=areaType=ltla&structure={", "a JSON object"),
        ('filters=areaType=ltla&structure={"a":{"b":"date"}}', "a flat JSON object"),
        ("filters=areaType=ltla&format=yaml", "one of json, csv, xml"),
        ("filters=areaType=ltla&page=0", "a whole number from 1"),
        ("filters=areaType=ltla&latestBy=deaths", "latestBy must be the name of a figure"),
        ("filters=areaType=ltla&latestBy=newCasesByPublishDate&page=1", "page must be left out"),
        ("filters=areaType=ltla&latestBy=newCasesByPublishDate&format=csv", "format must be json or xml"),
    ):
        got = httpx.get(f"{address}/v1/data?{query}")
        assert got.status_code == 400, query
        assert set(got.json()) == {"response", "status_code", "status"}, query
        assert word in got.json()["response"], query


def test_every_figure_has_a_value_or_a_code(client: Any) -> None:
    """Where a figure of the former dashboard has no value, its name with Code says why."""
    coded = [name for name in METRICS if f"{name}Code" in METRICS]
    assert len(coded) == 16
    for name in coded:
        both = {"value": name, "code": f"{name}Code"}
        rows = client(filters=["areaType=msoa", "date=2020-06-10"], structure=both).get_json()["data"]
        assert len(rows) == 7
        assert {row["code"] for row in rows if row["value"] is not None} <= {"EXACT"}
        assert {row["code"] for row in rows if row["value"] is None} <= {"NOT_KNOWN_EXACTLY", "NOT_YET_PUBLISHED"}


def test_a_past_release_stays_addressable(totals: None, address: str) -> None:
    query = {"filters": "areaType=ltla;areaCode=D1", "structure": '["date","newCasesByPublishDate"]'}
    past = httpx.get(f"{address}/v1/data", params=query | {"release": "2020-06-05"}).json()
    assert [row["date"] for row in past["data"]] == [f"2020-06-{day:02}" for day in range(5, 0, -1)]
