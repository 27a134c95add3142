"""The postcode table of a nation, as its file has it: where each postcode lies, since when, until when."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import polars as pl

from pumphandle.geography import tables
from pumphandle.geography.description import PostcodeSource
from pumphandle.geography.faults import fault
from pumphandle.geography.files import Files
from pumphandle.geography.postcodes import normalised

COLUMNS: Final = ("postcode", "small_area", "point_x", "point_y", "valid_from", "valid_to")
ROUNDED: Final = 0.005
"""How far each share of a postcode may be from what it should be: publishers round to hundredths, or cut there."""
FINEST: Final = 1e-9
"""What adding decimals in binary may bring: 0.33 three times is 0.99 and a little less."""


@dataclass(frozen=True)
class PostcodeTable:
    """postcodes : COLUMNS, each postcode once, with the area of its largest share; null where not given
    shares    : postcode, small_area, share of those that lie in several small areas; together one, whatever was rounded

    valid_to is the first day on which a postcode no longer exists.
    """

    postcodes: pl.DataFrame
    shares: pl.DataFrame


def read(files: Files, source: PostcodeSource, *, small_areas: Collection[str], pattern: str) -> PostcodeTable:
    """Without a file the small areas are postcodes themselves. A line that comes twice is kept once.

    Raises BadDescription for a postcode that is empty, of another form, or in two areas without a share of each; for
    an unknown area, a share that is none, and a day that is none.
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
    told = ["postcode", "small_area", *(["share"] if source.share is not None else [])]
    once = frame.unique(told, keep="first", maintain_order=True)
    if source.share is None:
        twice = once.filter(~pl.col("postcode").is_first_distinct())
        _refuse_first(twice, "postcode", "lies in two small areas", file, "Keep the line that is right.")
        shares = once.head(0).select("postcode", "small_area", share=pl.lit(None, pl.Float64))
    else:
        once, shares = _shared(once, file)
    dated = _with_days(_with_points(once, file, source), file)
    return PostcodeTable(dated.select(COLUMNS), shares)


def _lines(files: Files, source: PostcodeSource, small_areas: Collection[str]) -> pl.DataFrame:
    if source.table is None:
        codes = list(small_areas)
        frame = pl.DataFrame({tables.LINE: range(1, len(codes) + 1), "postcode": codes, "small_area": codes})
    else:
        named = {
            "postcode": source.postcode,
            "small_area": source.small_area,
            "point_x": source.x,
            "point_y": source.y,
            "share": source.share,
            "valid_from": source.valid_from,
            "valid_to": source.valid_to,
        }
        called = {theirs: ours for ours, theirs in named.items() if theirs is not None}
        frame = files.lines(source.table, tuple(called)).rename(called)
    absent = [name for name in ("valid_from", "valid_to") if name not in frame.columns]
    return frame.with_columns(normalised(pl.col("postcode")), *(pl.lit(None, pl.String).alias(one) for one in absent))


def _shared(once: pl.DataFrame, file: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Each postcode once, with the area of its largest share (of equal ones the lesser code); and the shares."""
    number = pl.col("share").cast(pl.Float64, strict=False)
    wrong = once.filter(~((number > 0) & (number <= 1)).fill_null(False)).with_columns(
        pl.col("share").fill_null("that")
    )
    _refuse_first(wrong, "share", "is no share", file, "Write how much of the postcode lies there: above 0, at most 1.")
    numbered = once.with_columns(number, together=number.sum().over("postcode"))
    twice = numbered.filter(~pl.struct("postcode", "small_area").is_first_distinct())
    _refuse_first(twice, "postcode", "has two shares in one small area", file, "Keep the line that is right.")
    allowed = ROUNDED * pl.len().over("postcode") + FINEST
    uneven = numbered.filter((pl.col("together") - 1).abs() > allowed)
    remedy = f"Correct the shares: each may be rounded by {ROUNDED:g}, so thirds may be written 0.33."
    _refuse_first(uneven, "postcode", "has shares that are not one together", file, remedy)
    largest = numbered.sort(pl.col("share"), "small_area", descending=[True, False]).unique(
        "postcode", keep="first", maintain_order=True
    )
    several = numbered.filter(pl.len().over("postcode") > 1)
    return largest.sort(tables.LINE), several.select("postcode", "small_area", pl.col("share") / pl.col("together"))


def _with_days(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    """Days from YYYY-MM-DD or YYYYMM. A month says: in use from its first day, and out of use when it is over."""
    found = frame
    for name in ("valid_from", "valid_to"):
        text = pl.col(name)
        month = (text + "01").str.to_date("%Y%m%d", strict=False)
        day = pl.when(text.str.contains(r"^\d{6}$")).then(month.dt.offset_by("1mo") if name == "valid_to" else month)
        found = found.with_columns(day.otherwise(text.str.to_date("%Y-%m-%d", strict=False)).alias(f"{name}_day"))
        wrong = found.filter(text.is_not_null() & pl.col(f"{name}_day").is_null())
        _refuse_first(wrong, name, "is no day", file, "Write YYYY-MM-DD or YYYYMM, or leave it empty.")
    turned = found.filter((pl.col("valid_to_day") < pl.col("valid_from_day")).fill_null(False))
    _refuse_first(turned, "valid_to", "lies before the first day", file, "Correct one of both.")
    return found.with_columns(valid_from="valid_from_day", valid_to="valid_to_day")


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
