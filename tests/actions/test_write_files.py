"""A plain static server can serve the public files; they are the site's own answers, and a day costs the day."""

import functools
import gzip
import http.server
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import csvw
import frictionless
import httpx
import psycopg
import pytest
from litestar.testing import TestClient

from pumphandle.actions import write_files as deed
from pumphandle.actions.write_files import FilesWritten, write_files
from pumphandle.store.engine import Database
from pumphandle.store.published.tree import TURNS
from pumphandle.vocabulary.people import THE_TIMER
from pumphandle.web.public.app import create_app
from pumphandle.web.public.holdings import Holdings
from pumphandle.web.public.shelf_files import ShelfFiles

SEED = Path(__file__).parents[1] / "data" / "published_nation.sql"
AT = datetime(2020, 6, 11, tzinfo=UTC)
NEXT_DAY = """
insert into published.release
select '2020-06-11', 11, '2020-06-11', '2020-06-11 08:00+00', 0, rule, certificate,
       manifest || '{"release_id": "2020-06-11", "sequence": 11}', hash, encode(sha256('eleven'), 'hex')
from published.release where sequence = 10;
insert into published.ledger (block_id, release_id, node, level, measure, group_code, first_day, last_day, value, kind)
values (500, '2020-06-11', 'A3', 'small_area', 'cases', 'all', '2020-06-11', '2020-06-11', 9, 'exact')
"""
TAKEN_BACK = """
insert into published.recall (block_id, release_id, at, body, category, reason)
values (500, '2020-06-11', '2020-06-11 12:00+00', 'centre', 'accuracy', 'A laboratory sent it twice.')
"""


@pytest.fixture
def published(database_urls) -> Iterator[Database]:
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute(SEED.read_bytes())
    database = Database(database_urls.deeds)
    yield database
    database.close()


def write(folder: Path, database: Database) -> FilesWritten:
    done = write_files(folder, database=database, by=THE_TIMER, at=AT, progress=lambda _: None)
    assert done is not None
    return done


def contents(folder: Path) -> dict[str, bytes]:
    root = (folder / "current").resolve()
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_every_file_is_the_sites_own_answer(published: Database, database_urls, tmp_path: Path) -> None:
    write(tmp_path, published)
    made = contents(tmp_path)
    alone = create_app(database=Database(database_urls.public), clock=lambda: AT)
    of_files = create_app(database=Database(database_urls.public), clock=lambda: AT, files=tmp_path)
    beside = {"state.json", "datapackage.json", "areas.csv-metadata.json", "ledger.csv-metadata.json"}
    answered = [path for path in made if not path.endswith(".gz") and path not in beside]
    assert len(answered) == 13 * 2 + 7 + 6 + 2 + 3 + 4 + 4 + 2 + 10 * 3 - 1
    with (
        TestClient(alone, base_url="http://testserver.local") as site,
        TestClient(of_files, base_url="http://testserver.local") as other,
    ):
        for path in answered:
            got = site.get(f"/{path}")
            assert got.status_code == 200, path
            assert got.content == made[path], path
            assert other.get(f"/{path}").content == made[path], path
            assert other.get(f"/{path}").headers["etag"] == got.headers["etag"], path


def test_packed_twins_hold_the_same(published: Database, tmp_path: Path) -> None:
    write(tmp_path, published)
    made = contents(tmp_path)
    packed = [path for path in made if path.endswith(".gz")]
    assert "areas/A1.json.gz" in packed
    for path in packed:
        assert gzip.decompress(made[path]) == made[path.removesuffix(".gz")], path


