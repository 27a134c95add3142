"""The cases of an outbreak and their contacts, as rows to be counted: no name, no address."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, LiteralString

import polars as pl

from pumphandle.store.engine import Transaction

CASE_SCHEMA: Final[dict[str, Any]] = {
    "case": pl.String,
    "day": pl.Date,
    "sex": pl.String,
    "age_band": pl.String,
    "small_area": pl.String,
    "household": pl.String,
    "setting_kind": pl.String,
    "how": pl.String,
}
CONTACT_SCHEMA: Final[dict[str, Any]] = {
    "kind": pl.String,
    "state": pl.String,
    "named_at": pl.Datetime("us", "UTC"),
    "reached_at": pl.Datetime("us", "UTC"),
    "became_case": pl.Boolean,
}
LINK_SCHEMA: Final[dict[str, Any]] = {
    "kind": pl.String,
    "earlier": pl.String,
    "later": pl.String,
    "days_apart": pl.Int64,
    "strength": pl.String,
}


CASES: Final[LiteralString] = (
    "with seen as (select case_key from identified.cluster_case where cluster_id = %(cluster)s), "
    "own as (select distinct i.case_key from identified.case_of_record i join seen s on s.case_key = i.record_key), "
    "linked as (select distinct i.case_key from identified.case_set m "
    "join identified.case_of_record i on i.record_key = m.case_key where m.set_id in (select s.set_id "
    "from identified.case_set s where s.case_key in (select case_key from own union select case_key from seen))) "
    "select case_key, 'cluster' as how from own union all "
    "select case_key, 'linked' from linked where case_key not in (select case_key from own)"
)
"""Cases that a cluster ever had, and those that share a set with one: illnesses that stand, by their first record.

Sets are shown to those who trace: to everybody else the cases of the cluster are all there is.
"""


def cases_of(tx: Transaction, cluster_id: str) -> pl.DataFrame:
    """CASES with what is counted of them (CASE_SCHEMA; how: cluster, linked); a second positive is no second case."""
    rows = tx.execute(
        "select r.record_key::text, r.specimen_date, r.sex, r.age_band, r.small_area, r.household_key, r.setting_kind, "
        f"c.how from ({CASES}) c join identified.shown_record r on r.record_key = c.case_key "
        "order by r.specimen_date, r.record_key",
        {"cluster": cluster_id},
    ).fetchall()
    return pl.DataFrame(rows, schema=CASE_SCHEMA, orient="row")


def contacts_of(tx: Transaction, cases: Sequence[str]) -> pl.DataFrame:
    """Contacts whom these cases named (CONTACT_SCHEMA)."""
    rows = tx.execute(
        "select kind, state, named_at, reached_at, became_case is not null from identified.contact "
        "where case_key = any(%s::uuid[]) order by named_at, contact_id",
        [list(cases)],
    ).fetchall()
    moments = [(kind, state, _utc(named), _utc(reached), became) for kind, state, named, reached, became in rows]
    return pl.DataFrame(moments, schema=CONTACT_SCHEMA, orient="row")


def links_of(tx: Transaction, cases: Sequence[str]) -> pl.DataFrame:
    """Links between two of these cases (LINK_SCHEMA)."""
    rows = tx.execute(
        "select kind, earlier::text, later::text, days_apart, strength from identified.link "
        "where earlier = any(%(cases)s::uuid[]) and later = any(%(cases)s::uuid[]) order by day, kind, earlier, later",
        {"cases": list(cases)},
    ).fetchall()
    return pl.DataFrame(rows, schema=LINK_SCHEMA, orient="row")


def _utc(moment: datetime | None) -> datetime | None:
    """As polars keeps it: the zone of a connection is the server's."""
    return None if moment is None else moment.astimezone(UTC)
