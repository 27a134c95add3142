"""The fast scan and the slow obvious one agree on every small case, and what must not matter does not matter."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.detection.clusters import best_cylinders, ratio_of
from pumphandle.detection.layout import Windows, lay_out
from pumphandle.detection.models import (
    bernoulli,
    cases_of,
    forecast,
    poisson,
    space_time_permutation,
    spatially_stratified,
    time_stratified,
)
from pumphandle.detection.replicates import Replicates
from pumphandle.detection.scan import Chance, scan
from pumphandle.detection.zones import adjacent, circles, listed

NONE = Chance(replicates=0)
KINDS = ("prospective", "retrospective", "spatial")
MODELS = ("poisson", "tests", "bernoulli", "permutation", "space", "time", "forecast")


def load_oracle():
    path = Path(__file__).parents[1] / "oracles" / "scan.py"
    spec = importlib.util.spec_from_file_location("oracle_of_the_scan", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


oracle = load_oracle()


@st.composite
def studies(draw):
    """A handful of places on a coarse grid, so that equal distances are common, with cases, tests and people."""
    places, days = draw(st.integers(2, 9)), draw(st.integers(1, 6))
    spots = draw(
        st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=places, max_size=places, unique=True)
    )
    whole = st.lists(st.integers(0, 6), min_size=places * days, max_size=places * days)
    counts = np.array(draw(whole)).reshape(places, days)
    tests = counts + np.array(draw(whole)).reshape(places, days)
    people = np.array(draw(st.lists(st.integers(1, 40), min_size=places, max_size=places)), dtype=float)
    return np.array(spots, dtype=float), counts, tests, people


def build(name, counts, tests, people):
    """The model, its baseline as a full table, and the oracle's ratio of (cases, baseline)."""
    cases, total = cases_of(counts), counts.sum()
    by_place, by_day = counts.sum(1), counts.sum(0)
    even = np.full(counts.shape[1], 1.0 / counts.shape[1])

    def given_total(c, e):
        return oracle.poisson_ratio(c, e, total)

    if name == "poisson":
        return poisson(cases, people), np.outer(people / people.sum(), total * even), given_total
    if name == "tests":
        return poisson(cases, tests), tests * total / tests.sum(), given_total
    if name == "bernoulli":
        return bernoulli(cases, tests), tests, lambda c, n: oracle.bernoulli_ratio(c, n, total, tests.sum())
    if name == "permutation":
        return space_time_permutation(cases), np.outer(by_place, by_day) / total, given_total
    if name == "space":
        return spatially_stratified(cases), np.outer(by_place, even), given_total
    if name == "time":
        return time_stratified(cases, people), np.outer(people / people.sum(), by_day), None
    expected = np.outer(people, np.arange(1, counts.shape[1] + 1)) / people.sum()
    return forecast(cases, expected), expected, oracle.forecast_ratio


@given(studies(), st.sampled_from(MODELS), st.sampled_from(KINDS), st.sampled_from([0.3, 0.5, 1.0]))
def test_best_cylinder_is_the_oracle_s(given_study, name, kind, share) -> None:
    points, counts, tests, people = given_study
    if counts.sum() == 0:
        return
    model, baseline, ratio = build(name, counts, tests, people)
    longest = max(1, counts.shape[1] - 1)
    spans = oracle.windows(counts.shape[1], kind, longest)
    zones = oracle.circles(points.tolist(), people.tolist(), share)
    if ratio is None:
        found = []
        for first, last in spans:
            there = counts[:, first : last + 1].sum()
            found += oracle.cylinders(
                counts, baseline, zones, [(first, last)], lambda c, e, n=there: oracle.poisson_ratio(c, e, n)
            )
        found.sort(key=lambda one: -one.ratio)
    else:
        found = oracle.cylinders(counts.tolist(), baseline.tolist(), zones, spans, ratio)
    ours = scan(
        model,
        circles(points, people, max_share=share),
        Windows(kind, longest),
        rng=np.random.default_rng(1),
        chance=NONE,
    )
    highest = found[0].ratio if found else 0.0
    assert (ours.clusters[0].ratio if ours.clusters else 0.0) == pytest.approx(highest, rel=1e-9, abs=1e-9)
    if ours.clusters:
        best = ours.clusters[0]
        same = {(one.members, one.first_day, one.last_day) for one in found if one.ratio > highest - 1e-9}
        places_with_cases = {
            (frozenset(place for place in members if counts[place, first : last + 1].sum()), first, last)
            for members, first, last in same
        }
        held = frozenset(int(p) for p in best.members if counts[p, best.first_day : best.last_day + 1].sum())
        assert (held, best.first_day, best.last_day) in places_with_cases


