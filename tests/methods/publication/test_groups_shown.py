"""A district's page shows its newest margins whole, and none of which a group was taken back."""

from datetime import date

import polars as pl
import pytest

from pumphandle.publication.groups_shown import label, margins
from pumphandle.publication.wording import words

EN = words()
OLD, NEW = date(2020, 6, 7), date(2020, 6, 14)
ROWS: list[tuple[str, str, str, date, int | None]] = [
    ("D1", "cases", "age:0-17", OLD, 9),
    ("D1", "cases", "age:18+", OLD, 11),
    ("D1", "cases", "age:0-29", NEW, 6),
    ("D1", "cases", "age:30+_unknown", NEW, 18),
    ("D1", "cases", "all", NEW, 24),
    ("D2", "cases", "age:0-29", NEW, 7),
]


def ledger(rows: list[tuple[str, str, str, date, int | None]]) -> pl.DataFrame:
    schema = {"node": pl.String, "measure": pl.String, "group_code": pl.String, "last_day": pl.Date, "value": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(first_day=pl.col("last_day"))


def test_the_newest_margin_of_each_dimension() -> None:
    (one,) = margins(ledger([*ROWS]), "D1", measures=["cases", "tests"], words=EN)
    assert (one.measure, one.dimension, one.last) == ("cases", "age", NEW)
    assert [(row.label, row.value, row.share) for row in one.rows] == [
        ("0–29", 6, 0.25),
        ("30+ or not known", 18, 0.75),
    ]


def test_a_margin_that_was_taken_back_in_part_is_left_out() -> None:
    gone: list[tuple[str, str, str, date, int | None]] = [
        (*row[:4], None) if row[2] == "age:0-29" else row for row in ROWS
    ]
    assert margins(ledger(gone), "D1", measures=["cases"], words=EN) == ()


def test_ages_stand_from_the_youngest() -> None:
    rows = [("D1", "tests", f"age:{code}", NEW, 9) for code in ("12-17", "18+", "5-11", "unknown", "0-4")]
    (one,) = margins(ledger([*rows]), "D1", measures=["tests"], words=EN)
    assert [row.label for row in one.rows] == ["0–4", "5–11", "12–17", "18+", "not known"]


@pytest.mark.parametrize(
    ("code", "told"),
    [("female", "female"), ("female_male", "female or male"), ("65+_unknown", "65+ or not known"), ("5-11", "5–11")],
)
def test_labels(code: str, told: str) -> None:
    assert label(code, EN) == told
