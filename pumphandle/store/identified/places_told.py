"""Which places cases name: the workplace on their record, and what they told in interviews."""

from datetime import date, datetime
from typing import Any, Final

import polars as pl

from pumphandle.store.engine import Transaction, read_frame

TOLD_SCHEMA: Final[dict[str, Any]] = {"case_key": pl.String, "place": pl.String}


def places_told(tx: Transaction, cases: pl.Series, *, received: date, heard: datetime) -> pl.DataFrame:
    """TOLD_SCHEMA, ordered: as records stood with what was received by that day and heard by that moment.

    cases : keys, a case's is its first record's. A place in the register is one; any other is postcode and kind. Events
    and visits only grow, so the same question has the same answer until the agreements' retention erases visits: how
    many are gone, `persons_own.visits_erased` tells.
    """
    return read_frame(
        tx,
        "with asked as (select unnest(%s::uuid[]) as case_key) "
        "select case_key::text, place from ("
        " select a.case_key, upper(replace(e.workplace_postcode, ' ', '')) || '/'"
        "  || coalesce(e.setting_kind, 'workplace') as place"
        "  from asked a cross join lateral (select workplace_postcode, setting_kind from identified.event"
        "  where record_key = a.case_key and received_on <= %s order by version desc limit 1) e"
        "  where e.workplace_postcode is not null"
        " union"
        " select a.case_key, case when v.setting_id is not null then 'setting/' || v.setting_id"
        "  else upper(replace(v.postcode, ' ', '')) || '/' || v.setting_kind end"
        "  from asked a join identified.visit v using (case_key) where v.added_at <= %s"
        ") told order by case_key, place",
        [cases.to_list(), received, heard],
        TOLD_SCHEMA,
    )
