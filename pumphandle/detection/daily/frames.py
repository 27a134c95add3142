"""From frames, as a shelf gives them, to the arrays of a look."""

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from pumphandle.detection.daily.known import Ground, Known

Values = npt.NDArray[np.float64]

LONGEST_DELAY = 14
"""Days after which a specimen day counts as complete."""


def ground_of(areas: pl.DataFrame, points: Values) -> Ground:
    """areas : area_code, authority, region (null: none), population (null: not known), one row a small area

    points : (areas, 2) metres
    """
    authorities, regions = areas["authority"].unique().sort(), areas["region"].drop_nulls().unique().sort()
    return Ground(
        area_codes=tuple(areas["area_code"].to_list()),
        authorities=tuple(authorities.to_list()),
        authority=_number(areas["authority"], authorities),
        points=points,
        population=areas["population"].cast(pl.Float64).fill_null(float("nan")).to_numpy(),
        region=_number(areas["region"], regions) + int(areas["region"].null_count() > 0),
    )


def known_of(
    ground: Ground,
    *,
    pathogen: str,
    first: date,
    last: date,
    tests: pl.DataFrame,
    cases: pl.DataFrame,
    delays: pl.DataFrame,
    places: pl.DataFrame,
    points: Values,
    named: pl.DataFrame | None = None,
) -> Known:
    """One pathogen's morning. Cases in areas that the ground does not know are left out.

    tests : small_area, specimen_date, tests; cases : case_key, household_key, small_area, specimen_date, postcode
    delays : small_area, specimen_date, report_date, cases; places : postcode, in the order of points (posts, 2) metres
    named : case_key, place that the case names; None where nobody tells
    """
    days = (last - first).days + 1
    codes = pl.Series(ground.area_codes)
    inside = cases.filter(pl.col("small_area").is_in(codes.implode())).sort("case_key")
    table = _filled(tests, codes, first, days)
    shared = _memberships(inside["case_key"], named)
    return Known(
        pathogen=pathogen,
        last=last,
        tests=np.maximum(table, 0.0),
        case_keys=tuple(inside["case_key"].to_list()),
        case_area=_number(inside["small_area"], codes),
        case_day=_days(inside["specimen_date"], first),
        case_household=_number(inside["household_key"], inside["household_key"].unique().sort()),
        case_post=_number(inside["postcode"], places["postcode"]),
        post_points=points,
        triangle=triangle_of(ground, delays, first=first, days=days),
        shared_case=shared[0],
        shared_place=shared[1],
    )


def _memberships(cases: pl.Series, named: pl.DataFrame | None) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Positions of cases and numbers of the places that they name, in the order of both."""
    if named is None or named.is_empty():
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    case, place = _number(named["case_key"], cases), _number(named["place"], named["place"].unique().sort())
    known = case >= 0
    order = np.lexsort((place[known], case[known]))
    return case[known][order], place[known][order]


def _filled(tests: pl.DataFrame, codes: pl.Series, first: date, days: int) -> Values:
    table = np.zeros((len(codes), days))
    known = tests.filter(pl.col("small_area").is_in(codes.implode()))
    np.add.at(
        table, (_number(known["small_area"], codes), _days(known["specimen_date"], first)), known["tests"].to_numpy()
    )
    return table


def triangle_of(ground: Ground, delays: pl.DataFrame, *, first: date, days: int) -> Values | None:
    """(authorities, days, delays) increments; what came later than LONGEST_DELAY counts as that late.

    delays : small_area, specimen_date, report_date, cases. None without a case, or with too few days
    """
    codes = pl.Series(ground.area_codes)
    known = delays.filter(pl.col("small_area").is_in(codes.implode()))
    if days <= LONGEST_DELAY + 1 or not known.height:
        return None
    table = np.zeros((len(ground.authorities), days, LONGEST_DELAY + 1))
    late = (known["report_date"] - known["specimen_date"]).dt.total_days().to_numpy()
    authority = ground.authority[_number(known["small_area"], codes)]
    day = _days(known["specimen_date"], first)
    np.add.at(table, (authority, day, np.clip(late, 0, LONGEST_DELAY)), known["cases"].to_numpy())
    # a day whose corrections outweigh its reports so far is a day without cases
    below = table.sum(axis=2) < 0
    table[below] = 0.0
    return table


def _number(column: pl.Series, known: pl.Series) -> npt.NDArray[np.int64]:
    """Position of each value in `known`, -1 where it is null or not there."""
    positions = pl.DataFrame({"value": known, "at": np.arange(len(known))}, schema_overrides={"at": pl.Int64})
    asked = pl.DataFrame({"value": column.cast(known.dtype)})
    found = asked.join(positions.unique("value", keep="first"), on="value", how="left", maintain_order="left")
    return found["at"].fill_null(-1).to_numpy()


def _days(column: pl.Series, first: date) -> npt.NDArray[np.int64]:
    return (column - first).dt.total_days().to_numpy()
