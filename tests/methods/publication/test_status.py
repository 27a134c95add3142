"""Status is a function of published windows as each day knew them, in one sentence; a back-test counts all of it."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.publication.edition import Edition, Shown, State
from pumphandle.publication.estimates import Ground, Windows, seven_days, untold
from pumphandle.publication.status.backtest import back_test, compare
from pumphandle.publication.status.inputs import gather
from pumphandle.publication.status.rules import read_rule, shipped, shipped_rule
from pumphandle.publication.status.sentence import status, statuses
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.errors import BadDescription
from tests.methods.publication.series import area, beside, release, two_nodes

ENGLAND, GERMANY, CDC = (shipped_rule(name) for name in ("england-starter", "germany-2021", "cdc-2021"))
JULY = date(2020, 7, 1)
START = date(2020, 6, 1)
DAYS = 20


@st.composite
def histories(draw: st.DrawFn) -> dict[Measure, Windows]:
    """Any partition of the days of two nodes into windows, the last one of each left open."""
    made: dict[Measure, Windows] = {}
    for measure in (Measure.CASES, Measure.TESTS):
        rows: list[tuple[int, int, int, int, int]] = []
        for node in (0, 1):
            ends = sorted(draw(st.sets(st.integers(0, DAYS - 1), max_size=8)))
            for first, last in zip([0, *(end + 1 for end in ends)], ends, strict=False):
                rows.append((node, first, last, draw(st.integers(5, 40)), last + 1))
        rows.sort(key=lambda row: row[4])
        table = np.array(rows, dtype=np.int64).reshape(-1, 5)
        start = START.toordinal()
        made[measure] = Windows(table[:, 0], table[:, 1] + start, table[:, 2] + start, table[:, 3], table[:, 4])
    return made


Rows = list[tuple[int, int, int, int]]


def series(rows: Rows) -> Windows:
    """Rows of node, first, last (days since START) and value, each published on its last day."""
    table = np.array(sorted(rows, key=lambda row: row[2]), dtype=np.int64).reshape(-1, 4)
    start = START.toordinal()
    return Windows(table[:, 0], table[:, 1] + start, table[:, 2] + start, table[:, 3], table[:, 2] + 1)


def published(
    windows: dict[Measure, Windows],
    upto: int,
    *,
    totals: dict[Measure, Windows] | None = None,
    recalled: dict[Measure, Windows] | None = None,
) -> Edition:
    """The release of day `upto` (since START), as it is read now: with everything recalled taken out."""
    day, gone = START + timedelta(days=upto), recalled or {}
    ground = Ground(2, START.toordinal(), day.toordinal(), 5)
    known, untold_now = ({name: one.upto(upto + 1) for name, one in all_of.items()} for all_of in (windows, gone))
    seven = {
        name: seven_days(one, ground, recalled=untold(untold_now[name])) if name in gone else seven_days(one, ground)
        for name, one in known.items()
    }
    sums = {name: one.upto(upto + 1) for name, one in (totals or {}).items()}
    return Edition(release(upto + 1, day), two_nodes(), START, known, seven, {}, sums, recalled=untold_now)


@given(histories())
def test_what_a_day_knew_is_what_its_own_release_showed(history: dict[Measure, Windows]) -> None:
    """For every day: the figure of a rule equals the figure of the release of that day, and no later one."""
    inputs = gather(published(history, DAYS - 1), ["A", "C", "D"])
    for at in range(6, DAYS):
        day = START + timedelta(days=at)
        shown = published(history, at)
        for row, code in enumerate(("A", "C", "D")):
            figure = shown.figure(code, Shown.CASES, day)
            assert inputs.cases[row, at] == pytest.approx(figure.estimate, abs=1e-3)
            assert bool(inputs.quiet[row, at]) == (figure.state is State.OPEN_WINDOW)
            tested = shown.figure(code, Shown.TESTS, day)
            if tested.state is State.PUBLISHED:
                assert inputs.tests[row, at] == pytest.approx(tested.estimate, abs=1e-3)
            else:
                assert np.isnan(inputs.tests[row, at])


@given(histories(), st.data())
def test_a_recalled_number_is_unknown_on_the_days_that_stood_on_it(
    history: dict[Measure, Windows], data: st.DataObject
) -> None:
    """Never zero, never too few people: recalled for just the days whose own release now says recalled."""
    windows = history[Measure.CASES]
    taken = np.array(data.draw(st.lists(st.booleans(), min_size=len(windows.node), max_size=len(windows.node))), bool)
    columns = (windows.node, windows.first, windows.last, windows.value, windows.sequence)
    kept, gone = (Windows(*(column[rows] for column in columns)) for rows in (~taken, taken))
    told = history | {Measure.CASES: kept}
    nothing = {Measure.TESTS: series([])}
    inputs = gather(published(told, DAYS - 1, recalled={Measure.CASES: gone, **nothing}), ["A", "C", "D"])
    for at in range(6, DAYS):
        shown = published(told, at, recalled={Measure.CASES: gone, **nothing})
        for row, code in enumerate(("A", "C", "D")):
            figure = shown.figure(code, Shown.CASES, START + timedelta(days=at))
            assert bool(inputs.recalled[row, at]) == (figure.state is State.RECALLED)
            if figure.state is State.RECALLED:
                assert np.isnan(inputs.cases[row, at])
                assert not inputs.quiet[row, at]
            else:
                assert inputs.cases[row, at] == pytest.approx(figure.estimate, abs=1e-3)
                assert bool(inputs.quiet[row, at]) == (figure.state is State.OPEN_WINDOW)


def test_a_district_is_judged_by_its_exact_totals_where_it_has_them() -> None:
    """Seven days of 9 are 63, whatever its areas' open windows are thought to hold; a gap falls back to their sum."""
    cases = series([(0, 0, 9, 30), (1, 0, 9, 40)])
    daily_totals = series([(0, day, day, 9) for day in range(14) if day != 11])
    windows = {Measure.CASES: cases, Measure.TESTS: series([])}
    totals = {Measure.CASES: daily_totals, Measure.TESTS: series([])}
    exact = gather(published(windows, 13, totals=totals), ["A", "D", "N"])
    summed = gather(published(windows, 13), ["A", "D", "N"])
    assert exact.cases[1, 6:11].tolist() == exact.cases[2, 6:11].tolist() == [63.0] * 5
    assert exact.cases[1, 11:].tolist() == summed.cases[1, 11:].tolist()
    assert exact.cases[0, 6:].tolist() == summed.cases[0, 6:].tolist()
    assert summed.quiet[1, 6:9].all()
    assert not exact.quiet[1, 6:11].any()


