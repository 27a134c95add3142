"""What cases share, the links between them, and the sets that they make."""

from datetime import date
from typing import Any, Final

import polars as pl

from pumphandle.store.engine import Transaction, copy_frame, insert_frame, read_frame

CASE_SCHEMA: Final[dict[str, Any]] = {
    "case": pl.String,
    "person_key": pl.String,
    "authority": pl.String,
    "day": pl.Date,
    "household_key": pl.String,
    "address": pl.String,
    "postcode": pl.String,
    "family_name": pl.String,
    "workplace_postcode": pl.String,
    "setting_kind": pl.String,
}
VISIT_SCHEMA: Final[dict[str, Any]] = {
    "case": pl.String,
    "person_key": pl.String,
    "day": pl.Date,
    "postcode": pl.String,
    "setting_kind": pl.String,
    "setting": pl.Int64,
    "source": pl.String,
}
MEMBERSHIP_SCHEMA: Final[dict[str, Any]] = {
    "kind": pl.String,
    "key": pl.String,
    "case": pl.String,
    "day": pl.Date,
    "source": pl.String,
}
SET_SCHEMA: Final[dict[str, Any]] = {"set_id": pl.String, "case": pl.String, "since": pl.Date}


def touch(tx: Transaction, day: date) -> int:
    """Note whose cases may have changed: persons of the day's news, of newly told visits, and whoever had their cases.

    Returns how many persons. The other functions of a trace read the note; it ends with the transaction.
    """
    tx.execute("create temporary table touched (person_key uuid primary key) on commit drop")
    tx.execute(
        "insert into touched "
        "select r.person_key from identified.change c join identified.record r using (record_key) "
        "where c.linked_on = %s and (r.result = 'positive' or c.change <> 'new') "
        "and not exists (select from decisions.canary f where f.record_key = r.record_key) "
        "union select m.person_key from identified.change c join identified.membership m on m.case_key = c.record_key "
        "where c.linked_on = %s "
        "union select person_key from identified.visit where traced_on is null "
        "union select e.person_key from identified.contact c "
        "join identified.episode e on e.first_record in (c.case_key, c.became_case) where c.became_on = %s",
        [day, day, day],
    )
    tx.execute("analyze touched")
    row = tx.execute("select count(*) from touched").fetchone()
    return 0 if row is None else int(row[0])


def cases_of_touched(tx: Transaction) -> pl.DataFrame:
    """Every case of the touched persons as it stands now (CASE_SCHEMA); a case is named by its first record."""
    return read_frame(
        tx,
        "select e.first_record, e.person_key, e.district, e.start_date, e.household_key, r.address, r.postcode, "
        "r.family_name, r.workplace_postcode, r.setting_kind "
        "from identified.episode e join touched using (person_key) "
        "join identified.record r on r.record_key = e.first_record",
        [],
        CASE_SCHEMA,
    )


def visits_of_touched(tx: Transaction) -> pl.DataFrame:
    """What interviews told of the touched persons' cases that still stand (VISIT_SCHEMA)."""
    return read_frame(
        tx,
        "select v.case_key, v.person_key, v.day, v.postcode, v.setting_kind, v.setting_id, v.source "
        "from identified.visit v join touched using (person_key) "
        "join identified.episode e on e.person_key = v.person_key and e.first_record = v.case_key",
        [],
        VISIT_SCHEMA,
    )


def contacts_of_touched(tx: Transaction) -> pl.DataFrame:
    """Named contacts who became cases: both cases belong to one group on the day of contact (MEMBERSHIP_SCHEMA)."""
    return read_frame(
        tx,
        "select 'contact', c.contact_id, e.first_record, "
        "case when e.first_record = c.case_key then least(c.exposure_day, e.start_date) else e.start_date end, "
        "'interview' from identified.contact c "
        "join identified.episode e on e.first_record in (c.case_key, c.became_case) "
        "join touched t on t.person_key = e.person_key where c.became_case is not null",
        [],
        MEMBERSHIP_SCHEMA,
    )


