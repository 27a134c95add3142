"""A line is news, a repeat, or overtaken inside its file; and the four counts add up."""

import polars as pl
import pytest

from pumphandle.linelist.accounting import Account, sort_lines
from pumphandle.vocabulary.errors import LinesUnaccounted

KNOWN = pl.Schema(
    {"record_key": pl.String, "known_version": pl.Int32, "known_hash": pl.String, "known_kind": pl.String}
)


def lines(*rows: tuple[int, str, str, str]) -> pl.DataFrame:
    schema = {"line": pl.Int64, "record_key": pl.String, "content_hash": pl.String, "status": pl.String}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def known(*rows: tuple[str, int, str, str]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=KNOWN, orient="row")


def test_a_first_line_is_reported() -> None:
    news = sort_lines(lines((2, "a", "x", "final")), known())
    assert news.fresh.select("kind", "version", "reason").row(0) == ("reported", 1, "reported by the laboratory")


def test_the_same_content_again_is_a_duplicate() -> None:
    news = sort_lines(lines((2, "a", "x", "corrected")), known(("a", 3, "x", "corrected")))
    assert (news.fresh.height, news.duplicates) == (0, 1)


def test_other_content_is_a_correction_of_the_next_version() -> None:
    news = sort_lines(lines((2, "a", "y", "final")), known(("a", 3, "x", "corrected")))
    assert news.fresh.select("kind", "version").row(0) == ("corrected", 4)


def test_a_withdrawal_retracts() -> None:
    news = sort_lines(lines((2, "a", "w", "withdrawn")), known(("a", 1, "x", "reported")))
    assert news.fresh.select("kind", "version").row(0) == ("retracted", 2)


def test_a_withdrawal_of_nothing_is_an_orphan() -> None:
    news = sort_lines(lines((2, "a", "w", "withdrawn")), known())
    assert (news.fresh.height, news.orphans.height) == (0, 1)


def test_inside_a_file_the_last_line_holds() -> None:
    news = sort_lines(lines((2, "a", "x", "final"), (3, "a", "y", "final"), (4, "a", "y", "final")), known())
    assert news.fresh["line"].to_list() == [4]
    assert (news.superseded, news.duplicates) == (1, 1)


def test_an_account_that_does_not_add_up_stops() -> None:
    Account(lines_in=4, accepted=1, quarantined=1, duplicates=1, superseded=1).check("a.csv")
    with pytest.raises(LinesUnaccounted, match=r"a\.csv: 5 lines in, 4 accounted for"):
        Account(lines_in=5, accepted=1, quarantined=1, duplicates=1, superseded=1).check("a.csv")
