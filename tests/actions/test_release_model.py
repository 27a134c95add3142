"""Whatever people and the clock do to releases, holds and concerns, the state tables hold on the real database."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from pumphandle.actions import concern, hold, recall, release
from pumphandle.actions.hold import HoldWish
from pumphandle.actions.load_nation import load_nation
from pumphandle.governance.concerns import CONCERN, ConcernKind, Product, Scope
from pumphandle.governance.holds import Answer
from pumphandle.governance.releases import RELEASE, Vote
from pumphandle.store.decisions import audit, concerns, drafts, holds, thresholds
from pumphandle.store.engine import Database
from pumphandle.store.events.lake import Lake
from pumphandle.store.published import register
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode
from tests.actions.arrivals import arrive
from tests.actions.conftest import BY

FIRST = date(2020, 6, 1)
PEOPLE = {
    "north": Actor("north", Role.DIRECTOR, AreaCode("D1")),
    "south": Actor("south", Role.DIRECTOR, AreaCode("D2")),
    "centre": Actor("centre", Role.NATIONAL),
    "one": Actor("one", Role.REVIEWER),
    "two": Actor("two", Role.REVIEWER),
}
who = st.sampled_from(sorted(PEOPLE))
areas = st.sampled_from(["A", "B", "C", "D1", "T"])
few = st.integers(0, 9)


SIGNER = Ed25519PrivateKey.generate()
FRESH: list[Callable[[], tuple[Database, Lake, Path]]] = []
"""Makes a database of threeland for each walk; the test puts it here, because hypothesis builds the walks itself."""


class Walk(RuleBasedStateMachine):
    """Days follow each other; between them anybody tries anything. What is refused must change nothing."""

    placed: Bundle[int] = Bundle("placed")
    raised: Bundle[int] = Bundle("raised")

    @initialize()
    def open(self) -> None:
        self.database, self.lake, self.folder = FRESH[-1]()
        self.day, self.at = FIRST - timedelta(days=1), datetime(2020, 5, 31, 19, tzinfo=UTC)
        self.arrived = {"A": 0, "B": 0, "C": 0}
        self.held_at: list[tuple[str, set[tuple[str, str]]]] = []

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()

    @rule(a=few, b=few, c=few)
    def run_next_day(self, a: int, b: int, c: int) -> None:
        self.day += timedelta(days=1)
        self.at = max(self.at, datetime(self.day.year, self.day.month, self.day.day, 18, tzinfo=UTC))
        cases = {"A": a, "B": b, "C": c}
        for area, number in cases.items():
            self.arrived[area] += number
        arrive(self.database, self.lake, self.day, cases, at=self.at)
        with self.database.transaction() as tx:
            done = release.decide_day(
                self.day, tx=tx, lake=self.lake, folder=self.folder, signer=SIGNER, by=BY, at=self.at
            )
        self._note(list(done.published))

    @rule(a=few, changed=st.booleans())
    def run_the_day_after(self, a: int, changed: bool) -> None:
        """The common course of things, now and then under a rule that has just changed."""
        if changed:
            self.change_the_rule(5)
        self.run_next_day(a, 5, 1)
        self.let_time_pass(24)

    @rule(first=st.sampled_from(["one", "two", "north"]), vote=st.sampled_from(list(Vote)))
    def two_votes(self, first: str, vote: Vote) -> None:
        self.try_to_vote(first, vote)
        self.try_to_vote("two", Vote.RELEASE)
        self.let_time_pass(1)

    @rule(hours=st.sampled_from([1, 12, 24]))
    def let_time_pass(self, hours: int) -> None:
        tomorrow = datetime(self.day.year, self.day.month, self.day.day, 17, tzinfo=UTC) + timedelta(days=1)
        self.at = min(self.at + timedelta(hours=hours), max(self.at, tomorrow))
        done = release.finish_notice(
            self.database, lake=self.lake, folder=self.folder, signer=SIGNER, by=BY, at=self.at
        )
        self._note([one.release_id for one in done])

    @rule(target=placed, by=who, area=areas, days=st.integers(0, 5), answer=st.sampled_from(list(Answer)))
    def try_to_hold(self, by: str, area: str, days: int, answer: Answer) -> int:
        end = self.at + timedelta(days=days)
        wish = HoldWish(answer, "reason", end, end, until_persons=12 if answer is Answer.WAIT else None, note="n")
        scope = Scope(area, Product.ALL, self.day, None)
        try:
            number = hold.place(self.database, scope, ConcernKind.STIGMA, wish, by=PEOPLE[by], at=self.at)
        except Refused:
            return 0
        return number or 0

    @rule(number=placed, by=who)
    def try_to_lift(self, number: int, by: str) -> None:
        self._try(lambda: hold.lift(self.database, number, outcome="done", by=PEOPLE[by], at=self.at))

    @rule(number=placed, by=who, days=st.integers(0, 20))
    def try_to_extend(self, number: int, by: str, days: int) -> None:
        end = self.at + timedelta(days=days)
        self._try(lambda: hold.extend(self.database, number, review_at=end, expires_at=end, by=PEOPLE[by], at=self.at))

    @rule(target=raised, by=who, area=areas, kind=st.sampled_from(list(ConcernKind)))
    def try_to_raise(self, by: str, area: str, kind: ConcernKind) -> int:
        scope = Scope(area, Product.CASES, self.day, None)
        try:
            return concern.raise_concern(
                self.database, scope, kind=kind, statement="s", evidence="e", hold=None, by=PEOPLE[by], at=self.at
            ).concern_id
        except Refused:
            return 0

    @rule(number=raised, by=who, event=st.sampled_from(sorted({move.event for move in CONCERN.moves})))
    def try_to_answer(self, number: int, by: str, event: str) -> None:
        self._try(
            lambda: concern.answer(
                self.database, number, event, note="", outcome="a sentence", by=PEOPLE[by], at=self.at
            )
        )

    @rule(by=who, vote=st.sampled_from(list(Vote)))
    def try_to_vote(self, by: str, vote: Vote) -> None:
        self._try(lambda: release.vote(self.database, self.day, vote, reason="r", by=PEOPLE[by], at=self.at))

    @rule(value=st.integers(5, 6))
    def change_the_rule(self, value: int) -> None:
        with self.database.transaction() as tx:
            thresholds.choose(tx, "k_persons", value, chooser="centre", chosen_on=self.day, reason="r")

    @rule(by=who, back=st.integers(0, 3), area=st.sampled_from([None, "A", "D1"]))
    def try_to_recall(self, by: str, back: int, area: str | None) -> None:
        day = str(self.day - timedelta(days=back))
        self._try(
            lambda: recall.recall(
                self.database, day, area, category=ConcernKind.ACCURACY, reason="r", by=PEOPLE[by], at=self.at
            )
        )

    @invariant()
    def every_release_went_along_its_table(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.transaction() as tx:
            rows = drafts.newest(tx, 1_000)
            for row in rows:
                state = RELEASE.first
                for step in drafts.steps(tx, row.release_day):
                    assert step.before == state
                    state = RELEASE.check(state, step.event)
                    assert step.after == state
                assert row.state == state
                votes = [one.vote for one in drafts.votes(tx, row.release_day)]
                assert len(votes) <= 2
                if row.gate == "review" and row.state in ("PUBLISHED", "RECALLED"):
                    assert votes == ["release", "release"]
            assert sum(row.state in ("NOTICE", "HELD") for row in rows) <= 1
            out = {str(row.release_day) for row in rows if row.state in ("PUBLISHED", "RECALLED")}
            assert out == {one for (one,) in tx.execute("select release_id from published.release").fetchall()}

    @invariant()
    def nothing_is_lost_and_nothing_held_was_said(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.transaction() as tx:
            said = dict(
                tx.execute(
                    "select node, sum(value) from published.ledger "
                    "where measure = 'cases' and level = 'small_area' group by node"
                ).fetchall()
            )
            waits = dict(
                tx.execute(
                    "select node, count(*) from events.waiting "
                    "where measure = 'cases' and not closed and node in ('A', 'B', 'C') group by node"
                ).fetchall()
            )
            way = drafts.on_the_way(tx)
            drafted = way.release_day if way else None
            for area, total in self.arrived.items():
                known = int(said.get(area, 0)) + int(waits.get(area, 0))
                assert known <= total
                if drafted is None:  # the day on its way is in the lake and not yet in the windows
                    assert known == total
            for release_id, held in self.held_at:
                blocks = tx.execute(
                    "select node, measure from published.ledger where release_id = %s and level = 'small_area'",
                    [release_id],
                ).fetchall()
                assert not held & set(blocks)

    @invariant()
    def cases_and_register_hold_together(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.transaction() as tx:
            for row in concerns.concerns(tx):
                steps = concerns.steps(tx, row.concern_id)
                state = CONCERN.first
                for step in steps[1:]:
                    state = state if step.event == "escalate" else CONCERN.check(state, step.event)
                assert row.state == state
            entries = register.entries(tx)[::-1]
            for row in holds.holds(tx):
                told = [one.entry for one in entries if one.hold_id == row.hold_id]
                assert told[0] == "placed"
                assert told.count("placed") == 1
                assert (row.ended_at is not None) == (told[-1] in ("lifted", "expired"))
            assert audit.verify(tx) > 0

    def _note(self, published: list[str]) -> None:
        """What was held at the moment of publication, by the holds' own account."""
        with self.database.transaction() as tx:
            held = {
                (node, measure)
                for row in holds.active(tx, self.at)
                for node in {"A": {"A"}, "B": {"B"}, "C": {"C"}, "D1": {"A", "B"}, "T": {"A", "B", "C"}}[row.area_code]
                for measure in ({"cases"} if row.answer == Answer.TESTS_ONLY.value else {"cases", "tests"})
                if row.answer not in (Answer.WAIT.value, Answer.CONTEXT.value)
            }
        self.held_at += [(one, held) for one in published]

    def _try(self, deed: Callable[[], object]) -> None:
        try:
            deed()
        except (Refused, NotFound):
            return


