"""Status rules that somebody chose, every version; and the days of single institutions. Rows are only added."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.errors import NoThresholdSet


@dataclass(frozen=True)
class ChosenRule:
    """text: TOML, as publication.status.rules reads it."""

    rule_id: str
    version: int
    text: str
    chooser: str
    chosen_at: datetime
    reason: str


@dataclass(frozen=True)
class ExclusionRow:
    """Days on which a rise was mostly one institution, as a body decided."""

    area_code: str
    first_day: date
    last_day: date
    body: str
    at: datetime
    reason: str


def add(tx: Transaction, chosen: ChosenRule) -> None:
    """The database refuses a version that is there already."""
    tx.execute(
        "insert into published.status_rule (rule_id, version, text, chooser, chosen_at, reason) "
        "values (%s, %s, %s, %s, %s, %s)",
        [chosen.rule_id, chosen.version, chosen.text, chosen.chooser, chosen.chosen_at, chosen.reason],
    )


def seed(tx: Transaction, chosen: ChosenRule) -> None:
    """The first choice, if there is none yet."""
    if not versions(tx):
        add(tx, chosen)


def versions(tx: Transaction) -> list[ChosenRule]:
    """Every choice, the newest first."""
    with tx.cursor(row_factory=class_row(ChosenRule)) as cursor:
        return cursor.execute(
            "select rule_id, version, text, chooser, chosen_at, reason from published.status_rule "
            "order by chosen_at desc, rule_id, version desc"
        ).fetchall()


def in_force(tx: Transaction) -> ChosenRule:
    """The newest choice. Raises NoThresholdSet."""
    found = versions(tx)
    if not found:
        raise NoThresholdSet("Nobody has chosen a rule for the status of areas.")
    return found[0]


def add_exclusion(tx: Transaction, row: ExclusionRow) -> None:
    tx.execute(
        "insert into published.exclusion (area_code, first_day, last_day, body, at, reason) "
        "values (%s, %s, %s, %s, %s, %s)",
        [row.area_code, row.first_day, row.last_day, row.body, row.at, row.reason],
    )


def exclusions(tx: Transaction) -> list[ExclusionRow]:
    """In the order in which they were decided."""
    with tx.cursor(row_factory=class_row(ExclusionRow)) as cursor:
        return cursor.execute(
            "select area_code, first_day, last_day, body, at, reason from published.exclusion order by exclusion_id"
        ).fetchall()
