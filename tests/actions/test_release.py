"""A release goes out by itself when its notice is over and nothing is open; holds, reviews, recalls do as they say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pumphandle.actions import concern, hold, recall, release
from pumphandle.actions.hold import HoldWish
from pumphandle.governance.concerns import ConcernKind, Product, Scope
from pumphandle.governance.holds import Answer
from pumphandle.governance.releases import Vote
from pumphandle.store.decisions import concerns, drafts, holds, thresholds
from pumphandle.store.engine import Database
from pumphandle.store.published import register
from pumphandle.vocabulary.errors import NotPermitted, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode
from tests.actions.arrivals import arrive
from tests.actions.conftest import BY, House, choose_notice
from tests.conftest import DatabaseUrls

DAY = date(2020, 6, 1)
NORTH = Actor("north", Role.DIRECTOR, AreaCode("D1"))
SOUTH = Actor("south", Role.DIRECTOR, AreaCode("D2"))
CENTRE = Actor("centre", Role.NATIONAL)
FIRST, SECOND = Actor("first", Role.REVIEWER), Actor("second", Role.REVIEWER)


def evening(day: date, hours: float = 0) -> datetime:
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC) + timedelta(hours=hours)


@dataclass
class Days:
    """A house with 24 hours of notice; days are run one after the other."""

    house: House

    @property
    def database(self) -> Database:
        return self.house.premises.database

    def run(self, day: date, cases: Mapping[str, int]) -> release.DayDecided:
        arrive(self.database, self.house.premises.lake, day, cases, at=evening(day))
        with self.database.transaction() as tx:
            return release.decide_day(
                day,
                tx=tx,
                lake=self.house.premises.lake,
                folder=self.house.premises.releases,
                signer=self.house.premises.keys.signer,
                by=BY,
                at=evening(day),
            )

    def tick(self, at: datetime) -> list[str]:
        where = self.house.premises
        done = release.finish_notice(
            self.database, lake=where.lake, folder=where.releases, signer=where.keys.signer, by=BY, at=at
        )
        return [one.release_id for one in done]

    def state(self, day: date) -> str:
        with self.database.transaction() as tx:
            return drafts.draft(tx, day).state

    def out(self, measure: str = "cases") -> list[tuple[str, date, date, int]]:
        with self.database.transaction() as tx:
            return tx.execute(
                "select node, first_day, last_day, value from published.ledger "
                "where measure = %s and level = 'small_area' order by block_id",
                [measure],
            ).fetchall()


@pytest.fixture
def days(house: House) -> Days:
    choose_notice(house.premises.database, 24, evening(DAY, -24))
    return Days(house)


def wish(days_long: float = 2, at: datetime | None = None, **more) -> HoldWish:
    begin = at or evening(DAY, 1)
    end = begin + timedelta(days=days_long)
    given: dict[str, Any] = {
        "answer": Answer.HOLD,
        "reason": "Two families are known here.",
        "review_at": end,
        "expires_at": end,
    }
    return HoldWish(**(given | more))


def scope(area: str, product: Product = Product.ALL) -> Scope:
    return Scope(area, product, DAY, None)


def place(
    days: Days, area: str, by: Actor = NORTH, at: datetime | None = None, product=Product.ALL, **more
) -> int | None:
    begin = at or evening(DAY, 1)
    return hold.place(
        days.database, scope(area, product), ConcernKind.IDENTIFICATION, wish(at=begin, **more), by=by, at=begin
    )


# the way of a release ------------------------------------------------------------------------------


def test_a_day_is_out_a_day_later_with_the_next_run_or_by_the_clock(days: Days) -> None:
    done = days.run(DAY, {"A": 6, "C": 7})
    assert (done.state, done.published, days.out()) == ("NOTICE", (), [])
    assert days.tick(evening(DAY, 23.9)) == []
    done = days.run(DAY + timedelta(days=1), {"A": 8})
    assert done.published == (str(DAY),)
    assert [(node, value) for node, _, _, value in days.out()] == [("A", 6), ("C", 7)]
    assert days.tick(evening(DAY, 48)) == [str(DAY + timedelta(days=1))]
    assert (days.state(DAY), days.state(DAY + timedelta(days=1))) == ("PUBLISHED", "PUBLISHED")


def test_without_notice_a_day_is_out_at_once(house: House) -> None:
    done = Days(house).run(DAY, {"A": 6})
    assert (done.state, done.published) == ("PUBLISHED", (str(DAY),))


def test_a_council_sees_its_own_part_and_no_other(days: Days, database_urls: DatabaseUrls) -> None:
    days.run(DAY, {"A": 6, "B": 2, "C": 7})
    console = Database(database_urls.console)
    for by, seen in ((NORTH, {("A", True, 6), ("B", False, 2)}), (SOUTH, {("C", True, 7)}), (CENTRE, set())):
        with console.transaction(authority=by.authority, role=by.role) as tx:
            windows = [one for _, one in drafts.windows(tx, DAY) if one.measure == "cases"]
            assert {(one.node, one.closes, one.persons) for one in windows} == seen, by
    console.close()


# holds -----------------------------------------------------------------------------------------------


def test_a_held_area_stays_open_and_the_others_go_out(days: Days) -> None:
    days.run(DAY, {"A": 6, "B": 6, "C": 7})
    assert place(days, "A") is not None
    days.tick(evening(DAY, 24))
    assert [node for node, *_ in days.out()] == ["B", "C"]


def test_after_a_hold_the_window_closes_as_one_and_not_before_it_holds_twice_the_number(days: Days) -> None:
    days.run(DAY, {"A": 6})
    place(days, "A", days_long=1.5)
    days.run(DAY + timedelta(days=1), {"A": 1})
    days.run(DAY + timedelta(days=2), {"A": 2})
    assert days.tick(evening(DAY, 72)) == [str(DAY + timedelta(days=2))]
    assert days.out() == []  # nine people: the hold is over, but the window must hold ten
    days.run(DAY + timedelta(days=3), {"A": 1})
    days.tick(evening(DAY, 96))
    assert days.out() == [("A", DAY, DAY + timedelta(days=3), 10)]


def test_tests_only_holds_the_cases_and_publishes_the_tests(days: Days) -> None:
    days.run(DAY, {"A": 6})
    place(days, "A", answer=Answer.TESTS_ONLY)
    days.tick(evening(DAY, 24))
    assert days.out("cases") == []
    assert [value for *_, value in days.out("tests")] == [6]


def test_waiting_for_a_larger_window_ends_when_it_is_there(days: Days) -> None:
    days.run(DAY, {"A": 6})
    place(days, "A", days_long=3, answer=Answer.WAIT, until_persons=20)
    days.run(DAY + timedelta(days=1), {"A": 8})
    days.tick(evening(DAY, 48))
    assert days.out() == []
    arrived = evening(DAY, 49)
    hold.extend(
        days.database, 1, review_at=evening(DAY, 24 * 9), expires_at=evening(DAY, 24 * 20), by=CENTRE, at=arrived
    )
    days.run(DAY + timedelta(days=2), {"A": 9})
    days.tick(evening(DAY, 72))
    assert days.out() == [("A", DAY, DAY + timedelta(days=2), 23)]


def test_publishing_with_context_holds_nothing_and_writes_the_note(days: Days) -> None:
    days.run(DAY, {"A": 6})
    assert place(days, "A", answer=Answer.CONTEXT, note="Most of these were found in a planned round of tests.") is None
    days.tick(evening(DAY, 24))
    assert [value for *_, value in days.out()] == [6]
    with days.database.transaction() as tx:
        assert register.notes(tx)["A"].note.startswith("Most of these")
        assert register.entries(tx) == []


def test_what_a_hold_needs_and_who_may_place_one(days: Days) -> None:
    refused: list[tuple[Actor, str, dict[str, Any], str]] = [
        (NORTH, "C", {}, "belongs to another authority"),
        (NORTH, "T", {}, "belongs to another authority"),
        (NORTH, "A", {"days_long": 3.1}, "at most 72 hours"),
        (NORTH, "A", {"expires_at": None}, "needs the day on which it ends"),
        (NORTH, "A", {"review_at": None}, "needs the day on which it is looked at again"),
        (NORTH, "A", {"reason": " "}, "needs its reason"),
        (CENTRE, "A", {"days_long": 91}, "at most 90 days"),
        (CENTRE, "A", {"days_long": 60}, "within 14 days"),
        (Actor("a", Role.ANALYST, AreaCode("D1")), "A", {}, "may not hold"),
        (Actor("s", Role.STEWARD), "A", {}, "may not hold"),
        (NORTH, "A", {"answer": Answer.WAIT}, "needs a number of people above 5"),
        (NORTH, "A", {"answer": Answer.CONTEXT}, "write the note"),
    ]
    for by, area, more, told in refused:
        with pytest.raises(Refused, match=told):
            place(days, area, by, **more)
    with days.database.transaction() as tx:
        assert holds.holds(tx) == []
        assert register.entries(tx) == []


def test_a_council_holds_once_and_then_needs_a_decision(days: Days) -> None:
    place(days, "A", days_long=1)
    with pytest.raises(Refused, match="needs a decision of the national centre"):
        place(days, "A", at=evening(DAY, 30))
    longer = wish(10, at=evening(DAY, 30))
    assert hold.place(days.database, scope("A"), ConcernKind.STIGMA, longer, by=CENTRE, at=evening(DAY, 30)) == 2
    with pytest.raises(NotPermitted):
        hold.extend(
            days.database, 2, review_at=evening(DAY, 60), expires_at=evening(DAY, 90), by=NORTH, at=evening(DAY, 31)
        )


def test_a_hold_that_is_lifted_ends_and_another_bodys_cannot_be(days: Days) -> None:
    days.run(DAY, {"A": 12})
    place(days, "A")
    with pytest.raises(NotPermitted, match="another body"):
        hold.lift(days.database, 1, outcome="No.", by=SOUTH, at=evening(DAY, 2))
    hold.lift(days.database, 1, outcome="The families agree.", by=NORTH, at=evening(DAY, 2))
    with pytest.raises(Refused, match="LIFTED cannot lift"):
        hold.lift(days.database, 1, outcome="Again.", by=NORTH, at=evening(DAY, 3))
    days.tick(evening(DAY, 24))
    assert [value for *_, value in days.out()] == [12]


def test_the_register_says_who_why_since_until_and_the_end_and_never_a_number(days: Days) -> None:
    days.run(DAY, {"A": 1234})
    place(days, "A", days_long=1)
    days.run(DAY + timedelta(days=1), {"A": 1})
    days.run(DAY + timedelta(days=2), {"A": 1})
    with days.database.transaction() as tx:
        ended, placed = register.entries(tx)
        kept = tx.execute("select * from published.hold_entry order by entry_id").fetchall()
    assert (placed.entry, placed.body, placed.category, placed.area_code) == ("placed", "D1", "identification", "A")
    assert (placed.since, placed.expires_at) == (evening(DAY, 1), evening(DAY, 25))
    assert (ended.entry, ended.at, ended.outcome) == ("expired", evening(DAY, 25), "It ended by the clock.")
    assert "1234" not in repr(kept)
    assert "families" not in repr(kept)  # the reason in words is for those who decide


def test_a_hold_never_delays_what_directors_get(house: House, line) -> None:
    """With everything held, the day's packages hold every record, as without a hold."""
    hold.place(
        house.premises.database, scope("T"), ConcernKind.STIGMA, wish(at=evening(DAY, -8)), by=CENTRE,
        at=evening(DAY, -8),
    )  # fmt: skip
    house.put(DAY, *[line(at, DAY, area="A") for at in range(6)], line(6, DAY, area="C"))
    done = house.run(DAY)
    assert done["deliver"].summary["packages"] == 2
    assert (done["deliver"].summary["new"], done["deliver"].summary.get("held")) == (7, None)
    assert done["publish"].summary["state"] == "HELD"
    assert Days(house).out() == []


