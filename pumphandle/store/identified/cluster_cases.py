"""Which cases a cluster is made of: opaque keys of first records; row-level security shows an authority its own."""

from collections.abc import Sequence
from datetime import date

from pumphandle.store.engine import Transaction


def latest(tx: Transaction, cluster_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """Cluster -> its cases at the look that last saw it."""
    rows = tx.execute(
        "select k.cluster_id, array_agg(k.case_key::text) from identified.cluster_case k "
        "join decisions.cluster c using (cluster_id) where c.cluster_id = any(%s) and k.last_seen = c.last_seen "
        "group by k.cluster_id",
        [list(cluster_ids)],
    ).fetchall()
    return {str(cluster): frozenset(keys) for cluster, keys in rows}


def see(tx: Transaction, cluster_id: str, cases: Sequence[tuple[str, str]], *, on: date) -> None:
    """Today's cases of a cluster. cases : (case_key, authority of the case)"""
    tx.execute(
        "insert into identified.cluster_case (cluster_id, case_key, authority, since, last_seen) "
        "select %(cluster)s, given.case_key::uuid, given.authority, %(on)s, %(on)s "
        "from unnest(%(cases)s::text[], %(authorities)s::text[]) as given(case_key, authority) "
        "on conflict (cluster_id, case_key) "
        "do update set last_seen = excluded.last_seen, authority = excluded.authority",
        {
            "cluster": cluster_id,
            "on": on,
            "cases": [case for case, _ in cases],
            "authorities": [authority for _, authority in cases],
        },
    )


def counted(tx: Transaction, cluster_id: str) -> int:
    """Cases that ever belonged to it and are the reader's own."""
    row = tx.execute("select count(*) from identified.cluster_case where cluster_id = %s", [cluster_id]).fetchone()
    return 0 if row is None else int(row[0])
