"""Follow clusters: today's signals meet those of yesterday; who is to act is named, and the clocks run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pumphandle.detection.daily.known import Ground, Known
from pumphandle.detection.identity import ClusterState, Followed, follow
from pumphandle.detection.signals import Signal
from pumphandle.governance.clusters import CLUSTER, RAISED, SILENT, clock
from pumphandle.store.decisions import audit, clusters, thresholds
from pumphandle.store.decisions.clusters import Cluster
from pumphandle.store.engine import Transaction
from pumphandle.store.identified import cluster_cases
from pumphandle.vocabulary.people import THE_TIMER


@dataclass(frozen=True)
class ClustersFollowed:
    """cluster_ids : of each signal, in their order; raised, escalated : how many clusters."""

    cluster_ids: list[str]
    raised: int
    escalated: int


def follow_clusters(
    known: Known, found: Sequence[Signal], ground: Ground, *, on: date, tx: Transaction, at: datetime
) -> ClustersFollowed:
    """One pathogen's clusters, in the caller's transaction: new, growing, stable, closing or ended."""
    window, hours = (int(thresholds.current(tx, name).value) for name in ("cluster_window_days", "signal_act_hours"))
    escalated = escalate(tx, hours=hours, at=at)
    before = {one.cluster_id: one for one in clusters.followed(tx, known.pathogen)}
    cases = cluster_cases.latest(tx, list(before))
    followed = [
        Followed(one.cluster_id, cases.get(one.cluster_id, frozenset()), one.last_seen, one.raised_cases)
        for one in before.values()
    ]
    steps = follow(followed, [frozenset(one.cases) for one in found], on=on, window_days=window)
    owner = dict(zip(known.case_keys, known.case_area.tolist(), strict=True))
    cluster_ids: list[str] = []
    raised = 0
    for step in steps:
        signal = None if step.found is None else found[step.found]
        cluster_id = step.cluster_id or (signal.signal_id if signal else "")
        if signal is None:
            clusters.carry_on(tx, cluster_id, step, on=on, cases=None)
            clusters.add_day(tx, cluster_id, step, on=on, cases=before[cluster_id].cases, signal_id=None)
            continue
        cluster_ids.append(cluster_id)
        told = signal.excluded is None and step.raised
        raised += told
        if step.state is ClusterState.NEW:
            clusters.begin(tx, [_new(signal, hours=hours, at=at)])
            _note(tx, cluster_id, RAISED if signal.excluded is None else SILENT, "find", signal.sentence, hours, at)
        else:
            clusters.carry_on(tx, cluster_id, step, on=on, cases=signal.observed)
            if told:
                _raise_again(tx, before[cluster_id], signal, hours=hours, at=at)
        clusters.add_day(tx, cluster_id, step, on=on, cases=signal.observed, signal_id=signal.signal_id)
        rows = [(case, ground.authorities[int(ground.authority[owner[case]])]) for case in signal.cases]
        cluster_cases.see(tx, cluster_id, rows, on=on)
    return ClustersFollowed(cluster_ids, raised, escalated)


def escalate(tx: Transaction, *, hours: int, at: datetime) -> int:
    """Raised clusters whose clock has run out go to the national centre. Returns how many."""
    late = clusters.overdue(tx, at=at)
    for one in late:
        status = CLUSTER.check(one.status, "escalate")
        _note(tx, one.cluster_id, status, "escalate", "Nobody acted in time.", hours, at)
        audit.add(tx, deed="escalate", subject={"cluster_id": one.cluster_id}, by=THE_TIMER, at=at)
    return len(late)


def _new(signal: Signal, *, hours: int, at: datetime) -> Cluster:
    status = RAISED if signal.excluded is None else SILENT
    running = clock(status, at=at, hours=hours)
    return Cluster(
        cluster_id=signal.signal_id,
        pathogen=signal.pathogen,
        authority=signal.authority,
        first_seen=signal.run_date,
        last_seen=signal.run_date,
        state=str(ClusterState.NEW),
        cases=signal.observed,
        raised_on=signal.run_date,
        raised_cases=signal.observed,
        status=status,
        acting_role=running.role,
        act_by=running.act_by,
        changed_at=at,
    )


def _raise_again(tx: Transaction, cluster: Cluster, signal: Signal, *, hours: int, at: datetime) -> None:
    """It grew: what was dismissed, closed or silent is raised anew; a clock that runs already runs on."""
    if "raise again" in CLUSTER.events(cluster.status):
        status = CLUSTER.check(cluster.status, "raise again")
        _note(tx, cluster.cluster_id, status, "raise again", signal.sentence, hours, at)


def _note(tx: Transaction, cluster_id: str, status: str, event: str, reason: str, hours: int, at: datetime) -> None:
    running = clock(status, at=at, hours=hours)
    clusters.move(
        tx,
        cluster_id,
        event=event,
        status=status,
        reason=reason,
        acting_role=running.role,
        act_by=running.act_by,
        by=THE_TIMER,
        at=at,
    )
