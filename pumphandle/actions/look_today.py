"""Look at the page of the day: what changed since one last looked, what to do first, what became of the work."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from pumphandle.actions.look import looking, why_hidden
from pumphandle.governance import policy
from pumphandle.governance.concerns import CONCERN
from pumphandle.store.decisions import (
    audit,
    break_glass,
    clusters,
    concerns,
    holds,
    runs,
    signals,
    thresholds,
    timers,
    watch,
)
from pumphandle.store.decisions.break_glass import GlassRow
from pumphandle.store.decisions.clusters import Cluster, Grown
from pumphandle.store.decisions.concerns import ConcernRow
from pumphandle.store.decisions.holds import HoldRow
from pumphandle.store.decisions.runs import RunStep
from pumphandle.store.decisions.signals import SignalRow
from pumphandle.store.decisions.watch import Watched
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.identified import collecting, contacts, reading
from pumphandle.store.identified.collecting import DeliveryRow
from pumphandle.store.identified.reading import DayCounts, SpecimenDay
from pumphandle.store.reference import areas, names
from pumphandle.vocabulary.people import Actor, Role

HISTORY_DAYS: Final = 28
"""Specimen days drawn on the page of the day."""
LOUD: Final = frozenset({"raised", "escalated"})
"""Clusters that wait for somebody."""


@dataclass(frozen=True)
class Since:
    """From which run on things count as news; for who looks for the first time, looked_at None: the newest."""

    first_day: date
    looked_at: datetime | None


@dataclass(frozen=True)
class DayAtHome:
    """One authority's news. `delivery` is None if no package was made.

    counts : None while no agreement is active: what is hidden is not nothing; `history` is empty then
    """

    counts: DayCounts | None
    delivery: DeliveryRow | None
    waiting: int
    history: list[SpecimenDay]


@dataclass(frozen=True)
class Public:
    """What stands against or in the way of numbers of the reader's own areas."""

    concerns: list[ConcernRow]
    holds: list[HoldRow]


@dataclass(frozen=True)
class ByItself:
    """What the house does by itself, for who looks after it. None: it never went well

    purged_at, purge_late : the last purge that went well, and whether that is longer ago than a day
    unplaced_kept : nobody has chosen for how long records without a place are kept, so that all are
    seen_at, nobody_there : when somebody was last at the door to take in what arrives, and whether they are gone
    """

    purged_at: datetime | None
    purge_late: bool
    unplaced_kept: bool
    seen_at: datetime | None
    nobody_there: bool


@dataclass(frozen=True)
class Today:
    """The newest day that was run. `home` is None for roles that see no records, `run_date` before the first run.

    signals    : of clusters that wait for somebody, the shortest clock first, then the newest day's others
    clusters   : by id, of every signal here; grown : clusters that cases came into
    overdue    : follow-ups whose clock has run out; None for who traces nobody
    worked     : what people did since: event -> how often
    watched    : alarms and warnings about laboratories of the newest day
    unresolved : results whose postcode lies in the reader's region and leads to no single authority; None: not known
    public     : None for who has no part in what is published
    hidden     : why no record of the reader's own authority is shown; None: they are, or the reader has no authority
    traces     : what became of contacts is among `worked`
    glass      : break-glass on the reader's authority that is open or waits for its review; for its directors
    """

    run_date: date | None
    since: Since | None
    steps: dict[str, RunStep]
    signals: list[SignalRow]
    clusters: dict[str, Cluster]
    grown: list[Grown]
    grown_signals: dict[str, SignalRow]
    area_names: dict[str, str]
    home: DayAtHome | None
    overdue: int | None
    worked: dict[str, int]
    watched: list[Watched]
    unresolved: int | None
    public: Public | None
    hidden: str | None
    traces: bool
    glass: list[GlassRow]
    by_itself: ByItself | None = None


def today(database: Database, *, begun_at: datetime, since: date | None, by: Actor, at: datetime) -> Today:
    """The morning page.

    begun_at : of this visit; what was looked at within it stays news until the next
    since    : a day that the reader asks for in the place of their last look
    """
    with looking(database, "look_today", by=by, at=at) as tx:
        policy.check_can_see_runs(by)
        run_date = runs.last_day(tx)
        hidden = why_hidden(tx, by, authority=by.authority, at=at) if by.authority else None
        if run_date is None:
            audit.add(tx, deed="look_today", subject={"day": None}, by=by, at=at)
            return _nothing_yet(hidden, _glass(tx, by, at))
        news = _since(tx, run_date, begun_at, since, by)
        found = _news(tx, run_date, news, hidden, by=by, at=at)
        counts = found.home.counts if found.home else None
        told = {} if counts is None else {"new": counts.new, "changed": counts.changed}
        audit.add(tx, deed="look_today", subject={"day": run_date.isoformat(), **told}, by=by, at=at)
        return found


def _since(tx: Transaction, run_date: date, begun_at: datetime, asked: date | None, by: Actor) -> Since:
    if asked is not None:
        return Since(asked, None)
    last = audit.last_looked(tx, by.name, before=begun_at)
    if last is None or last[1] is None:
        return Since(run_date, None)
    return Since(last[1] + timedelta(days=1), last[0])