def test_a_plain_static_server_serves_the_tree(published: Database, tmp_path: Path) -> None:
    """Walked as a reader would: from the list of releases and the package to every file that they name."""
    write(tmp_path, published)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "current"))
    handler.func.log_message = lambda *_: None  # type: ignore[attr-defined]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}") as client:
        listed = client.get("/releases.json").json()["data"]["releases"]
        assert len(listed) == 10
        for one in listed:
            assert client.get(one["manifest"]).json()["release_id"] == one["release_id"]
        for resource in client.get("/datapackage.json").json()["resources"]:
            content = client.get(f"/{resource['path']}").content
            assert f"sha256:{sha256(content).hexdigest()}" == resource["hash"]
        areas = client.get("/map/cases.json").json()["data"]["areas"]
        assert len(areas) == 7
        for code in areas:
            record = client.get(f"/areas/{code}.json").json()
            assert record["data"]["area"]["code"] == code
            assert client.get(record["links"]["geojson"]).status_code == 200
            assert client.get(record["links"]["csv"]).status_code == (404 if code == "A7" else 200)
    server.shutdown()
    server.server_close()


def new_day(owner: str) -> None:
    with psycopg.connect(owner) as connection:
        connection.execute(NEXT_DAY.encode())


def another_day(owner: str) -> None:
    with psycopg.connect(owner) as connection:
        connection.execute(NEXT_DAY.replace("06-11", "06-12").replace("11, '2020", "12, '2020").replace("500", "501")
            .replace('"sequence": 11', '"sequence": 12').replace("sequence = 10", "sequence = 11")
            .replace("'eleven'", "'twelve'").encode())  # fmt: skip


def test_a_day_costs_the_day_and_gives_what_a_new_start_would(
    published: Database, database_urls, tmp_path: Path
) -> None:
    daily = tmp_path / "daily"
    write(daily, published)
    assert write(daily, published).fresh is False
    new_day(database_urls.owner)
    places = [daily / turn / "releases" / "2020-06-04" / "blocks.csv" for turn in TURNS]
    kept = [place.stat().st_ino for place in places]
    done = write(daily, published)
    assert done.fresh
    assert done.kept == 10 * 3 + 5
    write(tmp_path / "anew", published)
    assert contents(daily) == contents(tmp_path / "anew")
    another_day(database_urls.owner)
    done = write(daily, published)
    assert done.kept == 10 * 3 + 5, "this tree had not had the day before: its rows of two days are added"
    write(tmp_path / "anew", published)
    assert contents(daily) == contents(tmp_path / "anew")
    assert [place.stat().st_ino for place in places] == kept, "a file that is sealed is not written again"
    assert sorted(one.name for one in daily.iterdir()) == sorted((*TURNS, "current", "writing.lock"))


