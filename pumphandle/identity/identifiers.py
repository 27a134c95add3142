"""National identifiers: which ones can be right. One rule a nation, found by name."""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from pumphandle.vocabulary.errors import BadDescription


def _digits(text: pl.Series) -> pl.Series:
    return text.str.replace_all(r"[\s-]", "")


def _number(plain: pl.Series, pattern: str) -> pl.Series:
    """What fits the pattern, as a whole number, else null; series and not expressions, so that each step is once."""
    return plain.zip_with(plain.str.contains(pattern), plain.clear(len(plain))).cast(pl.Int64)


def _digit(number: pl.Series, at: int, *, of: int) -> pl.Series:
    """The digit at a place counted from the left."""
    return number // 10 ** (of - 1 - at) % 10


def _weighted(number: pl.Series, weights: tuple[int, ...], *, of: int) -> pl.Series:
    """Sum of the first digits, each times its weight."""
    first, *others = (_digit(number, at, of=of) * weight for at, weight in enumerate(weights))
    return sum(others, first)


def _where(plain: pl.Series, right: pl.Series) -> pl.Series:
    return plain.zip_with(right.fill_null(False), plain.clear(len(plain)))


def nhs_number(text: pl.Series) -> pl.Series:
    """England: ten digits of an issued range, the last one a modulus-11 check, not all alike.

    Source: NHS Data Dictionary, NHS NUMBER. A check value of 10 is never issued; 900 to 999 is kept for made-up
    patients, 500 to 599 and 800 to 899 are issued to nobody. A laboratory that sends such a number names no person.
    """
    plain = nhs_number_made_up(text)
    return _where(plain, ~plain.str.contains("^[589]"))


def nhs_number_made_up(text: pl.Series) -> pl.Series:
    """The same for made-up countries, whose patients bear the numbers that are kept for them."""
    plain = _digits(text)
    number = _number(plain, "^[0-9]{10}$")
    check = (11 - _weighted(number, (10, 9, 8, 7, 6, 5, 4, 3, 2), of=10) % 11) % 11
    alike = number % 1_111_111_111 == 0
    return _where(plain, (check == _digit(number, 9, of=10)) & ~alike)


def medicare(text: pl.Series) -> pl.Series:
    """Australia: a Medicare card number with the person's reference: 8 digits, check digit, issue, reference.

    The first digit is 2..6; the check is the sum of the first eight times 1,3,7,9,1,3,7,9, modulo 10.
    Ten digits name a card, which a family may share: only eleven (with the reference) name a person.
    """
    plain = _digits(text)
    number = _number(plain, "^[2-6][0-9]{10}$")
    check = _weighted(number, (1, 3, 7, 9, 1, 3, 7, 9), of=11) % 10
    return _where(plain, check == _digit(number, 8, of=11))


RULES: Final[Mapping[str, Callable[[pl.Series], pl.Series]]] = {
    "nhs_number": nhs_number,
    "nhs_number_made_up": nhs_number_made_up,
    "medicare": medicare,
}
"""By the name that a nation's description gives. Another nation's rule is one function and one row here."""


def valid(rule: str, text: pl.Series) -> pl.Series:
    """The identifier in plain form where it can be right, else null. Raises BadDescription for an unknown rule."""
    if rule not in RULES:
        raise BadDescription(f"identifier = {rule!r} is no rule of ours. Use one of: {', '.join(sorted(RULES))}.")
    return RULES[rule](text)
