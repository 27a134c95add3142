"""National identifiers: which ones can be right. One rule a nation, found by name."""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from pumphandle.vocabulary.errors import BadDescription


def _digits(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"[\s-]", "")


def _weighted(text: pl.Expr, weights: tuple[int, ...]) -> pl.Expr:
    """Sum of the first digits, each times its weight; null where there are not enough digits."""
    return pl.sum_horizontal(
        [text.str.slice(at, 1).cast(pl.Int32, strict=False) * weight for at, weight in enumerate(weights)],
        ignore_nulls=False,
    )


def nhs_number(text: pl.Expr) -> pl.Expr:
    """England: ten digits of an issued range, the last one a modulus-11 check, not all alike.

    Source: NHS Data Dictionary, NHS NUMBER. A check value of 10 is never issued; 900 to 999 is kept for made-up
    patients, 500 to 599 and 800 to 899 are issued to nobody. A laboratory that sends such a number names no person.
    """
    plain = nhs_number_made_up(text)
    return pl.when(~plain.str.contains("^[589]")).then(plain)


def nhs_number_made_up(text: pl.Expr) -> pl.Expr:
    """The same for made-up countries, whose patients bear the numbers that are kept for them."""
    plain = _digits(text)
    check = (11 - _weighted(plain, (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11) % 11
    last = plain.str.slice(9, 1).cast(pl.Int32, strict=False)
    alike = pl.any_horizontal([plain == str(digit) * 10 for digit in range(10)])
    right = plain.str.contains(r"^\d{10}$") & (check == last) & ~alike
    return pl.when(right.fill_null(False)).then(plain)


def medicare(text: pl.Expr) -> pl.Expr:
    """Australia: a Medicare card number with the person's reference: 8 digits, check digit, issue, reference.

    The first digit is 2..6; the check is the sum of the first eight times 1,3,7,9,1,3,7,9, modulo 10.
    Ten digits name a card, which a family may share: only eleven (with the reference) name a person.
    """
    plain = _digits(text)
    check = _weighted(plain, (1, 3, 7, 9, 1, 3, 7, 9)) % 10
    right = plain.str.contains(r"^[2-6]\d{10}$") & (check == plain.str.slice(8, 1).cast(pl.Int32, strict=False))
    return pl.when(right.fill_null(False)).then(plain)


RULES: Final[Mapping[str, Callable[[pl.Expr], pl.Expr]]] = {
    "nhs_number": nhs_number,
    "nhs_number_made_up": nhs_number_made_up,
    "medicare": medicare,
}
"""By the name that a nation's description gives. Another nation's rule is one function and one row here."""


def valid(rule: str, text: pl.Expr) -> pl.Expr:
    """The identifier in plain form where it can be right, else null. Raises BadDescription for an unknown rule."""
    if rule not in RULES:
        raise BadDescription(f"identifier = {rule!r} is no rule of ours. Use one of: {', '.join(sorted(RULES))}.")
    return RULES[rule](text)
