"""How long deliveries take: the same on the page, in the file and for programs, and a missing number is said."""

import polars as pl
import psycopg
import pytest

WRITTEN = """
insert into published.delivery_clock values
    ('2020-06-09', '2020-06-08', 2, 1, 3, '2020-06-09 18:00+00'),
    ('2020-06-10', '2020-06-08', 3, null, null, '2020-06-10 18:00+00'),
    ('2020-06-11', '2020-06-08', 4, 2, 4, '2020-06-11 18:00+00');
insert into published.delivery_leg
select as_of::date, code, stage, 0, 3, 2, 1, 2, 0, 1, 5, null
from (values ('2020-06-09'), ('2020-06-10'), ('2020-06-11')) as days(as_of),
    (values ('X'), ('D1'), ('D2')) as areas(code),
    (values ('acknowledged'), ('opened'), ('available'), ('routed')) as stages(stage)
"""


@pytest.fixture
def written(published: None, owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        code = connection.execute("select code from reference.nation").fetchone()
        assert code is not None
        connection.execute(WRITTEN.replace("'X'", f"'{code[0]}'").encode())


def test_before_the_first_account_the_page_says_so(site) -> None:
    assert "Nothing has been written about deliveries" in site.get("/deliveries").text
    assert site.get("/deliveries.json").json()["data"] == {"legs": []}


def test_page_file_and_data_agree(site, written: None) -> None:
    page = site.get("/deliveries").text
    assert "Too few results came" in page
    assert page.count("not done: late") == 4 + 2 * 2
    assert "≤ 5 h" in page
    assert page.index("opened") < page.index("acknowledged")
    rows = site.get("/deliveries.json").json()["data"]["legs"]
    assert len(rows) == 1 + 3 * 4
    assert {row["as_of"] for row in rows} == {"2020-06-10"}  # not the run after the newest release
    file = pl.read_csv(site.get("/deliveries.csv").content, try_parse_dates=False)
    assert file.to_dicts() == rows
    assert (rows[0]["stage"], rows[0]["unit"], rows[0]["median"]) == ("result", "days", None)
    assert (rows[1]["stage"], rows[1]["may_take"], rows[1]["median"], rows[1]["p95"]) == ("routed", 6, 5, None)


def test_an_earlier_release_shows_what_was_written_then(site, written: None) -> None:
    rows = site.get("/deliveries.json?release=2020-06-09").json()["data"]["legs"]
    assert (rows[0]["as_of"], rows[0]["median"], rows[0]["p95"]) == ("2020-06-09", 1, 3)
    page = site.get("/deliveries?release=2020-06-09").text
    assert "at most 1 day, 95 of 100 at most 3 days" in page
    assert ": 2 days that were delivered" in page
    assert "1 diwrnod ar y mwyaf, a 95 o bob 100 3 diwrnod" in site.get("/deliveries?release=2020-06-09&lang=cy").text


def test_one_case_is_no_plural(site, written: None, owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        code = connection.execute("select code from reference.nation").fetchone()
        assert code is not None
        connection.execute("insert into published.delivery_clock values ('2020-06-06', '2020-06-06', 1, 1, 1, now())")
        connection.execute(
            "insert into published.delivery_leg values ('2020-06-06', %s, 'opened', 1, 1, 1, 1, 1, 0, 0, 5, 5)", [*code]
        )
    page = site.get("/deliveries?release=2020-06-06").text
    assert ": 1 day that was delivered" in page
    assert "made in 1 case:" in page


def test_it_is_found_from_every_page_and_speaks_welsh(site, written: None) -> None:
    assert 'href="/deliveries"' in site.get("/").text
    page = site.get("/deliveries?lang=cy").text
    assert "Danfoniadau i awdurdodau" in page
    assert "heb ei wneud: yn hwyr" in page
