"""Slips of the pen: what people mistype in names, postcodes and dates."""

from collections.abc import Callable
from enum import IntEnum
from typing import Final

import numpy as np
import polars as pl

from pumphandle_town.chance import Ints
from pumphandle_town.place_names import UNIT_LETTERS

NO_FIXED_ABODE: Final = "ZZ99 3VZ"


class PostcodeForm(IntEnum):
    """How a postcode is written on a line."""

    RIGHT = 0
    TRANSPOSED = 1
    LETTER_FOR_DIGIT = 2
    NOT_EXISTING = 3
    PSEUDO = 4
    EMPTY = 5
    OLD_ADDRESS = 6


class NameForm(IntEnum):
    """How a name is written on a line."""

    RIGHT = 0
    FAMILY_SLIP = 1
    GIVEN_SLIP = 2
    SWAPPED = 3


def written_postcodes(text: pl.Series, post: Ints, form: Ints, bits: Ints) -> pl.Series:
    """Postcodes as a laboratory writes them. text : of every postcode; post, form, bits : one each line."""
    right = text.gather(post)
    wrong = np.flatnonzero(form != PostcodeForm.RIGHT)
    if not len(wrong):
        return right
    other = text.gather((post[wrong] + 1 + bits[wrong] % 600) % len(text)).to_list()
    mistyped = [
        _mistyped(one, PostcodeForm(how), bit, old)
        for one, how, bit, old in zip(
            right.gather(wrong).to_list(), form[wrong].tolist(), bits[wrong].tolist(), other, strict=True
        )
    ]
    return right.scatter(wrong, mistyped)


def written_names(family: pl.Series, given: pl.Series, form: Ints, bits: Ints) -> tuple[pl.Series, pl.Series]:
    """Names as a laboratory writes them."""
    families, givens = family, given
    swapped = np.flatnonzero(form == NameForm.SWAPPED)
    if len(swapped):
        families, givens = (
            family.scatter(swapped, given.gather(swapped)),
            given.scatter(swapped, family.gather(swapped)),
        )
    families = _with_slips(families, np.flatnonzero(form == NameForm.FAMILY_SLIP), bits)
    return families, _with_slips(givens, np.flatnonzero(form == NameForm.GIVEN_SLIP), bits)


def swapped_day(day: Ints, form: Ints) -> Ints:
    """Days of birth with day and month exchanged where `form` says so and both ways make a date."""
    slip = np.flatnonzero(form)
    if not len(slip):
        return day
    dates = day[slip].astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    of_month, of_year = (dates - month).astype(np.int64) + 1, month.astype(np.int64) % 12 + 1
    year = dates.astype("datetime64[Y]").astype(np.int64)
    turned = (
        ((year * 12 + np.minimum(of_month, 12) - 1).astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
        + of_year
        - 1
    )
    changed = day.copy()
    changed[slip] = np.where(of_month <= 12, turned, day[slip])
    return changed


def _with_slips(names: pl.Series, rows: Ints, bits: Ints) -> pl.Series:
    if not len(rows):
        return names
    return names.scatter(
        rows, [_slip(name, bit) for name, bit in zip(names.gather(rows).to_list(), bits[rows].tolist(), strict=True)]
    )


def _slip(name: str, bit: int) -> str:
    """Two letters exchanged, one left out, one doubled, one hit wrongly; never the name itself."""
    at = 1 + bit // 8 % max(1, len(name) - 2)
    ways: tuple[Callable[[], str], ...] = (
        lambda: name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
        lambda: name[:at] + name[at + 1 :],
        lambda: name[: at + 1] + name[at:],
        lambda: name[:at] + "aeioun"[bit // 64 % 6] + name[at + 1 :],
    )
    slipped = ways[bit % 4]() if len(name) > 2 else name + name[-1]
    return slipped if slipped.strip().lower() != name.lower() else name + name[-1]


def _mistyped(text: str, form: PostcodeForm, bit: int, old: str) -> str:
    if form is PostcodeForm.EMPTY:
        return ""
    if not text:
        return old
    if form is PostcodeForm.PSEUDO:
        return NO_FIXED_ABODE
    if form is PostcodeForm.OLD_ADDRESS:
        return old if old and old != text else _other_ending(text, bit)
    if form is PostcodeForm.TRANSPOSED:
        turned = text[:-2] + text[-1] + text[-2]
        return turned if turned != text else _other_ending(text, bit)
    if form is PostcodeForm.LETTER_FOR_DIGIT:
        for right, wrong in (("0", "O"), ("O", "0"), ("1", "I"), ("5", "S"), ("8", "B"), ("2", "Z")):
            if right in text:
                return text.replace(right, wrong, 1)
    return _other_ending(text, bit)


def _other_ending(text: str, bit: int) -> str:
    """Another last character, which mostly leads to no postcode."""
    alphabet = "0123456789" if text[-1].isdigit() else UNIT_LETTERS
    others = alphabet.replace(text[-1], "")
    return text[:-1] + others[bit % len(others)]
