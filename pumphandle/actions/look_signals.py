"""Look at signals: what the machine found, what became of it, and, for those who may, the people behind it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from pumphandle.actions.look import looking, why_hidden
from pumphandle.governance import policy
from pumphandle.governance.clusters import CLUSTER
from pumphandle.store.decisions import audit, clusters, outlook, runs, signals
from pumphandle.store.decisions.clusters import Cluster, ClusterDay, ClusterStep, Outbreak
from pumphandle.store.decisions.outlook import ForecastDay, GrowthRow, NowcastDay
from pumphandle.store.decisions.signals import LookRow, SignalRow
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.identified import reading
from pumphandle.store.identified.places_told import PlaceNamed, named_by
from pumphandle.store.identified.reading import Line
from pumphandle.store.reference import areas, names
from pumphandle.store.reference.ground import Ground, ground_of
from pumphandle.vocabulary.errors import NotFound
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaCode, AreaLevel

RECORDS_OF_A_SIGNAL: Final = 500
"""Most records shown with one signal; the line list holds them all."""


@dataclass(frozen=True)
class SignalsView:
    """Signals of one day in their ranking, the clusters they belong to, and the days that have any.

    clusters : by id; open : clusters that wait for somebody or are looked into, whatever the day
    newest : the last signal of each of those that are open, which says where it is; nation : of all authorities
    """

    day: date | None
    days: list[date]
    signals: list[SignalRow]
    clusters: dict[str, Cluster]
    open: list[Cluster]
    newest: dict[str, SignalRow]
    nation: bool
    outbreaks: list[Outbreak]
    area_names: dict[str, str]


@dataclass(frozen=True)
class SignalView:
    """A signal, its cluster and, for its own authority, the records of its cases.

    events : what the reader may do about it now; may_decide : whether deciding is theirs at all
    records : None for those who may not see people; places : that several of them name, for those who see names
    """

    signal: SignalRow
    cluster: Cluster
    look: LookRow | None
    history: list[ClusterDay]
    steps: list[ClusterStep]
    outbreak: Outbreak | None
    area_names: dict[str, str]
    ground: Ground
    nowcast: list[NowcastDay]
    growth: list[GrowthRow]
    forecast: list[ForecastDay]
    events: list[str]
    records: list[Line] | None
    places: list[PlaceNamed]
    hidden: str | None


def signals_of_day(database: Database, day: date | None, *, by: Actor, at: datetime) -> SignalsView:
    """Signals of a day; of the newest run if none is named."""
    with looking(database, "look_signals", by=by, at=at) as tx:
        policy.check_can_see_signals(by, authority=by.authority)
        days = signals.days(tx, by.authority)
        chosen = day or runs.last_day(tx)
        found = signals.of_day(tx, chosen, by.authority) if chosen else []
        waiting = clusters.of_authority(tx, by.authority)
        audit.add(tx, deed="look_signals", subject={"day": _iso(chosen), "shown": len(found)}, by=by, at=at)
        newest = signals.newest_of(tx, [one.cluster_id for one in waiting])
        known = {one.cluster_id: one for one in waiting}
        known |= {one.cluster_id: clusters.find(tx, one.cluster_id) for one in found if one.cluster_id not in known}
        return SignalsView(
            day=chosen,
            days=days,
            signals=found,
            clusters=known,
            open=waiting,
            newest=newest,
            nation=by.authority is None,
            outbreaks=clusters.outbreaks(tx, by.authority),
            area_names=_names(tx, [*found, *newest.values()], [one.authority for one in waiting]),
        )


def signal(database: Database, signal_id: str, *, by: Actor, at: datetime) -> SignalView:
    """Raises NotFound for what does not exist, NotPermitted for what is another authority's."""
    with looking(database, "look_signal", by=by, at=at) as tx:
        policy.check_can_see_signals(by, authority=authority_in(tx, signal_id))
        return _view(tx, signals.find(tx, signal_id), by, at)


