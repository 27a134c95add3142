"""Which places cases name: the workplace on their record, and what they told in interviews."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import polars as pl
from psycopg.rows import class_row

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


@dataclass(frozen=True)
class PlaceNamed:
    """name : the commonest spelling, None where nobody wrote one; cases : of the reader's own, that name it"""

    name: str | None
    postcode: str
    cases: int


def named_by(tx: Transaction, cases: Sequence[str], *, most: int = 3) -> list[PlaceNamed]:
    """Places that two or more of these cases name, on their record or in an interview, most named first.

    What the agreement does not show of a record is not read either.
    """
    with tx.cursor(row_factory=class_row(PlaceNamed)) as cursor:
        return cursor.execute(
            "select mode() within group (order by name) as name, postcode, count(distinct case_key)::int as cases "
            "from ("
            " select record_key as case_key, workplace as name, upper(replace(workplace_postcode, ' ', '')) as postcode"
            "  from identified.shown_record where record_key = any(%(cases)s::uuid[])"
            " union all"
            " select v.case_key, s.name, upper(replace(coalesce(s.postcode, v.postcode), ' ', ''))"
            "  from identified.visit v left join identified.setting s using (setting_id)"
            "  where v.case_key = any(%(cases)s::uuid[])"
            ") told where postcode is not null group by postcode having count(distinct case_key) > 1 "
            "order by cases desc, postcode limit %(most)s",
            {"cases": list(cases), "most": most},
        ).fetchall()
