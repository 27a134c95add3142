"""Contacts, links and clusters of some cases, for other programs."""

from collections.abc import Sequence

from psycopg.rows import class_row

from pumphandle.delivery.interchange import CaseCluster, CaseLink, NamedContact
from pumphandle.store.engine import Transaction


def cases_of(tx: Transaction, records: Sequence[str]) -> list[str]:
    """The cases that these records belong to, each once, by the first record of its illness; oldest first."""
    return [
        str(case)
        for (case,) in tx.execute(
            "select case_key from identified.case_of_record where record_key = any(%s::uuid[]) "
            "group by case_key order by min(start_date), case_key",
            [list(records)],
        ).fetchall()
    ]


def contacts_of(tx: Transaction, cases: Sequence[str]) -> list[NamedContact]:
    """Contacts whom these cases named, that were not erased; of each what the agreement and the role show of a person.

    A contact belongs to the case that its case is now, whatever record it was named for.
    """
    with tx.cursor(row_factory=class_row(NamedContact)) as cursor:
        return cursor.execute(
            "select c.contact_id::text, i.case_key::text, "
            "case when (select decisions.shows('family_name')) then c.family_name end as family_name, "
            "case when (select decisions.shows('given_name')) then c.given_name end as given_name, "
            "case when (select decisions.shows('date_of_birth')) then c.date_of_birth end as date_of_birth, "
            "case when (select decisions.shows('phone')) then c.phone end as phone, "
            "case when (select decisions.shows('phone')) then c.email end as email, "
            "case when (select decisions.shows('address')) then c.address end as address, "
            "case when (select decisions.shows('postcode')) then c.postcode end as postcode, "
            "c.kind, c.exposure_day, c.state, c.named_at from identified.contact c "
            "join identified.case_of_record i on i.record_key = c.case_key "
            "where i.case_key = any(%s::uuid[]) and c.erased_on is null order by c.named_at, c.contact_id",
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
            "array_agg(distinct i.case_key::text order by i.case_key::text) as cases from identified.cluster_case k "
            "join identified.case_of_record i on i.record_key = k.case_key "
            "where i.case_key = any(%s::uuid[]) group by k.cluster_id order by k.cluster_id",
            [list(cases)],
        ).fetchall()
