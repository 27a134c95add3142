"""What is public of decisions: register of holds, outcomes of concerns, recalls, context notes. Rows are only added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg.rows import class_row

from pumphandle.governance.concerns import Product
from pumphandle.governance.holds import Answer, Hold, measures_held
from pumphandle.publication.feed import Entry
from pumphandle.publication.held import HeldDays
from pumphandle.store.engine import Transaction
from pumphandle.store.published import status_rules
from pumphandle.store.published.status_rules import ChosenRule, ExclusionRow


@dataclass(frozen=True)
class HoldEntry:
    """One line of the register. It never says a number of the area, nor whether there is one."""

    entry_id: int
    hold_id: int
    entry: str
    at: datetime
    area_code: str
    product: str
    answer: str
    body: str
    category: str
    since: datetime
    review_at: datetime
    expires_at: datetime
    outcome: str


@dataclass(frozen=True)
class Outcome:
    """What became of a concern."""

    concern_id: int
    kind: str
    area_code: str
    product: str
    body: str
    raised_on: date
    decision: str
    outcome: str
    at: datetime


@dataclass(frozen=True)
class Recall:
    """A block that was taken back; its number stays in the ledger and in no view."""

    recall_id: int
    block_id: int
    release_id: str
    at: datetime
    body: str
    category: str
    reason: str


@dataclass(frozen=True)
class Note:
    """A council's words beside its area; an empty one ends the one before."""

    note_id: int
    area_code: str
    at: datetime
    body: str
    note: str


@dataclass(frozen=True)
class Register:
    """All that is public of decisions, at one moment. mark: grows with every decision."""

    mark: int
    entries: tuple[HoldEntry, ...]
    outcomes: tuple[Outcome, ...]
    recalls: tuple[Recall, ...]
    notes: dict[str, Note]
    rules: tuple[ChosenRule, ...]
    exclusions: tuple[ExclusionRow, ...]

    def told(self, names: Mapping[str, str]) -> list[Entry]:
        """For the change log and the feed, newest first of each kind. names : of areas, by code"""

        def name(code: str) -> str:
            return names.get(code, code)

        ends = "at the latest until {:%-d %B %Y, %H:%M}"
        holds = [
            Entry(
                one.at, "hold", f"Hold {one.entry}: {name(one.area_code)}",
                f"{one.product}, {one.answer}, by {name(one.body)} ({one.category}), {ends.format(one.expires_at)}. "
                f"{one.outcome}".strip(),
                "", "/holds", f"hold {one.entry_id}",
            )
            for one in self.entries
        ]  # fmt: skip
        recalls = [
            Entry(
                one.at, "recall", f"A number of release {one.release_id} was taken back", one.reason, one.release_id,
                "/holds", f"recall {one.recall_id}",
            )
            for one in self.recalls
        ]  # fmt: skip
        outcomes = [
            Entry(
                one.at, "concern", f"Concern about {name(one.area_code)}: {one.decision}", one.outcome, "", "/holds",
                f"concern {one.concern_id} {one.at.isoformat()}",
            )
            for one in self.outcomes
        ]  # fmt: skip
        rules = [
            Entry(
                one.chosen_at, "status rule", f"Status rule {one.rule_id}, version {one.version}, was chosen",
                f"By {one.chooser}: {one.reason}", "", "/status", f"{one.rule_id} {one.version}",
            )
            for one in self.rules
        ]  # fmt: skip
        return [*holds, *recalls, *outcomes, *rules]

    def held(self, at: datetime) -> tuple[HoldEntry, ...]:
        """The newest line of every hold that is in force at a moment."""
        newest: dict[int, HoldEntry] = {}
        for one in self.entries:  # newest first
            newest.setdefault(one.hold_id, one)
        return tuple(one for one in newest.values() if one.entry in ("placed", "extended") and at < one.expires_at)


def held_days(entries: Sequence[HoldEntry]) -> tuple[HeldDays, ...]:
    """Every hold that kept something back, with the days on which it was in force. entries : newest first"""
    newest: dict[int, HoldEntry] = {}
    for one in entries:
        newest.setdefault(one.hold_id, one)
    found: list[HeldDays] = []
    for one in sorted(newest.values(), key=lambda each: each.hold_id):
        measures = measures_held(Product(one.product), Answer(one.answer))
        end = min(one.at, one.expires_at) if one.entry == "lifted" else one.expires_at
        if measures and end > one.since:
            found.append(HeldDays(one.area_code, measures, one.since.date(), (end - timedelta(microseconds=1)).date()))
    return tuple(found)


