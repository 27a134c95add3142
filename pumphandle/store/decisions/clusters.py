"""Clusters through time, what people did about them, and the outbreaks that they declared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg.rows import class_row
from psycopg.sql import SQL

from pumphandle.detection.identity import Step
from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class Cluster:
    """state : what the machine sees (new, growing, stable, closing, ended); status : what people did, as in
    governance.clusters.

    raised_on, raised_cases : when somebody was last to be told, and how many cases it had then
    acting_role, act_by : who is to act and until when; None: nobody is waited for
    """

    cluster_id: str
    pathogen: str
    authority: str
    first_seen: date
    last_seen: date
    state: str
    cases: int
    raised_on: date
    raised_cases: int
    status: str
    acting_role: str | None
    act_by: datetime | None
    changed_at: datetime


@dataclass(frozen=True)
class ClusterDay:
    """One look at one cluster; signal_id is None where nothing was found of it."""

    run_date: date
    state: str
    cases: int
    added: int
    raised: bool
    signal_id: str | None


@dataclass(frozen=True)
class ClusterStep:
    """What somebody, the clock or the machine did about it, and why."""

    event: str
    status: str
    reason: str
    by_name: str
    by_role: str
    at: datetime


@dataclass(frozen=True)
class Outbreak:
    """Declared by people; open until it is closed."""

    outbreak_id: str
    cluster_id: str
    authority: str
    name: str
    reason: str
    declared_at: datetime
    declared_by: str
    closed_at: datetime | None
    closed_by: str | None
    close_reason: str | None
    lessons: str | None


_CLUSTER: Final = SQL(
    "select cluster_id, pathogen, authority, first_seen, last_seen, state, cases, raised_on, raised_cases, status, "
    "acting_role, act_by, changed_at from decisions.cluster "
)
_OUTBREAK: Final = SQL(
    "select outbreak_id, cluster_id, authority, name, reason, declared_at, declared_by, closed_at, closed_by, "
    "close_reason, lessons from decisions.outbreak "
)


def followed(tx: Transaction, pathogen: str) -> list[Cluster]:
    """Those that have not ended, by name: what today's findings are compared with."""
    with tx.cursor(row_factory=class_row(Cluster)) as cursor:
        return cursor.execute(
            _CLUSTER + SQL("where pathogen = %s and state <> 'ended' order by cluster_id"), [pathogen]
        ).fetchall()


def of_authority(tx: Transaction, authority: str | None, *, open_only: bool = True) -> list[Cluster]:
    """What is to be acted on first, by the clock, then what is looked into, then the rest; newest first.

    authority : None for the nation; open_only : without those that have ended or were closed or dismissed
    """
    with tx.cursor(row_factory=class_row(Cluster)) as cursor:
        return cursor.execute(
            _CLUSTER
            + SQL(
                "where (%(authority)s::text is null or authority = %(authority)s) "
                "and (not %(open)s or (status in ('raised', 'escalated', 'taken_up', 'outbreak') "
                "and (state <> 'ended' or status = 'outbreak'))) "
                "order by act_by nulls last, last_seen desc, cases desc, cluster_id"
            ),
            {"authority": authority, "open": open_only},
        ).fetchall()


@dataclass(frozen=True)
class Grown:
    """A cluster that cases came into within some days. added : so many; cases : it has now"""

    cluster_id: str
    state: str
    status: str
    added: int
    cases: int


def grown(tx: Transaction, authority: str | None, *, first: date) -> list[Grown]:
    """Clusters that grew on a run from this day on, the most added first; a new one has not grown yet.

    authority : None for the nation
    """
    with tx.cursor(row_factory=class_row(Grown)) as cursor:
        return cursor.execute(
            "select c.cluster_id, c.state, c.status, sum(d.added)::int as added, c.cases "
            "from decisions.cluster_day d join decisions.cluster c using (cluster_id) "
            "where d.run_date >= %(first)s and d.state = 'growing' and d.added > 0 and c.status <> 'silent' "
            "and (%(authority)s::text is null or c.authority = %(authority)s) "
            "group by c.cluster_id, c.state, c.status, c.cases order by added desc, c.cluster_id",
            {"first": first, "authority": authority},
        ).fetchall()


