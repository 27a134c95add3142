"""A cluster keeps its name while it shares cases with yesterday's, and nobody is told twice unless it grew."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.detection.identity import ClusterState, Followed, follow

TODAY = date(2020, 7, 1)


def cases(*numbers: int) -> frozenset[str]:
    return frozenset(str(one) for one in numbers)


def known(name: str, held: frozenset[str], *, days_ago: int = 1, raised: int | None = None) -> Followed:
    return Followed(name, held, TODAY - timedelta(days=days_ago), len(held) if raised is None else raised)


def test_what_nobody_knew_is_new_and_told() -> None:
    (step,) = follow([], [cases(1, 2, 3)], on=TODAY, window_days=14)
    assert (step.cluster_id, step.state, step.added, step.raised) == (None, ClusterState.NEW, 3, True)


def test_shared_cases_keep_the_name_and_one_more_case_is_not_told_again() -> None:
    (step,) = follow([known("a", cases(1, 2, 3, 4))], [cases(2, 3, 4, 5)], on=TODAY, window_days=14)
    assert (step.cluster_id, step.state, step.added, step.raised) == ("a", ClusterState.GROWING, 1, False)
    (step,) = follow([known("a", cases(1, 2, 3, 4))], [cases(2, 3, 4)], on=TODAY, window_days=14)
    assert (step.state, step.added) == (ClusterState.STABLE, 0)


@pytest.mark.parametrize(("size", "told"), [(8, False), (9, True), (12, True)])
def test_told_again_at_one_and_a_half_times_the_cases_and_three_more(size: int, told: bool) -> None:
    before = [known("a", cases(*range(6)))]
    (step,) = follow(before, [cases(*range(size))], on=TODAY, window_days=14)
    assert step.raised is told
    (small,) = follow([known("b", cases(1, 2))], [cases(1, 2, 3)], on=TODAY, window_days=14)
    assert not small.raised


def test_growth_is_counted_from_when_it_was_last_told() -> None:
    before = [known("a", cases(*range(11)), raised=6)]
    (step,) = follow(before, [cases(*range(11))], on=TODAY, window_days=14)
    assert step.raised


@pytest.mark.parametrize(
    ("days_ago", "state"), [(1, ClusterState.CLOSING), (14, ClusterState.CLOSING), (15, ClusterState.ENDED)]
)
def test_what_is_not_found_closes_and_then_ends(days_ago: int, state: ClusterState) -> None:
    (step,) = follow([known("a", cases(1, 2), days_ago=days_ago)], [], on=TODAY, window_days=14)
    assert (step.found, step.state, step.raised) == (None, state, False)


def test_a_split_cluster_keeps_its_name_once_and_joined_ones_go_on_as_the_likest() -> None:
    steps = follow([known("a", cases(1, 2, 3, 4, 5))], [cases(1, 2), cases(3, 4, 5)], on=TODAY, window_days=14)
    assert [step.cluster_id for step in steps] == [None, "a"]
    steps = follow(
        [known("a", cases(1, 2, 3)), known("b", cases(4, 5))], [cases(1, 2, 3, 4, 5)], on=TODAY, window_days=14
    )
    assert [(step.cluster_id, step.found) for step in steps] == [("a", 0), ("b", None)]


SETS = st.lists(st.frozensets(st.sampled_from([str(one) for one in range(12)]), min_size=1), max_size=4)


@given(before=SETS, today=SETS)
def test_no_name_goes_on_twice_and_no_order_matters(before: list[frozenset[str]], today: list[frozenset[str]]) -> None:
    followed = [known(f"c{at}", held) for at, held in enumerate(before)]
    steps = follow(followed, today, on=TODAY, window_days=14)
    named = [step.cluster_id for step in steps if step.cluster_id]
    assert sorted(named) == sorted(one.cluster_id for one in followed)
    assert [step.found for step in steps if step.found is not None] == list(range(len(today)))
    for order in itertools.islice(itertools.permutations(followed), 3):
        assert follow(order, today, on=TODAY, window_days=14)[: len(today)] == steps[: len(today)]
