"""Postcode to small area: written alike, looked up, and never guessed."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from pumphandle.geography import tables
from pumphandle.geography.description import PostcodeSource
from pumphandle.geography.faults import fault
from pumphandle.geography.files import Files
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
    return series.to_frame("postcode").select(_normalised(pl.col("postcode"))).to_series().alias(series.name)


def _normalised(postcode: pl.Expr) -> pl.Expr:
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
        _normalised(pl.col("postcode")), written=written_in(pl.col("address"), rules)
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


def read(files: Files, source: PostcodeSource, *, small_areas: Collection[str], pattern: str) -> pl.DataFrame:
    """The postcode table of a nation: postcode (normalised), small_area, point_x, point_y (null where not given).

    Without a file the small areas are postcodes themselves. A line that comes twice is kept once.
    Raises BadDescription for a postcode that is empty, of another form or in two areas, and for an unknown area.
    """
    file = source.table.file if source.table else "nation.toml"
    frame = _lines(files, source, small_areas)
    for column in ("postcode", "small_area"):
        tables.filled(frame, column, file=file, remedy="Give every line a postcode and its small area.")
    bad = frame.filter(~pl.col("postcode").str.contains(pattern))
    _refuse_first(bad, "postcode", f"does not fit postcode_pattern {pattern}", file, "Correct one of both.")
    known = pl.DataFrame({"small_area": list(small_areas)})
    strange = frame.join(known, on="small_area", how="anti", maintain_order="left")
    _refuse_first(strange, "small_area", "is no small area", file, "Correct the code, or add the area.")
    once = frame.unique(["postcode", "small_area"], keep="first", maintain_order=True)
    twice = once.filter(~pl.col("postcode").is_first_distinct())
    _refuse_first(twice, "postcode", "lies in two small areas", file, "Keep the line that is right.")
    return _with_points(once, file, source).select("postcode", "small_area", "point_x", "point_y")


def _lines(files: Files, source: PostcodeSource, small_areas: Collection[str]) -> pl.DataFrame:
    if source.table is None:
        codes = list(small_areas)
        frame = pl.DataFrame({tables.LINE: range(1, len(codes) + 1), "postcode": codes, "small_area": codes})
    else:
        called = {source.postcode: "postcode", source.small_area: "small_area"}
        if source.x is not None and source.y is not None:
            called |= {source.x: "point_x", source.y: "point_y"}
        frame = files.lines(source.table, tuple(called)).rename(called)
    return frame.with_columns(_normalised(pl.col("postcode")))


def _with_points(frame: pl.DataFrame, file: str, source: PostcodeSource) -> pl.DataFrame:
    """Numbers for what the file says; a postcode without a place keeps none."""
    if source.x is None:
        nowhere = pl.lit(None, pl.Float64)
        return frame.with_columns(point_x=nowhere, point_y=nowhere)
    number = {name: pl.col(name).cast(pl.Float64, strict=False) for name in ("point_x", "point_y")}
    for name, header in (("point_x", source.x), ("point_y", source.y or "")):
        wrong = frame.filter(pl.col(name).is_not_null() & ~number[name].is_finite().fill_null(False))
        _refuse_first(wrong, name, "is no coordinate", file, f"Write a number into {header}, or leave it empty.")
    return frame.with_columns(**number)


def _refuse_first(frame: pl.DataFrame, field: str, what: str, file: str, remedy: str) -> None:
    """Raises BadDescription with the first line of `frame`, if it has one."""
    if frame.height:
        line, value = int(frame.item(0, tables.LINE)), str(frame.item(0, field))
        raise fault(f"{value} {what}", file=file, line=line, field=field, remedy=remedy)
