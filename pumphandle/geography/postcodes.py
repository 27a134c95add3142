"""Postcode to small area: written alike, looked up, and never guessed."""

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from pumphandle.vocabulary.records import Placement

PSEUDO: Final = "^ZZ99"
"""NHS pseudo-postcodes: no fixed abode, not known, overseas. They say that there is none."""
WORDS_FOR_NONE: Final = ("UNKNOWN", "NOTKNOWN", "NOTSTATED", "NONE", "NIL", "NULL", "NA", "N/A", "-")
LOOKUP_SCHEMA: Final[dict[str, Any]] = {
    "postcode": pl.String,
    "small_area": pl.String,
    "district": pl.String,
    "valid_to": pl.Date,
    "vintage": pl.String,
    "several": pl.Boolean,
}
"""Of one vintage. small_area is null where a postcode lies in `several`, district where those are not one's."""


@dataclass(frozen=True)
class PostcodeRules:
    """A nation's postcodes, as regular expressions over their normalised form.

    form : of its own; elsewhere : of neighbours that are written alike; pseudo : codes that say there is no address
    """

    form: str
    elsewhere: str | None = None
    pseudo: str = PSEUDO


def normalise(series: pl.Series) -> pl.Series:
    """Upper case without any white space; null where nothing is left.

    series : text as laboratories write it, nulls allowed
    """
    return series.to_frame("postcode").select(normalised(pl.col("postcode"))).to_series().alias(series.name)


def normalised(postcode: pl.Expr) -> pl.Expr:
    """The same as an expression."""
    bare = postcode.cast(pl.String).str.replace_all(r"[\s\u{200B}\u{FEFF}]", "")  # \s knows the no-break space
    return bare.str.to_uppercase().replace("", None)


def resolve(lines: pl.DataFrame, lookup: pl.DataFrame, rules: PostcodeRules) -> pl.DataFrame:
    """The lines, in their order, with postcode normalised and small_area, district, placement, place_vintage added.

    lines  : any columns, among them postcode and address (text or null) and specimen_date
    lookup : LOOKUP_SCHEMA, one vintage, each postcode once, those written in addresses (`written_in`) among them

    unique         one small area
    terminated     one small area, of a postcode that no longer existed on the specimen date
    ambiguous      several small areas; the district where all lie in one, else none
    conflict       the address ends in another postcode, of another small area; the district where both lie in one
    pseudo         a code that says there is no address
    missing        nothing, or a word for nothing
    out_of_nation  a neighbour's
    not_found      anything else
    A place is never guessed, and never taken from the test site.
    """
    bare = lines.drop("small_area", "district", "placement", "place_vintage", strict=False).with_columns(
        normalised(pl.col("postcode")), written=written_in(pl.col("address"), rules)
    )
    beside = lookup.select(written="postcode", other_area="small_area", other_district="district")
    met = bare.join(lookup, on="postcode", how="left", maintain_order="left").join(
        beside, on="written", how="left", maintain_order="left"
    )
    code = pl.col("postcode")
    differs = pl.col("other_area").is_not_null() & (pl.col("other_area") != pl.col("small_area"))
    outcome = (
        pl.when(code.is_null() | code.is_in(WORDS_FOR_NONE))
        .then(pl.lit(Placement.MISSING.value))
        .when(code.str.contains(rules.pseudo))
        .then(pl.lit(Placement.PSEUDO.value))
        .when(pl.col("several").fill_null(False))
        .then(pl.lit(Placement.AMBIGUOUS.value))
        .when(differs.fill_null(False))
        .then(pl.lit(Placement.CONFLICT.value))
        .when((pl.col("valid_to") <= pl.col("specimen_date")).fill_null(False))
        .then(pl.lit(Placement.TERMINATED.value))
        .when(pl.col("small_area").is_not_null())
        .then(pl.lit(Placement.UNIQUE.value))
        .when(code.str.contains(rules.elsewhere) if rules.elsewhere else pl.lit(False))
        .then(pl.lit(Placement.OUT_OF_NATION.value))
        .otherwise(pl.lit(Placement.NOT_FOUND.value))
    )
    kept = pl.col("placement") != Placement.CONFLICT.value
    return (
        met.with_columns(placement=outcome)
        .with_columns(
            small_area=pl.when(kept).then("small_area"),
            district=pl.when(kept | (pl.col("district") == pl.col("other_district"))).then("district"),
            place_vintage=pl.col("vintage"),
        )
        .select(*bare.drop("written").columns, "small_area", "district", "placement", "place_vintage")
    )


def written_in(address: pl.Expr, rules: PostcodeRules) -> pl.Expr:
    """The postcode that an address ends in, normalised; null where it ends in none."""
    ending = "(" + rules.form.removeprefix("^").removesuffix("$") + ")$"
    spaced = address.cast(pl.String).str.strip_chars(" .,").str.to_uppercase()
    return spaced.str.replace_all(r"[\s,]", "").str.extract("[A-Z]" + ending)
