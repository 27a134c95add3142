"""Status with its reason, the register of holds, recalls and notes are public; none of them tells a held number."""

import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from pumphandle.publication.status.rules import shipped

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


def test_anyone_recomputes_the_status_from_downloaded_files_alone(decided: None, site: Site, tmp_path: Path) -> None:
    addresses = ("/ledger.csv", "/areas.csv", "/releases.json", "/status/rules/england-starter.toml")
    files = [tmp_path / address.rpartition("/")[2] for address in addresses]
    for path, address in zip(files, addresses, strict=True):
        path.write_bytes(site.get(address).content)
    done = subprocess.run(
        [sys.executable, "-I", str(RECOMPUTE), *map(str, files)], capture_output=True, text=True, check=True
    )
    mine = pl.read_csv(io.StringIO(done.stdout)).sort("area_code", "day")
    theirs = pl.read_csv(site.get("/status.csv").content).select("area_code", "day", "rank")
    assert mine.height > 0
    same = theirs.join(mine.select("area_code").unique(), on="area_code", how="semi").sort("area_code", "day")
    assert mine.rows() == same.rows()
