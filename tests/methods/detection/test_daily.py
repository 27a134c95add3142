"""The daily look finds a planted rise, says whose it is and what it is made of, and says the same for any workers."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from pumphandle.detection.daily.by_circle import WEIGHTS, of_postcodes
from pumphandle.detection.daily.engine import Part, Task, findings_of, look
from pumphandle.detection.daily.expected import completeness, expected
from pumphandle.detection.daily.finding import Level, Method
from pumphandle.detection.daily.known import Ground, Known
from pumphandle.detection.daily.merging import rank
from pumphandle.detection.daily.settings import Settings
from pumphandle.detection.daily.tail import tail
from pumphandle.detection.signals import Wording, look_of, signals
from pumphandle.vocabulary.errors import NotUnderstood

AREAS, DAYS, POSTS = 24, 56, 20
LAST = date(2020, 7, 26)
SETTINGS = Settings(false_alarms=0.25, replicates=39, most_replicates=39)
WORDING = Wording(areas={"A05": "Millbank"}, authorities={"N": "Northdale"})


def ground() -> Ground:
    """24 areas on a grid of 1 km, the first half of the north, the others of the south."""
    points = np.array([(1000.0 * (at % 6), 1000.0 * (at // 6)) for at in range(AREAS)])
    return Ground(
        area_codes=tuple(f"A{at:02d}" for at in range(AREAS)),
        authorities=("N", "S"),
        authority=(np.arange(AREAS) >= AREAS // 2).astype(np.int64),
        points=points,
        population=np.full(AREAS, 5_000.0),
        region=np.zeros(AREAS, dtype=np.int64),
    )


def morning(extra: list[tuple[int, int, int, int]], *, pathogen: str = "flu", more_tests: int = 0) -> Known:
    """A quiet eight weeks, and extra cases as (area, day, household, post); more_tests : in area 5, last week."""
    rng = np.random.default_rng(1854)
    tests = rng.poisson(20.0, (AREAS, DAYS)).astype(np.float64)
    area, day = (part.repeat(1) for part in np.nonzero(rng.random((AREAS, DAYS)) < 0.35))
    rows = [
        (int(a), int(d), 1_000 + at, int(a) * POSTS + int(rng.integers(POSTS)))
        for at, (a, d) in enumerate(zip(area, day, strict=True))
    ]
    rows += extra
    for a, d, _, _ in extra:
        tests[a, d] += 1
    tests[5, -7:] += more_tests
    posts = np.array(
        [(1000.0 * (a % 6) + 40.0 * p, 1000.0 * (a // 6) + 300.0) for a in range(AREAS) for p in range(POSTS)]
    )
    table = np.array(rows, dtype=np.int64)
    return Known(
        pathogen=pathogen,
        last=LAST,
        tests=tests,
        case_keys=tuple(f"case-{at:05d}" for at in range(len(rows))),
        case_area=table[:, 0],
        case_day=table[:, 1],
        case_household=table[:, 2],
        case_post=table[:, 3],
        post_points=posts,
    )


STREET = [(5, DAYS - 1 - at % 6, 50 + at, 5 * POSTS + at % 3) for at in range(14)]
HOME = [(17, DAYS - 1 - at % 8, 99, 17 * POSTS) for at in range(12)]


def test_a_street_is_found_by_both_scans_named_and_counted() -> None:
    known = morning(STREET)
    best = look(ground(), [known], SETTINGS)[0][0]
    found = best.finding
    assert {one.method for one in (found, *best.also)} >= {Method.POSTCODE_SCAN, Method.AREA_SCAN}
    assert (found.authority, found.areas, found.last) == ("N", ("A05",), LAST)
    assert best.odds < 0.01
    street = set(known.case_keys[-14:])
    assert len(set(found.cases) & street) >= 13
    assert found.households == len(found.cases) < 25
    said = signals([best], look_of(ground(), known), wording=WORDING, false_alarms=0.25, largest_household_share=1.0)[0]
    assert said.sentence.startswith(f"{found.observed} cases in {found.households} households ")
    assert " Millbank in " in said.sentence
    assert "Chance alone would show your authority something like this" in said.sentence
    assert sum(said.curve.inside) == found.observed
    assert len(said.curve.expected) == DAYS


def test_one_home_is_found_its_share_is_said_and_a_threshold_may_silence_it() -> None:
    known = morning(HOME)
    best = next(one for one in look(ground(), [known], SETTINGS)[0] if one.finding.authority == "S")
    assert best.odds <= 1.0
    assert best.finding.largest_household == 12
    for most, excluded in ((1.0, False), (0.8, True)):
        said = signals(
            [best], look_of(ground(), known), wording=WORDING, false_alarms=0.25, largest_household_share=most
        )
        assert (said[0].excluded is not None) is excluded
    assert "12 of them share one address." in said[0].sentence


def test_what_a_homes_later_cases_count_decides_whether_a_home_alone_is_found() -> None:
    known = morning(HOME)
    home = set(known.case_keys[-12:])

    def most_of_the_home(weights: tuple[int, int]) -> int:
        found = of_postcodes(look_of(ground(), known), weights=weights)
        return max((len(home & set(one.cases)) for one in found if one.alarms_a_week < 0.05), default=0)

    assert most_of_the_home((3, 2)) == 12
    assert most_of_the_home((1, 0)) == 0, "one introduction is no cluster"
    assert of_postcodes(look_of(ground(), known)) == of_postcodes(look_of(ground(), known), weights=WEIGHTS)


def test_without_postcodes_the_areas_carry_the_whole_budget() -> None:
    known = morning(STREET)
    nowhere = replace(known, case_post=np.full(len(known.case_keys), -1))
    ranked = look(ground(), [nowhere], SETTINGS)[0]
    assert {one.finding.level for one in ranked} <= {Level.SMALL_AREA, Level.DISTRICT}
    assert ranked[0].finding.areas[0] == "A05"
    part = SETTINGS.allowed(Method.AREA_SCAN, Level.SMALL_AREA, seen=frozenset({Level.SMALL_AREA, Level.DISTRICT}))
    assert part == pytest.approx(0.25 * 0.09 / 0.22)


def test_a_rise_from_more_testing_is_marked() -> None:
    extra = [(5, DAYS - 1 - at % 7, 50 + at, 5 * POSTS + at) for at in range(10)]
    loud = findings_of(Task(Part.AREAS, ground(), morning(extra, more_tests=120), SETTINGS))
    quiet = findings_of(Task(Part.AREAS, ground(), morning(extra), SETTINGS))
    assert [one.mostly_testing for one in quiet if one.areas == ("A05",)] == [False]
    assert all(one.mostly_testing for one in loud if one.areas == ("A05",))


class Processes:
    """Two worker processes behind the small interface."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def map(self, task: Any, given: Any, /) -> list[Any]:
        return list(self._pool.map(task, given))


