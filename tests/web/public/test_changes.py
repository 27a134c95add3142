"""What changed between any two releases is told with its reasons, page by page, to people and to programs alike."""

from itertools import combinations


def days() -> list[str]:
    return [f"2020-06-{day:02}" for day in range(1, 11)]


def test_all_pairs_of_releases_are_explained(site) -> None:
    for earlier, later in combinations(days(), 2):
        told = site.get(f"/changes.json?from={earlier}&to={later}").json()["data"]
        assert (told["from"]["release_id"], told["to"]["release_id"]) == (earlier, later)
        assert set(told["cells"]) <= set(told["reasons"])
        assert told["cells"]["new_day"] == 5 * 2 * (days().index(later) - days().index(earlier))


def test_a_closed_window_is_named_with_the_days_it_reaches(site) -> None:
    told = site.get("/changes.json?from=2020-06-08&to=2020-06-09&area=A5").json()["data"]
    assert told["changes"] == [
        {
            "area_code": "A5",
            "measure": "cases",
            "reason": "window_closed",
            "first_day": "2020-06-01",
            "last_day": "2020-06-09",
            "window": {"first_day": "2020-06-01", "last_day": "2020-06-09", "value": 7, "release_id": "2020-06-09"},
        },
        {
            "area_code": "A5",
            "measure": "tests",
            "reason": "open_window_grew",
            "first_day": "2020-06-01",
            "last_day": "2020-06-09",
        },
    ]


def test_pages_of_changes_add_up(site) -> None:
    whole = site.get("/changes.json?from=2020-06-01&to=2020-06-10").json()["data"]["changes"]
    found, address = [], "/changes.json?from=2020-06-01&to=2020-06-10&limit=7"
    while address:
        answer = site.get(address).json()
        found += answer["data"]["changes"]
        address = answer["links"]["next"]
    assert found == whole
    assert len(found) > 20


def test_the_page_says_the_same(site) -> None:
    page = site.get("/changes?from=2020-06-08&to=2020-06-09&area=A5").text
    assert "Eastby" in page
    assert "A window closed and was published" in page
    assert "Ashby" not in page
    assert site.get("/changes?from=2020-06-09&to=2020-06-08").status_code == 400


def test_bad_parameters_are_named(site) -> None:
    for query, name in (
        ("from=2020-06-09&to=2020-06-08", "from"),
        ("since=2020-06-01", "since"),
        ("limit=0", "limit"),
        ("cursor=here", "cursor"),
        ("from=a b", "from"),
    ):
        told = site.get(f"/changes.json?{query}")
        assert told.status_code == 400, query
        assert told.json()["parameter"] == name
        assert told.json()["allowed"] in told.json()["detail"]
    assert site.get("/changes.json?from=never").status_code == 404