def test_an_area_merged_with_its_neighbours_is_told_in_their_sum_and_never_alone(days: Days) -> None:
    days.run(DAY, {"A": 6, "B": 7, "C": 9})
    place(days, "A", answer=Answer.MERGE, days_long=3)
    days.tick(evening(DAY, 24))
    assert days.out() == [("C", DAY, DAY, 9)]
    with days.database.transaction() as tx:
        together = tx.execute(
            "select node, value, members from published.ledger where level = 'pool' and measure = 'cases'"
        ).fetchall()
    assert together == [("D1", 13, f"A:{DAY} B:{DAY}")]
    second, third = DAY + timedelta(days=1), DAY + timedelta(days=2)
    days.run(second, {"A": 8})  # no neighbour closes today: it waits, and its district's total with it
    days.run(third, {"B": 6})
    days.tick(evening(third, 24))
    assert days.out() == [("C", DAY, DAY, 9)]
    with days.database.transaction() as tx:
        rows = tx.execute(
            "select level, value, members, release_id from published.ledger "
            "where measure = 'cases' and node = 'D1' and group_code = 'all' order by block_id"
        ).fetchall()
    assert [(level, value, out) for level, value, _, out in rows if level == "district"] == [
        ("district", 13, str(DAY)),
        ("district", 14, str(third)),
    ]
    assert [(value, members) for level, value, members, _ in rows if level == "pool"][1:] == [
        (14, f"A:{second} B:{second}")
    ]


