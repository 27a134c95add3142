"""pumphandle audit: attack what others have published, and say in aggregate how much of it gives a person away."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.table import Table

from pumphandle.cli.published_files import FILE_RELEASE, counts, given, pair, read, read_all
from pumphandle.cli.screen import ERR, OUT
from pumphandle.disclosure.attack.layout import Layout, as_of, cells, number, over_days, require, with_parents
from pumphandle.disclosure.attack.published.finding import Finding
from pumphandle.disclosure.attack.published.groups import attack_groups
from pumphandle.disclosure.attack.published.partitions import attack_partitions
from pumphandle.disclosure.attack.published.rates import attack_changes, attack_rates
from pumphandle.disclosure.attack.published.releases import attack_any_two, attack_releases
from pumphandle.disclosure.attack.published.tables import attack_table, margins
from pumphandle.disclosure.attack.published.totals import attack_insiders, attack_totals, attack_zero_rule
from pumphandle.disclosure.attack.published.weekdays import attack_weekdays
from pumphandle.disclosure.attack.published.windows import attack_chains, attack_windows
from pumphandle.vocabulary.errors import NotUnderstood

BESIDE_TOTALS = "Beside totals of larger areas"
OVER_TIME = "Releases and windows"
SHARES = "Rates, changes, groups"
ONE_TABLE = "One table, two maps"


@dataclass(frozen=True)
class Totals:
    """Where the totals lie, and which of them were known when the cells came out."""

    file: Path
    layout: Layout
    as_of: datetime | None
    days: int | None


@dataclass(frozen=True)
class Rule:
    """What the publisher's rule says: `hidden`, what a hidden count can be; `small`, counts that point at people."""

    hidden: tuple[int, int]
    small: tuple[int, int]


@dataclass(frozen=True)
class Asked:
    """Which attacks were asked for, besides those beside totals."""

    releases: bool
    longest_gap: timedelta | None
    every_pair: bool
    window: int | None
    areas: int | None
    per: int
    decimals: int
    change_days: int
    totals_of_columns: dict[str, str] = field(default_factory=dict[str, str])


