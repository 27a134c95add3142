"""Look at cases that hang together: sets of linked cases, flare-ups, and the people in one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pumphandle.actions.look import looking, own_agreement
from pumphandle.governance import policy
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database
from pumphandle.store.identified import reading, sets
from pumphandle.store.identified.reading import Line
from pumphandle.store.identified.sets import FLARE_UPS, SETS, CaseSet, SetCase, SetLink, Shelf
from pumphandle.tracing.continuity import LIVING_DAYS
from pumphandle.vocabulary.errors import NotFound
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class Mark:
    """What a look leaves in the audit. noun : what one of the shelf is called there"""

    deed: str
    noun: str


LISTS: Final = {SETS: Mark(deed="look_sets", noun="sets"), FLARE_UPS: Mark(deed="look_flare_ups", noun="flare_ups")}
ONE: Final = {SETS: Mark(deed="look_set", noun="set"), FLARE_UPS: Mark(deed="look_flare_up", noun="flare_up")}


@dataclass(frozen=True)
class SetView:
    """A set or flare-up with the reader's own cases and every link that is drawn of it.

    lines : first record of each own case; elsewhere : other authorities' cases that a link joins to an own one
    beyond : cases of other authorities that no link joins to an own one: counted, and not to be drawn
    """

    set: CaseSet
    cases: list[SetCase]
    links: list[SetLink]
    lines: dict[str, Line]
    elsewhere: list[str]
    beyond: int


def of_authority(database: Database, shelf: Shelf, *, by: Actor, at: datetime) -> list[CaseSet]:
    """Those with one of the reader's own cases, the ones that grew first."""
    deed = LISTS[shelf].deed
    with looking(database, deed, by=by, at=at) as tx:
        policy.own_authority(policy.check_can_trace, by)
        own_agreement(tx, by, at=at)
        found = sets.sets(tx, shelf)
        audit.add(tx, deed=deed, subject={"shown": len(found)}, by=by, at=at)
        return found


def one(database: Database, shelf: Shelf, set_id: str, *, by: Actor, at: datetime) -> SetView:
    """Raises NotFound for one without a case of the reader's authority."""
    deed, noun = ONE[shelf].deed, ONE[shelf].noun
    with looking(database, deed, by=by, at=at) as tx:
        policy.own_authority(policy.check_can_trace, by)
        own_agreement(tx, by, at=at)
        found = sets.case_set(tx, shelf, set_id)
        if found is None:
            raise NotFound(f"There is no such {noun.replace('_', '-')} of cases in your authority.")
        cases = sets.cases_of(tx, shelf, set_id)
        own = [case.case_key for case in cases]
        links = sets.links_of(tx, own, since=found.run_date - timedelta(days=LIVING_DAYS))
        lines = {line.record_key: line for line in reading.lines_of(tx, own)}
        elsewhere = sorted({end for link in links for end in (link.earlier, link.later)} - set(own))
        subject: dict[str, object] = {noun: set_id, "shown": len(lines), "records": sorted(lines)}
        audit.add(tx, deed=deed, subject=subject, by=by, at=at)
        return SetView(found, cases, links, lines, elsewhere, max(found.cases - len(own) - len(elsewhere), 0))
