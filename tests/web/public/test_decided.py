"""Status with its reason, the register of holds, recalls and notes are public; none of them tells a held number."""

import io
import re
import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import polars as pl
import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from typer.testing import CliRunner

from pumphandle.cli import main
from pumphandle.cli import status as cli_status
from pumphandle.publication.status.rules import shipped
from pumphandle.store.engine import Database
from pumphandle.web.public import status

Site = TestClient[Litestar]
RECOMPUTE = Path(__file__).parents[3] / "docs" / "how-to" / "recompute_status.py"
SINCE, END = datetime(2020, 6, 10, 9, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def decided(owner_url: str, published: None) -> None:
    """A rule in force, a hold on A1, a note beside A1, a block of A1 recalled."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "insert into published.status_rule values ('england-starter', 1, %s, 'centre', now(), 'a test')",
            [shipped()["england-starter"]],
        )
        connection.execute(
            "insert into published.hold_entry (hold_id, entry, at, area_code, product, answer, body, category, since, "
            "review_at, expires_at, outcome) values (1, 'placed', %s, 'A1', 'cases and tests', 'hold cases and tests', "
            "'D1', 'stigma or cohesion', %s, %s, %s, '')",
            [SINCE, SINCE, END, END],
        )
        connection.execute(
            "insert into published.context_note (area_code, at, body, note) "
            "values ('A1', %s, 'D1', 'A round of tests.')",
            [SINCE],
        )


def recall(owner_url: str) -> int:
    """The newest block of cases of A1 is taken back; its number."""
    with psycopg.connect(owner_url) as connection:
        found = connection.execute(
            "insert into published.recall (block_id, release_id, at, body, category, reason) "
            "select block_id, release_id, now(), 'national centre', 'accuracy', 'A file was sent twice.' "
            "from published.ledger where node = 'A1' and measure = 'cases' order by block_id desc limit 1 "
            "returning block_id"
        ).fetchone()
    assert found is not None
    return int(found[0])


def test_the_status_page_names_the_rule_its_chooser_and_every_area_above_it(decided: None, site: Site) -> None:
    page = site.get("/status").text
    assert "England: a starter rule, the rule in force" in page
    assert "not anybody" in page
    assert "hard and fast numerical threshold" in page
    assert "an example" in site.get("/status?rule=cdc-2021").text
    assert site.get("/status?rule=nothing").status_code == 404


def test_without_a_chosen_rule_there_is_no_status(published: None, site: Site) -> None:
    assert site.get("/status").status_code == 404
    assert "Status:" not in site.get("/areas/A1").text


def test_an_area_says_its_status_its_note_and_its_hold(decided: None, site: Site) -> None:
    page = site.get("/areas/A1").text
    for told in (
        "Status:",
        "returns below after" if "above" in page else "25 or less",
        "A round of tests.",
        "held back since",
    ):
        assert told in page, told
    assert "A round of tests." not in site.get("/areas/A4").text


def test_the_file_of_all_days_holds_what_the_page_says(decided: None, site: Site) -> None:
    frame = pl.read_csv(site.get("/status.csv").content)
    assert frame.columns == ["area_code", "day", "rule", "version", "rank", "status"]
    assert frame.height > 0
    assert set(frame["rule"]) == {"england-starter"}


def test_a_back_test_beside_another_rule_adds_up(decided: None, site: Site) -> None:
    page = site.get("/status/backtest?rule=germany-2021&other=cdc-2021").text
    assert "Germany 2021" in page
    assert "only the second on" in page


def test_the_register_says_by_whom_why_and_until_when_and_no_reason_in_words(decided: None, site: Site) -> None:
    page = site.get("/holds").text
    for told in ("stigma or cohesion", "hold cases and tests", "Jan 2030"):
        assert told in page, told
    (line,) = site.get("/holds.json").json()["holds"]
    assert {"value", "persons", "reason", "count"} & set(line) == set()


def test_a_recalled_number_says_so_in_every_view_past_ones_too(decided: None, owner_url: str, site: Site) -> None:
    before = pl.read_csv(site.get("/ledger.csv").content)
    block = recall(owner_url)
    value = before.filter(pl.col("block_id") == block)["value"].item()
    release = before.filter(pl.col("block_id") == block)["release_id"].item()
    for address in ("/ledger.csv", f"/ledger.csv?release={release}", f"/releases/{release}/blocks.csv"):
        row = pl.read_csv(site.get(address).content).filter(pl.col("block_id") == block)
        assert row["kind"].item() == "recalled", address
        assert row["value"].item() is None, address
    assert value is not None
    for address in ("/areas/A1.json", f"/areas/A1.json?release={release}"):
        told = site.get(address).json()
        assert told["data"]["seven_days"]["cases"]["state"] == "recalled", address
        assert "estimate" not in told["data"]["seven_days"]["cases"], address
    assert site.get("/areas/A1").status_code == 200
    assert site.get("/").status_code == 200
    assert "A file was sent twice." in site.get("/holds").text


def take_back(owner_url: str, day: str) -> None:
    """What A3 published on a day, cases and tests, and the total of its district that day, as the deed does."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "insert into published.recall (block_id, release_id, at, body, category, reason) "
            "select block_id, release_id, now(), 'national centre', 'accuracy', 'A file was sent twice.' "
            "from published.ledger where node in ('A3', 'D1') and last_day = %s and measure in ('cases', 'tests')",
            [day],
        )


