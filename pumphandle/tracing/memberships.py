"""What cases share: a household, a building, a place on a day. Links are made of these and of nothing else."""

from typing import Any, Final

import polars as pl

from pumphandle.vocabulary.tracing import LinkKind, LinkSource

MEMBERSHIP_SCHEMA: Final[dict[str, Any]] = {
    "kind": pl.String,
    "key": pl.String,
    "case": pl.String,
    "day": pl.Date,
    "source": pl.String,
}
"""One row: on `day`, `case` belonged to the group `key` of this kind."""

_UNIT: Final = r"^(?:flat|unit|apartment|apt|room|suite)\s+\S+\s+"


def at_home(cases: pl.DataFrame) -> pl.DataFrame:
    """Households and buildings (MEMBERSHIP_SCHEMA).

    cases : case, day, household_key, address, postcode, family_name; any of the last three may be null

    A household is an address; where a record has none, people of one family name in one postcode. Two flats of
    one house are one building. A case without address and without a family name or postcode has no household.
    """
    plain = cases.select(
        "case",
        "day",
        "household_key",
        "postcode",
        address=_plain(pl.col("address")),
        family=_plain(pl.col("family_name")),
    )
    by_address = plain.filter(pl.col("address") != "", pl.col("postcode").is_not_null())
    by_name = plain.filter(pl.col("address") == "", pl.col("family") != "", pl.col("postcode").is_not_null())
    building = pl.concat_str(pl.col("address").str.replace(_UNIT, ""), "postcode", separator="/")
    return pl.concat(
        [
            _rows(by_address, LinkKind.HOUSEHOLD, pl.col("household_key"), LinkSource.ADDRESS),
            _rows(
                by_name,
                LinkKind.HOUSEHOLD,
                pl.concat_str("family", "postcode", separator="/"),
                LinkSource.NAME_AND_POSTCODE,
            ),
            _rows(by_address, LinkKind.BUILDING, building, LinkSource.ADDRESS),
        ]
    )


def at_places(visits: pl.DataFrame) -> pl.DataFrame:
    """Places named by a record or an interview (MEMBERSHIP_SCHEMA).

    visits : case, day (of being there), postcode, setting_kind, setting (its number in the register, or null), source

    A place in the register is a setting; any other is known by its postcode and kind, the rule by which England
    found 269,470 clusters in 2020–21 (Packer et al. 2024, PLOS Digit Health 3(4):e0000485).
    """
    named = visits.filter(pl.col("setting").is_not_null())
    other = visits.filter(
        pl.col("setting").is_null(), pl.col("postcode").is_not_null(), pl.col("setting_kind").is_not_null()
    )
    place = pl.concat_str("postcode", "setting_kind", separator="/")
    return pl.concat(
        [
            _rows(named, LinkKind.SETTING, pl.col("setting"), pl.col("source")),
            _rows(other, LinkKind.SAME_PLACE, place, pl.col("source")),
        ]
    )


def _rows(cases: pl.DataFrame, kind: LinkKind, key: pl.Expr, source: LinkSource | pl.Expr) -> pl.DataFrame:
    said = pl.lit(str(source)) if isinstance(source, LinkSource) else source
    return cases.select(
        kind=pl.lit(str(kind)),
        key=key.cast(pl.String),
        case=pl.col("case").cast(pl.String),
        day=pl.col("day").cast(pl.Date),
        source=said.cast(pl.String),
    )


def _plain(text: pl.Expr) -> pl.Expr:
    """Letters and digits in lower case, one space between words; "" for null."""
    return text.fill_null("").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
