"""Postcode to small area to district."""

from typing import Final

import polars as pl

from pumphandle.geography.postcodes import LOOKUP_SCHEMA
from pumphandle.store.engine import Transaction, copy_frame, read_frame

MANY: Final = 50_000
"""Postcodes from which a passing table is quicker than a list in the query."""
_LOOKUP: Final = (
    "shared as (select s.postcode, count(distinct a.parent) as districts, min(a.parent) as district "
    " from asked join reference.postcode_share s using (postcode) "
    " join reference.area a on a.area_code = s.small_area "
    " group by 1 having count(*) > 1) "
    "select p.postcode, case when s.postcode is null then p.small_area end, "
    "case when s.postcode is null then a.parent when s.districts = 1 then s.district end, p.valid_to, p.vintage, "
    "(s.postcode is not null)::text from asked join reference.postcode p using (postcode) "
    "join reference.area a on a.area_code = p.small_area left join shared s using (postcode)"
)


def lookup_of(tx: Transaction, *wanted: pl.Series) -> pl.DataFrame:
    """LOOKUP_SCHEMA of those that lead somewhere; cost grows with what is asked, not with the nation.

    wanted : normalised, nulls and repeats allowed
    """
    asked = pl.concat([one.alias("postcode").cast(pl.String) for one in wanted]).drop_nulls().unique()
    if len(asked) < MANY:
        listed = 'with asked as materialized (select unnest(%s::text[]) collate "C" as postcode), '
        return read_frame(tx, listed + _LOOKUP, [asked.to_list()], LOOKUP_SCHEMA)
    tx.execute('create temporary table asked_postcode (postcode text collate "C") on commit drop')
    copy_frame(tx, "asked_postcode", asked.filter(asked != "").to_frame())
    tx.execute("analyze asked_postcode")
    # not materialized: of a table the planner knows how many there are, of a result it guesses
    listed = "with asked as not materialized (select postcode from asked_postcode), "
    found = read_frame(tx, listed + _LOOKUP, [], LOOKUP_SCHEMA)
    tx.execute("drop table asked_postcode")
    return found


def points(tx: Transaction, wanted: pl.Series) -> pl.DataFrame:
    """postcode, point_x, point_y of those whose place is known, by postcode, in the coordinates of the nation's file.

    wanted : normalised, nulls and repeats allowed
    """
    return read_frame(
        tx,
        "select p.postcode, p.point_x, p.point_y from unnest(%s::text[]) wanted(postcode) "
        "join reference.postcode p using (postcode) where p.point_x is not null and p.point_y is not null "
        "order by p.postcode",
        [wanted.drop_nulls().unique().to_list()],
        {"postcode": pl.String, "point_x": pl.Float64, "point_y": pl.Float64},
    )


def shares_of(tx: Transaction, postcode: str) -> list[tuple[str, str, float]]:
    """(small area, its name, share) of a postcode that lies in several, the largest first."""
    return tx.execute(
        "select small_area, name, share from reference.postcode_share join reference.area on area_code = small_area "
        "where postcode = %s order by share desc, small_area",
        [postcode],
    ).fetchall()