# reviews ---------------------------------------------------------------------------------------------


def change_rule(days: Days, value: int = 6) -> None:
    with days.database.transaction() as tx:
        thresholds.choose(tx, "k_persons", value, chooser="centre", chosen_on=DAY, reason="a test")


def test_a_changed_rule_is_reviewed_by_two_who_do_not_see_each_other(days: Days, database_urls: DatabaseUrls) -> None:
    days.run(DAY, {"A": 6})
    change_rule(days)
    second = DAY + timedelta(days=1)
    done = days.run(second, {"A": 9})
    assert done.gate == "review"
    assert "k_persons" in done.gate_reasons[0]
    assert days.tick(evening(DAY, 48)) == []
    assert days.state(second) == "HELD"
    console = Database(database_urls.console)
    at = evening(DAY, 48.5)
    release.vote(console, second, Vote.RELEASE, reason="The rule is stricter.", by=FIRST, at=at)
    assert days.tick(at) == []
    with pytest.raises(Refused, match="votes once"):
        release.vote(console, second, Vote.RELEASE, reason="Again.", by=FIRST, at=at)
    for by in (NORTH, CENTRE, Actor(BY.name, Role.STEWARD)):
        with pytest.raises(NotPermitted):
            release.vote(console, second, Vote.RELEASE, reason="I may not.", by=by, at=at)
    with pytest.raises(NotPermitted, match="Who made a release"):
        release.vote(console, second, Vote.RELEASE, reason="My own.", by=Actor(BY.name, Role.REVIEWER), at=at)
    release.vote(console, second, Vote.RELEASE, reason="I agree.", by=SECOND, at=at)
    console.close()
    assert days.tick(at) == [str(second)]


