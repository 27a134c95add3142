"""Look at a team's work: whom to call, where people met. Every look leaves its mark."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pumphandle.actions.look import looking
from pumphandle.governance import policy
from pumphandle.store.decisions import audit, thresholds
from pumphandle.store.engine import Database
from pumphandle.store.identified import contacts, handovers, settings
from pumphandle.store.identified.contacts import Contact
from pumphandle.store.identified.handovers import Handover
from pumphandle.store.identified.settings import Setting
from pumphandle.tracing.measures import Share, attack_rate, reached_within
from pumphandle.vocabulary.errors import NotFound
from pumphandle.vocabulary.people import Actor

MEASURED: Final = timedelta(days=28)
"""Contacts named within this time are what reaching them in time is measured by."""


@dataclass(frozen=True)
class WorkView:
    """taken : by the reader just now; due : by the clock, without what others have taken"""

    taken: list[Contact]
    due: list[Contact]
    overdue: int
    handovers: list[Handover]
    reached_in_24: Share
    reached_in_48: Share


@dataclass(frozen=True)
class Entry:
    """A setting and how hard it was hit; the rate is None while nobody has said how many people are there."""

    setting: Setting
    rate: Share | None
    too_small: bool


def work(database: Database, *, by: Actor, at: datetime) -> WorkView:
    """The work list of the reader's team."""
    with looking(database, "look_work", by=by, at=at) as tx:
        policy.own_authority(policy.check_can_trace, by)
        times = contacts.times(tx, since=at - MEASURED)
        named, reached = [start for start, _ in times], [end for _, end in times]
        view = WorkView(
            taken=contacts.taken_by(tx, by.name, at=at),
            due=contacts.work_list(tx, at=at, by_name=by.name),
            overdue=contacts.overdue(tx, at=at),
            handovers=handovers.handovers(tx),
            reached_in_24=reached_within(named, reached, hours=24, at=at),
            reached_in_48=reached_within(named, reached, hours=48, at=at),
        )
        audit.add(tx, deed="look_work", subject={"shown": len(view.due) + len(view.taken)}, by=by, at=at)
        return view


def register(database: Database, *, by: Actor, at: datetime, case_key: str | None = None) -> list[Entry]:
    """The register of settings with the cases of the days in which cases are linked.

    case_key : of the case that a contact is to be named of; raises NotFound where it is not the reader's
    """
    with looking(database, "look_settings", by=by, at=at, record_key=case_key) as tx:
        policy.own_authority(policy.check_can_trace, by)
        if case_key is not None and contacts.case_day(tx, case_key) is None:
            raise NotFound("There is no such case among your residents.")
        since = at.date() - timedelta(days=int(thresholds.current(tx, "link_days").value))
        found = [_entry(each) for each in settings.register(tx, since=since)]
        audit.add(tx, deed="look_settings", subject={"shown": len(found)}, by=by, at=at)
        return found


def _entry(setting: Setting) -> Entry:
    """More cases than people means that the register is out of date: said so, and no rate."""
    too_small = setting.capacity is not None and setting.cases > setting.capacity
    return Entry(setting, None if too_small else attack_rate(setting.cases, setting.capacity), too_small)
