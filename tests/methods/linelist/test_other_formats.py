"""Any common dialect, encoding and container is read to its last line, or refused by name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pumphandle.linelist import delimited, tabular
from pumphandle.linelist.checks import check
from pumphandle.linelist.feeds import FeedContract
from pumphandle.linelist.formats import read_lines
from pumphandle.linelist.lines import Lines
from pumphandle.vocabulary.errors import BadFile
from tests.methods.linelist.conftest import COLUMNS, HEADER

Make = Callable[..., FeedContract]
Line = Callable[..., str]
File = Callable[..., Path]
DAY = date(2020, 6, 2)


@pytest.mark.parametrize(
    ("delimiter", "encoding", "ending"),
    [
        (",", "utf-8", "\n"),
        (";", "utf-8-sig", "\r\n"),
        ("\t", "utf-16", "\n"),
        ("|", "cp1252", "\r\n"),
        (";", "iso-8859-2", "\n"),
        (",", "utf-32", "\r\n"),
    ],
)
def test_dialects_and_encodings_are_told(
    make_contract: Make, tmp_path: Path, delimiter: str, encoding: str, ending: str
) -> None:
    names = ["Zoë Müller", "Jörg Weiß", "Márta Kőszegi" if encoding != "cp1252" else "Chloé Lefèvre"]
    person = "Ada|1980-02-29|F|1 Mill Lane|QA1 1AA|2020-06-01|94500-6|DETECTED|F"
    rows = [f"N-{at}|9990000018|{name}|{person}" for at, name in enumerate(names * 20)]
    text = ending.join([HEADER.replace(",", "|"), *rows, f"END|{len(rows)}", ""]).replace("|", delimiter)
    path = tmp_path / "northgate_1.csv"
    path.write_bytes(text.encode(encoding))
    lines = read_lines(path, replace(make_contract(encoding="detect"), delimiter="detect"))
    assert lines.lines_in == lines.frame.height == 60
    assert check(lines.frame, make_contract(), received_on=DAY).good.height == 60
    assert lines.frame["family_name"][1] == "Jörg Weiß"


def test_quick_and_slow_reading_agree(make_contract: Make, good_line: Line, make_file: File) -> None:
    rows = [
        good_line(1),
        good_line(2, address="2 Mill Lane"),
        good_line(3, address='"3 ""The Mill"" Lane"'),
        good_line(4) + ",surplus",
        good_line(5, address="5 Mill Lane, Flat 1"),
    ]
    path = make_file(*rows)
    form = delimited._Form(path.name, make_contract(), path.read_bytes())
    quick, slow = delimited._quick(path.read_bytes(), form), delimited._slow(path.read_bytes(), form)
    assert quick is not None
    assert quick.frame.equals(slow.frame)
    assert (quick.held, quick.lines_in) == (slow.held, slow.lines_in)
    assert quick.frame.height == 3


def rows_of(number: int) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (f"N-{at}", 9990000018, "Quill", "Ada", date(1980, 2, 29), "F", None, "QA1 1AA", DAY, "94500-6", "DETECTED")
            for at in range(number)
        ],
        schema=[COLUMNS[field] for field in COLUMNS if field != "status"],
        orient="row",
    )


def test_parquet_keeps_dates_and_numbers(make_contract: Make, tmp_path: Path) -> None:
    path = tmp_path / "northgate.parquet"
    rows_of(3).with_columns(State=pl.lit("F")).write_parquet(path)
    contract = replace(make_contract(trailer=None), format="parquet", dates="%d/%m/%Y")
    good = check(read_lines(path, contract).frame, contract, received_on=DAY).good
    assert good.select("specimen_id", "national_id", "date_of_birth", "specimen_date", "status").rows() == [
        (f"N-{at}", "9990000018", date(1980, 2, 29), DAY, "final") for at in range(3)
    ]
    path.write_bytes(path.read_bytes()[:-20])
    assert refused(path, contract) == "parquet"


def test_json_lines_hold_what_is_no_object(make_contract: Make, tmp_path: Path) -> None:
    path = tmp_path / "northgate.jsonl"
    contract = replace(make_contract(trailer=None), format="jsonl")
    body = rows_of(2).with_columns(pl.col(pl.Date).cast(pl.String), State=pl.lit("F")).write_ndjson()
    path.write_text(body + "[1, 2]\n" + '{"other": 1}\n' + "\n", "utf-8")
    lines = read_lines(path, contract)
    assert (lines.lines_in, lines.frame.height) == (4, 2)
    assert [(held.line, held.code) for held in lines.held] == [(3, "not_an_object"), (4, "names_unknown")]
    path.write_text(body[:-9], "utf-8")
    assert refused(path, contract) == "cut_off"


def spreadsheet(path: Path, rows: int) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Results")
    sheet.append(list(COLUMNS.values()))
    rest = [9990000018, "Quill", "Ada", date(1980, 2, 29), "F", "", "QA1 1AA", DAY, "94500-6", "DETECTED", "F"]
    for at in range(rows):
        sheet.append([f"N-{at}", *rest])
    book.save(path)
    return path


def test_a_spreadsheet_is_read_and_a_full_one_refused(
    make_contract: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In September 2020 England lost 15,841 cases below the last row of such a sheet."""
    contract = replace(make_contract(trailer=None), format="xlsx", sheet="Results")
    path = spreadsheet(tmp_path / "northgate.xlsx", 5)
    good = check(read_lines(path, contract).frame, contract, received_on=DAY).good
    assert good.select("specimen_id", "national_id", "specimen_date").rows()[4] == ("N-4", "9990000018", DAY)
    assert refused(path, replace(contract, sheet="Other")) == "sheet"
    assert tabular.SHEET_ENDS == (65_536, 1_048_576)
    monkeypatch.setattr(tabular, "SHEET_ENDS", (6,))
    assert refused(path, contract) == "row_limit"
    path.write_bytes(b"PK\x03\x04not a sheet")
    assert refused(path, contract) == "spreadsheet"