def test_one_vote_to_return_keeps_it_back_until_the_next_run_takes_its_windows_on(days: Days) -> None:
    days.run(DAY, {"A": 6})
    change_rule(days)
    second, third = DAY + timedelta(days=1), DAY + timedelta(days=2)
    days.run(second, {"A": 9})
    release.vote(days.database, second, Vote.RETURN, reason="Why?", by=FIRST, at=evening(second, 1))
    release.vote(days.database, second, Vote.RELEASE, reason="Fine.", by=SECOND, at=evening(second, 2))
    days.run(third, {"A": 1})
    assert days.state(second) == "SUPERSEDED"
    for by in (FIRST, SECOND):
        release.vote(days.database, third, Vote.RELEASE, reason="Explained.", by=by, at=evening(third, 1))
    days.tick(evening(third, 24))
    assert days.state(third) == "PUBLISHED"
    with days.database.transaction() as tx:
        (waits,) = tx.execute(
            "select count(*) from events.waiting where node = 'A' and measure = 'cases' and not closed"
        ).fetchone() or (0,)
        assert tx.execute("select as_of, stage from published.withheld").fetchall() == [(second, "held")]
    assert sum(value for *_, value in days.out()) + waits == 16  # nothing of the second day is lost


def test_a_release_that_the_gate_passed_needs_no_vote(days: Days) -> None:
    days.run(DAY, {"A": 6})
    with pytest.raises(Refused, match="asked for no review"):
        release.vote(days.database, DAY, Vote.RETURN, reason="No.", by=FIRST, at=evening(DAY, 1))


# concerns --------------------------------------------------------------------------------------------


def raised(days: Days, *, with_hold: bool = True, by: Actor = NORTH, area: str = "A") -> concern.Raised:
    return concern.raise_concern(
        days.database, scope(area), kind=ConcernKind.STIGMA, statement="Our community fears to be named.",
        evidence="Threats last week.", hold=wish(2.9) if with_hold else None, by=by, at=evening(DAY, 1),
    )  # fmt: skip


