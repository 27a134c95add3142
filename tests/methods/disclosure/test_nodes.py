"""Small areas with too few people are published together, by public numbers alone."""

import pytest

from pumphandle.disclosure.nodes import combine
from pumphandle.vocabulary.errors import BadDescription

DISTRICT = dict.fromkeys("abcd", "D") | {"x": "E"}
NEIGHBOURS = {"a": ["b", "x"], "b": ["a", "c"], "c": ["b", "d"], "d": ["c"], "x": ["a"]}


def test_an_area_of_enough_people_stands_alone() -> None:
    assert combine(dict.fromkeys("abcdx", 900), NEIGHBOURS, DISTRICT, floor=500) == {one: one for one in "abcdx"}


def test_a_small_one_joins_a_neighbour_of_its_own_district() -> None:
    nodes = combine({"a": 100, "b": 900, "c": 900, "d": 900, "x": 600}, NEIGHBOURS, DISTRICT, floor=500)
    assert nodes == {"a": "b", "b": "b", "c": "c", "d": "d", "x": "x"}


def test_a_chain_of_small_ones_joins_until_it_is_enough() -> None:
    nodes = combine({"a": 100, "b": 150, "c": 200, "d": 900, "x": 600}, NEIGHBOURS, DISTRICT, floor=1000)
    assert {nodes[one] for one in "abcd"} == {"d"}


def test_without_a_neighbour_in_the_district_it_joins_any_of_it() -> None:
    nodes = combine({"a": 900, "b": 900, "c": 10, "d": 900, "x": 900}, NEIGHBOURS | {"c": ["x"]}, DISTRICT, floor=500)
    assert nodes["c"] in "abd"


def test_unknown_population_counts_as_nobody() -> None:
    assert combine({"a": None, "b": 900}, NEIGHBOURS, DISTRICT, floor=500) == {"a": "b", "b": "b"}


def test_the_order_of_the_input_does_not_matter() -> None:
    people = {"a": 100, "b": 150, "c": 200, "d": 900, "x": 600}
    turned = dict(reversed(people.items()))
    assert combine(people, NEIGHBOURS, DISTRICT, floor=400) == combine(turned, NEIGHBOURS, DISTRICT, floor=400)


def test_an_area_without_a_district_is_refused() -> None:
    with pytest.raises(BadDescription, match="q lies in no district"):
        combine({"q": 100}, {}, {}, floor=500)
