"""Cases that share a household, a building or a place within days are linked, and sets hold just the joined ones."""

from datetime import date, timedelta
from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.tracing.links import LINK_COLUMNS, joining, links, sets
from pumphandle.tracing.memberships import MEMBERSHIP_SCHEMA, at_home, at_places
from pumphandle.vocabulary.tracing import LinkKind

DAYS = {LinkKind.HOUSEHOLD: 14, LinkKind.BUILDING: 14, LinkKind.SETTING: 14, LinkKind.SAME_PLACE: 7}
START = date(2020, 7, 1)


def on(day: int) -> date:
    return START + timedelta(days=day)


def members(*rows: tuple[str, str, str, int]) -> pl.DataFrame:
    filled = [(kind, key, case, on(day), "address") for kind, key, case, day in rows]
    return pl.DataFrame(filled, schema=MEMBERSHIP_SCHEMA, orient="row")


def pairs(found: pl.DataFrame) -> set[tuple[str, str]]:
    return set(found.select("earlier", "later").iter_rows())


def test_a_household_is_a_chain() -> None:
    found = links(
        members(*(("household", "h", case, day) for case, day in (("a", 0), ("b", 10), ("c", 24)))), days=DAYS
    )
    assert pairs(found) == {("a", "b"), ("b", "c")}
    assert tuple(found.columns) == LINK_COLUMNS
    assert found["days_apart"].to_list() == [10, 14]
    assert set(found["strength"]) == {"strong"}


def test_too_long_apart_is_no_link() -> None:
    found = links(members(("same_place", "p", "a", 0), ("same_place", "p", "b", 8)), days=DAYS)
    assert found.is_empty()
    assert sets(found).is_empty()


def test_a_kind_without_days_is_not_linked() -> None:
    both = members(("contact", "p", "a", 0), ("contact", "p", "b", 1))
    assert links(both, days=DAYS).is_empty()


def test_twice_in_one_group_is_not_linked_to_itself() -> None:
    found = links(members(("setting", "7", "a", 0), ("setting", "7", "a", 3), ("setting", "7", "b", 5)), days=DAYS)
    assert pairs(found) == {("a", "b")}
    assert found["days_apart"].to_list() == [5]


def test_weak_links_join_no_set() -> None:
    found = links(members(("building", "b", "a", 0), ("building", "b", "b", 1)), days=DAYS)
    assert found.height == 1
    assert joining(found).is_empty()


def home(*rows: tuple[str, str | None, str | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [(case, START, f"{address}|{postcode}", address, postcode, name) for case, address, postcode, name in rows],
        schema=["case", "day", "household_key", "address", "postcode", "family_name"],
        orient="row",
    )


def test_flats_of_one_house_are_one_building_and_two_households() -> None:
    cases = home(
        ("a", "Flat 1, 12 Elm Street, Tiln", "AB12CD", "Orr"), ("b", "FLAT 2 12 Elm Street Tiln", "AB12CD", "Ash")
    )
    found = links(at_home(cases), days=DAYS)
    assert found["kind"].to_list() == ["building"]


def test_without_address_a_family_name_and_postcode_are_a_household() -> None:
    cases = home(("a", None, "AB12CD", "Orr"), ("b", " ", "AB12CD", "ORR"), ("c", None, "AB12CD", "Ash"))
    found = links(at_home(cases), days=DAYS)
    assert pairs(found) == {("a", "b")}
    assert found["source"].to_list() == ["name_and_postcode"]


def test_without_address_name_or_postcode_there_is_no_household() -> None:
    assert at_home(
        home(("a", None, None, "Orr"), ("b", None, "AB12CD", None), ("c", "1 Elm Street", None, "Orr"))
    ).is_empty()


def test_a_place_in_the_register_is_a_setting_and_any_other_its_postcode_and_kind() -> None:
    visits = pl.DataFrame(
        [
            ("a", on(0), "AB12CD", "school", 7, "interview"),
            ("b", on(5), None, None, 7, "record"),
            ("c", on(0), "AB12CD", "shop", None, "interview"),
            ("d", on(7), "AB12CD", "shop", None, "interview"),
            ("e", on(7), "AB12CD", "event", None, "interview"),
            ("f", on(7), "AB12CD", None, None, "interview"),
        ],
        schema=["case", "day", "postcode", "setting_kind", "setting", "source"],
        orient="row",
    )
    found = links(at_places(visits), days=DAYS)
    assert pairs(found.filter(pl.col("kind") == "setting")) == {("a", "b")}
    assert pairs(found.filter(pl.col("kind") == "same_place")) == {("c", "d")}


CASES = st.lists(
    st.tuples(
        st.sampled_from(["household", "same_place"]),
        st.sampled_from("xyz"),
        st.sampled_from("abcdefgh"),
        st.integers(0, 40),
    ),
    max_size=25,
)


@given(CASES, st.randoms(use_true_random=False))
def test_chains_join_what_all_pairs_would_join_in_any_order(
    rows: list[tuple[str, str, str, int]], chance: object
) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)  # pyright: ignore[reportAttributeAccessIssue]
    found = links(members(*rows), days=DAYS)
    assert links(members(*shuffled), days=DAYS).equals(found)
    assert joined_by_hand(rows) == {frozenset(cases) for (_,), cases in _grouped(sets(found))}


def _grouped(found: pl.DataFrame) -> list[tuple[tuple[str], list[str]]]:
    return [((str(name),), group["case"].to_list()) for (name,), group in found.group_by("set")]


def joined_by_hand(rows: list[tuple[str, str, str, int]]) -> set[frozenset[str]]:
    """Every pair within the days, in plain Python."""
    first: dict[tuple[str, str, str], int] = {}
    for kind, key, case, day in rows:
        first[kind, key, case] = min(day, first.get((kind, key, case), day))
    found: set[frozenset[str]] = set()
    for kind, key in {(kind, key) for kind, key, _ in first}:
        group = sorted((day, case) for (k, g, case), day in first.items() if (k, g) == (kind, key))
        for (before, one), (after, other) in pairwise(group):
            if after - before <= DAYS[LinkKind(kind)]:
                apart = [each for each in found if one in each or other in each]
                found -= set(apart)
                found.add(frozenset({one, other}).union(*apart))
    return found
