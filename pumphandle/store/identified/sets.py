"""Cases that hang together, as one authority sees them: sets of linked cases, and flare-ups, which are kept alike.

A set is joined by links; a flare-up joins sets and clusters that share cases. The reader's own cases are those that
stand and are shown to them; of other authorities' only how many there are, and the ends of links that touch their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, LiteralString

from psycopg.rows import class_row

from pumphandle.store.engine import Transaction


@dataclass(frozen=True)
class Shelf:
    """Where one kind of set is kept. name : its column; newest : the run that was the last"""

    name: LiteralString
    cases: LiteralString
    states: LiteralString
    newest: LiteralString


SETS: Final = Shelf("set_id", "identified.case_set", "identified.set_state", "identified.sets_as_of()")
FLARE_UPS: Final = Shelf("flare_id", "identified.flare_case", "identified.flare_state", "identified.flares_as_of()")


@dataclass(frozen=True)
class CaseSet:
    """A set or flare-up as the newest run left it. cases : own and others'; own : the reader's, as they stand now

    first_case : of the reader's own; sets, clusters : those that share a case with it; settings : names, of its links
    """

    set_id: str
    run_date: date
    state: str
    cases: int
    added: int
    own: int
    first_case: date
    last_case: date
    sets: list[str]
    clusters: list[str]
    kinds: list[str]
    settings: list[str]


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
    """One of the reader's own cases in a set. cluster_id : a cluster that has it"""

    case_key: str
    day: date
    since: date
    household_key: str
    cluster_id: str | None


def sets(tx: Transaction, shelf: Shelf, *, largest: int = 200) -> list[CaseSet]:
    """Those with a case of the reader's: the ones that grew first, then the larger ones."""
    return _read(tx, shelf, None, largest)


def case_set(tx: Transaction, shelf: Shelf, set_id: str) -> CaseSet | None:
    """None: there is no such set with a case of the reader's authority."""
    found = _read(tx, shelf, set_id, 1)
    return found[0] if found else None


def _read(tx: Transaction, shelf: Shelf, set_id: str | None, largest: int) -> list[CaseSet]:
    """Others' cases are what the run counted without those that were the reader's then."""
    query: LiteralString = (
        f"with own as (select m.{shelf.name} as set_id, count(*)::int as kept, count(i.case_key)::int as own, "
        "min(m.day) filter (where i.case_key is not null) as first_case, "
        "array_agg(i.case_key) filter (where i.case_key is not null) as keys "
        f"from {shelf.cases} m left join identified.case_of_record i on i.record_key = m.case_key "
        f"and i.case_key = m.case_key where %(one)s::text is null or m.{shelf.name} = %(one)s "
        "group by 1 having count(i.case_key) > 0) "
        "select o.set_id, t.run_date, t.state, t.cases - o.kept + o.own as cases, t.added, o.own, o.first_case, "
        "coalesce(t.last_case, o.first_case) as last_case, "
        "coalesce((select array_agg(distinct s.set_id order by s.set_id) from identified.case_set s "
        "where s.case_key = any(o.keys)), '{}') as sets, "
        "coalesce((select array_agg(distinct c.cluster_id order by c.cluster_id) from identified.cluster_case c "
        "join identified.case_of_record i on i.record_key = c.case_key where i.case_key = any(o.keys)), '{}') "
        "as clusters, "
        "coalesce((select array_agg(distinct l.kind order by l.kind) from identified.link l "
        "where l.strength <> 'weak' and (l.earlier = any(o.keys) or l.later = any(o.keys))), '{}') as kinds, "
        "coalesce((select array_agg(distinct s.name order by s.name) from identified.link l "
        "join identified.setting s on l.kind = 'setting' and s.setting_id::text = l.key "
        "where l.earlier = any(o.keys) or l.later = any(o.keys)), '{}') as settings "
        f"from own o join {shelf.states} t on t.{shelf.name} = o.set_id and t.run_date = {shelf.newest} "
        "order by t.added > 0 desc, cases desc, o.set_id limit %(largest)s"
    )
    with tx.cursor(row_factory=class_row(CaseSet)) as cursor:
        return cursor.execute(query, {"one": set_id, "largest": largest}).fetchall()


def cases_of(tx: Transaction, shelf: Shelf, set_id: str) -> list[SetCase]:
    """The reader's own, by day, then key."""
    query: LiteralString = (
        "select m.case_key::text, m.day, m.since, i.household_key, (select min(c.cluster_id) "
        "from identified.cluster_case c join identified.case_of_record r on r.record_key = c.case_key "
        "where r.case_key = m.case_key) as cluster_id "
        f"from {shelf.cases} m join identified.case_of_record i on i.record_key = m.case_key "
        "and i.case_key = m.case_key "
        f"where m.{shelf.name} = %s order by m.day, m.case_key"
    )
    with tx.cursor(row_factory=class_row(SetCase)) as cursor:
        return cursor.execute(query, [set_id]).fetchall()


def links_of(tx: Transaction, own: Sequence[str], *, since: date) -> list[SetLink]:
    """Links within a set, weak ones too, and those that join it to other authorities' cases.

    own : the reader's cases of it; since : first day of the links that join sets now
    """
    with tx.cursor(row_factory=class_row(SetLink)) as cursor:
        return cursor.execute(
            "select kind, earlier::text, later::text, day, days_apart, strength, source from identified.link "
            "where earlier = any(%(own)s::uuid[]) and later = any(%(own)s::uuid[]) "
            "or strength <> 'weak' and day >= %(since)s and earlier_authority is distinct from later_authority "
            "and (earlier = any(%(own)s::uuid[]) or later = any(%(own)s::uuid[])) "
            "order by day, kind, earlier, later",
            {"own": list(own), "since": since},
        ).fetchall()
