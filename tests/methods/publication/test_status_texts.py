"""The shipped rules do what their published texts say, on the texts' own worked examples and at each of their edges."""

from datetime import date, timedelta

import pytest

from pumphandle.publication.status.engine import NOT_JUDGED, walk
from pumphandle.publication.status.inputs import Exclusion, Inputs
from pumphandle.publication.status.rules import Kind, shipped, shipped_rule
from tests.methods.publication.series import area, beside

GERMANY, NEW_YORK = shipped_rule("germany-2021"), shipped_rule("new-york-2020")
CALIFORNIA, CDC, ENGLAND = (shipped_rule(name) for name in ("california-2020", "cdc-2021", "england-starter"))


def course(rule, inputs: Inputs, *, decided: bool = False) -> list[str]:
    walked = walk(rule, inputs)
    ranks = (walked.decided if decided else walked.in_force)[0]
    return [rule.names[rank] if rank != NOT_JUDGED else "-" for rank in ranks]


def on(rule, inputs: Inputs, day: date) -> str:
    return course(rule, inputs)[inputs.column(day)]


def test_five_rules_are_shipped_each_with_its_source_chooser_and_reason() -> None:
    assert set(shipped()) == {"germany-2021", "new-york-2020", "california-2020", "cdc-2021", "england-starter"}
    for name in shipped():
        rule = shipped_rule(name)
        assert rule.rule_id == name
        assert all(rule.sources), name
        assert (rule.kind is Kind.STARTER) == (name == "england-starter")


# Germany, section 28b -------------------------------------------------------------------------------


def test_germany_three_days_above_100_and_in_force_on_the_day_after_next() -> None:
    """More than 100 on Monday, Tuesday, Wednesday: in force on Friday."""
    inputs = area(date(2021, 4, 24), [90, 90, 101, 120, 100.1, 101, 101, 101])  # Saturday to Saturday
    assert on(GERMANY, inputs, date(2021, 4, 29)) == "above 50"
    assert on(GERMANY, inputs, date(2021, 4, 30)) == "above 100"


def test_germany_exactly_100_is_not_more_than_100() -> None:
    inputs = area(date(2021, 4, 24), [100.0] * 10)
    assert "above 100" not in course(GERMANY, inputs)
    assert "above 100" in course(GERMANY, area(date(2021, 4, 24), [100.06] * 10))  # published as 100.1


def test_germany_sundays_and_holidays_count_towards_entering() -> None:
    inputs = area(date(2021, 5, 22), [120] * 6)  # Saturday, Whit Sunday, Whit Monday
    assert on(GERMANY, inputs, date(2021, 5, 26)) == "above 100"


def test_germany_the_easter_example() -> None:
    """The count begins on the Wednesday before Easter: Wednesday, Thursday, Saturday, Tuesday and Wednesday count.

    Good Friday, Easter Sunday and Easter Monday do not. Eight days have passed; it ends on the tenth.
    """
    before = date(2021, 3, 24)
    wednesday = date(2021, 3, 31)
    inputs = area(before, [150] * 7 + [90] * 14)
    assert on(GERMANY, inputs, wednesday + timedelta(days=8)) == "above 100"
    assert on(GERMANY, inputs, wednesday + timedelta(days=9)) == "above 50"


def test_germany_a_sunday_above_100_does_not_interrupt_the_count_and_a_working_day_does() -> None:
    friday = date(2021, 6, 11)
    days = [150.0] * 7 + [90, 90, 130, 90, 90, 90, 90, 90, 90]  # Fri, Sat, Sunday 130, Mon, Tue, Wed …
    inputs = area(friday - timedelta(days=7), days)
    assert on(GERMANY, inputs, friday + timedelta(days=7)) == "above 50"  # fifth working day is Wednesday 16
    broken = [150.0] * 7 + [90, 90, 90, 130, 90, 90, 90, 90, 90]  # the Monday is above
    inputs = area(friday - timedelta(days=7), broken)
    assert "above 50" not in course(GERMANY, inputs)[7:]


