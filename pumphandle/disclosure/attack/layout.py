"""Other people's files as the frames that the attacks read: their columns and marks, our words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from pumphandle.vocabulary.errors import NotUnderstood


@dataclass(frozen=True)
class Layout:
    """Which of a file's columns hold what.

    period     : the day, or the last day of what is counted; first: its first day
    rate       : a printed rate or percentage; population: what it is a share of
    change     : a printed percentage change
    marks      : texts that stand for a hidden value, such as "S" or "<5"; an empty field always does
    untold     : column and text of lines that say nothing at all
    """

    area: str
    value: str
    period: str | None = None
    first: str | None = None
    parent: str | None = None
    release: str | None = None
    rate: str | None = None
    population: str | None = None
    change: str | None = None
    marks: Sequence[str] = ()
    untold: tuple[str, str] | None = None


def cells(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """area, value (null = hidden), told, and every other column that the layout names, in our words. Order is kept."""
    named = {
        "area": layout.area,
        "value": layout.value,
        "period": layout.period,
        "first": layout.first,
        "parent": layout.parent,
        "release": layout.release,
        "rate": layout.rate,
        "population": layout.population,
        "change": layout.change,
    }
    used = {ours: theirs for ours, theirs in named.items() if theirs is not None}
    require(frame, *used.values(), *([layout.untold[0]] if layout.untold else []))
    told = pl.lit(True) if layout.untold is None else pl.col(layout.untold[0]).cast(pl.String) != layout.untold[1]
    out = frame.select(*(pl.col(theirs).alias(ours) for ours, theirs in used.items()), told.alias("told"))
    return out.with_columns(
        pl.col("area").cast(pl.String),
        *(number(out[ours], layout.marks) for ours in ("value", "rate", "population", "change") if ours in used),
        *(_day(out[ours]) for ours in ("period", "first", "release") if ours in used),
        *([pl.col("parent").cast(pl.String)] if "parent" in used else []),
    )


def with_parents(told: pl.DataFrame, lookup: pl.DataFrame, *, child: str, parent: str) -> pl.DataFrame:
    """Give each area the larger area that holds it, by a lookup table of theirs."""
    require(lookup, child, parent)
    links = lookup.select(area=pl.col(child).cast(pl.String), parent=pl.col(parent).cast(pl.String)).unique()
    if links["area"].is_duplicated().any():
        raise NotUnderstood(f"The lookup places one {child} in two {parent}. Give a lookup with one parent each.")
    return told.join(links, on="area", how="inner")


def as_of(history: pl.DataFrame, day: date) -> pl.DataFrame:
    """Each area and period as its last release up to a day told it; needs the column release."""
    known = history.filter(pl.col("release") <= day)
    if known.is_empty():
        raise NotUnderstood(f"No total had been released by {day}.")
    return known.sort("release", maintain_order=True).group_by("area", "period").last()


def over_days(totals: pl.DataFrame, ends: pl.Series, *, days: int) -> pl.DataFrame:
    """Daily totals summed over the `days` that end on each of `ends`; a missing day counts 0."""
    spans = pl.DataFrame({"end": ends.unique().sort()}).with_columns(
        period=pl.date_ranges(pl.col("end") - pl.duration(days=days - 1), pl.col("end"))
    )
    return (
        spans.explode("period")
        .join(totals, on="period")
        .group_by("area", "end")
        .agg(pl.col("value").sum())
        .rename({"end": "period"})
    )


def require(frame: pl.DataFrame, *columns: str) -> None:
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise NotUnderstood(f"There is no column {missing[0]}; there are {', '.join(frame.columns)}.")


def number(values: pl.Series, marks: Sequence[str]) -> pl.Series:
    """Numbers as floats, null where hidden. Raises NotUnderstood for a text that is neither number nor mark."""
    if values.dtype.is_numeric():
        return values.cast(pl.Float64)
    text = values.cast(pl.String).str.strip_chars()
    shown = text.set(text.is_in(["", *marks]).fill_null(False), None)
    numbers = shown.str.replace_all(",", "").cast(pl.Float64, strict=False)
    strange = shown.filter(shown.is_not_null() & numbers.is_null())
    if len(strange):
        raise NotUnderstood(f'"{strange[0]}" is no number. If it marks a hidden value, name it with --mark.')
    return numbers


def _day(values: pl.Series) -> pl.Series:
    """Dates as dates; weeks, labels and times stay what they are."""
    if not (values.dtype == pl.String or values.dtype == pl.Categorical):
        return values
    text = values.cast(pl.String)
    days = text.str.to_date("%Y-%m-%d", strict=False)
    return text if days.null_count() > text.null_count() else days
