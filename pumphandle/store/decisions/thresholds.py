"""The numbers that people chose: every version is kept."""

from datetime import date, datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pumphandle.governance.thresholds import DEFAULTS, FIRST_CHOOSER, Threshold, check_reason, check_value
from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.errors import NoThresholdSet


def current(tx: Transaction, name: str) -> Threshold:
    """The newest version. Raises NoThresholdSet: absence refuses."""
    found = find(tx, name)
    if found is None:
        raise NoThresholdSet(f"Nobody has chosen {name}. Choose a value before running what needs it.")
    return found


def find(tx: Transaction, name: str) -> Threshold | None:
    """The newest version; None: nobody has chosen yet."""
    with tx.cursor(row_factory=class_row(Threshold)) as cursor:
        return cursor.execute(
            "select name, version, value::integer as value, chooser, chosen_on, reason "
            "from decisions.threshold where name = %s order by version desc limit 1",
            [name],
        ).fetchone()


def version(tx: Transaction, name: str, number: int) -> Threshold:
    """One version. Raises NoThresholdSet."""
    for one in versions(tx):
        if (one.name, one.version) == (name, number):
            return one
    raise NoThresholdSet(f"There is no version {number} of {name}.")


def versions(tx: Transaction) -> list[Threshold]:
    """All of them, by name, newest first."""
    with tx.cursor(row_factory=class_row(Threshold)) as cursor:
        return cursor.execute(
            "select name, version, value::integer as value, chooser, chosen_on, reason "
            "from decisions.threshold order by name, version desc"
        ).fetchall()


def seed_defaults(tx: Transaction, at: datetime) -> None:
    """Version 1 of every default that has a value. Again: nothing changes."""
    for default in DEFAULTS:
        if default.value is None:
            continue
        _add(tx, Threshold(default.name, 1, default.value, FIRST_CHOOSER, at.date(), default.reason))


def choose(tx: Transaction, name: str, value: int, *, chooser: str, chosen_on: date, reason: str) -> Threshold:
    """A new version. Raises Refused for an unknown name, a value out of bounds, or no chooser or reason."""
    check_value(name, value)
    check_reason(chooser, reason)
    # two choosers at once: one version after the other
    tx.execute("lock table decisions.threshold in share row exclusive mode")
    row = tx.execute("select coalesce(max(version), 0) from decisions.threshold where name = %s", [name]).fetchone()
    chosen = Threshold(name, (0 if row is None else int(row[0])) + 1, value, chooser, chosen_on, reason)
    _add(tx, chosen)
    return chosen


def _add(tx: Transaction, threshold: Threshold) -> None:
    tx.execute(
        "insert into decisions.threshold (name, version, value, chooser, chosen_on, reason) "
        "values (%s, %s, %s, %s, %s, %s) on conflict (name, version) do nothing",
        [
            threshold.name,
            threshold.version,
            Jsonb(threshold.value),
            threshold.chooser,
            threshold.chosen_on,
            threshold.reason,
        ],
    )
