"""Look at flare-ups: which sets of linked cases and which clusters belong together, and the people in one."""

from dataclasses import dataclass
from datetime import datetime

from pumphandle.actions.look import looking
from pumphandle.actions.look_tracing import SetView
from pumphandle.governance import policy
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database
from pumphandle.store.identified import flare_ups, reading
from pumphandle.store.identified.flare_ups import FlareUp
from pumphandle.store.identified.sets import CaseSet
from pumphandle.vocabulary.errors import NotFound
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class FlareUpView:
    """linked : its cases and links as those of a set are shown; clusters : case -> a cluster that has it"""

    flare: FlareUp
    linked: SetView
    clusters: dict[str, str]


def flare_ups_of_authority(database: Database, *, by: Actor, at: datetime) -> list[FlareUp]:
    """Those with a case of the reader's authority, the ones that grew first."""
    with looking(database, "look_flare_ups", by=by, at=at) as tx:
        policy.own_authority(policy.check_can_trace, by)
        found = flare_ups.flare_ups(tx)
        audit.add(tx, deed="look_flare_ups", subject={"shown": len(found)}, by=by, at=at)
        return found


def one_flare_up(database: Database, flare_id: str, *, by: Actor, at: datetime) -> FlareUpView:
    """Raises NotFound for one without a case of the reader's authority."""
    with looking(database, "look_flare_up", by=by, at=at) as tx:
        policy.own_authority(policy.check_can_trace, by)
        found = flare_ups.flare_up(tx, flare_id)
        if found is None:
            raise NotFound("There is no such flare-up in your authority.")
        cases, links = flare_ups.cases_of(tx, flare_id), flare_ups.links_of(tx, flare_id)
        lines = {line.record_key: line for line in reading.lines_of(tx, [case.case_key for case in cases])}
        ends = {end for link in links for end in (link.earlier, link.later)}
        subject: dict[str, object] = {"flare_up": flare_id, "shown": len(lines), "records": sorted(lines)}
        audit.add(tx, deed="look_flare_up", subject=subject, by=by, at=at)
        as_set = CaseSet(
            set_id=found.flare_id,
            run_date=found.run_date,
            state=found.state,
            cases=found.cases,
            added=found.added,
            own=found.own,
            first_case=found.first_case,
            last_case=found.last_case,
            kinds=found.kinds,
            settings=found.settings,
            clusters=found.clusters,
        )
        linked = SetView(as_set, cases, links, lines, sorted(ends - {case.case_key for case in cases}))
        return FlareUpView(found, linked, flare_ups.cluster_of_cases(tx, flare_id))