def done_since(tx: Transaction, authority: str | None, *, since: datetime) -> dict[str, int]:
    """What people did about clusters: event -> how often."""
    rows = tx.execute(
        "select s.event, count(*) from decisions.cluster_step s join decisions.cluster c using (cluster_id) "
        "where s.at > %(since)s and s.by_role not in ('system', 'timer') "
        "and s.event not in ('find', 'escalate', 'raise again') "
        "and (%(authority)s::text is null or c.authority = %(authority)s) group by 1 order by 1",
        {"since": since, "authority": authority},
    ).fetchall()
    return dict(rows)


def find(tx: Transaction, cluster_id: str, *, lock: bool = False) -> Cluster:
    """Raises NotFound. lock : until the transaction ends nobody else decides about it."""
    with tx.cursor(row_factory=class_row(Cluster)) as cursor:
        found = cursor.execute(
            _CLUSTER + SQL("where cluster_id = %s") + SQL(" for update" if lock else ""), [cluster_id]
        ).fetchone()
    if found is None:
        raise NotFound("There is no such cluster.")
    return found


def overdue(tx: Transaction, *, at: datetime) -> list[Cluster]:
    """Raised, and nobody acted in time; the longest waiting first."""
    with tx.cursor(row_factory=class_row(Cluster)) as cursor:
        return cursor.execute(
            _CLUSTER + SQL("where status = 'raised' and act_by <= %s order by act_by, cluster_id for update"), [at]
        ).fetchall()


def history(tx: Transaction, cluster_id: str) -> list[ClusterDay]:
    """Every look since it was new, oldest first."""
    with tx.cursor(row_factory=class_row(ClusterDay)) as cursor:
        return cursor.execute(
            "select run_date, state, cases, added, raised, signal_id from decisions.cluster_day "
            "where cluster_id = %s order by run_date",
            [cluster_id],
        ).fetchall()


def steps(tx: Transaction, cluster_id: str) -> list[ClusterStep]:
    """What was done about it, oldest first."""
    with tx.cursor(row_factory=class_row(ClusterStep)) as cursor:
        return cursor.execute(
            "select event, status, reason, by_name, by_role, at from decisions.cluster_step "
            "where cluster_id = %s order by step_id",
            [cluster_id],
        ).fetchall()


def begin(tx: Transaction, found: Sequence[Cluster]) -> None:
    """New clusters."""
    with tx.cursor() as cursor:
        cursor.executemany(
            "insert into decisions.cluster (cluster_id, pathogen, authority, first_seen, last_seen, state, cases, "
            "raised_on, raised_cases, status, acting_role, act_by, changed_at) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                [
                    one.cluster_id, one.pathogen, one.authority, one.first_seen, one.last_seen, one.state, one.cases,
                    one.raised_on, one.raised_cases, one.status, one.acting_role, one.act_by, one.changed_at,
                ]
                for one in found
            ],
        )  # fmt: skip


def carry_on(tx: Transaction, cluster_id: str, step: Step, *, on: date, cases: int | None) -> None:
    """What today's look says of a cluster. cases : as found today, None where nothing was."""
    tx.execute(
        "update decisions.cluster set state = %(state)s, cases = coalesce(%(cases)s, cases), "
        "last_seen = case when %(cases)s::integer is null then last_seen else %(on)s end, "
        "raised_on = case when %(raised)s then %(on)s else raised_on end, "
        "raised_cases = case when %(raised)s then coalesce(%(cases)s, raised_cases) else raised_cases end "
        "where cluster_id = %(cluster)s",
        {"state": step.state, "cases": cases, "on": on, "raised": step.raised, "cluster": cluster_id},
    )


