"""Choose the rule for the status of areas: a text that can be read, with chooser, date and reason."""

from datetime import datetime
from typing import Final

from pumphandle.governance import policy
from pumphandle.publication.status.rules import read_rule, shipped
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.published import status_rules
from pumphandle.store.published.status_rules import ChosenRule
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.people import Actor

FIRST: Final = "england-starter"
"""In force until somebody with the duty chooses."""


def seed(tx: Transaction, *, at: datetime) -> None:
    """The starter rule, if none was ever chosen."""
    text = shipped()[FIRST]
    rule = read_rule(text)
    status_rules.seed(tx, ChosenRule(rule.rule_id, rule.version, text, rule.chooser, at, rule.reason))


def choose(database: Database, text: str, *, reason: str, by: Actor, at: datetime) -> ChosenRule:
    """Put a rule in force. Raises BadDescription for a text that is no rule, Refused for a version that was used."""
    if not reason.strip():
        raise Refused("Choosing a rule needs the reason.")
    rule = read_rule(text)
    with database.transaction(authority=by.authority, role=by.role) as tx:
        policy.check_can_choose_threshold(by)
        if any((one.rule_id, one.version) == (rule.rule_id, rule.version) for one in status_rules.versions(tx)):
            raise Refused(f"Version {rule.version} of {rule.rule_id} was chosen before; raise its version.")
        chosen = ChosenRule(rule.rule_id, rule.version, text, by.name, at, reason.strip())
        status_rules.add(tx, chosen)
        subject: dict[str, object] = {"rule": rule.rule_id, "version": rule.version}
        audit.add(tx, deed="choose_status_rule", subject=subject, by=by, at=at)
    return chosen