def ranks(site: Site, code: str, rule: str) -> dict[str, int]:
    frame = pl.read_csv(site.get(f"/status.csv?rule={rule}").content).filter(pl.col("area_code") == code)
    return dict(zip(frame["day"], frame["rank"], strict=True))


def test_a_recalled_day_is_unknown_to_every_rule_and_never_zero(decided: None, owner_url: str, site: Site) -> None:
    """A3's 84 cases put its district above every level; one of the seven days taken back must not end that."""
    before = ranks(site, "D1", "cdc-2021")
    assert set(before.values()) == {3}
    take_back(owner_url, "2020-06-08")
    assert ranks(site, "D1", "cdc-2021") == before
    told = site.get("/status?rule=cdc-2021").text
    assert "A number of these seven days was recalled, so nothing is known and the status stays as it was" in told
    take_back(owner_url, "2020-06-05")
    assert ranks(site, "D1", "cdc-2021") == {}
    assert "Not judged yet: a number of these seven days was recalled." in site.get("/areas/A3").text


def test_a_district_is_judged_by_its_exact_total(decided: None, totals: None, owner_url: str, site: Site) -> None:
    """14 a day are 98 in seven days of 2,700 people: 3,630 per 100,000, which no sum of estimates gives."""
    assert "3,629.6 per 100,000" in site.get("/areas/D1").text
    take_back(owner_url, "2020-06-08")
    assert "A number of these seven days was recalled" in site.get("/areas/D1").text