def test_a_concern_goes_its_way_and_its_outcome_is_public(days: Days) -> None:
    assert raised(days) == concern.Raised(1, 1)
    answers = [
        ("acknowledge", "", "ACKNOWLEDGED"), ("investigate", "", "INVESTIGATING"),
        ("uphold", "Numbers wait for a larger window.", "UPHELD"), ("remedy", "They are merged now.", "REMEDIED"),
        ("publish", "", "PUBLISHED"),
    ]  # fmt: skip
    for event, outcome, state in answers:
        with pytest.raises(NotPermitted):
            concern.answer(days.database, 1, event, note="", outcome=outcome, by=NORTH, at=evening(DAY, 2))
        assert concern.answer(days.database, 1, event, note="", outcome=outcome, by=CENTRE, at=evening(DAY, 2)) == state
    with days.database.transaction() as tx:
        (outcome,) = register.outcomes(tx)
        assert [step.after for step in concerns.steps(tx, 1)] == ["RAISED", *(state for _, _, state in answers)]
    assert (outcome.decision, outcome.outcome, outcome.body) == ("UPHELD", "They are merged now.", "D1")


def test_a_step_that_the_table_does_not_have_and_a_decision_without_words_are_refused(days: Days) -> None:
    raised(days, with_hold=False)
    with pytest.raises(Refused, match="RAISED cannot uphold"):
        concern.answer(days.database, 1, "uphold", note="", outcome="Yes.", by=CENTRE, at=evening(DAY, 2))
    for event in ("acknowledge", "investigate"):
        concern.answer(days.database, 1, event, note="", outcome="", by=CENTRE, at=evening(DAY, 2))
    with pytest.raises(Refused, match="sentence that the public can read"):
        concern.answer(days.database, 1, "uphold", note="", outcome=" ", by=CENTRE, at=evening(DAY, 2))


def test_a_missed_deadline_brings_a_concern_to_the_next_desk(days: Days) -> None:
    raised(days, with_hold=False)
    desks = []
    for day in range(1, 5):
        days.run(DAY + timedelta(days=day), {})
        with days.database.transaction() as tx:
            desks.append(concerns.concern(tx, 1).desk)
    assert desks == [0, 1, 2, 2]  # 23, 47, 71 hours after it was raised
    concern.answer(days.database, 1, "acknowledge", note="", outcome="", by=CENTRE, at=evening(DAY, 97))
    with days.database.transaction() as tx:
        assert concerns.concern(tx, 1).desk == 0


def test_a_concern_about_others_areas_or_with_a_hold_too_long_leaves_nothing(days: Days) -> None:
    with pytest.raises(NotPermitted):
        raised(days, area="C")
    with pytest.raises(Refused, match="at most 72 hours"):
        concern.raise_concern(
            days.database, scope("A"), kind=ConcernKind.TIMING, statement="s", evidence="e", hold=wish(4), by=NORTH,
            at=evening(DAY, 1),
        )  # fmt: skip
    with days.database.transaction() as tx:
        assert concerns.concerns(tx) == []


# recalls ---------------------------------------------------------------------------------------------


def test_a_recall_takes_back_the_areas_numbers_and_the_totals_above_and_keeps_the_ledger(
    days: Days, database_urls: DatabaseUrls
) -> None:
    days.run(DAY, {"A": 6, "B": 7, "C": 8})
    days.tick(evening(DAY, 24))
    public, console = Database(database_urls.public), Database(database_urls.console)
    done = recall.recall(
        console, str(DAY), "A", category=ConcernKind.ACCURACY, reason="A file was sent twice.", by=CENTRE,
        at=evening(DAY, 30),
    )  # fmt: skip
    assert done == recall.Recalled(4, whole=False)  # two of the area, and its district's two totals
    with public.transaction() as tx:
        shown = tx.execute(
            "select node, value, kind from published.ledger_shown where measure = 'cases' and level = 'small_area'"
        ).fetchall()
        assert sorted(shown) == sorted([("A", None, "recalled"), ("B", 7, "exact"), ("C", 8, "exact")])
        assert {one.reason for one in register.recalls(tx)} == {"A file was sent twice."}
    assert [value for *_, value in days.out()] == [6, 7, 8]  # the ledger itself keeps every row
    public.close()
    console.close()


def test_a_whole_release_is_recalled_once_and_only_by_decision(days: Days) -> None:
    days.run(DAY, {"A": 6})
    days.tick(evening(DAY, 24))
    given: dict[str, Any] = {"category": ConcernKind.ACCURACY, "reason": "Wrong file.", "at": evening(DAY, 30)}
    with pytest.raises(NotPermitted):
        recall.recall(days.database, str(DAY), None, by=NORTH, **given)
    assert recall.recall(days.database, str(DAY), None, by=CENTRE, **given).whole
    assert days.state(DAY) == "RECALLED"
    with pytest.raises(Exception, match="no number there"):
        recall.recall(days.database, str(DAY), None, by=CENTRE, **given)