def test_germany_35_and_50_by_calendar_days() -> None:
    inputs = area(date(2021, 6, 1), [40] * 8 + [30] * 8)
    told = course(GERMANY, inputs)
    assert told[4] == "above 35"  # third day above is the third; in force two days later
    assert told[3] != "above 35"
    assert (told[13], told[14]) == ("above 35", "35 or less")  # fifth day below is column 12, a Sunday among them


def test_germany_165_comes_with_schools_and_100_stays_below_it() -> None:
    inputs = area(date(2021, 4, 26), [170] * 6 + [140] * 10)
    told = course(GERMANY, inputs)
    assert told[5] == "above 165"
    assert told[-1] == "above 100"


# New York, 21 October 2020, tier 1 -------------------------------------------------------------------


def new_york(positivity: float, daily_rate: float, *, days: int = 12, population: float = 50_000) -> Inputs:
    return area(date(2020, 10, 21), [7 * daily_rate] * days, positivity=[positivity] * days, population=population)


@pytest.mark.parametrize(
    ("positivity", "zone"),
    [(2.5, "no zone"), (2.6, "yellow zone"), (3.1, "orange zone"), (4.0, "orange zone"), (4.1, "red zone")],
)
def test_new_york_positivity_above_the_level_for_ten_days(positivity: float, zone: str) -> None:
    told = course(NEW_YORK, new_york(positivity, 12))
    assert told[8] == "no zone"
    assert told[9] == zone


def test_new_york_needs_ten_new_daily_cases_per_100_000() -> None:
    assert course(NEW_YORK, new_york(5, 9.9))[-1] == "no zone"
    assert course(NEW_YORK, new_york(5, 10.0))[-1] == "red zone"


@pytest.mark.parametrize(
    ("population", "daily_cases", "zone"),
    [(10_000, 4.9, "no zone"), (10_000, 5.0, "red zone"), (9_999, 2.9, "no zone"), (9_999, 3.0, "red zone")],
)
def test_new_york_least_cases_a_day_by_population(population: float, daily_cases: float, zone: str) -> None:
    inputs = new_york(5, 100_000 * daily_cases / population, population=population)
    assert course(NEW_YORK, inputs)[-1] == zone


def test_new_york_a_single_institution_is_no_community_spread() -> None:
    inputs = new_york(5, 20)
    marked = inputs.marked([Exclusion("X", inputs.first, inputs.last)])
    assert set(course(NEW_YORK, marked)) == {"no zone"}
    assert course(GERMANY, marked) == course(GERMANY, inputs)  # a rule without this clause is not touched


def test_new_york_leaves_red_after_fourteen_days_and_ten_under_three_per_cent() -> None:
    first = date(2020, 10, 21)
    days = [5.0] * 12 + [2.9] * 16
    inputs = area(first, [140.0] * len(days), positivity=days, population=50_000)
    told = course(NEW_YORK, inputs)
    assert told[9] == "red zone"
    assert told[22] == "red zone"  # ten days under 3 % are over on day 21, fourteen days in red on day 23
    assert told[23] == "orange zone"


# California, 28 August 2020 --------------------------------------------------------------------------


def weeks(figures: list[tuple[float, float]], *, population: float = 500_000) -> Inputs:
    """Each (daily cases per 100,000, positivity) holds for a week that ends on a Tuesday."""
    rates = [7 * rate for rate, _ in figures for _ in range(7)]
    shares = [share for _, share in figures for _ in range(7)]
    return area(date(2020, 8, 26), rates, positivity=shares, population=population)  # a Wednesday


def tiers(inputs: Inputs) -> list[str]:
    return [name.split()[0] for name in course(CALIFORNIA, inputs)[6::7]]