def cluster(database: Database, cluster_id: str, *, by: Actor, at: datetime) -> SignalView:
    """Its newest signal. Raises as `signal`."""
    with looking(database, "look_signal", by=by, at=at) as tx:
        policy.check_can_see_signals(by, authority=authority_in(tx, cluster_id))
        return _view(tx, signals.newest(tx, cluster_id), by, at)


def authority_in(tx: Transaction, named: str, *, what: str = "signal") -> AreaCode:
    """The authority that the id of a signal or cluster begins with, before anything of it is read.

    Others' rows are not there for the reader's transaction: without this, theirs and none would be one answer.
    Raises NotFound where it begins with no authority.
    """
    begins = named.partition("/")[0]
    if begins not in names.of_areas(tx, [begins]) or areas.area(tx, begins).level is not AreaLevel.DISTRICT:
        raise NotFound(f"There is no such {what}.")
    return AreaCode(begins)


def _view(tx: Transaction, found: SignalRow | None, by: Actor, at: datetime) -> SignalView:
    if found is None:
        raise NotFound("There is no such signal.")
    authority = AreaCode(found.authority)
    policy.check_can_see_signals(by, authority=authority)
    followed = clusters.find(tx, found.cluster_id)
    records, hidden = None, why_hidden(tx, by, authority=authority, at=at)
    if hidden is None:
        records = reading.of_cluster(
            tx,
            found.cluster_id,
            on=found.run_date,
            first=found.first_day,
            last=found.last_day,
            largest=RECORDS_OF_A_SIGNAL,
        )
    subject: dict[str, object] = {
        "signal_id": found.signal_id,
        "shown": len(records or []),
        "records": [line.record_key for line in records or []],
    }
    audit.add(tx, deed="look_signal", subject=subject, by=by, at=at)
    day, ground = found.run_date, _ground(tx, found, records or [])
    return SignalView(
        signal=found,
        cluster=followed,
        look=signals.look(tx, day, found.pathogen),
        history=clusters.history(tx, found.cluster_id),
        steps=clusters.steps(tx, found.cluster_id),
        outbreak=clusters.outbreak_of(tx, found.cluster_id),
        area_names=_names(tx, [found], [found.authority, *ground.shapes]),
        ground=ground,
        nowcast=[row for row in outlook.nowcast(tx, day, found.authority) if row.pathogen == found.pathogen],
        growth=[row for row in outlook.growth(tx, day, found.authority) if row.pathogen == found.pathogen],
        forecast=[row for row in outlook.forecast(tx, day, found.authority) if row.pathogen == found.pathogen],
        events=_events(followed, by),
        records=records,
        places=_places(tx, records or [], by),
        hidden=hidden,
    )


def _events(cluster: Cluster, by: Actor) -> list[str]:
    """In the order in which people mostly need them."""
    escalated = cluster.status == "escalated"
    if not policy.can(policy.check_can_decide, by, authority=AreaCode(cluster.authority), escalated=escalated):
        return []
    possible = CLUSTER.events(cluster.status)
    return [event for event in ("take up", "declare", "dismiss", "close") if event in possible]


def _places(tx: Transaction, records: list[Line], by: Actor) -> list[PlaceNamed]:
    """A workplace beside an age says who somebody is: only for those who see names."""
    seen = policy.can(policy.check_can_see_people, by, authority=by.authority)
    return named_by(tx, [line.record_key for line in records]) if seen else []


def _names(tx: Transaction, found: list[SignalRow], others: list[str]) -> dict[str, str]:
    codes = {code for one in found for code in one.areas} | {one.authority for one in found} | set(others)
    return names.of_areas(tx, codes)


def _ground(tx: Transaction, found: SignalRow, records: list[Line]) -> Ground:
    own = {str(one.area_code) for one in areas.children(tx, found.authority)} | set(found.areas)
    beside = {other for code in found.areas for other in areas.neighbours(tx, code)}
    return ground_of(tx, sorted(own | beside), Counter(line.postcode for line in records if line.postcode))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