@pytest.mark.heavy
def test_a_sheet_of_exactly_65536_rows_is_refused(make_contract: Make, tmp_path: Path) -> None:
    contract = replace(make_contract(trailer=None), format="xlsx")
    assert refused(spreadsheet(tmp_path / "full.xlsx", 65_535), contract) == "row_limit"


def refused(path: Path, contract: FeedContract) -> str:
    with pytest.raises(BadFile) as caught:
        read_lines(path, contract)
    assert "Quill" not in str(caught.value)
    return caught.value.code


MESSAGE = (
    "MSH|^~\\&|LAB|L1|US|U|20200601||ORU^R01^ORU_R01|{number}|P|2.5.1\r"
    "PID|1||99^^^X^PI~9990000018^^^NHS^NH||Quill^Ada||19800229|F|||1 Mill Lane^^Quillton^^QA1 1AA\r"
    "OBR|1||F{number}|94500-6^PCR^LN|||202006011030+0000\r"
    "OBX|1|CWE|94500-6^PCR^LN||260373001^Detected^SCT||||||{status}\r"
)


def messages(tmp_path: Path, text: str, make_contract: Make, **more: object) -> Lines:
    path = tmp_path / "northgate.hl7"
    path.write_text(text, "utf-8", newline="")
    return read_lines(path, replace(make_contract(trailer=None), format="hl7", columns={}, codes={}, **more))  # type: ignore[arg-type]


def test_a_batch_is_counted_and_a_cut_one_refused(make_contract: Make, tmp_path: Path) -> None:
    body = "".join(MESSAGE.format(number=at, status="F") for at in range(3))
    whole = f"FHS|^~\\&\rBHS|^~\\&\r{body}BTS|3\rFTS|1\r"
    lines = messages(tmp_path, whole, make_contract)
    assert lines.frame.select("specimen_id", "national_id", "family_name", "specimen_date", "result").rows() == [
        (f"F{at}/94500-6", "9990000018", "Quill", "2020-06-01", "positive") for at in range(3)
    ]
    cuts = [
        (whole[:-6], "cut_off"),
        (whole[:-12], "cut_off"),
        (whole.replace("BTS|3", "BTS|4"), "line_count"),
        ("x" + whole, "not_hl7"),
    ]
    for cut, code in cuts:
        with pytest.raises(BadFile) as caught:
            messages(tmp_path, cut, make_contract)
        assert caught.value.code == code
    with pytest.raises(BadFile, match="cut_off"):
        messages(tmp_path, body, make_contract, envelope=True)


@pytest.mark.parametrize(
    ("status", "word"), [("F", "final"), ("C", "corrected"), ("W", "withdrawn"), ("D", "withdrawn"), ("P", None)]
)
def test_the_status_of_an_answer(make_contract: Make, tmp_path: Path, status: str, word: str | None) -> None:
    lines = messages(tmp_path, MESSAGE.format(number=1, status=status), make_contract)
    contract = replace(make_contract(), format="hl7", columns={}, codes={})
    checked = check(lines.frame, contract, received_on=DAY)
    assert checked.good["status"].to_list() == ([word] if word else [])
    assert [held.code for held in checked.held] == ([] if word else ["status_not_final"])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("260373001^Detected^SCT", "1^Strange^L", "result_unknown"),
        ("260373001^Detected^SCT", "260373001^Unclear^SCT", None),
        ("260373001^Detected^SCT", "260373001^Negative^SCT", "answer_contradictory"),
        ("260373001^Detected^SCT", "260373001^^SCT^260415000^^SCT", "answer_contradictory"),
        ("OBX|1|CWE|94500-6^PCR^LN", "OBX|1|CWE|00000-0^New^LN", "pathogen_unknown"),
        ("|||202006011030+0000", "|||2020", "specimen_date_unreadable"),
    ],
)  # fmt: skip
def test_what_no_table_knows_is_held_and_never_negative(
    make_contract: Make, tmp_path: Path, old: str, new: str, code: str | None
) -> None:
    text = MESSAGE.format(number=1, status="F")
    assert old in text
    lines = messages(tmp_path, text.replace(old, new), make_contract)
    contract = replace(make_contract(), format="hl7", columns={}, codes={})
    checked = check(lines.frame, contract, received_on=DAY)
    assert [held.code for held in checked.held] == ([code] if code else [])
    assert checked.good["result"].to_list() == ([] if code else ["positive"])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("ORU^R01^ORU_R01", "ADT^A01", "message_type"),
        ("|P|2.5.1", "|T|2.5.1", "not_production"),
        ("OBX|1", "NTE|1", "no_result"),
    ],
)
def test_messages_that_are_no_results_are_held(
    make_contract: Make, tmp_path: Path, old: str, new: str, code: str
) -> None:
    text = MESSAGE.format(number=1, status="F")
    lines = messages(tmp_path, text.replace(old, new) + MESSAGE.format(number=2, status="F"), make_contract)
    assert [held.code for held in lines.held] == [code]
    assert (lines.lines_in, lines.frame.height) == (2, 1)
    assert all("Quill" not in held.remedy for held in lines.held)