@pytest.mark.parametrize(
    ("rate", "share", "tier"),
    [
        (7.1, 1, "purple"), (7.0, 1, "red"), (4.0, 1, "red"), (3.9, 1, "orange"), (1.0, 1, "orange"),
        (0.9, 1, "yellow"),
        (0.5, 8.1, "purple"), (0.5, 8.0, "red"), (0.5, 5.0, "red"), (0.5, 4.9, "orange"), (0.5, 2.0, "orange"),
        (0.5, 1.9, "yellow"),
    ],
)  # fmt: skip
def test_california_tiers_and_the_worse_metric_decides(rate: float, share: float, tier: str) -> None:
    assert tiers(weeks([(rate, share)])) == [tier]


def test_california_one_tier_at_a_time_after_three_weeks_and_two_that_meet_the_next() -> None:
    told = tiers(weeks([(9, 9), (0.5, 1), (0.5, 1), (0.5, 1), (0.5, 1), (0.5, 1), (0.5, 1), (0.5, 1)]))
    assert told == ["purple", "purple", "purple", "red", "red", "red", "orange", "orange"]


def test_california_tightens_after_two_worse_weeks_and_not_after_one() -> None:
    assert tiers(weeks([(2, 3), (9, 9), (2, 3), (9, 9), (9, 9)])) == ["orange", "orange", "orange", "orange", "red"]


def test_california_does_not_judge_a_county_below_106_000() -> None:
    assert set(course(CALIFORNIA, weeks([(9, 9)], population=105_999))) == {"-"}
    assert tiers(weeks([(9, 9)], population=106_000)) == ["purple"]


# CDC, 2021 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "share", "level"),
    [
        (9.99, 4.99, "low"), (10, 1, "moderate"), (49.99, 1, "moderate"), (50, 1, "substantial"),
        (99.99, 1, "substantial"), (100, 1, "high"), (1, 5, "moderate"), (1, 7.99, "moderate"), (1, 8, "substantial"),
        (1, 9.99, "substantial"), (1, 10, "high"), (60, 6, "substantial"), (20, 9, "substantial"),
    ],
)  # fmt: skip
def test_cdc_levels_and_the_higher_of_the_two(rate: float, share: float, level: str) -> None:
    assert course(CDC, area(date(2021, 8, 1), [rate], positivity=[share])) == [level]


def test_cdc_has_no_memory() -> None:
    inputs = area(date(2021, 8, 1), [120, 5, 120], positivity=[1, 1, 1])
    assert course(CDC, inputs) == ["high", "low", "high"]


# England, a starter ----------------------------------------------------------------------------------


def test_england_never_on_fewer_than_five_people() -> None:
    inputs = area(date(2020, 7, 1), [60.0] * 8, population=8_000)  # 4.8 cases
    assert set(course(ENGLAND, inputs)[1:]) == {"25 or less"}
    assert course(ENGLAND, area(date(2020, 7, 1), [63.0] * 8, population=8_000))[-1] == "above 50"  # 5.04


def test_england_an_open_window_counts_as_below() -> None:
    rates, quiet = [63.0] * 5 + [40.0] * 8, [False] * 5 + [True] * 8
    told = course(ENGLAND, area(date(2020, 7, 1), rates, population=10_000, quiet=quiet))
    assert told[4] == "above 50"
    assert told[-1] == "25 or less"


def test_what_is_not_known_neither_enters_nor_leaves() -> None:
    nan = float("nan")
    inputs = area(date(2020, 7, 1), [63.0] * 5 + [nan] * 20)
    assert course(ENGLAND, inputs)[-1] == "above 50"
    assert set(course(ENGLAND, area(date(2020, 7, 1), [nan] * 5))) == {"-"}


def test_many_areas_at_once_are_the_same_as_each_alone() -> None:
    first = date(2021, 4, 24)
    alone = [
        area(first, [90, 90, 101, 120, 100.1, 101, 101, 101]),
        area(first, [170.0] * 8),
        area(first, [10, 40, 40, 40, 40, 20, 20, 20]),
    ]
    together = walk(GERMANY, beside(*alone)).in_force.tolist()
    assert together == [walk(GERMANY, one).in_force[0].tolist() for one in alone]