def test_two_worker_processes_say_the_same_as_one_after_the_other() -> None:
    pathogens = [morning(STREET), morning(HOME, pathogen="measles")]
    alone = look(ground(), pathogens, SETTINGS)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        together = look(ground(), pathogens, SETTINGS, workers=Processes(pool))
    assert together == alone


def test_the_order_of_the_cases_does_not_matter() -> None:
    known = morning(STREET)
    order = np.random.default_rng(3).permutation(len(known.case_keys))
    shuffled = replace(
        known,
        case_keys=tuple(known.case_keys[at] for at in order),
        **{name: getattr(known, name)[order] for name in ("case_area", "case_day", "case_household", "case_post")},
    )
    assert [one.finding.cases for one in look(ground(), [shuffled], SETTINGS)[0]] == [
        one.finding.cases for one in look(ground(), [known], SETTINGS)[0]
    ]


def test_no_case_no_past_no_finding() -> None:
    known = morning([])
    nobody = replace(
        known,
        case_keys=(),
        **{name: np.zeros(0, dtype=np.int64) for name in ("case_area", "case_day", "case_household", "case_post")},
    )
    assert look(ground(), [nobody], SETTINGS) == [[]]
    late = known.case_day >= DAYS - 15
    short = replace(
        known,
        tests=known.tests * (np.arange(DAYS) >= DAYS - 15),
        case_keys=tuple(key for key, kept in zip(known.case_keys, late, strict=True) if kept),
        **{name: getattr(known, name)[late] for name in ("case_area", "case_day", "case_household", "case_post")},
    )
    assert look(ground(), [short], SETTINGS) == [[]]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"tests": np.full((AREAS, DAYS), np.nan)}, "without holes"),
        ({"tests": np.full((AREAS, DAYS), -1.0)}, "negative"),
        ({"case_area": np.full(3, AREAS), "case_day": np.zeros(3, int), "case_household": np.zeros(3, int)}, "outside"),
        ({"case_area": np.zeros(2, int), "case_day": np.zeros(3, int), "case_household": np.zeros(3, int)}, "one key"),
    ],
)
def test_what_cannot_be_is_refused_by_name(change: dict[str, Any], fault: str) -> None:
    three = {"case_keys": ("a", "b", "c"), "case_area": np.zeros(3, int), "case_day": np.zeros(3, int)}
    three |= {"case_household": np.zeros(3, int), "case_post": np.full(3, -1)}
    with pytest.raises(NotUnderstood, match=fault):
        replace(morning([]), **(three | change))


