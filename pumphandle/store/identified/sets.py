"""Sets of linked cases as one authority sees them: its own cases, and the links that touch them."""

from dataclasses import dataclass
from datetime import date

from psycopg.rows import class_row

from pumphandle.store.engine import Transaction


@dataclass(frozen=True)
class CaseSet:
    """A set as the newest run left it. cases : everywhere; own : of the reader's authority."""

    set_id: str
    run_date: date
    state: str
    cases: int
    added: int
    own: int
    first_case: date
    last_case: date
    kinds: list[str]
    settings: list[str]
    clusters: list[str]


@dataclass(frozen=True)
class SetLink:
    """One link of a set; an end that is not the reader's own case is known by its key only."""

    kind: str
    earlier: str
    later: str
    day: date
    days_apart: int
    strength: str
    source: str


@dataclass(frozen=True)
class SetCase:
    """One of the reader's own cases in a set."""

    case_key: str
    day: date
    since: date
    household_key: str


def sets(tx: Transaction) -> list[CaseSet]:
    """Sets with a case of the reader's authority: those that grew first, then the larger ones."""
    return _read(tx, None)


def case_set(tx: Transaction, set_id: str) -> CaseSet | None:
    """None: there is no such set with a case of the reader's authority."""
    found = _read(tx, set_id)
    return found[0] if found else None


def _read(tx: Transaction, set_id: str | None) -> list[CaseSet]:
    with tx.cursor(row_factory=class_row(CaseSet)) as cursor:
        return cursor.execute(
            "with own as (select set_id, count(*)::int as own, min(day) as first_case, array_agg(case_key) as keys "
            "from identified.case_set where %(one)s::text is null or set_id = %(one)s group by set_id) "
            "select o.set_id, t.run_date, t.state, t.cases, t.added, o.own, o.first_case, "
            "coalesce(t.last_case, o.first_case) as last_case, "
            "coalesce((select array_agg(distinct l.kind order by l.kind) from identified.link l "
            "where l.strength <> 'weak' and (l.earlier = any(o.keys) or l.later = any(o.keys))), '{}') as kinds, "
            "coalesce((select array_agg(distinct s.name order by s.name) from identified.link l "
            "join identified.setting s on l.kind = 'setting' and s.setting_id::text = l.key "
            "where l.earlier = any(o.keys) or l.later = any(o.keys)), '{}') as settings, "
            "coalesce((select array_agg(distinct c.cluster_id order by c.cluster_id) from identified.cluster_case c "
            "where c.case_key = any(o.keys)), '{}') as clusters "
            "from own o join identified.set_state t on t.set_id = o.set_id "
            "and t.run_date = identified.sets_as_of() "
            "order by t.added > 0 desc, t.cases desc, o.set_id",
            {"one": set_id},
        ).fetchall()


def cases_of(tx: Transaction, set_id: str) -> list[SetCase]:
    """By day, then key."""
    with tx.cursor(row_factory=class_row(SetCase)) as cursor:
        return cursor.execute(
            "select c.case_key::text, c.day, c.since, r.household_key from identified.case_set c "
            "join identified.shown_record r on r.record_key = c.case_key where c.set_id = %s "
            "order by c.day, c.case_key",
            [set_id],
        ).fetchall()


def links_of(tx: Transaction, set_id: str) -> list[SetLink]:
    """Every link with an end in the set, weak ones too, that touches the reader's authority."""
    with tx.cursor(row_factory=class_row(SetLink)) as cursor:
        return cursor.execute(
            "select kind, earlier::text, later::text, day, days_apart, strength, source from identified.link l "
            "where exists (select from identified.case_set c where c.set_id = %(one)s "
            "and c.case_key in (l.earlier, l.later)) order by day, kind, earlier, later",
            {"one": set_id},
        ).fetchall()
