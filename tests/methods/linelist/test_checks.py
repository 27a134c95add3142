"""Each rule of a line holds what breaks it, names field and remedy, and lets the rest through."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pumphandle.linelist.checks import check, rules
from pumphandle.linelist.feeds import FeedContract, read_contract
from pumphandle.linelist.formats import read_lines
from pumphandle.vocabulary.errors import BadDescription

DAY = date(2020, 6, 2)

BROKEN = {
    "specimen_id_missing": {"specimen_id": ""},
    "specimen_id_rounded": {"specimen_id": "1.23457E+11"},
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
    "status_missing": {"status": " "},
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
    lines = read_lines(make_file(good_line(1, sex="")), contract)
    row = check(lines.frame, contract, received_on=DAY).good.row(0, named=True)
    assert (row["result"], row["sex"], row["status"], row["pathogen"]) == ("positive", "unknown", "final", "sars_cov_2")
    assert row["specimen_date"] == date(2020, 6, 1)
    assert row["phone"] is None


def test_a_line_without_a_status_counts_only_where_the_contract_says_so(
    make_contract: Callable[..., FeedContract], good_line: Callable[..., str], make_file: Callable[..., Path]
) -> None:
    path, contract = make_file(good_line(1, status=""), good_line(2, status="C")), make_contract()

    def statuses(agreed: FeedContract) -> tuple[list[str], list[str]]:
        checked = check(read_lines(path, agreed).frame, agreed, received_on=DAY)
        return checked.good["status"].to_list(), [one.code for one in checked.held]

    assert statuses(contract) == (["corrected"], ["status_missing"])
    says = replace(contract, codes=contract.codes | {"status": contract.codes["status"] | {"": "final"}})
    assert statuses(says) == (["final", "corrected"], [])
    without = replace(contract, columns={name: one for name, one in contract.columns.items() if name != "status"})
    assert statuses(without) == ([], ["status_missing"] * 2)
    assert statuses(replace(without, fixed={"status": "final"})) == (["final", "final"], [])


def as_toml(contract: FeedContract, *, without: str = "", fixed: str = "", kind: str = "csv") -> str:
    columns = "\n".join(f'{name} = "{one}"' for name, one in contract.columns.items() if name != without)
    codes = "\n".join(
        f"[codes.{name}]\n" + "\n".join(f'"{code}" = "{word}"' for code, word in words.items())
        for name, words in contract.codes.items()
    )
    head = f'laboratory = "n"\nname = "N"\nfiles = "n_*"\nformat = "{kind}"\ntime_zone = "Europe/London"\n'
    rows = "refuse_above = 0.25\n[rows]\nminimum = 1\nmaximum = 9\n"
    return f"{head}{rows}[columns]\n{columns}\n[fixed]\n{fixed}\n{codes}\n"


@pytest.mark.parametrize(
    ("without", "fixed", "kind", "told"),
    [
        ("", "", "csv", None),
        ("status", "", "csv", r'the status is neither a column nor fixed.*\[fixed\] status = "final"'),
        ("status", "", "jsonl", "the status is neither a column nor fixed"),
        ("status", 'status = "final"', "csv", None),
        ("status", 'status = "finished"', "csv", r"\[fixed\]: status is no word of ours.*corrected, final, withdrawn"),
        ("", 'status = "final"', "csv", r"status is both in \[columns\] and in \[fixed\]"),
        ("pathogen", 'pathogen = "flu?"', "csv", r"\[fixed\]: pathogen is no word of ours"),
        ("", 'status = "final"', "hl7", "each answer says its own status"),
    ],
)
def test_a_contract_says_what_an_absent_status_means(
    make_contract: Callable[..., FeedContract], tmp_path: Path, without: str, fixed: str, kind: str, told: str | None
) -> None:
    path = tmp_path / "n.toml"
    path.write_text(as_toml(make_contract(), without=without, fixed=fixed, kind=kind), "utf-8")
    if told is None:
        assert read_contract(path).laboratory == "n"
        return
    with pytest.raises(BadDescription, match=rf"n\.toml.*{told}"):
        read_contract(path)
