"""Postcode to small area to district."""

import polars as pl

from pumphandle.store.engine import Transaction, read_frame


def lookup_of(tx: Transaction, wanted: pl.Series) -> pl.DataFrame:
    """postcode, small_area, district of those that lead somewhere; cost grows with what is asked, not with the nation.

    wanted : normalised, nulls and repeats allowed
    """
    return read_frame(
        tx,
        "select p.postcode, p.small_area, a.parent from unnest(%s::text[]) wanted(postcode) "
        "join reference.postcode p using (postcode) join reference.area a on a.area_code = p.small_area",
        [wanted.drop_nulls().unique().to_list()],
        {"postcode": pl.String, "small_area": pl.String, "district": pl.String},
    )


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
