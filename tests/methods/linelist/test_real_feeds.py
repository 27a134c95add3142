"""Every COVID result in every well-formed real message is extracted right; every bad file gives its refusal."""

import csv
import tarfile
from collections import Counter
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from pumphandle.linelist.answers import WORDS
from pumphandle.linelist.code_tables import code_tables
from pumphandle.linelist.feeds import FeedContract, Rows
from pumphandle.linelist.formats import read_lines
from pumphandle.linelist.lines import Lines
from pumphandle.vocabulary.errors import BadFile

COMPARED = [
    "specimen_id", "family_name", "given_name", "date_of_birth", "sex", "postcode", "specimen_date", "result",
    "status", "test_code",
]  # fmt: skip
NO_PAIRS = {
    "sample_truncate_CA_20230406-0001",  # names shortened for a receiver
    "valid_mars",  # the bundle holds the first of two messages
}
OTHERWISE = {
    "test-0001-input-covid-19.hl7": "line_count",  # its BTS segment declares 25 messages, it holds 20
}
HERE = "prime-router/src/testIntegration/resources/datatests"


def contract(kind: str, **more: object) -> FeedContract:
    plain: dict[str, object] = {
        "laboratory": "reportstream",
        "name": "ReportStream's samples",
        "files": "*",
        "format": kind,
        "time_zone": "America/New_York",
        "refuse_above": 1.0,
        "rows": Rows(0, 1_000_000),
        "processing": ("P", "T", "D"),
    }
    return FeedContract(**plain | more)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def feeds(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feeds")
    with tarfile.open(shared / "data" / "lab_feeds" / "reportstream_cc0.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


@cache
def read(path: Path) -> Lines:
    return read_lines(path, contract("hl7" if path.suffix == ".hl7" else "fhir"))


def covid(path: Path) -> list[tuple[str, ...]]:
    frame = read(path).frame.filter(pl.col("pathogen") == "sars_cov_2").select(COMPARED).fill_null("")
    return sorted(frame.rows())


def mentioning(shared: Path, feeds: Path, kind: str) -> list[Path]:
    with (shared / "data" / "lab_feeds" / "reportstream_cc0_index.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if row["mentions_covid"] == "1" and row["kind"].startswith(kind)]
    return [feeds / row["path"] for row in rows]


def by_hand(path: Path) -> Counter[tuple[str, str]]:
    """(LOINC code, first coding or text of the answer) of our tests, read with nothing but split."""
    ours = {code for (system, code), means in code_tables().tests.items() if system == "LN" and means == "sars_cov_2"}
    found: Counter[tuple[str, str]] = Counter()
    kind = ""
    for segment in path.read_text("utf-8").replace("\n", "\r").split("\r"):
        cells = segment.split("|") + [""] * 30
        if cells[0] == "MSH":
            kind = cells[8]
        codes = (cells[3].split("^") + [""] * 6)[:6]
        named = {codes[0]} if codes[2] == "LN" else set[str]()
        named |= {codes[3]} if codes[5] == "LN" else set[str]()
        if cells[0] == "OBX" and kind.startswith("ORU^R01") and named & ours and cells[29] != "QST":
            found[(codes[0], cells[5].split("^")[0])] += 1
    return found


def test_every_result_that_stands_in_a_message_is_found(shared: Path, feeds: Path) -> None:
    total = 0
    for path in mentioning(shared, feeds, "hl7"):
        if path.name in OTHERWISE:
            continue
        expected = by_hand(path)
        found = Counter(row[COMPARED.index("test_code")] for row in covid(path))
        assert found == Counter(code for code, _ in expected.elements()), path.name
        total += expected.total()
    assert total >= 75


def test_messages_and_their_paired_bundles_say_the_same(shared: Path, feeds: Path) -> None:
    compared = 0
    for message in mentioning(shared, feeds, "hl7"):
        bundle = message.with_suffix(".fhir")
        if bundle.exists() and message.stem not in NO_PAIRS:
            assert covid(message) == covid(bundle), message.name
            compared += bool(covid(message))
    assert compared >= 38


def test_a_message_and_its_expected_form_say_the_same(feeds: Path) -> None:
    compared = 0
    for expected in sorted((feeds / HERE).rglob("*-expected.hl7")):
        message = expected.with_name(expected.name.replace("-expected", ""))
        if message.exists() and covid(message):
            kept = [row[6:] for row in covid(message)]
            assert kept == [row[6:] for row in covid(expected)], message.name
            compared += 1
    assert compared >= 1


def test_what_each_answer_means(shared: Path, feeds: Path) -> None:
    """The word that every coded answer became, against what its code says; nothing unknown became negative."""
    meant: dict[str, set[str]] = {}
    for path in mentioning(shared, feeds, "hl7"):
        if path.name in OTHERWISE:
            continue
        hand = by_hand(path)
        rows = covid(path)
        if len(hand) == len(rows) == 1:
            meant.setdefault(next(iter(hand))[1], set()).add(rows[0][COMPARED.index("result")])
    assert meant["260373001"] == {"positive"}
    assert meant["260415000"] == {"negative"}
    known = {code for _, code in code_tables().results}
    assert all("negative" not in words for code, words in meant.items() if code.casefold() not in known)


def test_a_retraction_is_a_retraction(feeds: Path) -> None:
    for ending in ("hl7", "fhir"):
        rows = covid(feeds / HERE / "FHIR_to_HL7" / f"sample_SR_ENTEREDINERROR_20240904-0001.{ending}")
        assert {row[COMPARED.index("status")] for row in rows} == {"withdrawn"}


def test_the_file_whose_count_is_wrong_is_refused(shared: Path, feeds: Path) -> None:
    refused: dict[str, str] = {}
    for path in [*mentioning(shared, feeds, "hl7"), *mentioning(shared, feeds, "fhir")]:
        try:
            read(path)
        except BadFile as refusal:
            refused[path.name] = refusal.code
    assert refused == OTHERWISE


def word(code: tuple[str, str], text: str = "") -> str | None:
    """What the tables say that a code or text means; None where they know neither."""
    (found, *more) = code_tables().words([code], [text]) or {None}
    assert not more
    return found


CSVS = "prime-router/src/test/csv_test_files/input"
COLUMNS = {
    "specimen_id": "specimen_id", "family_name": "last_name", "given_name": "first_name", "date_of_birth": "test_time",
    "postcode": "state", "specimen_date": "test_time", "result": "observation",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("happy-path.csv", 7),
        ("change-column-ordering.csv", 7),
        ("quoted-strings-with-embedded-commas.csv", 4),
        ("weird-data.csv", 7),
        ("1001-lines.csv", 999),
        ("column-headers-only.csv", 0),
        ("completely-empty-file.csv", "empty"),
        ("not-a-csv-file.csv", "missing_column"),
        ("too-many-columns.csv", "missing_column"),
        ("otc-template.csv", "missing_column"),
        ("missing-data.csv", "cell_count"),
        ("too-much-data.csv", "cell_count"),
    ],
)
def test_their_delimited_files(feeds: Path, tmp_path: Path, name: str, told: int | str) -> None:
    agreed = contract("csv", columns=COLUMNS, fixed={"pathogen": "sars_cov_2"}, delimiter="detect", encoding="detect")
    path = tmp_path / name
    content = (feeds / CSVS / name).read_bytes()
    path.write_bytes(content if content.endswith(b"\n") or not content else content + b"\n")
    try:
        lines = read_lines(path, agreed)
    except BadFile as refusal:
        assert refusal.code == told
        return
    assert (lines.held[0].code if lines.held else lines.frame.height) == told


def test_a_delimited_file_and_its_expected_messages_say_the_same(feeds: Path, tmp_path: Path) -> None:
    folder = feeds / HERE / "CSV_to_HL7"
    agreed = contract(
        "csv",
        columns={
            "specimen_id": "Result_ID", "family_name": "Patient_last_name", "given_name": "Patient_first_name",
            "date_of_birth": "Patient_DOB", "postcode": "Patient_zip_code", "result": "Test_result_code",
            "specimen_date": "Specimen_collection_date_time", "pathogen": "Ordered_test_code", "sex": "Patient_gender",
        },
        encoding="detect",
    )  # fmt: skip
    path = folder / "sample-batch-pdi-20210608-0001.csv"
    rows = read_lines(path, agreed).frame
    said = Counter(
        (family, given, word(("SCT", result)))
        for family, given, result in rows.select("family_name", "given_name", "result").iter_rows()
    )
    found = [(row[1], row[2], row[COMPARED.index("result")]) for row in covid(path.with_suffix(".hl7"))]
    assert len(found) == rows.height
    assert said == Counter((family, given, told if told in WORDS else None) for family, given, told in found)


INTERNAL = ("patient_last_name", "patient_first_name", "patient_zip_code", "test_performed_code")
UNTOLD = {"EHT-20210316-0001"}
"""Writes its coding system in the place of the test's name: no table knows the code so, and the line is held."""


def test_messages_and_the_rows_that_reportstream_makes_of_them_say_the_same(feeds: Path) -> None:
    """The paired *.internal.csv hold one row a message, of its first answer."""
    compared = 0
    for expected in sorted((feeds / HERE / "HL7_to_INTERNAL").glob("*.internal.csv")):
        name = expected.name.removesuffix(".internal.csv")
        message = expected.with_name(f"{name}.hl7")
        if not message.exists():
            continue
        with expected.open(encoding="utf-8") as stream:
            (row,) = csv.DictReader(stream)
        (ours, *_) = read(message).frame.fill_null("").to_dicts()
        assert [ours["family_name"], ours["given_name"], ours["postcode"], ours["test_code"]] == [
            row[column] for column in INTERNAL
        ], name
        assert ours["specimen_id"] == f"{row['filler_order_id']}/{row['test_performed_code']}", name
        assert ours["date_of_birth"].replace("-", "") == row["patient_dob"], name
        assert ours["specimen_date"].replace("-", "") == row["specimen_collection_date_time"][:8], name
        assert ours["sex"] == code_tables().sexes.get(("HL70001", row["patient_gender"]), ""), name
        assert ours["status"] == code_tables().statuses[("HL70085", row["test_result_status"])], name
        digits = "".join(sign for sign in ours["phone"] if sign.isdigit())
        assert digits == row["patient_phone_number"].split(":")[0], name
        assert (ours["pathogen"] == "sars_cov_2") == (name not in UNTOLD | {"monkeypox-20221110"}), name
        if "monkeypox" not in name:
            assert ours["result"] == word(("SCT", row["test_result"]), row["test_result"]), name
        compared += 1
    assert compared == 6
