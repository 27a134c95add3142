"""A set keeps its name while it grows, joins and splits; it is told again only when cases are added."""

from datetime import date, timedelta

import polars as pl

from pumphandle.tracing.continuity import carry, states

DAY = date(2020, 7, 10)
BEFORE_SCHEMA = {"set_id": pl.String, "case": pl.String, "since": pl.Date}


def before(**sets: str) -> pl.DataFrame:
    rows = [(name, case, DAY - timedelta(days=3)) for name, cases in sets.items() for case in cases]
    return pl.DataFrame(rows, schema=BEFORE_SCHEMA, orient="row")


def now(*sets: str) -> pl.DataFrame:
    rows = [(case, min(cases)) for cases in sets for case in cases]
    return pl.DataFrame(rows, schema={"case": pl.String, "set": pl.String}, orient="row")


def names(found: pl.DataFrame) -> dict[str, str]:
    return {str(name): "".join(group["case"].sort()) for (name,), group in found.group_by("set_id")}


def carried(old: pl.DataFrame, *sets: str) -> dict[str, str]:
    return names(carry(old, now(*sets), run_date=DAY))


def told(old: pl.DataFrame, *sets: str, case_day: date = DAY) -> dict[str, tuple[str, int, str | None]]:
    new = carry(old, now(*sets), run_date=DAY).with_columns(day=pl.lit(case_day))
    found = states(old, new, run_date=DAY, quiet_days=7)
    return {name: (state, added, became) for name, _, state, _, added, _, became in found.iter_rows()}


def test_a_new_set_is_named_by_its_first_case() -> None:
    assert carried(before(), "bc") == {"b": "bc"}
    assert told(before(), "bc") == {"b": ("new", 2, None)}


def test_a_name_stays_when_an_earlier_case_comes_to_light() -> None:
    old = before(b="bc")
    assert carried(old, "abc") == {"b": "abc"}
    assert told(old, "abc") == {"b": ("growing", 1, None)}


def test_nothing_added_is_stable_and_later_closing() -> None:
    old = before(b="bc")
    assert told(old, "bc") == {"b": ("stable", 0, None)}
    assert told(old, "bc", case_day=DAY - timedelta(days=8)) == {"b": ("closing", 0, None)}


def test_when_two_sets_join_the_larger_name_goes_on_and_the_other_says_where_it_went() -> None:
    old = before(a="ab", c="cde")
    assert carried(old, "abcde") == {"c": "abcde"}
    assert told(old, "abcde") == {"a": ("ended", 0, "c"), "c": ("growing", 2, None)}


def test_a_part_that_splits_off_never_takes_the_old_name() -> None:
    old = before(a="abcde")
    assert carried(old, "ab", "cde") == {f"a/{DAY}": "ab", "a": "cde"}


def test_a_set_that_is_gone_has_ended() -> None:
    assert told(before(a="ab")) == {"a": ("ended", 0, None)}
