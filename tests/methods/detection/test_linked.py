"""Cases that share a home's postcode or a place are found early, and as often by chance as is said."""

import tracemalloc
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy import stats

from pumphandle.detection.daily import by_link
from pumphandle.detection.daily.engine import Part, Task, findings_of, levels
from pumphandle.detection.daily.finding import SHARES, Level, Method
from pumphandle.detection.daily.known import Ground, Known
from pumphandle.detection.daily.settings import Settings
from pumphandle.detection.linked import LEAST_PAST, Places, compound_tail, fit_places, place_tail, sizes_of
from pumphandle.detection.signals import Wording, look_of, sentence
from pumphandle.vocabulary.errors import NotUnderstood

AREAS, DAYS, POSTS = 20, 56, 200
SETTINGS = Settings(false_alarms=0.25)


def ground() -> Ground:
    return Ground(
        area_codes=tuple(f"A{at:02d}" for at in range(AREAS)),
        authorities=("N", "S"),
        authority=(np.arange(AREAS) >= AREAS // 2).astype(np.int64),
        points=np.array([(1_000.0 * (at % 5), 1_000.0 * (at // 5)) for at in range(AREAS)]),
        population=np.full(AREAS, 7_000.0),
        region=np.zeros(AREAS, dtype=np.int64),
    )


def known(extra: list[tuple[int, int, int, int, int]]) -> Known:
    """Quiet weeks of a case an area and two days, and extra cases: area, day, household, postcode, place (-1: none)."""
    rng = np.random.default_rng(3)
    area, day = np.nonzero(rng.random((AREAS, DAYS)) < 0.5)
    rows = [
        (int(a), int(d), 10_000 + at, int(a) * POSTS + int(rng.integers(POSTS)), int(rng.integers(-1, 3_000)))
        for at, (a, d) in enumerate(zip(area, day, strict=True))
    ]
    table = np.array(rows + extra, dtype=np.int64)
    at_work = table[:, 4]
    return Known(
        pathogen="flu",
        last=date(2020, 7, 26),
        tests=rng.poisson(20.0, (AREAS, DAYS)).astype(np.float64),
        case_keys=tuple(f"{at:05d}" for at in range(len(table))),
        case_area=table[:, 0],
        case_day=table[:, 1],
        case_household=table[:, 2],
        case_post=table[:, 3],
        post_points=rng.random((AREAS * POSTS, 2)) * 5_000.0,
        shared_case=np.flatnonzero(at_work >= 0),
        shared_place=at_work[at_work >= 0],
    )


def found_in(morning: Known):
    return findings_of(Task(Part.LINKS, ground(), morning, SETTINGS))


def test_staff_of_one_workplace_from_eight_areas_are_found_and_named() -> None:
    staff = [(2 * at, 44 + at, 500 + at, 2 * at * POSTS + 7, 4_000) for at in range(8)]
    best = min(found_in(known(staff)), key=lambda one: one.alarms_a_week)
    assert (best.method, best.level) == (Method.LINKS, Level.PLACE)
    assert best.households == 8 and len(best.areas) == 8
    allowed = SETTINGS.allowed(best.method, best.level, seen=levels(known(staff)))
    assert best.alarms_a_week < allowed / 100
    said = sentence(best, Wording(areas={}, authorities={}).place(best), 500.0)
    assert "8 cases in 8 households that name one place" in said


def test_three_homes_of_one_postcode_are_found_and_one_large_home_is_not() -> None:
    homes = [(3, 45 + at, 700 + at % 3, 3 * POSTS + 5, -1) for at in range(6)]
    best = min(found_in(known(homes)), key=lambda one: one.alarms_a_week)
    assert (best.level, best.areas, best.observed) == (Level.POSTCODE, ("A03",), 6)
    assert best.alarms_a_week < SETTINGS.allowed(best.method, best.level, seen=levels(known(homes))) / 10
    one_home = found_in(known([(3, 45 + at % 9, 700, 3 * POSTS + 5, -1) for at in range(9)]))
    assert not [one for one in one_home if one.observed >= 6]


def test_nothing_is_a_signal_where_nothing_goes_on() -> None:
    quiet = known([])
    seen = levels(quiet)
    assert seen == set(Level)
    for one in found_in(quiet):
        assert one.alarms_a_week > SETTINGS.allowed(one.method, one.level, seen=seen)


def test_a_place_with_a_case_a_week_is_used_to_them() -> None:
    """A town's only supermarket: three in a fortnight are its usual number."""
    usual = [(at % AREAS, 2 + 7 * (at // 2) % 50, 900 + at, (at % AREAS) * POSTS, 4_000) for at in range(14)]
    recent = [(at, 50, 950 + at, at * POSTS + 1, 4_000) for at in range(3)]
    busy = [one for one in found_in(known(usual + recent)) if one.level is Level.PLACE and one.observed >= 3]
    new = [one for one in found_in(known(recent)) if one.level is Level.PLACE and one.observed >= 3]
    assert len(new) == 1
    assert all(one.alarms_a_week > 20 * new[0].alarms_a_week for one in busy)


def test_without_places_and_postcodes_the_others_share_their_parts() -> None:
    areas = frozenset({Level.SMALL_AREA, Level.DISTRICT})
    parts = [SETTINGS.allowed(*one, seen=areas) for one in SHARES if one[1] in areas]
    assert sum(parts) == pytest.approx(SETTINGS.false_alarms)
    everything = [SETTINGS.allowed(*one, seen=frozenset(Level)) for one in SHARES]
    assert sum(everything) == pytest.approx(SETTINGS.false_alarms)


def test_the_order_of_memberships_changes_nothing() -> None:
    morning = known([(2 * at, 44 + at, 500 + at, 2 * at * POSTS + 7, 4_000) for at in range(8)])
    turned = replace(
        morning, shared_case=morning.shared_case[::-1].copy(), shared_place=morning.shared_place[::-1].copy()
    )
    assert found_in(morning) == found_in(turned)


@pytest.mark.parametrize("mean", [0.05, 1.3])
def test_the_compound_tail_is_what_drawing_gives(mean: float) -> None:
    shares = np.array([0.0, 0.6, 0.3, 0.1])
    rng = np.random.default_rng(1)
    homes = rng.poisson(mean, 200_000)
    total = np.array([rng.choice(4, many, p=shares).sum() if many else 0 for many in homes[:40_000]])
    for least in (1, 2, 3, 4):
        drawn = (total >= least).mean()
        assert compound_tail(mean, shares, least) == pytest.approx(drawn, abs=4 * np.sqrt(drawn / 40_000) + 1e-4)


def test_the_compound_tail_of_single_cases_is_poisson_s() -> None:
    for mean, least in [(0.01, 6), (0.5, 3), (4.0, 12)]:
        assert compound_tail(mean, np.array([0.0, 1.0]), least) == pytest.approx(
            float(stats.poisson.sf(least - 1, mean)), rel=1e-9
        )


def test_the_tail_of_a_place_is_the_negative_binomial_s() -> None:
    like = Places(shape=0.4, mean=0.2, places=1_000.0)
    rate = 0.4 / 0.2 + 1.0
    for past, longer, least in [(0, 0.3, 2), (5, 0.5, 4)]:
        expected = stats.nbinom.sf(least - 1, 0.4 + past, rate / (rate + longer))
        assert place_tail(like, past, longer, least) == pytest.approx(float(expected), rel=1e-9)
    assert place_tail(like, 0, 0.3, 0) == 1.0


def test_places_that_nobody_named_are_counted_from_those_that_were() -> None:
    rng = np.random.default_rng(4)
    counts = rng.poisson(rng.gamma(0.4, 0.5, 20_000))
    for supposed in (7_000.0, 20_000.0, 60_000.0):
        like = fit_places(counts[counts > 0], usual_places=supposed)
        assert like.places == pytest.approx(20_000, rel=0.3), "with thousands named, what was supposed does little"
        assert like.mean * like.places == pytest.approx(counts.sum(), rel=0.05)
    nobody = fit_places(counts[:0], usual_places=2_000.0)
    assert (nobody.shape, nobody.places, nobody.mean * nobody.places) == (0.3, 2_000.0, pytest.approx(0.5))


@pytest.mark.parametrize("before", [0, 5, 40, 2_000])
def test_a_place_that_nobody_named_before_is_as_rare_as_is_said(before: int) -> None:
    """Quiet mornings after a past of so many namings: places in which two cases of the last days meet by chance alone.

    Asked of every morning: how often chance brings the strongest of all places. At most a tenth may say 1 in 20.
    """
    rng = np.random.default_rng(before)
    places, mornings, said = 3_000, 200, 0
    for _ in range(mornings):
        liking = rng.dirichlet(np.full(places, 0.3))
        past = np.bincount(rng.choice(places, before, p=liking), minlength=places)
        now = np.bincount(rng.choice(places, 60, p=liking), minlength=places)
        like = fit_places(past[past > 0], usual_places=2 * places)
        usual = max(float(past.sum()), LEAST_PAST)
        chances = [
            place_tail(like, int(past[one]), (60 - now[one] + LEAST_PAST) / usual, int(now[one]))
            for one in np.flatnonzero(now >= 2)
        ]
        said += min([chance * like.places for chance in chances], default=1.0) <= 0.05
    assert said <= mornings / 10


def test_a_question_new_on_the_form_makes_no_place_stand_out() -> None:
    """Nobody was asked where they work until three weeks ago: two of a workplace are no more than chance brings."""
    morning = known([])
    asked = morning.case_day[morning.shared_case] >= DAYS - 21
    late = replace(morning, shared_case=morning.shared_case[asked], shared_place=morning.shared_place[asked] // 4)
    places = [one for one in found_in(late) if one.level is Level.PLACE]
    assert all(one.alarms_a_week > SETTINGS.allowed(one.method, one.level, seen=levels(late)) for one in places)
    staff = [(2 * at, 44 + at, 500 + at, 2 * at * POSTS + 7, 4_000) for at in range(8)]
    extra = known(staff)
    asked = extra.case_day[extra.shared_case] >= DAYS - 21
    told = replace(extra, shared_case=extra.shared_case[asked], shared_place=extra.shared_place[asked])
    best = min((one for one in found_in(told) if one.level is Level.PLACE), key=lambda one: one.alarms_a_week)
    assert best.households == 8
    assert best.alarms_a_week < SETTINGS.allowed(best.method, best.level, seen=levels(told))


def test_the_days_that_are_judged_teach_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the last three weeks bring changes no place's past and nothing that is learnt of places."""
    learnt: list[tuple[int, ...]] = []

    def heard(named: np.ndarray, *, usual_places: float) -> Places:
        learnt.append(tuple(named.tolist()))
        return fit_places(named, usual_places=usual_places)

    monkeypatch.setattr(by_link, "fit_places", heard)
    found_in(known([]))
    found_in(known([(2 * at, DAYS - 21 + at, 500 + at, 2 * at * POSTS, 4_000 + at % 2) for at in range(8)]))
    assert learnt[0] == learnt[1]


def test_a_home_s_size_is_counted_from_its_first_case() -> None:
    introduction, day = np.array([0, 0, 0, 1, 2, 2]), np.array([1, 3, 12, 5, 20, 21])
    shares = sizes_of(introduction, day, days=7, until=22, largest=3)
    assert shares.tolist() == [0.0, 0.5, 0.5, 0.0]  # two days apart; one alone; the last is not over yet
    assert sizes_of(introduction, day, days=30, until=22, largest=3).tolist() == [0.0, 1.0, 0.0, 0.0]


def test_what_makes_no_sense_is_named() -> None:
    for mean, shares, least in [
        (-1.0, [0.0, 1.0], 1),
        (float("nan"), [0.0, 1.0], 1),
        (1.0, [1.0], 1),
        (1.0, [0, 1], -1),
    ]:
        with pytest.raises(NotUnderstood):
            compound_tail(mean, np.array(shares), least)
    morning = known([])
    with pytest.raises(NotUnderstood):
        replace(morning, shared_case=np.array([len(morning.case_keys)]), shared_place=np.array([0]))
    with pytest.raises(NotUnderstood):
        replace(morning, shared_case=np.array([0, 1]), shared_place=np.array([0]))
    assert look_of(ground(), morning).known is morning


def test_a_nation_of_places_and_authorities_is_not_laid_out_as_one_table() -> None:
    last = 4_999_999
    morning = known([(3, DAYS - 1 - at, 500 + at, 3 * POSTS + at, last) for at in range(6)])
    many = replace(ground(), authorities=tuple(map(str, range(AREAS))), authority=np.arange(AREAS, dtype=np.int64))
    tracemalloc.start()
    found = by_link.of_places(look_of(many, morning))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [one.authority for one in found if len(one.cases) >= 6] == ["3"]
    assert peak < 500e6, "places times authorities alone would be 800 MB"