def audit(
    files: Annotated[list[Path], typer.Argument(help="CSV or Parquet, of one shape. Several: each one is a release.")],
    area: Annotated[str, typer.Option(help="Column with the area's code.")],
    value: Annotated[str, typer.Option(help="Column with the count; an empty field is hidden.")],
    period: Annotated[str | None, typer.Option(help="Column with the day, or the week's end.")] = None,
    mark: Annotated[list[str] | None, typer.Option(help='A text that means hidden, such as "S" or "<5".')] = None,
    untold: Annotated[str | None, typer.Option(help="COLUMN=TEXT of lines that say nothing at all.")] = None,
    hidden: Annotated[str, typer.Option(help="What a hidden count can be by the publisher's rule.")] = "1-4",
    small: Annotated[str, typer.Option(help="Counts that point at people.")] = "1-4",
    release: Annotated[
        str | None, typer.Option(help="Column that tells the releases apart.", rich_help_panel=OVER_TIME)
    ] = None,
    longest_gap: Annotated[
        float | None, typer.Option(help="Days; leave out releases further apart.", rich_help_panel=OVER_TIME)
    ] = None,
    every_pair: Annotated[
        bool, typer.Option(help="Try each release against every one before it.", rich_help_panel=OVER_TIME)
    ] = False,
    window: Annotated[
        int | None, typer.Option(help="Counts are sums of so many days up to the day.", rich_help_panel=OVER_TIME)
    ] = None,
    first: Annotated[
        str | None, typer.Option(help="Column with the first day that a count covers.", rich_help_panel=OVER_TIME)
    ] = None,
    areas: Annotated[
        int | None, typer.Option(help="Windows of so many areas only, evenly spaced.", rich_help_panel=OVER_TIME)
    ] = None,
    rate: Annotated[str | None, typer.Option(help="Column with a printed rate.", rich_help_panel=SHARES)] = None,
    population: Annotated[
        str | None, typer.Option(help="Column with residents, or with who was tested.", rich_help_panel=SHARES)
    ] = None,
    per: Annotated[int, typer.Option(help="Rates are per so many; 100: percent.", rich_help_panel=SHARES)] = 100_000,
    decimals: Annotated[int, typer.Option(help="Places of rates and changes.", rich_help_panel=SHARES)] = 1,
    change: Annotated[
        str | None, typer.Option(help="Column with a printed percentage change.", rich_help_panel=SHARES)
    ] = None,
    change_days: Annotated[int, typer.Option(help="Days that a change looks back.", rich_help_panel=SHARES)] = 7,
    margin: Annotated[
        list[str] | None, typer.Option(help="COLUMN=CODE of a column's total.", rich_help_panel=ONE_TABLE)
    ] = None,
    other_map: Annotated[
        Path | None, typer.Option(help="File with counts of the same people on another map.", rich_help_panel=ONE_TABLE)
    ] = None,
    other_area: Annotated[str | None, typer.Option(help="Its area column.", rich_help_panel=ONE_TABLE)] = None,
    other_value: Annotated[
        str | None, typer.Option(help="Its count column; usual: as --value.", rich_help_panel=ONE_TABLE)
    ] = None,
    pieces: Annotated[
        Path | None, typer.Option(help="File that pairs areas of both maps.", rich_help_panel=ONE_TABLE)
    ] = None,
    parent: Annotated[
        str | None,
        typer.Option(help="Column with the larger area, in the files or the lookup.", rich_help_panel=BESIDE_TOTALS),
    ] = None,
    lookup: Annotated[
        Path | None, typer.Option(help="File that names each area's parent.", rich_help_panel=BESIDE_TOTALS)
    ] = None,
    lookup_area: Annotated[
        str | None, typer.Option(help="Its area column; usual: as --area.", rich_help_panel=BESIDE_TOTALS)
    ] = None,
    totals: Annotated[
        Path | None, typer.Option(help="File with the totals of the larger areas.", rich_help_panel=BESIDE_TOTALS)
    ] = None,
    totals_area: Annotated[
        str | None, typer.Option(help="Its area column; usual: as --parent.", rich_help_panel=BESIDE_TOTALS)
    ] = None,
    totals_period: Annotated[
        str | None, typer.Option(help="Its period column; usual: as --period.", rich_help_panel=BESIDE_TOTALS)
    ] = None,
    totals_value: Annotated[
        str | None, typer.Option(help="Its count column; usual: as --value.", rich_help_panel=BESIDE_TOTALS)
    ] = None,
    totals_release: Annotated[
        str | None, typer.Option(help="Its column with the day of release.", rich_help_panel=BESIDE_TOTALS)
    ] = None,
    totals_as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As known then.", rich_help_panel=BESIDE_TOTALS)
    ] = None,
    totals_days: Annotated[
        int | None,
        typer.Option(help="Totals are by day: sum so many up to each period.", rich_help_panel=BESIDE_TOTALS),
    ] = None,
) -> None:
    """How many hidden or small counts anyone could work out. Counts of counts only: no area, no day, no value."""
    release = release if release is not None or len(files) == 1 else FILE_RELEASE
    layout = Layout(
        area=area,
        value=value,
        period=period,
        first=first,
        parent=parent if lookup is None else None,
        release=release,
        rate=rate,
        population=population,
        change=change,
        marks=mark or [],
        untold=pair(untold) if untold is not None else None,
    )
    raw = read_all(files)
    told = cells(raw, layout)
    if lookup is not None:
        told = with_parents(told, read(lookup), child=lookup_area or area, parent=given(parent, "--parent"))
    rule = Rule(counts(hidden), counts(small))
    asked = Asked(
        releases=release is not None,
        longest_gap=None if longest_gap is None else timedelta(days=longest_gap),
        every_pair=every_pair,
        window=window,
        areas=areas,
        per=per,
        decimals=decimals,
        change_days=change_days,
        totals_of_columns=dict(pair(one) for one in margin or []),
    )
    attacks = [_in_the_files(told, layout, asked, rule), _margins(raw, layout, asked, rule)]
    if totals is not None:
        named = Layout(
            area=totals_area or given(parent, "--parent"),
            value=totals_value or value,
            period=totals_period or given(period, "--period"),
            release=totals_release,
        )
        where = Totals(file=totals, layout=named, as_of=totals_as_of, days=totals_days)
        attacks.insert(0, _beside_totals(told, _totals(where, told), rule))
    if other_map is not None:
        zones = Layout(area=given(other_area, "--other-area"), value=other_value or value, marks=mark or [])
        paired = read(Path(given(None if pieces is None else str(pieces), "--pieces")))
        attacks.append(_two_maps(told, cells(read(other_map), zones), paired, area, zones.area, rule))
    _tell(attacks)


