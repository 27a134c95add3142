"""pumphandle audit: attack what others have published, and say in aggregate how much of it gives a person away."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.table import Table

from pumphandle.cli.screen import OUT
from pumphandle.disclosure.attack.layout import Layout, as_of, cells, over_days, require, with_parents
from pumphandle.disclosure.attack.published import Finding, attack_releases, attack_totals, attack_windows
from pumphandle.vocabulary.errors import NotFound, NotUnderstood

FILE_RELEASE = "release by file"


@dataclass(frozen=True)
class Totals:
    """Where the totals lie, and which of them were known when the cells came out."""

    file: Path
    layout: Layout
    as_of: datetime | None
    days: int | None


def audit(
    files: Annotated[list[Path], typer.Argument(help="CSV or Parquet, of one shape. Several: each one is a release.")],
    area: Annotated[str, typer.Option(help="Column with the area's code.")],
    value: Annotated[str, typer.Option(help="Column with the count; an empty field is hidden.")],
    period: Annotated[str | None, typer.Option(help="Column with the day, or the week's end.")] = None,
    release: Annotated[str | None, typer.Option(help="Column that tells the releases apart.")] = None,
    longest_gap: Annotated[float | None, typer.Option(help="Days; leave out releases further apart.")] = None,
    mark: Annotated[list[str] | None, typer.Option(help='A text that means hidden, such as "S" or "<5".')] = None,
    untold: Annotated[str | None, typer.Option(help="COLUMN=TEXT of lines that say nothing at all.")] = None,
    hidden: Annotated[str, typer.Option(help="What a hidden count can be by the publisher's rule.")] = "1-4",
    small: Annotated[str, typer.Option(help="Counts that point at people.")] = "1-4",
    window: Annotated[int | None, typer.Option(help="Counts are sums of so many days up to the day.")] = None,
    areas: Annotated[int | None, typer.Option(help="Attack rolling sums of so many areas only, evenly spaced.")] = None,
    parent: Annotated[str | None, typer.Option(help="Column with the larger area, in the files or the lookup.")] = None,
    lookup: Annotated[Path | None, typer.Option(help="File that names each area's parent.")] = None,
    lookup_area: Annotated[str | None, typer.Option(help="The area's column in the lookup; usual: as --area.")] = None,
    totals: Annotated[Path | None, typer.Option(help="File with the totals of the larger areas.")] = None,
    totals_area: Annotated[str | None, typer.Option(help="Its area column; usual: as --parent.")] = None,
    totals_period: Annotated[str | None, typer.Option(help="Its period column; usual: as --period.")] = None,
    totals_value: Annotated[str | None, typer.Option(help="Its count column; usual: as --value.")] = None,
    totals_release: Annotated[str | None, typer.Option(help="Its column with the day of release.")] = None,
    totals_as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Totals as known then.")] = None,
    totals_days: Annotated[int | None, typer.Option(help="Totals are by day: sum so many up to each period.")] = None,
) -> None:
    """How many hidden or small counts anyone could work out. Counts of counts only: no area, no day, no value."""
    aside = _pair(untold) if untold is not None else None
    in_files = parent if lookup is None else None
    release = release if release is not None or len(files) == 1 else FILE_RELEASE
    layout = Layout(
        area=area, value=value, period=period, parent=in_files, release=release, marks=mark or [], untold=aside
    )
    told = cells(_read_all(files), layout)
    if lookup is not None:
        told = with_parents(told, _read(lookup), child=lookup_area or area, parent=_given(parent, "--parent"))
    found: list[Finding] = []
    if totals is not None:
        named = Layout(
            area=totals_area or _given(parent, "--parent"),
            value=totals_value or value,
            period=totals_period or _given(period, "--period"),
            release=totals_release,
        )
        where = Totals(file=totals, layout=named, as_of=totals_as_of, days=totals_days)
        found.append(attack_totals(told, _totals(where, told), hidden=_range(hidden)))
    if release is not None:
        gap = None if longest_gap is None else timedelta(days=longest_gap)
        found.append(attack_releases(told, small=_range(small), longest_gap=gap))
    if window is not None:
        found.append(attack_windows(told, length=window, hidden=_range(hidden), small=_range(small), areas=areas))
    if not found:
        raise NotUnderstood("Say what to attack: --totals FILE, --release COLUMN, several files, or --window DAYS.")
    for one in found:
        _print(one)


def _totals(where: Totals, told: pl.DataFrame) -> pl.DataFrame:
    known = cells(_read(where.file), where.layout)
    if where.as_of is not None:
        require(known, "release")
        known = as_of(known, where.as_of.date())
    if where.days is not None:
        known = over_days(known, told["period"], days=where.days)
    return known.rename({"area": "parent"})


def _read_all(files: list[Path]) -> pl.DataFrame:
    if len(files) == 1:
        return _read(files[0])
    frames = [_read(file).with_columns(pl.lit(at).alias(FILE_RELEASE)) for at, file in enumerate(files)]
    return pl.concat(frames, how="diagonal_relaxed")


def _read(file: Path) -> pl.DataFrame:
    if not file.is_file():
        raise NotFound(f"There is no file {file.name}.")
    if file.suffix == ".parquet":
        return pl.read_parquet(file)
    return pl.read_csv(file, infer_schema=False)


def _range(text: str) -> tuple[int, int]:
    low, dash, high = text.partition("-")
    if not dash or not low.strip().isdigit() or not high.strip().isdigit() or int(low) > int(high):
        raise NotUnderstood(f'"{text}" is no range of counts. Write the least and the most, such as 1-4.')
    return int(low), int(high)


def _pair(text: str) -> tuple[str, str]:
    column, equals, value = text.partition("=")
    if not equals:
        raise NotUnderstood(f'"{text}" names no column and text. Write them as COLUMN=TEXT.')
    return column, value


def _given(text: str | None, option: str) -> str:
    if text is None:
        raise NotUnderstood(f"This attack needs {option}.")
    return text


def _print(finding: Finding) -> None:
    table = Table(title=finding.attack, title_justify="left", show_header=False, box=None)
    table.add_column()
    table.add_column(justify="right")
    for name, count in finding.figures:
        table.add_row(name, f"{count:,}")
    OUT.print(table)
    OUT.print(finding.sentence, style="bold")
