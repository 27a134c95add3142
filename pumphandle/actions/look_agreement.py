"""Look at agreements: one's own, or, for those who look after all of them, every one."""

from dataclasses import dataclass
from datetime import datetime

from pumphandle.actions.look import looking
from pumphandle.governance import policy
from pumphandle.governance.agreements import CLOCKS, AgreementState, overdue
from pumphandle.store.decisions import agreements, audit
from pumphandle.store.decisions.agreements import Agreement, StepTaken
from pumphandle.store.engine import Database
from pumphandle.store.reference import names
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class AgreementView:
    """An authority and how its agreement stands; None where nothing has been offered yet."""

    authority: str
    authority_name: str
    agreement: Agreement | None
    steps: list[StepTaken]
    overdue: bool
    due_at: datetime | None


def agreements_seen(database: Database, *, by: Actor, at: datetime) -> list[AgreementView]:
    """The reader's own, or all that stand; overdue ones first."""
    with looking(database, "look_agreement", by=by, at=at) as tx:
        policy.check_can_see_agreement(by, authority=by.authority)
        known = agreements.every(tx)
        codes = [str(by.authority)] if by.authority else sorted(known)
        named = names.of_areas(tx, codes)
        views = [
            _view(code, named.get(code, code), known.get(code), agreements.steps(tx, code), at=at) for code in codes
        ]
        audit.add(tx, deed="look_agreement", subject={"shown": len(views)}, by=by, at=at)
    return sorted(views, key=lambda view: (not view.overdue, view.authority_name))


def _view(code: str, name: str, known: Agreement | None, steps: list[StepTaken], *, at: datetime) -> AgreementView:
    if known is None:
        return AgreementView(code, name, None, steps, overdue=False, due_at=None)
    state = AgreementState(known.state)
    due_at = known.since + CLOCKS[state] if state in CLOCKS else None
    return AgreementView(code, name, known, steps, overdue=overdue(state, since=known.since, at=at), due_at=due_at)
