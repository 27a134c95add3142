"""What spreadsheets, editors and half-closed quotation marks do to files: read right, or held or refused by name."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pumphandle.linelist import delimited
from pumphandle.linelist.checks import check
from pumphandle.linelist.feeds import FeedContract, read_contract
from pumphandle.linelist.formats import read_lines
from pumphandle.vocabulary.errors import BadDescription, BadFile
from tests.methods.linelist.conftest import COLUMNS, HEADER

Make = Callable[..., FeedContract]
Line = Callable[..., str]
DAY = date(2020, 6, 2)
HEAD = f"{HEADER},Note"


@pytest.fixture
def agreed(make_contract: Make) -> FeedContract:
    """Without a trailer: nothing but the file itself says how long it is."""
    return make_contract(trailer=None)


def come(path: Path, contract: FeedContract) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """(line, number) of what is good, (line, code) of what is held. Every line is one of both."""
    lines = read_lines(path, contract)
    checked = check(lines.frame, contract, received_on=DAY)
    held = sorted({(one.line, one.code) for one in (*lines.held, *checked.held)})
    assert len({line for line, _ in held}) + checked.good.height == lines.lines_in
    return checked.good.select("line", "specimen_id").rows(), held


def text(tmp_path: Path, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
    path = tmp_path / "northgate_1.csv"
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def refused(path: Path, contract: FeedContract) -> tuple[str, int | None]:
    with pytest.raises(BadFile) as caught:
        read_lines(path, contract)
    assert "Quill" not in str(caught.value)
    return caught.value.code, caught.value.line


def test_a_quotation_mark_that_is_never_closed_swallows_nothing(
    agreed: FeedContract, good_line: Line, tmp_path: Path
) -> None:
    lines = [good_line(at, address="") + "," for at in range(1, 6)]
    path = text(tmp_path, HEAD, *lines[:2], good_line(3, address="") + ',"open', *lines[3:])
    assert refused(path, agreed) == ("quotation", 4)


@pytest.mark.parametrize("ending", ['b"', '"b"'])
def test_one_that_is_closed_too_late_holds_what_it_swallowed(
    agreed: FeedContract, good_line: Line, tmp_path: Path, ending: str
) -> None:
    lines = [good_line(at, address="") for at in range(1, 5)]
    path = text(tmp_path, HEAD, lines[0] + ',"a', lines[1] + ",", lines[2] + f",{ending}", lines[3] + ",")
    assert come(path, agreed) == ([(5, "N-4")], [(2, "cell_of_lines")])
    (held,) = read_lines(path, agreed).held
    assert "N-2" in held.content and "N-3" in held.content


def test_lines_are_numbered_as_an_editor_numbers_them(agreed: FeedContract, good_line: Line, tmp_path: Path) -> None:
    path = text(tmp_path, HEAD, good_line(1) + ',"two\nlines"', good_line(2, result="?") + ",", "", good_line(3) + ",")
    assert come(path, agreed) == ([(2, "N-1"), (6, "N-3")], [(4, "result_unknown")])


def test_line_ends_of_a_carriage_return_and_a_named_separator(
    agreed: FeedContract, good_line: Line, tmp_path: Path
) -> None:
    assert come(text(tmp_path, HEADER, good_line(1), good_line(2), end="\r"), agreed)[0] == [(2, "N-1"), (3, "N-2")]
    path = text(tmp_path, "sep=,", HEADER, good_line(1), good_line(2, result="?"))
    assert come(path, agreed) == ([(3, "N-1")], [(4, "result_unknown")])


@pytest.mark.parametrize(
    ("encoding", "says", "told"),
    [
        ("utf-16", "utf-8", ("encoding", 1)),
        ("utf-16", "cp1252", ("encoding", 1)),
        ("utf-16", "utf-16", None),
        ("utf-16", "utf-16-le", None),
        ("utf-16-le", "detect", None),
        ("utf-16-be", "detect", None),
    ],
)
def test_wide_encodings(
    make_contract: Make, good_line: Line, tmp_path: Path, encoding: str, says: str, told: tuple[str, int] | None
) -> None:
    path, contract = text(tmp_path, HEADER, good_line(1), encoding=encoding), make_contract(trailer=None, encoding=says)
    if told:
        assert refused(path, contract) == told
        return
    assert come(path, contract) == ([(2, "N-1")], [])
    path.write_bytes(path.read_bytes()[:-1])
    assert refused(path, contract)[0] in {"cut_off", "binary", "encoding"}


def test_numbers_that_a_spreadsheet_rounded_are_not_one_specimen(
    agreed: FeedContract, good_line: Line, tmp_path: Path
) -> None:
    lines = [
        good_line(specimen_id="1.23457E+11"),
        good_line(2),
        good_line(specimen_id="1.23457E+11", family_name="Thorn"),
    ]
    path = text(tmp_path, HEADER, *lines)
    assert come(path, agreed) == ([(3, "N-2")], [(2, "specimen_id_rounded"), (4, "specimen_id_rounded")])


def book(path: Path, numbers: list[object], *, sheets: int = 1) -> Path:
    rest = [9990000018, "Quill", "Ada", date(1980, 2, 29), "F", "", 210, date(2020, 6, 1), "94500-6", "DETECTED", "F"]
    whole = openpyxl.Workbook()
    for at in range(sheets):
        sheet = whole.worksheets[0] if at == 0 else whole.create_sheet(f"Sheet{at}")
        sheet.append(list(COLUMNS.values()))
        for number in numbers:
            sheet.append([number, *rest])
    whole.create_sheet("Empty")
    whole.save(path)
    return path


def test_a_sheet_keeps_fifteen_digits_and_takes_zeros_away(agreed: FeedContract, tmp_path: Path) -> None:
    contract = replace(agreed, format="xlsx")
    path = book(tmp_path / "northgate.xlsx", [123, 1234567890123456, 123456789012345, "0123", 1.5])
    assert come(path, contract) == (
        [(2, "123"), (4, "123456789012345"), (5, "0123"), (6, "1.5")],
        [(3, "specimen_id_rounded")],
    )
    wide = replace(contract, widths={"specimen_id": 4, "postcode": 4})
    good = check(read_lines(path, wide).frame, wide, received_on=DAY).good
    assert good["specimen_id"].to_list() == ["0123", "123456789012345", "0123", "1.5"]
    assert set(good["postcode"].to_list()) == {"0210"}


def test_a_second_sheet_is_not_left_out(agreed: FeedContract, tmp_path: Path) -> None:
    contract = replace(agreed, format="xlsx")
    path = book(tmp_path / "northgate.xlsx", ["N-1"], sheets=2)
    assert refused(path, contract) == ("sheet", None)
    assert come(path, replace(contract, sheet="Sheet1")) == ([(2, "N-1")], [])


def test_delimited_text_that_ends_where_a_sheet_does_was_through_one(
    make_contract: Make, good_line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert delimited.SHEET_ENDS == (65_536, 1_048_576)
    monkeypatch.setattr(delimited, "SHEET_ENDS", (3,))
    assert refused(text(tmp_path, HEADER, good_line(1), good_line(2)), make_contract(trailer=None)) == (
        "row_limit",
        None,
    )
    counted = text(tmp_path, HEADER, good_line(1), good_line(2), "END,2")
    assert come(counted, make_contract())[0] == [(2, "N-1"), (3, "N-2")]


def frame(**cells: object) -> pl.DataFrame:
    said = dict.fromkeys(COLUMNS.values(), "x") | {"Accession": "N-1", "Born": "1980-02-29", "Sex": "F"}
    said |= {"Taken": "2020-06-01", "Test": "94500-6", "Result": "DETECTED", "State": "F"}
    return pl.DataFrame({name: [value] for name, value in (said | cells).items()})


def test_parquet_s_moments_are_days_of_the_laboratory_and_its_bytes_are_text(
    agreed: FeedContract, tmp_path: Path
) -> None:
    contract, path = replace(agreed, format="parquet"), tmp_path / "northgate.parquet"
    frame(Taken=datetime(2020, 5, 31, 23, 30, tzinfo=UTC)).write_parquet(path)
    good = check(read_lines(path, contract).frame, contract, received_on=DAY).good
    assert good["specimen_date"].to_list() == [date(2020, 6, 1)]  # half past midnight in London
    frame(Surname=b"\xff\xfe").write_parquet(path)
    assert refused(path, contract) == ("parquet", None)
    frame(Accession=1.5e17).write_parquet(path)
    assert come(path, contract) == ([], [(1, "specimen_id_rounded")])
    frame(Accession=float(2**52)).write_parquet(path)
    assert come(path, contract) == ([(1, str(2**52))], [])


def test_a_json_array_is_no_json_lines(agreed: FeedContract, tmp_path: Path) -> None:
    path = tmp_path / "northgate.jsonl"
    path.write_text(json.dumps(frame().to_dicts()), "utf-8")
    assert refused(path, replace(agreed, format="jsonl")) == ("json_array", 1)


def test_the_frames_of_a_socket_are_taken_off_messages(agreed: FeedContract, tmp_path: Path) -> None:
    contract = replace(agreed, format="hl7", columns={}, codes={})
    one = (
        "MSH|^~\\&|LAB|L1|US|U|20200601||ORU^R01^ORU_R01|1|P|2.5.1\rPID|1||||Quill^Ada\rOBR|1||F{0}|94500-6^PCR^LN|||"
        "20200601\rOBX|1|CWE|94500-6^PCR^LN||260373001^Detected^SCT||||||F\r"
    )
    path = tmp_path / "northgate.hl7"
    path.write_text("".join(f"\x0b{one.format(at)}\x1c\r" for at in (1, 2)), "utf-8", newline="")
    assert come(path, contract) == ([(1, "F1/94500-6"), (2, "F2/94500-6")], [])


def test_widths_are_of_columns(tmp_path: Path) -> None:
    path = tmp_path / "n.toml"
    path.write_text(
        'laboratory = "n"\nname = "N"\nfiles = "n_*"\nformat = "hl7"\ntime_zone = "Europe/London"\nrefuse_above = 0.1\n'
        "[rows]\nminimum = 1\nmaximum = 9\n[widths]\npostcode = 4\n",
        "utf-8",
    )
    with pytest.raises(BadDescription, match=r"\[widths\]: postcode must be one of \[columns\]"):
        read_contract(path)
