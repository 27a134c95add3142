"""Look at the map of one's own authority: counts by area and postcode, and the clusters that are followed there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from pumphandle.actions.look import looking, own_agreement
from pumphandle.store.decisions import audit, clusters, runs, signals
from pumphandle.store.decisions.clusters import Cluster
from pumphandle.store.decisions.signals import SignalRow
from pumphandle.store.engine import Database
from pumphandle.store.identified import mapping, reading
from pumphandle.store.identified.mapping import Counted
from pumphandle.store.identified.reading import SpecimenDay
from pumphandle.store.reference import areas
from pumphandle.store.reference.barriers import Line
from pumphandle.store.reference.boundaries import Geometry
from pumphandle.store.reference.ground import Spot, ground_of
from pumphandle.vocabulary.people import Actor

STRIP_DAYS: Final = 90
"""Days among which the window can be moved."""


@dataclass(frozen=True)
class MapView:
    """until : last day of the window; outlined : cluster and its newest signal, whose areas are drawn around

    spots : by postcode, as many as have a place; shapes : GeoJSON of the small areas; barriers : lines near them
    """

    first: date
    until: date
    newest: date
    areas: list[Counted]
    postcodes: list[Counted]
    strip: list[SpecimenDay]
    shapes: dict[str, Geometry]
    spots: list[Spot]
    barriers: list[Line]
    outlined: list[tuple[Cluster, SignalRow]]
    area_names: dict[str, str]


def look_map(database: Database, *, until: date | None, days: int, measure: str, by: Actor, at: datetime) -> MapView:
    """measure : cases, tests or households, which decides the size of the spots; days : length of the window"""
    with looking(database, "look_map", by=by, at=at) as tx:
        authority, agreement = own_agreement(tx, by, at=at)
        newest = runs.last_day(tx) or at.date()
        last = min(until or newest, newest)
        first = last - timedelta(days=days - 1)
        counted = mapping.by_area(tx, first, last)
        homes = mapping.by_postcode(tx, first, last) if "postcode" in agreement.fields else []
        small = areas.children(tx, authority)
        sizes = {one.place: int(getattr(one, "cases" if measure == "positivity" else measure)) for one in homes}
        ground = ground_of(tx, [one.area_code for one in small], sizes)
        followed = [one for one in clusters.of_authority(tx, authority) if one.state != "ended"]
        newest_signals = signals.newest_of(tx, [one.cluster_id for one in followed])
        audit.add(tx, deed="look_map", subject={"days": days, "places": len(homes)}, by=by, at=at)
        return MapView(
            first=first,
            until=last,
            newest=newest,
            areas=counted,
            postcodes=homes,
            strip=reading.specimen_days(tx, newest - timedelta(days=STRIP_DAYS - 1), newest),
            shapes=ground.shapes,
            spots=ground.spots,
            barriers=ground.barriers,
            outlined=[(one, newest_signals[one.cluster_id]) for one in followed if one.cluster_id in newest_signals],
            area_names={str(one.area_code): one.name for one in small},
        )
