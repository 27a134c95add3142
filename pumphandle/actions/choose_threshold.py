"""Choose a number that the rules stand on: a new version, with its chooser and the reason."""

from dataclasses import dataclass
from datetime import datetime

from pumphandle.governance import policy
from pumphandle.governance.thresholds import DEFAULTS, Default, Threshold
from pumphandle.store.decisions import audit, thresholds
from pumphandle.store.engine import Database, one_at_a_time
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class Chosen:
    """A number with its bounds. now : None where nobody has chosen yet, and what needs it refuses"""

    known: Default
    now: Threshold | None


def chosen(database: Database) -> list[Chosen]:
    """Every number that the rules stand on, by name; they point at nobody."""
    with database.transaction() as tx:
        return [Chosen(one, thresholds.find(tx, one.name)) for one in sorted(DEFAULTS, key=lambda one: one.name)]


def choose_threshold(database: Database, name: str, value: int, *, reason: str, by: Actor, at: datetime) -> Threshold:
    """From now on this number holds. Raises NotPermitted, Refused for an unknown name, other bounds or no reason."""
    policy.check_can_choose_threshold(by)
    with database.transaction() as tx:
        one_at_a_time(tx)
        made = thresholds.choose(tx, name, value, chooser=by.name, chosen_on=at.date(), reason=reason)
        subject: dict[str, object] = {"threshold": name, "version": made.version, "value": value}
        audit.add(tx, deed="threshold", subject=subject, by=by, at=at)
    return made
