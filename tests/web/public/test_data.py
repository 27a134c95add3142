"""Files and answers repeat the ledger to the byte, name their release, and say a code where there is no number."""

import csv
import io

import polars as pl
import pytest


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_ledger_is_complete_and_in_order_of_publication(site) -> None:
    listed = rows(site.get("/ledger.csv").text)
    assert len(listed) == 27
    assert [row["release_id"] for row in listed] == sorted(row["release_id"] for row in listed)
    assert listed[0]["event_from"] == ""
    same = pl.read_parquet(io.BytesIO(site.get("/ledger.parquet").content))
    assert same.height == len(listed)
    assert same["value"].sum() == sum(int(row["value"]) for row in listed)


def test_a_past_ledger_is_a_prefix(site) -> None:
    whole, past = (site.get(f"/ledger.csv{query}").text for query in ("", "?release=2020-06-05"))
    assert whole.startswith(past)
    assert len(past) < len(whole)


def test_files_are_repeatable_and_answer_to_their_tag(site) -> None:
    for path in ("/ledger.csv", "/ledger.parquet", "/areas.csv", "/areas.geojson", "/areas/A1.json"):
        first, second = site.get(path), site.get(path)
        assert first.status_code == 200, path
        assert first.content == second.content, path
        assert first.headers["etag"] == second.headers["etag"], path
        again = site.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path
        other = site.get(f"{path}?release=2020-06-05")
        assert other.headers["etag"] != first.headers["etag"], path
        assert "max-age=300" in other.headers["cache-control"], path


def test_every_area_has_a_state_and_no_bare_blank(site) -> None:
    states = {row["area_code"]: row for row in rows(site.get("/areas.csv").text)}
    assert len(states) == 13
    assert {code: states[code]["state"] for code in ("A1", "A2", "A3", "A4", "A6", "A7", "D1")} == {
        "A1": "published",
        "A2": "combined",
        "A3": "published",
        "A4": "open_window",
        "A6": "open_window",
        "A7": "not_yet",
        "D1": "published",
    }
    assert states["A2"]["published_under"] == "A1"
    assert states["A2"]["cases"] == ""
    assert states["A4"]["open_since"] == "2020-06-01"
    assert (states["A3"]["cases"], states["A3"]["cases_low"], states["A3"]["cases_high"]) == ("84.0", "84.0", "84.0")
    assert states["A3"]["cases_rate"] == "4200.0"
    assert states["A3"]["positivity"] == "0.06"
    assert all(row["state"] for row in states.values())


def test_district_is_the_sum_of_its_nodes(site) -> None:
    states = {row["area_code"]: row for row in rows(site.get("/areas.csv").text)}
    # A1+A2: window of 6 over 1-4 June touches 4-10 June with its last day, the rest is open; A3: 7 times 12
    assert float(states["D1"]["cases"]) == pytest.approx(84 + 2 + 2, abs=0.11)
    assert (states["D1"]["cases_low"], states["D1"]["cases_high"]) == ("86.0", "94.0")


def test_area_record(site) -> None:
    record = site.get("/areas/A1.json").json()
    assert record["release"]["release_id"] == "2020-06-10"
    assert record["data"]["area"]["published_with"] == ["A1", "A2"]
    assert record["data"]["windows"][0] == {
        "measure": "cases",
        "state": "published",
        "first_day": "2020-06-01",
        "last_day": "2020-06-04",
        "value": 6,
        "release_id": "2020-06-04",
    }
    assert {"measure": "cases", "state": "open_window", "first_day": "2020-06-05"} in record["data"]["open_windows"]
    assert site.get("/areas/A2.json").json()["data"]["state"] == "combined"


def test_area_files_hold_its_rows_alone(site) -> None:
    assert {row["node"] for row in rows(site.get("/areas/A2.csv").text)} == {"A1"}
    assert {row["node"] for row in rows(site.get("/areas/D1.csv").text)} == {"A1", "A3", "D1"}
    assert {row["node"] for row in rows(site.get("/areas/R1.csv").text)} == {"A1", "A3", "A4", "A5", "D1"}
    shape = site.get("/areas/A3.geojson").json()
    assert shape["features"][0]["geometry"]["type"] == "Polygon"
    assert shape["features"][0]["properties"]["state"] == "published"


def test_every_day_of_the_slider_equals_its_page(site) -> None:
    frames = site.get("/frames.json").json()["data"]
    assert frames["days"][0] == "2020-06-01"
    assert frames["days"][-1] == "2020-06-10"
    for day, classes in zip(frames["days"], frames["classes"], strict=True):
        page = site.get(f"/?day={day}").text
        for areas, mark in zip(frames["areas"], classes, strict=True):
            for area in areas:
                assert f'data-a="{area}" class="k{mark}' in page


def test_faults_have_one_shape(site) -> None:
    answer = site.get("/areas/XX.json")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail"}


def test_release_files(site) -> None:
    manifest = site.get("/releases/2020-06-10/manifest.json")
    assert manifest.json()["ledger_start"] == "2020-06-01"
    assert site.get("/releases/2020-06-10/certificate.json").json()["method"] == "by hand"
    blocks = rows(site.get("/releases/2020-06-04/blocks.csv").text)
    assert sorted(row["node"] for row in blocks) == ["A1", "A3", "A3"]
    assert site.get("/releases/2020-06-10/names.csv").status_code == 404
    assert len(site.get("/releases.json").json()["data"]["releases"]) == 10


def test_headers_forbid_the_rest_of_the_world(site) -> None:
    headers = site.get("/").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers
    assert site.get("/areas.csv").headers["access-control-allow-origin"] == "*"


def test_packed_answers_are_the_same(site) -> None:
    plain = site.get("/areas.geojson", headers={"accept-encoding": "identity"})
    packed = site.get("/areas.geojson", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]


def test_only_our_own_files_are_served(site) -> None:
    assert site.get("/static/any/js/atlas/main.js").headers["content-type"].startswith("text/javascript")
    assert "@import" not in site.get("/static/any/site.css").text
    for path in ("/static/x/../app.py", "/static/x/..%2fapp.py", "/static/x/js", "/static/x/nothing.css"):
        assert site.get(path).status_code == 404


def test_reading_changes_nothing(site) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert site.request(method, "/ledger.csv").status_code == 405