@pytest.mark.heavy
def test_the_tables_hold_whatever_is_tried(
    cluster, migrated: str, threeland: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made: list[str] = []
    with psycopg.connect(cluster.url("pumphandle_owner", database="postgres"), autocommit=True) as connection:
        start = f"model_{datetime.now(UTC):%H%M%S%f}"
        connection.execute(f"create database {start} template {migrated}".encode())
        made.append(start)
        database = Database(cluster.url("pumphandle_owner", database=start))
        load_nation(threeland, database=database, by=BY, at=datetime(2020, 5, 31, tzinfo=UTC), progress=lambda _: None)
        database.close()

        def fresh() -> tuple[Database, Lake, Path]:
            name = f"{start}_{len(made)}"
            connection.execute(f"create database {name} template {start}".encode())
            made.append(name)
            home = tmp_path_factory.mktemp("walk")
            return Database(cluster.url("pumphandle_owner", database=name)), Lake(home / "lake"), home / "releases"

        FRESH.append(fresh)
        try:
            run_state_machine_as_test(
                Walk,
                settings=settings(
                    max_examples=20, stateful_step_count=25, deadline=None, derandomize=True, phases=[Phase.generate],
                    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
                ),
            )  # fmt: skip
        finally:
            for name in reversed(made):
                connection.execute(f"drop database if exists {name} with (force)".encode())
