"""What cannot be scanned is refused with a sentence that names it; what is merely empty has a defined answer."""

from typing import Literal, cast

import numpy as np
import pytest

from pumphandle.detection.adjustments import day_of_week, log_linear_trend, standardised
from pumphandle.detection.layout import Windows
from pumphandle.detection.models import (
    bernoulli,
    cases_at,
    cases_of,
    forecast,
    poisson,
    space_time_permutation,
    spatially_stratified,
    time_stratified,
)
from pumphandle.detection.scan import Chance, scan
from pumphandle.detection.significance import gumbel
from pumphandle.detection.zones import adjacent, circles, listed
from pumphandle.vocabulary.errors import NotUnderstood

POINTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
PEOPLE = np.array([10.0, 20.0, 30.0])
COUNTS = np.array([[1, 0, 2], [0, 0, 1], [0, 3, 0]])
NAN = float("nan")


def run(model, zones=None, windows=None, **more):
    chance = more.pop("chance", Chance(19))
    return scan(
        model,
        zones or circles(POINTS, PEOPLE),
        windows or Windows("prospective", 2),
        rng=np.random.default_rng(1),
        chance=chance,
        **more,
    )


REFUSED = {
    "more positives than tests": (lambda: bernoulli(cases_of(COUNTS), np.full((3, 3), 2)), "more positives than tests"),
    "broken tests": (lambda: bernoulli(cases_of(COUNTS), np.full((3, 3), 4.5)), "whole numbers"),
    "negative count": (lambda: cases_of([[1, -1]]), "negative"),
    "half a case": (lambda: cases_of([[1, 0.5]]), "not a whole number"),
    "hole in the counts": (lambda: cases_of([[1, NAN]]), "without holes"),
    "words for counts": (lambda: cases_of([["one"]]), "table of numbers"),
    "negative tests": (lambda: bernoulli(cases_of(COUNTS), COUNTS - 1), "tests is negative"),
    "no population": (lambda: poisson(cases_of(COUNTS), np.zeros(3)), "population is zero everywhere"),
    "missing population": (
        lambda: poisson(cases_of(COUNTS), [1.0, NAN, 2.0]),
        "missing in 1 entries",
    ),
    "nobody where a case is": (lambda: poisson(cases_of(COUNTS), [0.0, 1.0, 1.0]), "nobody is at risk"),
    "no tests where a positive is": (
        lambda: poisson(cases_of(COUNTS), np.where(COUNTS == 3, 0, 5)),
        "3 cases lie where nobody",
    ),
    "population of other places": (lambda: poisson(cases_of(COUNTS), np.ones(4)), "population of 3 places"),
    "expected of other days": (lambda: forecast(cases_of(COUNTS), np.ones((3, 2))), "3 places and 3 days"),
    "nothing expected where a case is": (
        lambda: forecast(cases_of(COUNTS), np.where(COUNTS == 2, 0, 1.0)),
        "nobody is at risk",
    ),
    "weights of other days": (lambda: poisson(cases_of(COUNTS), PEOPLE, [1.0, 1.0]), "2 day weights for 3 days"),
    "days that do not divide": (lambda: time_stratified(cases_of(COUNTS), PEOPLE, stratum_days=2), "strata of 2"),
    "case outside": (lambda: cases_at([3], [0], places=3, days=1), "outside"),
    "case without a day": (lambda: cases_at([1, 2], [0], places=3, days=1), "equal length"),
    "place without coordinates": (lambda: circles([[0, 0], [NAN, 1], [1, 1]], PEOPLE), "1 places have no coordinates"),
    "one place": (lambda: circles([[0, 0]], [5]), "at least two"),
    "negative size": (lambda: circles(POINTS, [1, -1, 2]), "below zero"),
    "nobody anywhere": (lambda: circles(POINTS, [0, 0, 0]), "Nobody lives"),
    "share of 500 %": (lambda: circles(POINTS, PEOPLE, max_share=5.0), "max_share is 5.0"),
    "points for other places": (lambda: circles(POINTS, [1, 2]), "3 places have coordinates, 2 a size"),
    "three columns": (lambda: circles(np.ones((3, 3)), PEOPLE), "two columns"),
    "longitude first": (
        lambda: circles([[151.2, -33.9], [151, -34], [150, -33]], PEOPLE, distance="great_circle"),
        "90",
    ),
    "unknown distance": (lambda: circles(POINTS, PEOPLE, distance=cast("Literal['plane']", "taxi")), "taxi"),
    "list without its centre": (lambda: listed([[1, 0], [1], [2]], PEOPLE), "does not begin with place 0"),
    "list with an unknown place": (lambda: listed([[0, 7], [1], [2]], PEOPLE), "outside 0 to 2"),
    "list with a place twice": (lambda: listed([[0, 1, 1], [1], [2]], PEOPLE), "twice"),
    "too few lists": (lambda: listed([[0], [1]], PEOPLE), "2 neighbour lists for 3 places"),
    "touching an unknown place": (lambda: adjacent([[1], [0, 9], [1]], PEOPLE, max_share=1.0, max_steps=3), "outside"),
    "window longer than the series": (
        lambda: run(poisson(cases_of(COUNTS), PEOPLE), windows=Windows("prospective", 4)),
        "up to 4 days in a study of 3",
    ),
    "window of no day": (lambda: run(poisson(cases_of(COUNTS), PEOPLE), windows=Windows("prospective", 0)), "shortest"),
    "unknown windows": (
        lambda: run(poisson(cases_of(COUNTS), PEOPLE), windows=Windows(cast("Literal['spatial']", "sideways"))),
        "sideways",
    ),
    "zones of other places": (lambda: run(poisson(cases_of(COUNTS[:2]), PEOPLE[:2])), "zones know 3 places"),
    "unknown centres": (lambda: run(poisson(cases_of(COUNTS), PEOPLE), centres="some"), "some"),
    "negative replicates": (lambda: run(poisson(cases_of(COUNTS), PEOPLE), chance=Chance(-1)), "not negative"),
    "cluster of no case": (lambda: run(poisson(cases_of(COUNTS), PEOPLE), fewest_cases=0), "at least one case"),
    "gumbel of one": (lambda: gumbel(np.array([1.0])), "at least two"),
    "weekdays of three days": (lambda: day_of_week(cases_of(COUNTS), first_weekday=0), "at least 7"),
    "trend of one day": (lambda: log_linear_trend(cases_of([[5], [2]])), "two days"),
    "stratum without people": (lambda: standardised([[1.0, 0.0]], [1, 1]), "nobody lives in it"),
    "strata that do not fit": (lambda: standardised([[1.0, 2.0]], [1, 1, 1]), "one number of cases a stratum"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_is_refused_by_name(what) -> None:
    act, sentence = REFUSED[what]
    with pytest.raises(NotUnderstood, match=sentence):
        act()


@pytest.mark.parametrize("name", ["poisson", "permutation", "bernoulli", "space", "time", "forecast", "tests"])
def test_no_case_at_all_is_no_cluster(name) -> None:
    empty = cases_of(np.zeros((3, 3), dtype=int))
    model = {
        "poisson": lambda: poisson(empty, PEOPLE),
        "tests": lambda: poisson(empty, np.ones((3, 3))),
        "permutation": lambda: space_time_permutation(empty),
        "bernoulli": lambda: bernoulli(empty, np.ones((3, 3))),
        "space": lambda: spatially_stratified(empty),
        "time": lambda: time_stratified(empty, PEOPLE),
        "forecast": lambda: forecast(empty, np.ones((3, 3))),
    }[name]()
    found = run(model)
    assert found.clusters == ()
    assert len(found.maxima) == 0
    assert found.null is None


def test_cases_before_the_windows_only_are_no_cluster() -> None:
    early = cases_of([[3, 0, 0], [1, 0, 0], [0, 0, 0]])
    assert run(poisson(early, PEOPLE), windows=Windows("prospective", 1)).clusters == ()


def test_every_test_positive_is_no_cluster() -> None:
    assert run(bernoulli(cases_of(COUNTS), COUNTS)).clusters == ()


def test_a_place_larger_than_the_cap_is_named() -> None:
    zones = circles(POINTS, [1.0, 1.0, 98.0], max_share=0.5)
    assert zones.without_circle.tolist() == [2]


def test_places_without_people_and_cases_are_carried_along() -> None:
    counts = np.array([[4], [0], [0]])
    found = run(poisson(cases_of(counts), [10.0, 0.0, 30.0]), circles(POINTS, [10.0, 0.0, 30.0]), Windows("spatial"))
    assert found.clusters[0].observed == 4
