"""Measure how useful the release of a day is, from what only we know, and keep it where only we look."""

from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from pumphandle.actions.publish import ground_of
from pumphandle.publication.pools import pooled_windows
from pumphandle.publication.usefulness import DAYS_NEEDED, Stand, usefulness
from pumphandle.store.decisions import audit
from pumphandle.store.decisions import usefulness as shelf
from pumphandle.store.engine import Transaction
from pumphandle.store.events import counts
from pumphandle.store.events.lake import Lake
from pumphandle.store.published import reading
from pumphandle.store.published.reading import ReleaseRow
from pumphandle.store.reference import areas
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.people import Actor

MEASURED: Final = (Measure.CASES, Measure.TESTS)
POOLS_BACK: Final = 400
"""Days in which every window that stays open has joined a pool: more than the longest `pool_days`."""


def measure_usefulness(day: date, *, tx: Transaction, lake: Lake, by: Actor, at: datetime) -> bool:
    """Measure the release about that day. A day on which nothing went out has no figures."""
    release = reading.of_day(tx, day)
    if release is None:
        return False
    node_of = areas.publication_nodes(tx)
    nodes = sorted(set(node_of.values()))
    start = date.fromisoformat(str(release.manifest["ledger_start"]))
    first = max(start, day - timedelta(days=DAYS_NEEDED - 1))
    for measure in MEASURED:
        stand = _stand(tx, lake, release, measure, nodes=nodes, node_of=node_of, start=start, first=first)
        found = usefulness(stand)
        narrowest = release.certificate.get("narrowest_interval")
        shelf.add(
            tx,
            release.release_id,
            day,
            str(measure),
            found,
            narrowest=narrowest if isinstance(narrowest, int) else None,
        )
    audit.add(tx, deed="measure_usefulness", subject={"release": release.release_id}, by=by, at=at)
    return True


def _stand(
    tx: Transaction,
    lake: Lake,
    release: ReleaseRow,
    measure: Measure,
    *,
    nodes: list[str],
    node_of: dict[str, str],
    start: date,
    first: date,
) -> Stand:
    day = release.as_of
    place = {node: at for at, node in enumerate(nodes)}
    arrivals = np.zeros((len(nodes), (day - first).days + 1), dtype=np.int64)
    came = counts.arrivals_by_day(tx, lake, measure=str(measure), first=first, last=day)
    for on, small_area, arrived in came.iter_rows():
        if small_area in node_of:
            arrivals[place[node_of[small_area]], (on - first).days] += arrived
    windows = shelf.windows_since(tx, nodes, str(measure), first=first, last=day)
    people = {str(area.area_code): area.population or 0 for area in areas.areas(tx)}
    population = dict.fromkeys(nodes, 0)
    for small_area, node in node_of.items():
        population[node] += people.get(small_area, 0)
    pools = shelf.pools_since(tx, str(measure), first=day - timedelta(days=POOLS_BACK), last=day)
    district, k = ground_of(tx, start=start).district, int(release.rule["k_persons"])
    pooled = pooled_windows(pools, nodes, [population[node] for node in nodes], district=district, k=k)
    since = np.full(len(nodes), start.toordinal(), dtype=np.int64)
    for closed in (windows, pooled):
        np.maximum.at(since, closed.node, closed.last + 1)
    # corrections can take away more than came on a day; what was taken away does not wait
    truth = np.maximum(arrivals, 0)
    return Stand(windows, since, truth, day.toordinal(), k, pooled)
