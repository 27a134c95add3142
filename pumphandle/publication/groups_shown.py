"""A district's counts by age and by sex, as the ledger told them last."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from pumphandle.publication.wording import Words

DIMENSIONS: Final = ("age", "sex")


@dataclass(frozen=True)
class GroupRow:
    """label : as people read it; share : of the margin's sum, 0..1"""

    label: str
    value: int
    share: float


@dataclass(frozen=True)
class Margin:
    """One measure by one dimension over whole windows of the district's total."""

    measure: str
    dimension: str
    first: date
    last: date
    rows: tuple[GroupRow, ...]


def margins(ledger: pl.DataFrame, district: str, *, measures: Sequence[str], words: Words) -> tuple[Margin, ...]:
    """The newest of each measure and dimension; a margin of which a group was taken back is left out.

    ledger : rows of the releases so far, as everybody may read them
    """
    mine = ledger.filter((pl.col("node") == district) & (pl.col("group_code") != "all"))
    found = (_margin(mine, measure, dimension, words) for measure in measures for dimension in DIMENSIONS)
    return tuple(one for one in found if one is not None)


def _margin(rows: pl.DataFrame, measure: str, dimension: str, words: Words) -> Margin | None:
    told = rows.filter((pl.col("measure") == measure) & pl.col("group_code").str.starts_with(f"{dimension}:"))
    if told.is_empty():
        return None
    newest = told.filter(pl.col("last_day") == pl.col("last_day").max())
    if newest["value"].null_count():
        return None
    whole = int(newest["value"].sum())
    shown = [
        GroupRow(label(code.removeprefix(f"{dimension}:"), words), value, value / whole)
        for code, value in sorted(newest.select("group_code", "value").iter_rows(), key=lambda one: _place(one[0]))
    ]
    return Margin(measure, dimension, newest["first_day"][0], newest["last_day"][0], tuple(shown))


def _place(code: str) -> tuple[int, str]:
    """Ages from the youngest; what has no number comes last, in order of name."""
    digits = re.match(r"\w+:(\d+)", code)
    return (int(digits[1]) if digits else 1_000, code)


def label(code: str, words: Words) -> str:
    """`0-17` -> 0–17; `65+_unknown` -> 65+ or not known; `female_male` -> female or male"""
    names = [_name(one, words) for one in code.split("_")]
    if len(names) == 1:
        return names[0]
    return words.say("groups.either", first=", ".join(names[:-1]), last=names[-1])


def _name(code: str, words: Words) -> str:
    known = {"female": "female", "male": "male", "other": "other_sex", "unknown": "unknown"}
    return words.say(f"groups.{known[code]}") if code in known else code.replace("-", "–")