def _news(tx: Transaction, run_date: date, since: Since, hidden: str | None, *, by: Actor, at: datetime) -> Today:
    steps = runs.finished(tx, run_date)
    known, found = _signals(tx, run_date, by)
    grew = clusters.grown(tx, by.authority, first=since.first_day) if found or known else []
    grown_signals = signals.newest_of(tx, [one.cluster_id for one in grew])
    public = _public(tx, by)
    codes = {code for one in (*found, *grown_signals.values()) for code in one.areas}
    codes |= {one.authority for one in found}
    glass = _glass(tx, by, at)
    codes |= {one.user_authority for one in glass}
    if public is not None:
        codes |= {one.area_code for one in (*public.concerns, *public.holds)}
    worked_since = since.looked_at or at - timedelta(days=1)
    traces = policy.can(policy.check_can_trace, by, authority=by.authority)
    worked = clusters.done_since(tx, by.authority, since=worked_since) if known or found else {}
    return Today(
        run_date=run_date,
        since=since,
        steps=steps,
        signals=found,
        clusters=known,
        grown=grew,
        grown_signals=grown_signals,
        area_names=names.of_areas(tx, codes),
        home=_home(tx, run_date, since, by, shown=hidden is None),
        overdue=contacts.overdue(tx, at=at) if traces else None,
        worked=worked | (contacts.done_since(tx, since=worked_since) if traces else {}),
        watched=watch.of_authority(tx, run_date, by.authority) if by.authority else watch.of_day(tx, run_date),
        unresolved=_unresolved(tx, steps, by),
        public=public,
        hidden=hidden,
        traces=traces,
        glass=glass,
        by_itself=None if by.authority else _by_itself(tx, by, at),
    )


PURGE_EVERY: Final = timedelta(hours=26)
"""Once a day, and an hour or two for a day's run that takes longer than the last one."""
AT_THE_DOOR: Final = timedelta(minutes=10)


def _by_itself(tx: Transaction, by: Actor, at: datetime) -> ByItself | None:
    if by.role not in (Role.STEWARD, Role.NATIONAL, Role.AUDITOR):
        return None
    purged, seen = timers.find(tx, "purge"), timers.find(tx, "take_in")
    return ByItself(
        purged_at=None if purged is None else purged.done_at,
        purge_late=purged is None or at - purged.done_at > PURGE_EVERY,
        unplaced_kept=thresholds.find(tx, "unplaced_keep_days") is None,
        seen_at=None if seen is None else seen.done_at,
        nobody_there=seen is not None and at - seen.done_at > AT_THE_DOOR,
    )


def _nothing_yet(hidden: str | None, glass: list[GlassRow]) -> Today:
    return Today(None, None, {}, [], {}, [], {}, {}, None, None, {}, [], None, None, hidden, False, glass)


def _glass(tx: Transaction, by: Actor, at: datetime) -> list[GlassRow]:
    if by.authority is None or not policy.can(policy.check_can_see_glass, by):
        return []
    return break_glass.standing(tx, by.authority, at=at)


def _signals(tx: Transaction, day: date, by: Actor) -> tuple[dict[str, Cluster], list[SignalRow]]:
    """Clusters and signals by urgency: what waits for somebody by its clock, then the day's others by their rarity."""
    if not policy.can(policy.check_can_see_signals, by, authority=by.authority):
        return {}, []
    waiting = [one for one in clusters.of_authority(tx, by.authority) if one.status in LOUD]
    newest = signals.newest_of(tx, [one.cluster_id for one in waiting])
    first = [newest[one.cluster_id] for one in waiting if one.cluster_id in newest]
    others = [one for one in signals.of_day(tx, day, by.authority) if one.cluster_id not in newest]
    known = {one.cluster_id: one for one in waiting}
    known |= {one.cluster_id: clusters.find(tx, one.cluster_id) for one in others}
    return known, [*first, *others]


def _home(tx: Transaction, day: date, since: Since, by: Actor, *, shown: bool) -> DayAtHome | None:
    if not policy.can(policy.check_can_see_facts, by, authority=by.authority):
        return None
    return DayAtHome(
        counts=reading.counts_since(tx, since.first_day) if shown else None,
        delivery=collecting.delivery(tx, day),
        waiting=collecting.unacknowledged(tx),
        history=reading.specimen_days(tx, day - timedelta(days=HISTORY_DAYS - 1), day) if shown else [],
    )


def _unresolved(tx: Transaction, steps: dict[str, RunStep], by: Actor) -> int | None:
    """As the day's delivery said it of the reader's region; the nation's number for who serves no authority."""
    if by.authority is None:
        found = steps["link"].summary.get("unplaced_waiting") if "link" in steps else None
        return found if isinstance(found, int) else None
    told = steps["deliver"].summary.get("unplaced_by_region") if "deliver" in steps else None
    if not isinstance(told, dict):
        return None
    return int(str(told.get(areas.area(tx, by.authority).parent or "", 0)))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


def _public(tx: Transaction, by: Actor) -> Public | None:
    """Open concerns and holds in force on the reader's areas, whoever raised or placed them."""
    if by.authority is None or not policy.can(policy.check_can_look_at_decisions, by):
        return None
    own = {by.authority, *(one.area_code for one in areas.children(tx, by.authority))}
    raised = [one for one in concerns.concerns(tx) if one.area_code in own and one.state not in CONCERN.final]
    placed = [one for one in holds.holds(tx) if one.area_code in own and one.ended_at is None]
    return Public(raised, placed)
