"""Each rule of a line holds what breaks it, names field and remedy, and lets the rest through."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pumphandle.linelist.checks import check, rules
from pumphandle.linelist.feeds import FeedContract
from pumphandle.linelist.formats import read_lines

DAY = date(2020, 6, 2)

BROKEN = {
    "specimen_id_missing": {"specimen_id": ""},
    "specimen_date_missing": {"specimen_date": " "},
    "specimen_date_unreadable": {"specimen_date": "01/06/2020"},
    "specimen_date_in_future": {"specimen_date": "2099-01-01"},
    "specimen_date_too_old": {"specimen_date": "2010-01-01"},
    "date_of_birth_unreadable": {"date_of_birth": "29.2.1980"},
    "born_after_specimen": {"date_of_birth": "2020-06-02"},
    "born_too_early": {"date_of_birth": "1820-06-02"},
    "result_missing": {"result": ""},
    "result_unknown": {"result": "MAYBE"},
    "pathogen_unknown": {"pathogen": "00000-0"},
    "sex_unknown": {"sex": "Q"},
    "status_unknown": {"status": "Z"},
}


@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_line_is_held_for_its_reason(
    code: str,
    make_contract: Callable[..., FeedContract],
    good_line: Callable[..., str],
    make_file: Callable[..., Path],
) -> None:
    contract = make_contract()
    lines = read_lines(make_file(good_line(1), good_line(2, **BROKEN[code])), contract)
    checked = check(lines.frame, contract, received_on=DAY)
    assert checked.good["specimen_id"].to_list() == ["N-1"]
    assert code in {held.code for held in checked.held}
    for held in checked.held:
        assert held.line == 3
        assert "Quill" not in held.remedy
        assert "Quill" in held.content


def test_every_rule_is_tried() -> None:
    assert {rule.code for rule in rules(DAY)} == set(BROKEN)


def test_codes_become_our_words_and_dates_dates(
    make_contract: Callable[..., FeedContract], good_line: Callable[..., str], make_file: Callable[..., Path]
) -> None:
    contract = make_contract()
    lines = read_lines(make_file(good_line(1, sex="", status="")), contract)
    row = check(lines.frame, contract, received_on=DAY).good.row(0, named=True)
    assert (row["result"], row["sex"], row["status"], row["pathogen"]) == ("positive", "unknown", "final", "sars_cov_2")
    assert row["specimen_date"] == date(2020, 6, 1)
    assert row["phone"] is None
