"""The same cluster as yesterday: a pure function of sets of cases, so that nothing is told twice unless it grew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

SAME_SHARE: Final = 0.3
"""Shared cases over all cases of both (Jaccard) from which two sets are the same cluster."""
HELD_SHARE: Final = 0.5
"""Or so much of the smaller one lies inside the other: a cluster that has doubled overnight is still the same."""
GROWN: Final = 1.5
GROWN_BY: Final = 3
"""A cluster is raised again when it has GROWN times and GROWN_BY more cases than when it was last raised."""


class ClusterState(StrEnum):
    """What a cluster did since the look before."""

    NEW = "new"
    GROWING = "growing"
    STABLE = "stable"
    CLOSING = "closing"
    ENDED = "ended"


@dataclass(frozen=True)
class Followed:
    """A cluster as it stood at the last look. cases : of the look that last saw it; raised_cases : when last raised."""

    cluster_id: str
    cases: frozenset[str]
    last_seen: date
    raised_cases: int


@dataclass(frozen=True)
class Step:
    """What today's look means for one cluster.

    found : position in today's sets, or None where nothing was found of it today
    cluster_id : None for a new one; added : cases that were not in it before
    raised : somebody is to be told, for the first time or again because it grew
    """

    cluster_id: str | None
    found: int | None
    state: ClusterState
    added: int
    raised: bool


def follow(
    before: Sequence[Followed], today: Sequence[frozenset[str]], *, on: date, window_days: int
) -> tuple[Step, ...]:
    """One step for each of today's sets, in their order, then one for each cluster that was not found.

    before : clusters followed so far, also those that people dismissed, so that they are not raised again either
    window_days : days after which a cluster that is no longer found has ended

    The strongest pairs are joined first: by share of common cases, then by the cluster's name; each name goes on in one
    set only, so the order of the input does not matter.
    """
    pairs = sorted(
        (
            (-share, cluster.cluster_id, at)
            for cluster in before
            for at, cases in enumerate(today)
            if (share := _likeness(cluster.cases, cases)) > 0.0
        ),
    )
    known = {cluster.cluster_id: cluster for cluster in before}
    name_of: dict[int, str] = {}
    for _, cluster_id, at in pairs:
        if at not in name_of and cluster_id not in name_of.values():
            name_of[at] = cluster_id
    steps = [_seen(known.get(name_of.get(at, "")), at, cases) for at, cases in enumerate(today)]
    missing = [cluster for cluster in before if cluster.cluster_id not in name_of.values()]
    return (*steps, *(_missed(cluster, on, window_days) for cluster in missing))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard's index where the two are the same cluster, else 0."""
    common = len(one & other)
    if not common:
        return 0.0
    share = common / len(one | other)
    return share if share >= SAME_SHARE or common >= HELD_SHARE * min(len(one), len(other)) else 0.0


def _seen(cluster: Followed | None, at: int, cases: frozenset[str]) -> Step:
    if cluster is None:
        return Step(None, at, ClusterState.NEW, len(cases), raised=True)
    added = len(cases - cluster.cases)
    grown = len(cases) >= GROWN * cluster.raised_cases and len(cases) >= cluster.raised_cases + GROWN_BY
    state = ClusterState.GROWING if added else ClusterState.STABLE
    return Step(cluster.cluster_id, at, state, added, raised=grown)


def _missed(cluster: Followed, on: date, window_days: int) -> Step:
    over = (on - cluster.last_seen).days > window_days
    return Step(cluster.cluster_id, None, ClusterState.ENDED if over else ClusterState.CLOSING, 0, raised=False)
