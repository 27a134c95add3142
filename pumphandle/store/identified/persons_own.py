"""Everything that one authority holds about one person, and what a rule no longer lets it hold."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, LiteralString

from psycopg.rows import dict_row

from pumphandle.store.engine import Transaction

_PARTS: Final[Mapping[str, LiteralString]] = {
    "results": (
        "select r.* from identified.shown_record r where r.person_key = %(person)s::uuid "
        "order by r.specimen_date, r.record_key"
    ),
    "what the authority was told of them": (
        "select c.record_key, c.version, c.change, c.reason, c.linked_on from identified.change c "
        "where c.record_key = any(%(records)s::uuid[]) order by c.linked_on, c.record_key, c.version"
    ),
    "links to other cases": (
        "select l.kind, l.day, l.days_apart, l.strength, l.source from identified.link l "
        "where l.earlier = any(%(records)s::uuid[]) or l.later = any(%(records)s::uuid[]) order by l.day, l.kind"
    ),
    "places told in interviews": (
        "select v.day, v.postcode, v.setting_kind, v.source, v.added_at from identified.visit v "
        "where v.person_key = %(person)s::uuid order by v.day, v.visit_id"
    ),
    "as a contact of somebody": (
        "select c.contact_id, c.family_name, c.given_name, c.date_of_birth, c.phone, c.email, c.address, c.postcode, "
        "c.kind, c.exposure_day, c.state, c.named_at, c.reached_at from identified.contact c "
        "where c.person_key = %(person)s::uuid or c.became_case = any(%(records)s::uuid[]) "
        "order by c.named_at, c.contact_id"
    ),
    "calls about that": (
        "select s.contact_id, s.event, s.state, s.at, s.answers from identified.contact_step s "
        "join identified.contact c using (contact_id) where c.person_key = %(person)s::uuid "
        "or c.became_case = any(%(records)s::uuid[]) order by s.at, s.version"
    ),
    "contacts they named": (
        "select count(*) as contacts, min(c.named_at) as first, max(c.named_at) as last from identified.contact c "
        "where c.case_key = any(%(records)s::uuid[]) having count(*) > 0"
    ),
    "who looked at them": (
        "select a.at, a.by_name, a.by_role, a.purpose, a.deed from decisions.audit a "
        "where a.authority = %(authority)s and (a.subject ->> 'record_key' = any(%(records)s::text[]) "
        "or a.subject -> 'records' ?| %(records)s::text[]) order by a.audit_id"
    ),
}
"""Part -> query. Other people's names are in none of them: whom they named and whom they are linked to are theirs."""


def everything(
    tx: Transaction, person_key: str, records: Sequence[str], *, authority: str
) -> dict[str, list[dict[str, object]]]:
    """Part -> rows, as far as the reader's authority holds them."""
    values = {"person": person_key, "records": list(records), "authority": authority}
    found: dict[str, list[dict[str, object]]] = {}
    for part, query in _PARTS.items():
        with tx.cursor(row_factory=dict_row) as cursor:
            found[part] = cursor.execute(query, values).fetchall()
    return found


_OVER: Final = ["closed", "lost", "handed_over", "became_case"]


def erase_contacts(tx: Transaction, *, ended_before: date, on: date) -> int:
    """Who the contacts were whose follow-up ended before that day, and what they said. That they were stays counted."""
    tx.execute(
        "update identified.contact_step s set answers = '{}' from identified.contact c "
        "where c.contact_id = s.contact_id and c.erased_on is null and c.state = any(%s) and c.since < %s "
        "and s.answers <> '{}'",
        [_OVER, ended_before],
    )
    return tx.execute(
        "update identified.contact set family_name = null, given_name = null, date_of_birth = null, phone = null, "
        "email = null, address = null, postcode = null, person_key = null, erased_on = %s "
        "where erased_on is null and state = any(%s) and since < %s",
        [on, _OVER, ended_before],
    ).rowcount


def erase_visits(tx: Transaction, *, on: date) -> int:
    """Places told in interviews, once the agreement's retention of their case is over.

    How many of which days stays, and nothing else: a look that was told of them cannot be repeated any more.
    """
    row = tx.execute(
        "with gone as (delete from identified.visit v using decisions.agreement a where a.authority = v.authority "
        "and v.day < %(on)s::date - a.retention_days returning v.case_key, v.day, v.added_at), "
        "told as (insert into identified.visit_erased (case_day, heard_on, erased_on, visits) "
        "select coalesce(e.start_date, g.day), (g.added_at at time zone 'UTC')::date, %(on)s::date, count(*) "
        "from gone g left join lateral (select min(start_date) as start_date from identified.episode "
        "where first_record = g.case_key) e on true group by 1, 2) select count(*)::int from gone",
        {"on": on},
    ).fetchone()
    return 0 if row is None else int(row[0])


def visits_erased(tx: Transaction, *, first: date, last: date, heard: datetime) -> int:
    """Places that were told of cases of these days by that moment, and erased since."""
    row = tx.execute(
        "select coalesce(sum(visits), 0)::int from identified.visit_erased where case_day between %s and %s "
        "and heard_on <= (%s::timestamptz at time zone 'UTC')::date",
        [first, last, heard],
    ).fetchone()
    return 0 if row is None else int(row[0])
