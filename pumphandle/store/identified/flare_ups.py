"""Flare-ups: sets of linked cases and clusters of the scan that share cases, under one identity through time."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl
from psycopg.rows import class_row

from pumphandle.store.engine import Transaction, insert_frame, read_frame
from pumphandle.store.identified.sets import SetCase, SetLink

GROUP_SCHEMA: Final[dict[str, Any]] = {"group": pl.String, "case": pl.String, "authority": pl.String, "day": pl.Date}
FLARE_SCHEMA: Final[dict[str, Any]] = {"set_id": pl.String, "case": pl.String, "since": pl.Date}


@dataclass(frozen=True)
class FlareUp:
    """As the newest run left it. cases : everywhere; own, first_case : of the reader's authority

    sets, clusters : what it is made of; settings : names of settings among its links
    """

    flare_id: str
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


def groups(tx: Transaction) -> pl.DataFrame:
    """Cases of every set, and of every cluster that has not ended as it was last seen (GROUP_SCHEMA)."""
    return read_frame(
        tx,
        "select 'set ' || set_id, case_key, authority, day from identified.case_set "
        "union all select 'cluster ' || k.cluster_id, k.case_key, k.authority, coalesce(e.start_date, k.since) "
        "from identified.cluster_case k join decisions.cluster c using (cluster_id) "
        "left join identified.episode e on e.first_record = k.case_key "
        "where c.state <> 'ended' and k.last_seen = c.last_seen",
        [],
        GROUP_SCHEMA,
    )


def living(tx: Transaction) -> pl.DataFrame:
    """Flare-ups as the last trace left them (FLARE_SCHEMA)."""
    return read_frame(tx, "select flare_id, case_key, since from identified.flare_case", [], FLARE_SCHEMA)


def replace(tx: Transaction, cases: pl.DataFrame, states: pl.DataFrame) -> None:
    """cases : flare_id, case_key, authority, day, since; states : columns of identified.flare_state, for this run."""
    tx.execute("delete from identified.flare_case")
    insert_frame(tx, "identified.flare_case", cases)
    insert_frame(tx, "identified.flare_state", states)


def flare_ups(tx: Transaction, *, largest: int = 200) -> list[FlareUp]:
    """Those with a case of the reader's: the ones that grew first, then the larger ones."""
    return _read(tx, None, largest)


def flare_up(tx: Transaction, flare_id: str) -> FlareUp | None:
    found = _read(tx, flare_id, 1)
    return found[0] if found else None


def of_case(tx: Transaction, case_key: str) -> str | None:
    """The flare-up that a case belongs to."""
    row = tx.execute("select flare_id from identified.flare_case where case_key = %s limit 1", [case_key]).fetchone()
    return None if row is None else str(row[0])


def grown(tx: Transaction, *, first: date) -> list[tuple[str, int]]:
    """(flare-up, cases added) of the reader's authority since this run; a new one counts too."""
    return tx.execute(
        "select t.flare_id, sum(t.added)::int as added from identified.flare_state t where t.run_date >= %s "
        "and t.added > 0 and t.flare_id in (select flare_id from identified.flare_case) "
        "group by t.flare_id order by added desc, t.flare_id",
        [first],
    ).fetchall()


def cases_of(tx: Transaction, flare_id: str) -> list[SetCase]:
    """The reader's own cases, by day, then key."""
    with tx.cursor(row_factory=class_row(SetCase)) as cursor:
        return cursor.execute(
            "select c.case_key::text, c.day, c.since, r.household_key from identified.flare_case c "
            "join identified.shown_record r on r.record_key = c.case_key where c.flare_id = %s "
            "order by c.day, c.case_key",
            [flare_id],
        ).fetchall()


def links_of(tx: Transaction, flare_id: str) -> list[SetLink]:
    """Every link with an end in the flare-up, weak ones too, that touches the reader's authority."""
    with tx.cursor(row_factory=class_row(SetLink)) as cursor:
        return cursor.execute(
            "select kind, earlier::text, later::text, day, days_apart, strength, source from identified.link l "
            "where exists (select from identified.flare_case c where c.flare_id = %(one)s "
            "and c.case_key in (l.earlier, l.later)) order by day, kind, earlier, later",
            {"one": flare_id},
        ).fetchall()


def cluster_of_cases(tx: Transaction, flare_id: str) -> dict[str, str]:
    """Case -> a cluster that has it, of the reader's own cases."""
    return dict(
        tx.execute(
            "select distinct on (f.case_key) f.case_key::text, k.cluster_id from identified.flare_case f "
            "join identified.cluster_case k using (case_key) where f.flare_id = %s order by f.case_key, k.cluster_id",
            [flare_id],
        ).fetchall()
    )


def _read(tx: Transaction, flare_id: str | None, largest: int) -> list[FlareUp]:
    with tx.cursor(row_factory=class_row(FlareUp)) as cursor:
        return cursor.execute(
            "with own as (select flare_id, count(*)::int as own, min(day) as first_case, array_agg(case_key) as keys "
            "from identified.flare_case where %(one)s::text is null or flare_id = %(one)s group by flare_id) "
            "select o.flare_id, t.run_date, t.state, t.cases, t.added, o.own, o.first_case, "
            "coalesce(t.last_case, o.first_case) as last_case, "
            "coalesce((select array_agg(distinct s.set_id order by s.set_id) from identified.case_set s "
            "where s.case_key = any(o.keys)), '{}') as sets, "
            "coalesce((select array_agg(distinct c.cluster_id order by c.cluster_id) from identified.cluster_case c "
            "where c.case_key = any(o.keys)), '{}') as clusters, "
            "coalesce((select array_agg(distinct l.kind order by l.kind) from identified.link l "
            "where l.strength <> 'weak' and (l.earlier = any(o.keys) or l.later = any(o.keys))), '{}') as kinds, "
            "coalesce((select array_agg(distinct s.name order by s.name) from identified.link l "
            "join identified.setting s on l.kind = 'setting' and s.setting_id::text = l.key "
            "where l.earlier = any(o.keys) or l.later = any(o.keys)), '{}') as settings "
            "from own o join identified.flare_state t on t.flare_id = o.flare_id "
            "and t.run_date = identified.flares_as_of() "
            "order by t.added > 0 desc, t.cases desc, o.flare_id limit %(largest)s",
            {"one": flare_id, "largest": largest},
        ).fetchall()