@pytest.fixture
def pooled(owner_url: str, decided: None) -> None:
    """Two areas of a district that closed together."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "insert into published.ledger (block_id, release_id, node, level, measure, group_code, first_day, "
            "last_day, value, kind, members) values (2000, '2020-06-07', 'D2', 'pool', 'cases', 'all', '2020-06-01', "
            "'2020-06-07', 90, 'exact', 'A4:2020-06-01 A6:2020-06-01')"
        )


@pytest.mark.parametrize("taken", [None, "2020-06-05", "2020-06-09"])
def test_anyone_recomputes_the_status_from_downloaded_files_alone(
    pooled: None, owner_url: str, site: Site, tmp_path: Path, taken: str | None
) -> None:
    if taken:
        take_back(owner_url, taken)
    addresses = ("/ledger.csv", "/areas.csv", "/releases.json", "/status/rules/england-starter.toml")
    files = [tmp_path / address.rpartition("/")[2] for address in addresses]
    for path, address in zip(files, addresses, strict=True):
        path.write_bytes(site.get(address).content)
    done = subprocess.run(
        [sys.executable, "-I", str(RECOMPUTE), *map(str, files)], capture_output=True, text=True, check=True
    )
    mine = pl.read_csv(io.StringIO(done.stdout)).sort("area_code", "day")
    theirs = pl.read_csv(site.get("/status.csv").content).select("area_code", "day", "rank")
    assert set(mine["area_code"]) == {"A1", "A4", "A5", "A6"} | (set() if taken == "2020-06-05" else {"A3"})
    assert {"A4", "A6"} <= set(mine.filter(pl.col("rank") > 0)["area_code"])
    same = theirs.join(mine.select("area_code").unique(), on="area_code", how="semi").sort("area_code", "day")
    assert mine.rows() == same.rows()


def test_what_is_held_says_so_on_the_map_in_files_and_on_pages(decided: None, site: Site) -> None:
    """Never "few": a window that somebody holds may have any number of people in it."""
    told = site.get("/map/cases.json").json()["data"]
    at = told["areas"].index("A1")
    assert told["classes"][-1][at] == "h"
    first = told["days"].index("2020-06-05")  # its last window ended on 4 June
    assert "h" not in [day[at] for day in told["classes"][:first]]
    assert {day[at] for day in told["classes"][first:]} == {"h"}
    together = site.get("/areas/A1.json").json()["data"]["area"]["published_with"] or ["A1"]
    assert {code for code, mark in zip(told["areas"], told["classes"][-1], strict=True) if mark == "h"} == set(together)
    day = site.get("/map/day.json").json()["data"]
    assert (day["state"][at], day["cases"][at], day["cases_rate"][at]) == ("held", None, None)
    record = site.get("/areas/A1.json").json()["data"]
    assert record["seven_days"]["cases"] == record["seven_days"]["positivity"] == {"state": "held"}
    assert {one["state"] for one in record["open_windows"] if one["measure"] == "cases"} == {"held"}
    assert ",held," in next(line for line in site.get("/areas.csv").text.splitlines() if line.startswith("A1,"))
    page = site.get("/").text
    assert 'class="kh' in page
    assert re.search(r'<rect class="kh"[^>]*>.*?<span>Held</span>', page, re.DOTALL)
    about = site.get("/areas/A1").text
    assert "held: see the register of holds" in about


def test_a_hold_that_touched_no_open_window_changes_no_figure(site: Site, owner_url: str) -> None:
    before = site.get("/areas/A1.json").json()["data"]["seven_days"]
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "insert into published.hold_entry (hold_id, entry, at, area_code, product, answer, body, category, since, "
            "review_at, expires_at, outcome) values (1, 'placed', '2020-06-01', 'A1', 'cases and tests', "
            "'hold cases and tests', 'D1', 'accuracy', '2020-06-01', '2020-06-02', '2020-06-03', '')"
        )
    assert site.get("/areas/A1.json").json()["data"]["seven_days"] == before


def test_the_command_line_says_of_status_and_back_test_what_the_pages_say(
    decided: None, site: Site, database_urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(database_urls.deeds)
    monkeypatch.setattr(cli_status, "deeds", lambda: nullcontext((None, database)))

    def told(*words: str) -> str:
        done = CliRunner().invoke(main.app, list(words), env={"COLUMNS": "400"})
        assert done.exit_code == 0, done.output
        return " ".join(done.output.split())

    def page(path: str) -> str:
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", site.get(path).text)).split())

    above = 0
    for rule in shipped():
        said, shown = told("status", "--rule", rule), page(f"/status?rule={rule}")
        for name, sentence in re.findall(r"\(\w+\), ([^:]+): (.*?\.)(?= |$)", said):
            above += 1
            assert sentence in shown, sentence
            assert name in shown
    assert above
    sentence = told("status", "A1").partition("Ashby: ")[2].partition(" 2020-")[0]
    assert sentence
    assert sentence in page("/areas/A1")
    tested = told("back-test", "--rule", "england-starter", "--other", "germany-2021")
    shown = page("/status/backtest?rule=england-starter&other=germany-2021")
    sentence = re.search(r"On the area-days that both judge: .*?\.", tested)
    assert sentence
    assert sentence[0] in shown
    for numbers in re.findall(r"(?<=[a-z] )\d[\d,]* \d[\d,]* \d[\d,]* \d[\d,]*", tested):
        assert numbers in shown
    assert "There is no rule" in str(CliRunner().invoke(main.app, ["status", "--rule", "nothing"]).exception)
    database.close()


def test_the_feed_and_the_change_log_tell_what_people_decided(decided: None, site: Site, owner_url: str) -> None:
    recall(owner_url)
    told = site.get("/changelog.json").json()["data"]["entries"]
    kinds = [one["kind"] for one in told]
    assert {"release", "hold", "recall", "status rule"} == set(kinds)
    assert [one["at"] for one in told] == sorted((one["at"] for one in told), reverse=True)
    hold = next(one for one in told if one["kind"] == "hold")
    assert hold["title"] == "Hold placed: Ashby"
    assert "stigma or cohesion" in hold["detail"]
    assert hold["page"] == "/holds"
    feed = site.get("/releases.atom").text
    assert "Hold placed: Ashby" in feed
    identifiers = re.findall(r"<id>([^<]+)</id>", feed)
    assert len(set(identifiers)) == len(identifiers)
    earlier = site.get("/changelog.json?release=2020-06-05").json()["data"]["entries"]
    assert "hold" not in {one["kind"] for one in earlier}


def test_too_many_areas_are_told_district_by_district(
    decided: None, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = site.get("/status").text
    monkeypatch.setattr(status, "MOST_TOLD", 1)
    short = site.get("/status?lang=cy").text  # another address: an answer that was made is kept
    assert 'href="/areas/A3' in whole
    assert 'href="/areas/A3' not in short
    assert 'href="/status?focus=D1&amp;lang=cy&amp;rule=england-starter"' in short
    of_district = site.get("/status?focus=D1&rule=england-starter").text
    inside = {f"A{number}" for number in range(1, 8) if f'href="/areas/A{number}"' in of_district}
    told = {f"A{number}" for number in range(1, 8) if f'href="/areas/A{number}"' in whole}
    districts = {
        one: set(site.get(f"/status?focus={one}&rule=england-starter").text.split('"')) for one in ("D1", "D2", "D3")
    }
    assert inside
    assert set.union(*districts.values()) >= {f"/areas/{one}" for one in told}
    assert site.get("/status?focus=nowhere").status_code == 404