@given(studies(), st.sampled_from(MODELS), st.sampled_from(KINDS), st.sampled_from(["all", "cases"]))
def test_packed_loops_give_the_exact_loop_s_replicates(given_study, name, kind, centres) -> None:
    points, counts, tests, people = given_study
    if counts.sum() == 0:
        return
    model = build(name, counts, tests, people)[0]
    windows = Windows(kind, max(1, counts.shape[1] - 1))
    layout = lay_out(model, circles(points, people, max_share=0.6), windows, fewest_cases=2, centres=centres)
    supply = Replicates(layout, np.array([7, 9], dtype=np.uint64))
    exactly = np.zeros(40)
    supply._exactly(np.arange(40), exactly)
    assert supply.maxima(0, 40) == pytest.approx(exactly, rel=1e-9, abs=1e-9)


@given(studies(), st.randoms(use_true_random=False))
def test_relabelling_the_places_does_not_move_the_scan(given_study, shuffle) -> None:
    points, counts, tests, people = given_study
    if counts.sum() == 0:
        return
    order = list(range(len(people)))
    shuffle.shuffle(order)
    answers = []
    for at in (np.arange(len(people)), np.array(order)):
        zones = circles(points[at], people[at], max_share=0.5)
        found = scan(
            bernoulli(cases_of(counts[at]), tests[at]),
            zones,
            Windows("retrospective", 2 if counts.shape[1] > 1 else 1),
            rng=np.random.default_rng(1),
            chance=NONE,
        )
        answers.append([(round(one.ratio, 9), one.observed) for one in found.clusters[:1]])
    assert answers[0] == answers[1]


@given(studies())
def test_doubling_observed_and_expected_doubles_the_ratio(given_study) -> None:
    points, counts, _, people = given_study
    if counts.sum() == 0:
        return
    windows = Windows("spatial")
    once, twice = (
        best_cylinders(
            lay_out(poisson(cases_of(table), people), circles(points, people), windows, fewest_cases=1, centres="all"),
            np.array([np.inf]),
        ).ratio.max()
        for table in (counts, 2 * counts)
    )
    assert twice == pytest.approx(2 * once, rel=1e-9, abs=1e-9)


@given(studies())
def test_clusters_do_not_overlap(given_study) -> None:
    points, counts, _, people = given_study
    if counts.sum() == 0:
        return
    zones, windows = circles(points, people), Windows("retrospective", counts.shape[1])
    model = poisson(cases_of(counts), people)
    apart = scan(model, zones, windows, rng=np.random.default_rng(1), chance=NONE)
    places = [place for one in apart.clusters for place in one.members]
    assert len(places) == len(set(places))
    in_time = scan(model, zones, windows, rng=np.random.default_rng(1), chance=NONE, overlap="none_in_space_time")
    cells = [
        (place, day)
        for one in in_time.clusters
        for place in one.members
        for day in range(one.first_day, one.last_day + 1)
    ]
    assert len(cells) == len(set(cells))
    assert [one.ratio for one in in_time.clusters] == sorted((one.ratio for one in in_time.clusters), reverse=True)
    assert len(in_time.clusters) >= len(apart.clusters)
    layout = lay_out(model, zones, windows, fewest_cases=2, centres="all")
    for one in in_time.clusters:
        assert ratio_of(layout, one.members, one.first_day, one.last_day) == pytest.approx(one.ratio, rel=1e-9)


def test_rings_of_touching_places_come_in_whole() -> None:
    """A chain 0-1-2-3-4: around 2, the ring {1, 3} and then {0, 4}."""
    chain = [[1], [0, 2], [1, 3], [2, 4], [3]]
    counts = np.array([[0], [5], [5], [5], [0]])
    people = np.full(5, 10.0)
    zones = adjacent(chain, people, max_share=0.6, max_steps=4)
    found = scan(
        poisson(cases_of(counts), people), zones, Windows("spatial"), rng=np.random.default_rng(1), chance=NONE
    )
    assert found.clusters[0].centre == 2
    assert sorted(found.clusters[0].members) == [1, 2, 3]


def test_given_lists_are_read_in_their_order() -> None:
    lists = [[0, 3], [1], [2], [3, 0]]
    counts = np.array([[6], [1], [1], [6]])
    found = scan(
        poisson(cases_of(counts), np.ones(4)),
        listed(lists, np.ones(4)),
        Windows("spatial"),
        rng=np.random.default_rng(1),
        chance=NONE,
    )
    assert sorted(found.clusters[0].members) == [0, 3]


def test_great_circle_crosses_the_date_line_and_counts_kilometres() -> None:
    """One degree of latitude is 111.2 km; at 60 degrees north a degree of longitude is half of it."""
    points = np.array([[60.0, 179.6], [60.0, -179.6], [60.0, 178.0], [0.0, 0.0]])
    near = circles(points, np.ones(4), distance="great_circle", max_share=1.0, max_radius=45.0)
    at = int(np.flatnonzero(near.centre == 0)[0])
    assert sorted(near.members(at, int(near.start[at + 1] - near.start[at]))) == [0, 1]
    nearer = circles(points, np.ones(4), distance="great_circle", max_share=1.0, max_radius=44.0)
    assert (np.diff(nearer.start) == 1).all()