def test_the_last_days_expect_less_where_less_is_known() -> None:
    known = morning([])
    half = replace(known, tests=np.where(np.arange(DAYS) == DAYS - 1, known.tests / 2, known.tests))
    whole, thinned = (expected(ground(), one, one.counts()) for one in (known, half))
    assert thinned[:, -1].sum() < 0.75 * whole[:, -1].sum()
    triangle = np.tile(np.array([4.0, 4.0, 2.0]), (2, DAYS, 1))
    cases_alone = replace(known, tests=np.zeros((AREAS, DAYS)), triangle=triangle)
    assert completeness(cases_alone)[-3:] == pytest.approx([1.0, 0.8, 0.4], abs=0.01)
    told = expected(ground(), cases_alone, cases_alone.counts())
    assert told[:, -1].sum() < 0.6 * told[:, -8].sum()


def test_findings_on_the_same_cases_are_one_and_a_district_speaks_last() -> None:
    ranked = look(ground(), [morning(STREET)], SETTINGS)[0]
    best = ranked[0].finding
    whole = replace(best, level=Level.DISTRICT, method=Method.EXCEEDANCE, alarms_a_week=best.alarms_a_week / 100)
    merged = rank([(whole, 0.01), (best, 0.2)])
    assert [one.finding for one in merged] == [best]
    assert merged[0].also == (whole,)


def test_the_tail_falls_and_is_not_led_by_what_stands_out() -> None:
    usual = np.random.default_rng(5).exponential(6.0, 400) + 10.0
    calm, stormy = tail(usual), tail([*usual, 300.0, 400.0, 500.0])
    assert stormy.scale == pytest.approx(calm.scale, rel=0.05)
    assert calm.a_morning(40.0) < calm.a_morning(30.0) < calm.a_morning(20.0)
    assert calm.a_morning(calm.start) == pytest.approx(200.0)
    with pytest.raises(NotUnderstood):
        tail([])


def test_one_area_no_points_and_no_tests_have_defined_answers() -> None:
    known = morning(STREET)
    nowhere = replace(ground(), points=np.full((AREAS, 2), np.nan), population=np.full(AREAS, np.nan))
    ranked = look(nowhere, [replace(known, case_post=np.full(len(known.case_keys), -1))], SETTINGS)[0]
    assert {one.finding.method for one in ranked} <= {Method.EXCEEDANCE}
    here = known.case_area == 5
    alone = replace(
        known,
        tests=known.tests[5:6],
        case_keys=tuple(key for key, kept in zip(known.case_keys, here, strict=True) if kept),
        case_area=np.zeros(int(here.sum()), dtype=np.int64),
        **{name: getattr(known, name)[here] for name in ("case_day", "case_household", "case_post")},
    )
    one = Ground(
        ("A05",), ("N",), np.zeros(1, dtype=np.int64), np.zeros((1, 2)), np.ones(1), np.zeros(1, dtype=np.int64)
    )
    assert all(ranked.finding.areas == ("A05",) for ranked in look(one, [alone], SETTINGS)[0])
    untested = replace(known, tests=np.zeros((AREAS, DAYS)))
    assert look(ground(), [untested], SETTINGS)[0][0].finding.areas == ("A05",)
    with pytest.raises(NotUnderstood, match="at least one small area"):
        Ground((), ("N",), np.zeros(0, dtype=np.int64), np.zeros((0, 2)), np.zeros(0), np.zeros(0, dtype=np.int64))
