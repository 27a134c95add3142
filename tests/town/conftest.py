"""A small country for all tests of the town, and the plainest reader of its files."""

import csv
import io
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pumphandle_town.country import Folders, make

PEOPLE, DAYS, SEED, START = 150_000, 30, 1854, date(2020, 6, 1)


@dataclass(frozen=True)
class Town:
    """Where a made country lies."""

    nation: Path
    inbox: Path
    truth: Path


@dataclass
class Reading:
    """latest : (laboratory, specimen_id) -> last good line; faults and counts by file, as intake would see them."""

    latest: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    bad: Counter[str] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    superseded: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)

    def cells(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(specimen date, postcode) -> tests, positives; withdrawn and void records count nothing."""
        tests: Counter[tuple[str, str]] = Counter()
        positives: Counter[tuple[str, str]] = Counter()
        for line in self.latest.values():
            key = (line["specimen_date"], line["postcode"].replace(" ", "").upper())
            if line["status"] != "withdrawn" and line["result"] != "void":
                tests[key] += 1
                positives[key] += line["result"] == "positive"
        return {key: (tests[key], positives[key]) for key in tests}


def read_inbox(inbox: Path, feeds: Path) -> Reading:
    """Every file of every day in the order of days and names, with nothing but the feed contracts to go by."""
    contracts = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in feeds.glob("*.toml")}
    reading, seen = Reading(), set[bytes]()
    for folder in sorted(inbox.iterdir()):
        for path in sorted(folder.iterdir()):
            content = path.read_bytes()
            if content in seen:
                reading.duplicates[path.name] = reading.lines[path.name] = content.count(b"\n") - 2
                continue
            seen.add(content)
            _read_file(path, contracts[path.name.split("_")[0]], date.fromisoformat(folder.name), reading)
    return reading


def _read_file(path: Path, contract: dict[str, Any], received: date, reading: Reading) -> None:
    rows = list(csv.reader(io.StringIO(path.read_text(contract["encoding"])), delimiter=contract["delimiter"]))
    header, body, trailer = rows[0], rows[1:-1], rows[-1]
    assert trailer == ["END", str(len(body))], f"{path.name} ends with {trailer}"
    reading.lines[path.name] = len(body)
    here: dict[tuple[str, str], dict[str, str]] = {}
    for row in body:
        line = _understood(row, header, contract, received)
        if line is None:
            reading.bad[path.name] += 1
            continue
        key = (contract["laboratory"], line["specimen_id"])
        before = reading.latest.get(key)
        if before is not None and _says(before) == _says(line):
            reading.duplicates[path.name] += 1
        elif key in here:
            reading.superseded[path.name] += 1
        here[key] = reading.latest[key] = line


def _says(line: dict[str, str]) -> dict[str, str]:
    return line | {"status": str(line["status"] == "withdrawn")}


def _understood(row: list[str], header: list[str], contract: dict[str, Any], received: date) -> dict[str, str] | None:
    if len(row) != len(header):
        return None
    theirs = dict(zip(header, row, strict=True))
    line = {ours: theirs[column] for ours, column in contract["columns"].items()}
    for coded, codes in contract["codes"].items():
        if line[coded] not in codes:
            return None
        line[coded] = codes[line[coded]]
    taken = datetime.strptime(line["specimen_date"], contract["dates"]).replace(tzinfo=UTC).date()
    line["specimen_date"] = taken.isoformat()
    born = datetime.strptime(line["date_of_birth"], contract["dates"]).replace(tzinfo=UTC).date()
    line["date_of_birth"] = born.isoformat()
    return line if line["specimen_id"] and taken <= received else None


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """150,000 people, 30 days, all the mess."""
    root = tmp_path_factory.mktemp("town")
    folders = Folders(root / "nation", root / "inbox", root / "truth")
    make(PEOPLE, DAYS, seed=SEED, start=START, folders=folders, people_truth=True, tell=lambda _: None)
    return Town(folders.nation, folders.inbox, folders.truth)


@pytest.fixture(scope="session")
def reading(town: Town) -> Reading:
    """The country's files, read plainly."""
    return read_inbox(town.inbox, town.nation / "feeds")


@pytest.fixture(scope="session")
def reader():
    """The plain reader itself, for files of another nation."""
    return read_inbox
