"""Decide: take up, dismiss or declare a cluster, or close its outbreak, with a reason that stays."""

from datetime import datetime

from pumphandle.actions.look import looking
from pumphandle.actions.look_signals import authority_in
from pumphandle.governance import policy
from pumphandle.governance.clusters import CLUSTER, check_reason, clock
from pumphandle.store.decisions import audit, clusters, thresholds
from pumphandle.store.decisions.clusters import Cluster, Outbreak
from pumphandle.store.engine import Database
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaCode

LONGEST_NAME = 80
LONGEST_LESSONS = 4000


def decide(
    database: Database,
    cluster_id: str,
    event: str,
    *,
    reason: str,
    name: str = "",
    lessons: str = "",
    by: Actor,
    at: datetime,
) -> tuple[Cluster, Outbreak | None]:
    """The cluster as it stands afterwards, and its outbreak if there is one.

    event : take up, dismiss, declare or close; name : of the outbreak that is declared
    lessons : what was learnt, asked for when an outbreak is closed
    Raises Refused where the state table has no such arrow, NotPermitted, NotFound; then nothing has changed.
    """
    with looking(database, "decide", by=by, at=at) as tx:
        # who may in no case decide is told so before anything is read; a row that is not theirs to decide is not there
        policy.check_can_decide(by, authority=authority_in(tx, cluster_id), escalated=True)
        seen = clusters.find(tx, cluster_id)
        policy.check_can_decide(by, authority=AreaCode(seen.authority), escalated=seen.status == "escalated")
        cluster = clusters.find(tx, cluster_id, lock=True)
        policy.check_can_decide(by, authority=AreaCode(cluster.authority), escalated=cluster.status == "escalated")
        if event not in ("take up", "dismiss", "declare", "close"):
            raise Refused("Choose what to do: take up, dismiss, declare or close.")
        why = check_reason(reason)
        status = CLUSTER.check(cluster.status, event)
        if event == "declare":
            clusters.declare(tx, cluster, name=_name(name), reason=why, by=by, at=at)
        if event == "close":
            clusters.close(tx, cluster_id, reason=why, lessons=_lessons(lessons), by=by, at=at)
        running = clock(status, at=at, hours=int(thresholds.current(tx, "signal_act_hours").value))
        clusters.move(
            tx,
            cluster_id,
            event=event,
            status=status,
            reason=why,
            acting_role=running.role,
            act_by=running.act_by,
            by=by,
            at=at,
        )
        subject: dict[str, object] = {"cluster_id": cluster_id, "event": event, "status": status}
        audit.add(tx, deed="decide", subject=subject, by=by, at=at)
        return clusters.find(tx, cluster_id), clusters.outbreak_of(tx, cluster_id)


def _name(name: str) -> str:
    given = " ".join(name.split())
    if not given:
        raise Refused("Give the outbreak a name that your team will use, without a person's name in it.")
    if len(given) > LONGEST_NAME:
        raise Refused(f"Give the outbreak a name of at most {LONGEST_NAME} characters.")
    return given


def _lessons(lessons: str) -> str:
    given = lessons.strip()
    if not given:
        raise Refused("Say what was learnt: what worked, what came too late, what to do at once next time.")
    if len(given) > LONGEST_LESSONS:
        raise Refused(f"Say what was learnt in at most {LONGEST_LESSONS:,} characters.")
    return given
