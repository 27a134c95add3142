"""Contacts, links and clusters of some cases, for other programs."""

from collections.abc import Sequence

from psycopg.rows import class_row

from pumphandle.delivery.interchange import CaseCluster, CaseLink, NamedContact
from pumphandle.store.engine import Transaction


def contacts_of(tx: Transaction, cases: Sequence[str]) -> list[NamedContact]:
    """Contacts whom these cases named, that were not erased."""
    with tx.cursor(row_factory=class_row(NamedContact)) as cursor:
        return cursor.execute(
            "select contact_id::text, case_key::text, family_name, given_name, date_of_birth, phone, email, address, "
            "postcode, kind, exposure_day, state, named_at from identified.contact "
            "where case_key = any(%s::uuid[]) and erased_on is null order by named_at, contact_id",
            [list(cases)],
        ).fetchall()


def links_of(tx: Transaction, cases: Sequence[str]) -> list[CaseLink]:
    """Links between two of these cases."""
    with tx.cursor(row_factory=class_row(CaseLink)) as cursor:
        return cursor.execute(
            "select kind, earlier::text, later::text, day, strength from identified.link "
            "where earlier = any(%(cases)s::uuid[]) and later = any(%(cases)s::uuid[]) "
            "order by day, kind, earlier, later",
            {"cases": list(cases)},
        ).fetchall()


def clusters_of(tx: Transaction, cases: Sequence[str]) -> list[CaseCluster]:
    """Clusters that have any of these cases, with the sentence of their newest signal."""
    with tx.cursor(row_factory=class_row(CaseCluster)) as cursor:
        return cursor.execute(
            "select k.cluster_id, coalesce((select s.sentence from decisions.signal s "
            "where s.cluster_id = k.cluster_id order by s.run_date desc limit 1), k.cluster_id) as sentence, "
            "array_agg(k.case_key::text order by k.case_key) as cases from identified.cluster_case k "
            "where k.case_key = any(%s::uuid[]) group by k.cluster_id order by k.cluster_id",
            [list(cases)],
        ).fetchall()
