"""An identifier with a wrong check digit identifies nobody."""

import nhs_number.validate as nhs
import polars as pl
import pytest

from pumphandle.identity.identifiers import valid
from pumphandle.vocabulary.errors import BadDescription


def kept(rule: str, text: str | None) -> str | None:
    return valid(rule, pl.Series([text], dtype=pl.String)).item()


@pytest.mark.parametrize("text", ["4010232137", "401 023 2137", "401-023-2137"])
def test_a_right_nhs_number_is_kept_in_plain_form(text: str) -> None:
    assert kept("nhs_number", text) == "4010232137"


def test_numbers_kept_for_made_up_patients_name_nobody_in_a_real_nation() -> None:
    assert kept("nhs_number", "9434765919") is None
    assert kept("nhs_number_made_up", "943 476 5919") == "9434765919"


def test_the_check_agrees_with_the_package_of_the_field() -> None:
    numbers = [f"{number:010}" for number in range(4_000_000_000, 8_000_000_000, 1_234_567)]
    ours = valid("nhs_number_made_up", pl.Series(numbers)).is_not_null()
    assert ours.to_list() == [nhs.is_valid(number) for number in numbers]
    assert 200 < ours.sum() < 400


@pytest.mark.parametrize(
    "text", ["4010232138", "0000000000", "1111111111", "401023213", "40102321370", "A434765919", "", None]
)
def test_a_wrong_nhs_number_is_not(text: str | None) -> None:
    assert kept("nhs_number", text) is None


def test_a_check_value_of_ten_is_never_issued() -> None:
    # 1000000060 has the weighted sum 1*10 + 6*2 = 22, so 0; digits are chosen so that 11 - sum % 11 = 10
    digits = next(f"{number:09}" for number in range(10**8, 10**8 + 200) if _check(f"{number:09}") == 10)
    assert all(kept("nhs_number", f"{digits}{last}") is None for last in range(10))


def _check(digits: str) -> int:
    return 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11


@pytest.mark.parametrize(("text", "right"), [("29504010411", False), ("2950401041 1", False), ("22345678211", False)])
def test_a_wrong_medicare_number_is_not_kept(text: str, right: bool) -> None:
    assert (kept("medicare", text) is not None) == right


def test_a_right_medicare_number_is() -> None:
    digits = "29504010"
    check = sum(int(digit) * weight for digit, weight in zip(digits, (1, 3, 7, 9, 1, 3, 7, 9), strict=True)) % 10
    assert kept("medicare", f"{digits}{check}11") == f"{digits}{check}11"
    assert kept("medicare", f"{digits}{(check + 1) % 10}11") is None
    assert kept("medicare", f"{digits}{check}1") is None  # a card, which a family may share


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(BadDescription, match="horoscope"):
        valid("horoscope", pl.Series(["1"]))