def test_an_exact_total_stands_though_a_part_of_it_was_recalled_elsewhere() -> None:
    """A recall takes the totals with it that give the number away; one that is left is told."""
    gone = {Measure.CASES: series([(0, 3, 3, 12)]), Measure.TESTS: series([])}
    windows = {Measure.CASES: series([(1, 0, 3, 12)]), Measure.TESTS: series([])}
    totals = {Measure.CASES: series([(0, day, day, 9) for day in range(12)]), Measure.TESTS: series([])}
    without = totals | {Measure.CASES: series([(0, day, day, 9) for day in range(12) if day != 3])}
    left = gather(published(windows, 11, totals=totals, recalled=gone), ["A", "D"])
    taken = gather(published(windows, 11, totals=without, recalled=gone), ["A", "D"])
    assert left.cases[1, 6:].tolist() == [63.0] * 6
    assert np.isnan(left.cases[0, 6:10]).all()
    assert np.isnan(taken.cases[1, 6:10]).all()
    assert taken.recalled[1, 6:10].all()
    assert taken.cases[1, 11] == 63.0


def test_the_first_six_days_are_not_judged() -> None:
    windows = {Measure.CASES: series([(0, 0, 0, 900)]), Measure.TESTS: series([(0, 0, 0, 900)])}
    inputs = gather(published(windows, 9), ["A"])
    assert np.isnan(inputs.cases[0, :6]).all()
    assert not np.isnan(inputs.cases[0, 6:]).any()
    assert not inputs.quiet[0, :7].any()
    assert inputs.quiet[0, 7:].all()


def said(rule, rates: list[float], **more) -> str:
    inputs = area(JULY, rates, **more)
    return status(rule, inputs, "X", inputs.last).sentence


def test_the_sentence_says_the_number_the_level_the_days_and_the_way_back() -> None:
    assert said(ENGLAND, [40.0] * 4 + [63.0] * 4) == (
        "63 per 100,000, above 50 for 4 days; returns below after 7 days at or under 50."
    )
    assert said(ENGLAND, [63.0] * 4 + [48.0] * 2) == (
        "48 per 100,000, above 50; returns below after 7 days at or under 50 (2 of them so far)."
    )
    assert said(ENGLAND, [10.0] * 5) == "10 per 100,000, 25 or less; above 25 after 3 days above 25."
    assert said(ENGLAND, [10.0] * 5 + [30.0]) == ("30 per 100,000, 25 or less, above 25 for 1 day; above 25 after 3.")


def test_the_sentence_says_what_is_decided_and_not_yet_in_force() -> None:
    told = said(GERMANY, [90.0] * 5 + [120.0] * 3)
    assert "above 100 for 3 days; returns below after 5 working days under 100" in told
    assert told.endswith("above 100 in force from 10 July 2020.")
    inputs = area(JULY, [90.0] * 5 + [120.0] * 3)
    assert status(GERMANY, inputs, "X", inputs.last).level == "above 50"


