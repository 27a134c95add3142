"""A file is read to its last line, or refused by name, line and remedy; no fault is taken for a short day."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pumphandle.linelist.feeds import FeedContract
from pumphandle.linelist.formats import read_lines
from pumphandle.vocabulary.errors import BadFile

Make = Callable[..., FeedContract]
Line = Callable[..., str]
File = Callable[..., Path]


def refused(path: Path, contract: FeedContract) -> BadFile:
    with pytest.raises(BadFile) as caught:
        read_lines(path, contract)
    assert path.name in str(caught.value)
    assert caught.value.remedy
    assert "Quill" not in str(caught.value)
    return caught.value


def test_every_line_is_counted_with_its_number(make_contract: Make, good_line: Line, make_file: File) -> None:
    lines = read_lines(make_file(good_line(1), good_line(2, family_name='"O\nNeil"'), good_line(3)), make_contract())
    assert lines.lines_in == 3
    assert lines.frame["line"].to_list() == [2, 3, 5]  # as an editor numbers them
    assert lines.frame["address"][0] == "1 Mill Lane, Flat 2"
    assert not lines.held


def test_a_day_without_results_is_a_file_too(make_contract: Make, make_file: File) -> None:
    assert read_lines(make_file(), make_contract()).lines_in == 0


def test_an_empty_file_is_refused(make_contract: Make, tmp_path: Path) -> None:
    path = tmp_path / "northgate_1.csv"
    path.write_bytes(b"\n")
    assert refused(path, make_contract()).code == "empty"


def test_a_binary_file_is_refused(make_contract: Make, tmp_path: Path) -> None:
    path = tmp_path / "northgate_1.csv"
    path.write_bytes(b"PK\x03\x04\x00\x00\x08\x00")
    assert refused(path, make_contract()).code == "binary"


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.9])
def test_a_file_cut_anywhere_is_refused(make_contract: Make, good_line: Line, make_file: File, keep: float) -> None:
    path = make_file(*[good_line(number) for number in range(20)])
    whole = path.read_bytes()
    kept = whole[: int(len(whole) * keep)]
    path.write_bytes(kept)
    fault = refused(path, make_contract())
    assert (fault.code, fault.line) == ("cut_off", len(kept.splitlines()))


def test_a_file_cut_inside_a_line_is_refused_without_a_trailer_too(
    make_contract: Make, good_line: Line, make_file: File
) -> None:
    path = make_file(good_line(1), good_line(2), trailer="")
    path.write_bytes(path.read_bytes()[:-4])
    assert refused(path, make_contract(trailer=None)).code == "cut_off"


def test_a_trailer_that_counts_otherwise_is_refused(make_contract: Make, good_line: Line, make_file: File) -> None:
    fault = refused(make_file(good_line(1), good_line(2), trailer="END,3"), make_contract())
    assert fault.code == "line_count"
    assert "declares 3 lines, the file holds 2" in str(fault)


def test_a_wrong_delimiter_is_named_as_such(make_contract: Make, good_line: Line, make_file: File) -> None:
    path = make_file(good_line(1))
    path.write_bytes(path.read_bytes().replace(b",", b";"))
    assert refused(path, make_contract()).code == "delimiter"


def test_a_wrong_encoding_names_its_line(make_contract: Make, good_line: Line, make_file: File) -> None:
    path = make_file(good_line(1), good_line(2, given_name="Zoé"), encoding="cp1252")
    fault = refused(path, make_contract())
    assert (fault.code, fault.line) == ("encoding", 3)


def test_utf8_sent_under_another_agreed_encoding_is_refused_not_garbled(
    make_contract: Make, good_line: Line, make_file: File
) -> None:
    path = make_file(good_line(1, given_name="Zoé"), encoding="utf-8")
    assert refused(path, make_contract(encoding="cp1252")).code == "encoding"


def test_a_missing_column_is_named(make_contract: Make, make_file: File) -> None:
    fault = refused(make_file(header="Accession,Surname"), make_contract())
    assert (fault.code, fault.field) == ("missing_column", "national_id")


def test_a_quotation_mark_never_closed_is_refused(make_contract: Make, good_line: Line, make_file: File) -> None:
    path = make_file(good_line(1, address='"1 Mill Lane'), *[good_line(number) for number in range(2, 300)])
    assert refused(path, make_contract()).code in {"quotation", "line_count"}


def test_a_line_of_another_width_is_held_and_the_rest_goes_on(
    make_contract: Make, good_line: Line, make_file: File
) -> None:
    lines = read_lines(make_file(good_line(1), good_line(2) + ",surplus", good_line(3)), make_contract())
    assert lines.frame.height == 2
    assert [(held.line, held.code) for held in lines.held] == [(3, "cell_count")]
    assert lines.lines_in == 3