def add_day(tx: Transaction, cluster_id: str, step: Step, *, on: date, cases: int, signal_id: str | None) -> None:
    """One line of its history."""
    tx.execute(
        "insert into decisions.cluster_day (cluster_id, run_date, state, cases, added, raised, signal_id) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        [cluster_id, on, step.state, cases, step.added, step.raised, signal_id],
    )


def move(
    tx: Transaction, cluster_id: str, *, event: str, status: str, reason: str,
    acting_role: str | None, act_by: datetime | None, by: Actor, at: datetime,
) -> None:  # fmt: skip
    """What somebody did about it: a line that nobody can change, and its new status.

    The line first: once the status has changed, the cluster may no longer be theirs to decide.
    """
    tx.execute(
        "insert into decisions.cluster_step (cluster_id, event, status, reason, by_name, by_role, at) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        [cluster_id, event, status, reason, by.name, by.role, at],
    )
    tx.execute(
        "update decisions.cluster set status = %s, acting_role = %s, act_by = %s, changed_at = %s "
        "where cluster_id = %s",
        [status, acting_role, act_by, at, cluster_id],
    )


def declare(tx: Transaction, cluster: Cluster, *, name: str, reason: str, by: Actor, at: datetime) -> Outbreak:
    """A new outbreak, numbered within its authority. Raises Refused if the cluster is one already."""
    tx.execute("select pg_advisory_xact_lock(85400006)")  # two declared at once: one number after the other
    before = outbreak_of(tx, cluster.cluster_id)
    if before is not None and before.closed_at is None:
        raise Refused("This cluster has been declared an outbreak already.")
    row = tx.execute("select count(*) from decisions.outbreak where authority = %s", [cluster.authority]).fetchone()
    number = 1 + (0 if row is None else int(row[0]))
    made = Outbreak(
        f"{cluster.authority}-{number}",
        cluster.cluster_id,
        cluster.authority,
        name,
        reason,
        at,
        by.name,
        None,
        None,
        None,
        None,
    )
    tx.execute(
        "insert into decisions.outbreak (outbreak_id, cluster_id, authority, name, reason, declared_at, declared_by) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        [made.outbreak_id, made.cluster_id, made.authority, made.name, made.reason, made.declared_at, made.declared_by],
    )
    return made


def close(tx: Transaction, cluster_id: str, *, reason: str, lessons: str, by: Actor, at: datetime) -> None:
    """The outbreak of a cluster is over."""
    tx.execute(
        "update decisions.outbreak set closed_at = %s, closed_by = %s, close_reason = %s, lessons = %s "
        "where cluster_id = %s and closed_at is null",
        [at, by.name, reason, lessons, cluster_id],
    )


def outbreak_of(tx: Transaction, cluster_id: str) -> Outbreak | None:
    """The newest that was declared of it."""
    with tx.cursor(row_factory=class_row(Outbreak)) as cursor:
        return cursor.execute(
            _OUTBREAK + SQL("where cluster_id = %s order by declared_at desc limit 1"), [cluster_id]
        ).fetchone()


def outbreak(tx: Transaction, outbreak_id: str) -> Outbreak | None:
    with tx.cursor(row_factory=class_row(Outbreak)) as cursor:
        return cursor.execute(_OUTBREAK + SQL("where outbreak_id = %s"), [outbreak_id]).fetchone()


def outbreaks(tx: Transaction, authority: str | None) -> list[Outbreak]:
    """Open ones first, newest first. authority : None for the nation."""
    with tx.cursor(row_factory=class_row(Outbreak)) as cursor:
        return cursor.execute(
            _OUTBREAK
            + SQL(
                "where %(authority)s::text is null or authority = %(authority)s "
                "order by closed_at is not null, declared_at desc, outbreak_id"
            ),
            {"authority": authority},
        ).fetchall()