def replace_memberships(tx: Transaction, memberships: pl.DataFrame) -> None:
    """memberships : kind, key, case_key, person_key, authority, day, source; all of the touched persons'.

    Notes every group that lost or won a case.
    """
    tx.execute("create temporary table touched_group (kind text, key text, primary key (kind, key)) on commit drop")
    tx.execute(
        "with gone as (delete from identified.membership m using touched t where m.person_key = t.person_key "
        "returning m.kind, m.key) insert into touched_group select distinct kind, key from gone"
    )
    insert_frame(tx, "identified.membership", memberships)
    tx.execute(
        "insert into touched_group select distinct m.kind, m.key from identified.membership m join touched "
        "using (person_key) on conflict do nothing"
    )
    tx.execute("analyze touched_group")


def members_of_touched_groups(tx: Transaction) -> pl.DataFrame:
    """Everybody in the groups of `replace_memberships` (MEMBERSHIP_SCHEMA)."""
    return read_frame(
        tx,
        "select m.kind, m.key, m.case_key, m.day, m.source from identified.membership m join touched_group "
        "using (kind, key)",
        [],
        MEMBERSHIP_SCHEMA,
    )


def replace_links(tx: Transaction, links: pl.DataFrame, *, linked_on: date) -> int:
    """links : LINK_COLUMNS, all of the touched groups. A link that stands keeps its linked_on. Returns how many new."""
    tx.execute(
        "create temporary table fresh (kind text, key text, earlier uuid, later uuid, day date, days_apart integer, "
        "strength text, source text) on commit drop"
    )
    copy_frame(tx, "fresh", links.select("kind", "key", "earlier", "later", "day", "days_apart", "strength", "source"))
    tx.execute(
        "delete from identified.link l using touched_group g where l.kind = g.kind and l.key = g.key and not exists ("
        "select from fresh f where (f.kind, f.key, f.earlier, f.later, f.day, f.days_apart, f.source) = "
        "(l.kind, l.key, l.earlier, l.later, l.day, l.days_apart, l.source))"
    )
    return tx.execute(
        "insert into identified.link (kind, key, earlier, later, day, days_apart, strength, source, "
        "earlier_authority, later_authority, linked_on) "
        "select f.kind, f.key, f.earlier, f.later, f.day, f.days_apart, f.strength, f.source, "
        "a.authority, b.authority, %s "
        "from fresh f join identified.membership a on (a.kind, a.key, a.case_key) = (f.kind, f.key, f.earlier) "
        "join identified.membership b on (b.kind, b.key, b.case_key) = (f.kind, f.key, f.later) "
        "on conflict (kind, key, later) do nothing",
        [linked_on],
    ).rowcount


def visits_traced(tx: Transaction, day: date) -> None:
    tx.execute("update identified.visit set traced_on = %s where traced_on is null", [day])


def joining_links(tx: Transaction, *, since: date) -> pl.DataFrame:
    """`earlier`, `later` of strong and moderate links from `since` on: what sets are made of."""
    return read_frame(
        tx,
        "select distinct earlier, later from identified.link where day >= %s and strength <> 'weak'",
        [since],
        {"earlier": pl.String, "later": pl.String},
    )


def case_days(tx: Transaction, cases: pl.Series) -> pl.DataFrame:
    """`case`, `authority`, `day` of these cases."""
    tx.execute("create temporary table asked_case (case_key uuid primary key) on commit drop")
    copy_frame(tx, "asked_case", cases.to_frame("case_key"))
    found = read_frame(
        tx,
        "select distinct on (m.case_key) m.case_key, m.authority, m.day from identified.membership m join asked_case "
        "using (case_key) order by m.case_key, m.day",
        [],
        {"case": pl.String, "authority": pl.String, "day": pl.Date},
    )
    tx.execute("drop table asked_case")
    return found


def living_sets(tx: Transaction) -> pl.DataFrame:
    """Sets as the last trace left them (SET_SCHEMA)."""
    return read_frame(tx, "select set_id, case_key, since from identified.case_set", [], SET_SCHEMA)


def replace_sets(tx: Transaction, sets: pl.DataFrame, states: pl.DataFrame) -> None:
    """sets : set_id, case_key, authority, day, since; states : columns of identified.set_state, for this run."""
    tx.execute("delete from identified.case_set")
    insert_frame(tx, "identified.case_set", sets)
    insert_frame(tx, "identified.set_state", states)