def test_the_sentence_says_when_nothing_can_be_said() -> None:
    assert said(ENGLAND, [10.0] * 9, quiet=[True] * 9).startswith(
        "Too few people to publish a number, which counts as below every level, 25 or less"
    )
    assert said(ENGLAND, [10.0] * 9, population=400).startswith("Not judged: this rule judges areas of 500 people")
    assert said(ENGLAND, [10.0] * 9, population=float("nan")) == "Not judged: how many people live here is not known."
    assert said(CDC, [12.0] * 2) == (
        "12 per 100,000, no number of cases per 100 tests, at least 10 per 100,000 or at least 5 cases per 100 tests "
        "for 2 days; returns below after 1 day under 10 per 100,000 and under 5 cases per 100 tests."
    )


def test_a_recalled_number_neither_raises_nor_lowers_and_the_sentence_says_so() -> None:
    nan = float("nan")
    gone = [False] * 4 + [True] * 9
    assert said(ENGLAND, [63.0] * 4 + [nan] * 9, recalled=gone) == (
        "A number of these seven days was recalled, so nothing is known and the status stays as it was, above 50; "
        "returns below after 7 days at or under 50."
    )
    inputs = area(JULY, [63.0] * 4 + [nan] * 9, recalled=gone)
    assert status(ENGLAND, inputs, "X", inputs.last).level == "above 50"
    assert said(ENGLAND, [nan], recalled=[True]) == "Not judged yet: a number of these seven days was recalled."
    assert "no number of cases per 100 tests (tests were recalled)" in said(CDC, [12.0] * 2, untested=[True] * 2)


def test_a_status_is_as_it_was_known_on_its_day() -> None:
    inputs = area(JULY, [40.0] * 4 + [63.0] * 4)
    early = status(ENGLAND, inputs, "X", JULY + timedelta(days=3))
    assert (early.level, early.since) == ("above 25", JULY + timedelta(days=3))
    assert status(ENGLAND, inputs, "X", inputs.last).level == "above 50"


def test_a_back_test_counts_days_areas_entries_and_flaps() -> None:
    days = [120.0] * 3 + [5.0] * 3 + [120.0] * 2
    tested = back_test(CDC, beside(*(area(JULY, each, positivity=[1.0] * 8) for each in (days, [20.0] * 8, [1.0] * 8))))
    moderate, substantial, high = tested.levels
    assert (moderate.areas, moderate.days, moderate.entered, moderate.flaps) == (2, 13, 3, 1)
    assert (substantial.areas, substantial.days) == (1, 5)
    assert (high.entered, high.flaps) == (2, 1)
    assert (tested.judged, tested.area_days) == (3, 24)
    assert tested.acting == (2, 2, 2, 1, 1, 1, 2, 2)


def test_a_slower_rule_flaps_less_and_the_comparison_adds_up() -> None:
    inputs = beside(*(area(JULY, each, positivity=[1.0] * 20) for each in ([120.0, 20.0] * 10, [1.0] * 20)))
    quick, slow = back_test(CDC, inputs), back_test(GERMANY, inputs)
    assert quick.levels[1].flaps == 9
    assert slow.levels[1].flaps == 0
    beside_each_other = compare(quick, slow)
    assert beside_each_other.both + beside_each_other.neither + beside_each_other.only_first + (
        beside_each_other.only_second
    ) == min(quick.area_days, slow.area_days)


TEXT = shipped()["england-starter"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('chooser = "Pumphandle\'s authors"', 'chooser = ""', "chooser is empty"),
        ("version = 1", "", "version must be a whole number"),
        ("institutions = true", "institutions = 1", "institutions must be true or false"),
        ("ladder = false", "ladder = false\nladders = 2", "ladders is no key"),
        ('judged = "daily"', 'judged = "often"', "judged can be daily"),
        ('quantity = "rate", above = 25', 'quantity = "rats", above = 25', "quantity can be rate"),
        ('quantity = "rate", above = 25', 'quantity = "rate", over = 25', "a condition has one of above"),
        ('applies_to = ["small_area", "district"]', 'applies_to = ["village"]', "applies_to must be a list of"),
        ("chosen_on = 2020-07-01", 'chosen_on = "July"', "chosen_on must be a day"),
        ("version = 1", "version = ", "is no TOML"),
    ],
)
def test_what_a_rule_does_not_say_is_refused(before: str, after: str, told: str) -> None:
    assert before in TEXT
    with pytest.raises(BadDescription, match=told):
        read_rule(TEXT.replace(before, after, 1))


@given(histories(), st.sampled_from(sorted(shipped())), st.integers(0, DAYS - 1))
def test_many_areas_at_once_are_told_what_each_alone_is(history: dict[Measure, Windows], name: str, back: int) -> None:
    edition = published(history, DAYS - 1)
    inputs = gather(edition, ["A", "C", "D"])
    rule, day = shipped_rule(name), inputs.last - timedelta(days=back)
    together = statuses(rule, inputs, ["D", "A"], day)
    assert together == [status(rule, inputs, code, day) for code in ("D", "A")]
    assert [one.day for one in together] == [day, day]