def test_the_tree_that_is_read_is_not_touched_until_the_swap_and_rests_a_day_after_it(
    published: Database, database_urls, tmp_path: Path
) -> None:
    write(tmp_path, published)
    before, root = contents(tmp_path), (tmp_path / "current").resolve()
    new_day(database_urls.owner)
    write(tmp_path, published)
    assert (tmp_path / "current").resolve() != root
    still = {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
    assert still == before, "who was in the middle of reading reads on"


def test_a_number_taken_back_is_in_neither_tree(published: Database, database_urls, tmp_path: Path) -> None:
    write(tmp_path, published)
    new_day(database_urls.owner)
    write(tmp_path, published)
    line = next(line for line in contents(tmp_path)["ledger.csv"].splitlines() if line.startswith(b"500,"))
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute(TAKEN_BACK.encode())
    write(tmp_path, published)
    for turn in TURNS:
        for path in (tmp_path / turn).rglob("*.csv"):
            assert line not in path.read_bytes().splitlines(), path
    write(tmp_path / "anew", published)
    assert contents(tmp_path) == contents(tmp_path / "anew")


def test_two_who_write_at_once_add_the_day_once(published: Database, database_urls, tmp_path: Path) -> None:
    write(tmp_path, published)
    new_day(database_urls.owner)
    with ThreadPoolExecutor(2) as both:
        done = [one.result() for one in [both.submit(write, tmp_path, published) for _ in range(2)]]
    assert sorted(one.fresh for one in done) == [False, True]
    write(tmp_path / "anew", published)
    assert contents(tmp_path) == contents(tmp_path / "anew")


def test_what_is_no_longer_written_goes_and_nothing_that_is_not_ours(
    published: Database, database_urls, tmp_path: Path
) -> None:
    write(tmp_path, published)
    for turn in TURNS:
        (tmp_path / turn / "areas" / "GONE.json").write_text("{}")
    (tmp_path / "2020-06-10").mkdir()
    (tmp_path / "2020-06-10" / "state.json").write_text("{}")  # a tree of the form before
    (tmp_path / "letters").mkdir()
    new_day(database_urls.owner)
    write(tmp_path, published)
    assert "areas/GONE.json" not in contents(tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted((*TURNS, "current", "letters", "writing.lock"))


def test_a_crash_leaves_the_tree_that_stands(
    published: Database, database_urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, published)
    before = contents(tmp_path)
    new_day(database_urls.owner)

    def stops(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(deed, "_describe", stops)
    with pytest.raises(OSError, match="disk is full"):
        write(tmp_path, published)
    assert contents(tmp_path) == before
    monkeypatch.undo()
    assert write(tmp_path, published).fresh
    write(tmp_path / "anew", published)
    assert contents(tmp_path) == contents(tmp_path / "anew"), "rows that were added before the crash stand once"


def test_a_server_that_still_holds_an_old_tree_does_not_read_its_next_turn(
    published: Database, database_urls, tmp_path: Path
) -> None:
    """Two days pass before it looks: what was its tree is being written again."""
    write(tmp_path, published)
    holdings = Holdings(Database(database_urls.public), clock=lambda: AT)
    shelf, shelves = holdings.shelf(), ShelfFiles(tmp_path)
    assert shelves.maker("/areas/A1.json", shelf, lambda: b"made")() == contents(tmp_path)["areas/A1.json"]
    new_day(database_urls.owner)
    write(tmp_path, published)
    assert shelves.maker("/areas/A1.json", shelf, lambda: b"made")().startswith(
        b'{"release":{"release_id":"2020-06-10"'
    )
    another_day(database_urls.owner)
    write(tmp_path, published)
    assert shelves.maker("/areas/A1.json", shelf, lambda: b"made")() == b"made"


def test_real_validators_accept_the_descriptors(published: Database, tmp_path: Path) -> None:
    write(tmp_path, published)
    root = (tmp_path / "current").resolve()
    report = frictionless.Package(str(root / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "note"])
    for name in ("ledger.csv", "areas.csv"):
        table = csvw.CSVW(str(root / f"{name}-metadata.json"), validate=True)
        assert table.is_valid, table.warnings
        assert len(list(table.to_json(minimal=True))) == len((root / name).read_text().splitlines()) - 1
    broken = json.loads((root / "datapackage.json").read_text())
    broken["resources"][0]["schema"]["fields"][2]["type"] = "integer"  # codes of areas are no numbers
    assert not frictionless.Package.from_descriptor(broken, basepath=str(root)).validate().valid


DELIVERED = """
insert into published.delivery_clock values ('2020-06-10', '2020-06-08', 3, 1, 4, '2020-06-10 18:00+00');
insert into published.delivery_leg values ('2020-06-10', 'D1', 'opened', 0, 3, 2, 1, 2, 0, 1, 5, null);
"""


def test_how_long_deliveries_take_lies_among_the_files(published: Database, database_urls, tmp_path: Path) -> None:
    write(tmp_path, published)
    assert json.loads(contents(tmp_path)["deliveries.json"])["data"] == {"legs": []}
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute(DELIVERED.encode())
    assert write(tmp_path, published).fresh, "an account that is new makes the files anew"
    made = contents(tmp_path)
    assert [row["stage"] for row in json.loads(made["deliveries.json"])["data"]["legs"]] == ["result", "opened"]
    assert made["deliveries.csv"].startswith(b"as_of,first_day,area_code,stage,unit,may_take,median,")
    alone = create_app(database=Database(database_urls.public), clock=lambda: AT)
    with TestClient(alone, base_url="http://testserver.local") as site:
        for path in ("deliveries.csv", "deliveries.json"):
            assert site.get(f"/{path}").content == made[path], path
