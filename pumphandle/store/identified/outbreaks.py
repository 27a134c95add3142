"""The cases of an outbreak and their contacts, as rows to be counted: no name, no address."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

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


def cases_of(tx: Transaction, cluster_id: str) -> pl.DataFrame:
    """Cases that the cluster ever had, and those that share a flare-up with one (CASE_SCHEMA; how: cluster, linked)."""
    rows = tx.execute(
        "with own as (select case_key from identified.cluster_case where cluster_id = %(cluster)s), "
        "linked as (select case_key from identified.case_set where set_id in "
        "(select set_id from identified.case_set join own using (case_key))) "
        "select r.record_key::text, r.specimen_date, r.sex, r.age_band, r.small_area, r.household_key, r.setting_kind, "
        "case when r.record_key in (select case_key from own) then 'cluster' else 'linked' end "
        "from identified.shown_record r where r.kind <> 'retracted' and r.record_key in "
        "(select case_key from own union select case_key from linked) order by r.specimen_date, r.record_key",
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