def _in_the_files(told: pl.DataFrame, layout: Layout, asked: Asked, rule: Rule) -> Iterator[Finding]:
    """Attacks that need nothing but the files."""
    if asked.releases:
        yield attack_releases(told, small=rule.small, longest_gap=asked.longest_gap)
        if asked.every_pair:
            yield attack_any_two(told, small=rule.small)
    if asked.window is not None or layout.first is not None:
        length = asked.window if layout.first is None else None
        yield attack_windows(told, length=length, hidden=rule.hidden, small=rule.small, areas=asked.areas)
        yield attack_chains(told, length=length, small=rule.small, areas=asked.areas)
        if length is not None:
            yield attack_weekdays(told, length=length, small=rule.small)
    if layout.rate is not None:
        given(layout.population, "--population")
        yield attack_rates(told, per=asked.per, decimals=asked.decimals, small=rule.small)
    if layout.change is not None:
        given(layout.period, "--period")
        yield attack_changes(
            told, hidden=rule.hidden, days=asked.change_days, decimals=asked.decimals, small=rule.small
        )
    if layout.population is not None:
        yield attack_groups(told)


def _margins(raw: pl.DataFrame, layout: Layout, asked: Asked, rule: Rule) -> Iterator[Finding]:
    """The files as one table; period and release tell its tables apart."""
    if not asked.totals_of_columns:
        return
    apart = [name for name in (layout.period, layout.release) if name is not None]
    columns = [*asked.totals_of_columns, *(name for name in apart if name not in asked.totals_of_columns)]
    require(raw, *columns, layout.value)
    frame = raw.select(pl.col(columns).cast(pl.String), number(raw[layout.value], layout.marks).alias("value"))
    parents = margins(frame, asked.totals_of_columns)
    yield attack_table(
        frame, parents={column: parents.get(column, {}) for column in columns}, hidden=rule.hidden, small=rule.small
    )


def _beside_totals(told: pl.DataFrame, totals: pl.DataFrame, rule: Rule) -> Iterator[Finding]:
    yield attack_totals(told, totals, hidden=rule.hidden)
    if rule.hidden[0] > 0:
        yield attack_zero_rule(told, totals, most=rule.hidden[1])
    yield attack_insiders(told, totals, hidden=rule.hidden)


def _two_maps(
    told: pl.DataFrame, other: pl.DataFrame, paired: pl.DataFrame, area: str, other_area: str, rule: Rule
) -> Iterator[Finding]:
    require(paired, area, other_area)
    pieces = paired.select(one=pl.col(area).cast(pl.String), other=pl.col(other_area).cast(pl.String))
    yield attack_partitions(pieces, told, other, k=rule.small[1] + 1)


def _totals(where: Totals, told: pl.DataFrame) -> pl.DataFrame:
    known = cells(read(where.file), where.layout)
    if where.as_of is not None:
        require(known, "release")
        known = as_of(known, where.as_of.date())
    if where.days is not None:
        known = over_days(known, told["period"], days=where.days)
    return known.rename({"area": "parent"})


def _tell(attacks: list[Iterator[Finding]]) -> None:
    """Each finding as soon as it is there."""
    found = 0
    with ERR.status("Attacking what was published.") as status:
        for attack in attacks:
            for finding in attack:
                status.stop()
                _print(finding)
                status.start()
                found += 1
    if not found:
        raise NotUnderstood(
            "Say what to attack: --totals FILE, --release COLUMN, several files, --window DAYS, --first COLUMN, "
            "--rate COLUMN, --change COLUMN, --population COLUMN, --margin COLUMN=CODE or --other-map FILE."
        )


def _print(finding: Finding) -> None:
    table = Table(show_header=False, box=None)
    table.add_column()
    table.add_column(justify="right")
    for name, count in finding.figures:
        table.add_row(name, f"{count:,}")
    OUT.print(f"\n{finding.attack}", style="italic")
    OUT.print(table)
    OUT.print(finding.sentence, style="bold", soft_wrap=True)
