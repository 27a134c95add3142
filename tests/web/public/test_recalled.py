"""A number that was taken back is nowhere any more, in no release and no form; where it stood, its code stands."""

import psycopg
import pytest

RECALL = """
insert into published.recall (block_id, release_id, at, body, category, reason)
select block_id, release_id, '2020-06-12', 'Alder', %s, 'A laboratory had counted twice.'
from published.ledger where node = 'A3' and measure = 'cases' and last_day = '2020-06-05'
"""


def take_back(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        allowed = connection.execute(
            "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'published.recall'::regclass "
            "and contype = 'c' and pg_get_constraintdef(oid) like '%category%'"
        ).fetchone()
        category = str(allowed[0]).split("'")[1] if allowed else "accuracy"
        connection.execute(RECALL.encode(), [category])


@pytest.fixture
def recalled(owner_url: str, published: None) -> None:
    take_back(owner_url)


def test_a_recall_is_seen_without_a_new_release(owner_url: str, site) -> None:
    first = site.get("/areas/A3.json")
    assert first.json()["data"]["seven_days"]["cases"]["estimate"] == 84
    take_back(owner_url)
    again = site.get("/areas/A3.json", headers={"if-none-match": first.headers["etag"]})
    assert again.json()["data"]["seven_days"]["cases"] == {"state": "recalled"}


def test_every_figure_that_stood_on_it_says_recalled(recalled: None, site) -> None:
    for release in ("2020-06-05", "2020-06-08", "2020-06-10"):
        day = site.get(f"/map/day.json?release={release}").json()["data"]
        at = day["areas"].index("A3")
        assert (day["state"][at], day["cases"][at], day["cases_rate"][at]) == ("recalled", None, None)
        record = site.get(f"/areas/A3.json?release={release}").json()["data"]
        assert record["seven_days"]["cases"] == {"state": "recalled"}
        assert record["seven_days"]["positivity"] == {"state": "recalled"}
        assert record["recalled"] == [
            {
                "measure": "cases",
                "state": "recalled",
                "first_day": "2020-06-05",
                "last_day": "2020-06-05",
                "release_id": "2020-06-05",
            }
        ]
        assert "2020-06-05" not in [one["first_day"] for one in record["windows"] if one["measure"] == "cases"]
        classes = site.get(f"/map/cases.json?release={release}").json()["data"]
        assert classes["classes"][-1][classes["areas"].index("A3")] == "r"
        assert site.get(f"/areas/D1.json?release={release}").json()["data"]["seven_days"]["cases"] == {
            "state": "recalled"
        }
    before = site.get("/areas/A3.json?release=2020-06-04").json()["data"]
    assert before["seven_days"]["cases"]["state"] == "published"
    assert before["recalled"] == []


def test_the_ledger_keeps_the_row_and_loses_the_number(recalled: None, site) -> None:
    rows = site.get("/ledger.json?area=A3&measure=cases&limit=1000").json()["data"]["rows"]
    gone = [row for row in rows if row["value"] is None]
    assert [(row["first_day"], row["kind"]) for row in gone] == [("2020-06-05", "recalled")]
    for path in ("/areas/A3.csv", "/ledger.csv", "/ledger.csv?release=2020-06-05", "/releases/2020-06-05/blocks.csv"):
        lines = [line for line in site.get(path).text.splitlines() if ",recalled" in line]
        assert len(lines) == 1, path
        assert ",12," not in lines[0], path


def test_exact_counts_are_not_told_across_it(recalled: None, site) -> None:
    asked = "/v1/data?filters=areaType=msoa;areaCode=A3&structure="
    rows = site.get(asked + '["date","newCasesByPublishDate","cumCasesByPublishDate","sevenDaysState"]').json()["data"]
    told = {row["date"]: row for row in rows}
    assert told["2020-06-04"]["cumCasesByPublishDate"] == 48
    assert told["2020-06-05"]["newCasesByPublishDate"] is None
    assert told["2020-06-06"]["newCasesByPublishDate"] == 12
    assert told["2020-06-10"]["cumCasesByPublishDate"] is None
    assert told["2020-06-10"]["sevenDaysState"] == "recalled"


def test_the_pages_and_the_list_of_changes_say_so(recalled: None, site) -> None:
    assert '<span class="code recalled">recalled</span>' in site.get("/areas/A3").text
    told = site.get("/changes.json?from=2020-06-04&to=2020-06-05&area=A3").json()["data"]
    assert "recalled" in {one["reason"] for one in told["changes"]}
    assert all("value" not in one.get("window", {}) for one in told["changes"] if one["reason"] == "recalled")
