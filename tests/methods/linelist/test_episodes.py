"""An episode takes in every positive within 90 days of its FIRST one: not of the last one before."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as some

from pumphandle.linelist.episodes import episodes

DAY = date(2020, 3, 1)


def positives(rows: list[tuple[str, int]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(person, "sars_cov_2", DAY + timedelta(days=day), f"r{at:04}") for at, (person, day) in enumerate(rows)],
        schema={"person_key": pl.String, "pathogen": pl.String, "specimen_date": pl.Date, "record_key": pl.String},
        orient="row",
    )


def oracle(rows: list[tuple[str, int]], days: int) -> list[tuple[str, int]]:
    starts: list[tuple[str, int]] = []
    for person in sorted({person for person, _ in rows}):
        start: int | None = None
        for day in sorted(day for one, day in rows if one == person):
            if start is None or day - start > days:
                start = day
                starts.append((person, day))
    return starts


POSITIVES = some.lists(some.tuples(some.sampled_from("abc"), some.integers(0, 400)), max_size=40)


@given(POSITIVES, some.sampled_from([1, 30, 90]))
def test_it_agrees_with_the_slow_obvious_way(rows: list[tuple[str, int]], days: int) -> None:
    found = episodes(positives(rows), days=days)
    starts = [(person, (day - DAY).days) for person, day in found.select("person_key", "specimen_date").iter_rows()]
    assert starts == oracle(rows, days)


def test_a_chain_of_positives_does_not_stretch_an_episode() -> None:
    assert episodes(positives([("a", 0), ("a", 60), ("a", 120)]), days=90).height == 2


def test_the_order_of_the_input_does_not_matter() -> None:
    rows = [("a", 5), ("a", 5), ("b", 1), ("a", 200)]
    frame = positives(rows)
    assert episodes(frame, days=90).equals(episodes(frame.reverse(), days=90))
