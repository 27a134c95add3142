"""pumphandle run: a day, or a range of days, with progress and a one-screen summary."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Annotated, cast

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from pumphandle.actions.run_day import STEPS, Premises, StepDone, run_day
from pumphandle.cli.opening import deeds, moment_of, now, premises
from pumphandle.cli.screen import ERR, OUT
from pumphandle.store.engine import Database
from pumphandle.store.reference import nation
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.vocabulary.people import THE_TIMER

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
SHOWN_REASONS = 8


def run(
    date_: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="One day.")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of a range.")
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of a range.")] = None,
) -> None:
    """Receive, link, deliver, detect and publish. A step that is done is not repeated, so run again after a stop."""
    days = _days(date_, first, last)
    with deeds() as (house, database):
        total = run_days(days, premises(house, database), time_zone=_time_zone(database))
    total.show()


def _days(one: datetime | None, first: datetime | None, last: datetime | None) -> list[date]:
    if one is not None and first is None and last is None:
        return [one.date()]
    if one is None and first is not None and last is not None and first <= last:
        return [first.date() + timedelta(days=step) for step in range((last - first).days + 1)]
    raise NotUnderstood("Say which day: --date 2020-03-01, or --from 2020-03-01 --to 2020-03-31.")


def _time_zone(database: Database) -> str:
    with database.transaction() as tx:
        return nation.nation(tx).time_zone


@dataclass
class Totals:
    """Sums over the days of one command."""

    days: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))
    counts: dict[str, int] = field(default_factory=dict[str, int])
    held: dict[tuple[str, str, str], tuple[int, str]] = field(
        default_factory=dict[tuple[str, str, str], tuple[int, str]]
    )
    refused: list[str] = field(default_factory=list[str])
    late: dict[str, int] = field(default_factory=dict[str, int])
    without_key: set[str] = field(default_factory=set[str])
    release: str = ""
    strongest: str | None = None

    def add(self, done: list[StepDone]) -> None:
        self.days += 1
        for step in done:
            if step.fresh:
                self.seconds[step.step] += step.seconds
            for name, value in step.summary.items():
                if isinstance(value, int):
                    key = f"{step.step}.{name}"
                    self.counts[key] = value if name == "unplaced_waiting" else self.counts.get(key, 0) + value
            self._add_lists(step.step, step.summary)

    def _add_lists(self, step: str, summary: dict[str, object]) -> None:
        if step == "receive":
            self.refused += cast("list[str]", summary["refused"])
            for laboratory in cast("list[str]", summary["late_laboratories"]):
                self.late[laboratory] = self.late.get(laboratory, 0) + 1
            for _, name, code, remedy, lines in cast("list[tuple[str, str, str, str, int]]", summary["held"]):
                laboratory = _.partition("_")[0]
                before, _text = self.held.get((laboratory, name, code), (0, remedy))
                self.held[laboratory, name, code] = (before + lines, remedy)
        elif step == "deliver":
            self.without_key |= set(cast("list[str]", summary["without_key"]))
        elif step == "publish":
            self.release = f"{summary['release_id']}  {str(summary['hash'])[:16]}"
        elif step == "detect" and summary["strongest"]:
            self.strongest = str(summary["strongest"])

    def show(self) -> None:
        """One screen."""
        count = self.counts.get
        table = Table(
            title=f"{self.days} day{'s' if self.days != 1 else ''}", title_justify="left", box=None, pad_edge=False
        )
        table.add_column("step")
        table.add_column("what happened")
        table.add_column("seconds", justify="right")
        happened = {
            "receive": f"{count('receive.files', 0):,} files, {count('receive.lines_in', 0):,} lines = "
            f"{count('receive.accepted', 0):,} accepted + {count('receive.quarantined', 0):,} quarantined + "
            f"{count('receive.duplicates', 0):,} duplicates + {count('receive.superseded', 0):,} superseded",
            "link": f"{count('link.records', 0):,} records, {count('link.new_persons', 0):,} new persons; "
            f"{count('link.tests', 0):,} tests, {count('link.positives', 0):,} positives, {count('link.cases', 0):,} cases; "
            f"{count('link.unplaced_waiting', 0):,} records wait for a place",
            "deliver": f"{count('deliver.packages', 0):,} packages: {count('deliver.new', 0):,} new, "
            f"{count('deliver.changed', 0):,} changed, {count('deliver.withdrawn', 0):,} withdrawn",
            "detect": f"{count('detect.signals', 0):,} signals",
            "publish": f"{count('publish.blocks', 0):,} blocks released; last release {self.release}",
        }
        for step in STEPS:
            table.add_row(step, happened[step], f"{self.seconds[step]:,.1f}")
        table.add_row("", "", f"{sum(self.seconds.values()):,.1f}")
        OUT.print(table)
        self._show_trouble()

    def _show_trouble(self) -> None:
        for (laboratory, name, code), (lines, remedy) in sorted(self.held.items(), key=lambda one: -one[1][0])[
            :SHOWN_REASONS
        ]:
            OUT.print(f"  held: {laboratory}, field {name}: {code}, {lines:,} lines. {remedy}")
        for refusal in self.refused[:SHOWN_REASONS]:
            OUT.print(f"  refused: {refusal}")
        if self.late:
            OUT.print("  late: " + ", ".join(f"{one} ({days} days)" for one, days in sorted(self.late.items())))
        if self.without_key:
            OUT.print(
                f"  {len(self.without_key)} authorities have no registered key and got nothing: pumphandle authority --help"
            )
        if self.strongest:
            OUT.print(f"  last signal: {self.strongest}")


def run_days(days: list[date], where: Premises, *, time_zone: str) -> Totals:
    """Every day in order, with progress on the terminal."""
    totals = Totals()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR, transient=True) as progress:
        bar = progress.add_task("", total=len(days))
        for day in days:
            at = moment_of(day, time_zone, present=now())

            def tell(step: str, day: date = day) -> None:
                progress.update(bar, description=f"{day} {step}")

            totals.add(run_day(day, premises=where, by=THE_TIMER, at=at, stopwatch=perf_counter, tell=tell))
            progress.advance(bar)
    return totals
