"""Figures are sums of nodes, say a state where there is no number, and never colour a few people dark."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from pumphandle.publication.atlas import Atlas, LevelName, Place, ordered
from pumphandle.publication.edition import Edition, Release, Shown, State
from pumphandle.publication.estimates import Ground, Windows, seven_days
from pumphandle.publication.held import HeldDays
from pumphandle.publication.map_classes import HELD, NOT_YET, OPEN, SCALES, area_classes, frames
from pumphandle.publication.tables import figures_frame, figures_row
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.errors import LedgerBroken, NotFound, NotUnderstood
from pumphandle.vocabulary.places import AreaLevel

START, LAST = date(2020, 6, 1), date(2020, 6, 10)
RULE = {"k_persons": 5, "h_households": 2}


def release(rule: dict[str, int]) -> Release:
    return Release("r", 1, LAST, datetime(2020, 6, 10, tzinfo=UTC), 0, rule, {}, {}, "", "hash")


def atlas(people: int | None = 10_000) -> Atlas:
    small = AreaLevel.SMALL_AREA
    places = ordered(
        [
            Place("N", AreaLevel.NATION, "Nation", None, 40_000),
            Place("D", AreaLevel.DISTRICT, "District", "N", 40_000),
            Place("A", small, "Ash", "D", people, "A"),
            Place("B", small, "Birch", "D", 300, "A"),
            Place("C", small, "Cedar", "D", 10_000, "C"),
            Place("X", small, "Xyst", "D", 10_000, None),
        ]
    )
    return Atlas("Nation", "2020", "", places, {level: LevelName(level.value, level.value) for level in AreaLevel})


def windows(rows: list[tuple[int, int, int, int]]) -> Windows:
    """(node, first, last, value), days from 0."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    start = START.toordinal()
    return Windows(
        table[:, 0], table[:, 1] + start, table[:, 2] + start, table[:, 3], np.ones(len(table), dtype=np.int64)
    )


def edition(
    cases: list[tuple[int, int, int, int]], tests: list[tuple[int, int, int, int]], people: int | None = 10_000
) -> Edition:
    ground = Ground(2, START.toordinal(), LAST.toordinal(), 5)
    given = {Measure.CASES: windows(cases), Measure.TESTS: windows(tests)}
    seven = {measure: seven_days(one, ground) for measure, one in given.items()}
    return Edition(release(RULE), atlas(people), START, given, seven, {1: "r"})


EVERY_DAY = [(0, day, day, 10) for day in range(10)]
TESTS = [(0, day, day, 100) for day in range(10)] + [(1, 0, 9, 50)]


def test_area_district_and_nation() -> None:
    shown = edition(EVERY_DAY, TESTS)
    own, district = (shown.figure(code, Shown.CASES, LAST) for code in ("A", "D"))
    assert (own.state, own.estimate, own.low, own.high) == (State.PUBLISHED, 70, 70, 70)
    assert own.rate == pytest.approx(70 / 10_300 * 100_000)
    assert (district.low, district.high) == (70, 74)  # the other node's window is open: nobody, or four people
    assert shown.figure("N", Shown.CASES, LAST) == district


def test_a_combined_area_has_its_nodes_figures_and_says_so() -> None:
    shown = edition(EVERY_DAY, TESTS)
    assert shown.figure("B", Shown.CASES, LAST) == shown.figure("A", Shown.CASES, LAST)
    assert shown.stands_for("B") == ("A", "B")
    assert shown.stands_for("C") == ()
    assert figures_row(shown, "B", LAST)["state"] == "combined"
    assert figures_row(shown, "B", LAST)["cases"] is None


def test_states_instead_of_blanks() -> None:
    shown = edition(EVERY_DAY, TESTS)
    quiet = shown.figure("C", Shown.CASES, LAST)
    assert (quiet.state, quiet.since) == (State.OPEN_WINDOW, START)
    assert shown.figure("X", Shown.CASES, LAST).state is State.NOT_YET
    assert shown.figure("C", Shown.POSITIVITY, LAST).state is State.OPEN_WINDOW
    assert figures_frame(shown, LAST)["state"].null_count() == 0


def test_positivity_needs_both_and_stays_a_share() -> None:
    both = edition(EVERY_DAY, TESTS).figure("A", Shown.POSITIVITY, LAST)
    assert both.estimate == pytest.approx(0.1)
    more_cases_than_tests = edition(EVERY_DAY, [(0, 0, 9, 20)]).figure("A", Shown.POSITIVITY, LAST)
    assert more_cases_than_tests.estimate == 1
    assert more_cases_than_tests.high == 1


@pytest.mark.parametrize(("cases", "mark"), [(9, "2"), (19, "4"), (40, "6")])
def test_a_few_people_are_never_dark(cases: int, mark: str) -> None:
    # among 600 residents every one of these rates lies far above the last break
    shown = edition([(0, 0, 9, cases)], TESTS, people=300)
    assert (shown.figure("A", Shown.CASES, LAST).rate or 0) > SCALES[Shown.CASES].breaks[-1]
    assert area_classes(shown, Shown.CASES, LAST, ["A"])["A"] == mark


def test_map_codes_and_frames_agree() -> None:
    shown = edition(EVERY_DAY, TESTS)
    codes = ("A", "B", "C", "X")
    assert area_classes(shown, Shown.CASES, LAST, codes) == {"A": "6", "B": "6", "C": OPEN, "X": NOT_YET}
    film = frames(shown, Shown.CASES, [START, LAST], codes)
    assert film["areas"] == [["A", "B"], ["C"]]
    assert film["classes"] == ["3o", "6o"]
    assert len(SCALES[Shown.CASES].labels) == len(SCALES[Shown.CASES].breaks) + 1


def test_pages_and_map_say_held_of_the_same_areas() -> None:
    """Also where a district has one node only: its total is not held, its small area's window is."""
    places = [Place("N", AreaLevel.NATION, "N", None, 20_000)]
    for district in ("D", "E"):
        places.append(Place(district, AreaLevel.DISTRICT, district, "N", 10_000))
        places.append(Place(f"{district}1", AreaLevel.SMALL_AREA, f"{district}1", district, 10_000, f"{district}1"))
    two = Atlas("N", "2020", "", ordered(places), {level: LevelName(level.value, level.value) for level in AreaLevel})
    hold = HeldDays("D1", ("cases",), LAST, LAST)
    for cases in ([(0, 0, 8, 12), (1, 0, 9, 12)], [(1, 0, 9, 12)]):
        shown = replace(edition(cases, TESTS), atlas=two, holds=(hold,))
        said = {code: shown.figure(code, Shown.CASES, LAST).state is State.HELD for code in two.places}
        drawn = {code: area_classes(shown, Shown.CASES, LAST, [code])[code] == HELD for code in two.places}
        assert said == drawn == {"N": False, "D": len(cases) == 1, "D1": True, "E": False, "E1": False}


def test_what_is_missing_refuses() -> None:
    shown = edition([], [])
    with pytest.raises(NotUnderstood, match="from 2020-06-01 to 2020-06-10"):
        shown.column(date(2020, 6, 11))
    with pytest.raises(NotFound):
        shown.atlas.place("nowhere")
    with pytest.raises(LedgerBroken, match="k_persons"):
        _ = release({"h_households": 2}).k