def mark(tx: Transaction) -> int:
    """How many decisions are public: each adds a row, and rows are only added."""
    row = tx.execute(
        "select (select count(*) from published.hold_entry) + (select count(*) from published.concern_outcome) "
        "+ (select count(*) from published.recall) + (select count(*) from published.context_note) "
        "+ (select count(*) from published.status_rule) + (select count(*) from published.exclusion)"
    ).fetchone()
    return 0 if row is None else int(row[0])


def read(tx: Transaction) -> Register:
    """Everything, as it stands."""
    return Register(
        mark(tx), tuple(entries(tx)), tuple(outcomes(tx)), tuple(recalls(tx)), notes(tx),
        tuple(status_rules.versions(tx)), tuple(status_rules.exclusions(tx)),
    )  # fmt: skip


def add_entry(tx: Transaction, hold_id: int, hold: Hold, *, entry: str, at: datetime, outcome: str = "") -> None:
    """One line of the register, of a hold as it stands now."""
    tx.execute(
        "insert into published.hold_entry (hold_id, entry, at, area_code, product, answer, body, category, since, "
        "review_at, expires_at, outcome) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            hold_id, entry, at, hold.area_code, hold.product.value, hold.answer.value, hold.body, hold.category.value,
            hold.placed_at, hold.review_at, hold.expires_at, outcome,
        ],
    )  # fmt: skip


def entries(tx: Transaction) -> list[HoldEntry]:
    """The whole register, newest first."""
    with tx.cursor(row_factory=class_row(HoldEntry)) as cursor:
        return cursor.execute(
            "select entry_id, hold_id, entry, at, area_code, product, answer, body, category, since, review_at, "
            "expires_at, outcome from published.hold_entry order by entry_id desc"
        ).fetchall()


def add_outcome(tx: Transaction, outcome: Outcome) -> None:
    tx.execute(
        "insert into published.concern_outcome (concern_id, kind, area_code, product, body, raised_on, decision, "
        "outcome, at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            outcome.concern_id, outcome.kind, outcome.area_code, outcome.product, outcome.body, outcome.raised_on,
            outcome.decision, outcome.outcome, outcome.at,
        ],
    )  # fmt: skip


def outcomes(tx: Transaction) -> list[Outcome]:
    """Newest first."""
    with tx.cursor(row_factory=class_row(Outcome)) as cursor:
        return cursor.execute(
            "select concern_id, kind, area_code, product, body, raised_on, decision, outcome, at "
            "from published.concern_outcome order by at desc, concern_id desc"
        ).fetchall()


def blocks_of(tx: Transaction, release_id: str, nodes: list[str] | None) -> list[int]:
    """Numbers of the blocks that a release published under these codes, or all of them; recalled ones left out."""
    rows = tx.execute(
        "select l.block_id from published.ledger l left join published.recall c using (block_id) "
        "where l.release_id = %(release)s and c.block_id is null "
        "and (%(nodes)s::text[] is null or l.node = any(%(nodes)s)) order by l.block_id",
        {"release": release_id, "nodes": nodes},
    ).fetchall()
    return [int(row[0]) for row in rows]


def recall(tx: Transaction, block_ids: list[int], *, body: str, category: str, reason: str, at: datetime) -> int:
    """Take blocks back; how many. Those already recalled stay as they were."""
    return tx.execute(
        "insert into published.recall (block_id, release_id, at, body, category, reason) "
        "select block_id, release_id, %s, %s, %s, %s from published.ledger where block_id = any(%s) "
        "order by block_id on conflict (block_id) do nothing",
        [at, body, category, reason, block_ids],
    ).rowcount


def recalls(tx: Transaction) -> list[Recall]:
    """Newest first."""
    with tx.cursor(row_factory=class_row(Recall)) as cursor:
        return cursor.execute(
            "select recall_id, block_id, release_id, at, body, category, reason from published.recall "
            "order by recall_id desc"
        ).fetchall()


def add_note(tx: Transaction, area_code: str, *, body: str, note: str, at: datetime) -> None:
    tx.execute(
        "insert into published.context_note (area_code, at, body, note) values (%s, %s, %s, %s)",
        [area_code, at, body, note],
    )


def notes(tx: Transaction) -> dict[str, Note]:
    """Area -> its newest note; an area whose newest note is empty has none."""
    with tx.cursor(row_factory=class_row(Note)) as cursor:
        found = cursor.execute(
            "select distinct on (area_code) note_id, area_code, at, body, note from published.context_note "
            "order by area_code, note_id desc"
        ).fetchall()
    return {one.area_code: one for one in found if one.note}
