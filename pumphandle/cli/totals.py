"""The one-screen summary of a run: what happened in each step, and what is wrong and how to mend it."""

from dataclasses import dataclass, field
from typing import Final, cast

from rich.markup import escape
from rich.table import Table

from pumphandle.actions.run_day import StepDone
from pumphandle.cli.screen import OUT
from pumphandle.store.decisions.runs import STEPS

SHOWN_REASONS: Final = 8


@dataclass
class Held:
    """Lines held for one reason: where the first lies, what to do, how many."""

    file: str
    first_line: int
    remedy: str
    lines: int = 0


@dataclass
class Totals:
    """Sums over the days of one command."""

    days: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))
    counts: dict[str, int] = field(default_factory=dict[str, int])
    held: dict[tuple[str, str], Held] = field(default_factory=dict[tuple[str, str], Held])
    refused: list[str] = field(default_factory=list[str])
    watch: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    late: dict[str, int] = field(default_factory=dict[str, int])
    without_key: set[str] = field(default_factory=set[str])
    releases: int = 0
    release: str = ""
    waiting: str = ""
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
            self.watch += cast("list[tuple[str, str]]", summary.get("watch", []))
            for laboratory in cast("list[str]", summary["late_laboratories"]):
                self.late[laboratory] = self.late.get(laboratory, 0) + 1
            for file, first, name, code, remedy, lines in cast(
                "list[tuple[str, int, str, str, str, int]]", summary["held"]
            ):
                known = self.held.setdefault((name, code), Held(file, first, remedy))
                known.lines += lines
        elif step == "deliver":
            self.without_key |= set(cast("list[str]", summary["without_key"]))
        elif step == "publish":
            self.add_published(cast("list[str]", summary["published"]))
            if summary["state"] in ("NOTICE", "HELD"):
                self.waiting = f"{summary['release_id']} is {summary['state']}, notice until {summary['notice_until']}"
        elif step == "detect" and summary["strongest"]:
            self.strongest = str(summary["strongest"])

    def add_published(self, releases: list[str]) -> None:
        """Releases that went out, oldest first."""
        self.releases += len(releases)
        if releases:
            self.release, self.waiting = releases[-1], ""

    def show(self) -> None:
        """One screen."""
        count = self.counts.get
        table = Table(title=_some(self.days, "day"), title_justify="left", box=None, pad_edge=False)
        table.add_column("step")
        table.add_column("what happened")
        table.add_column("seconds", justify="right")
        happened = {
            "receive": f"{count('receive.files', 0):,} files, {count('receive.lines_in', 0):,} lines = "
            f"{count('receive.accepted', 0):,} accepted + {count('receive.quarantined', 0):,} quarantined + "
            f"{count('receive.duplicates', 0):,} duplicates + {count('receive.superseded', 0):,} superseded",
            "link": f"{count('link.records', 0):,} records, {count('link.new_persons', 0):,} new persons; "
            f"{count('link.tests', 0):,} tests, {count('link.positives', 0):,} positives, "
            f"{count('link.cases', 0):,} cases; "
            f"{count('link.unplaced_waiting', 0):,} records wait for a place",
            "deliver": f"{count('deliver.packages', 0):,} packages: {count('deliver.new', 0):,} new, "
            f"{count('deliver.changed', 0):,} changed, {count('deliver.withdrawn', 0):,} withdrawn",
            "detect": f"{_some(count('detect.signals', 0), 'signal')}; "
            f"{_some(count('detect.raised', 0), 'cluster')} raised, {count('detect.escalated', 0):,} escalated",
            "trace": f"{count('trace.new_links', 0):,} links between cases",
            "publish": f"{_some(self.releases, 'release')} out; the last is of {self.release or 'no day yet'}"
            + (f"; {self.waiting}" if self.waiting else ""),
            "purge": f"{_some(count('purge.records', 0), 'record')} past their time erased, "
            f"{count('purge.packages', 0):,} packages, {count('purge.months_closed', 0):,} months closed",
        }
        for step in STEPS:
            table.add_row(step, happened[step], f"{self.seconds[step]:,.1f}")
        table.add_row("", "", f"{sum(self.seconds.values()):,.1f}")
        OUT.print(table)
        self._show_trouble()

    def _show_trouble(self) -> None:
        worst = sorted(self.held.items(), key=lambda one: -one[1].lines)
        for (name, code), held in worst[:SHOWN_REASONS]:
            more = f" and {held.lines - 1:,} more" if held.lines > 1 else ""
            said = f"  held: {held.file}, line {held.first_line}{more}, field {name}: {code}. {held.remedy}"
            OUT.print(said, markup=False)
        for refusal in self.refused[:SHOWN_REASONS]:
            OUT.print(f"  refused: {escape(refusal)}")
        for what, rest in (("reasons to hold lines", worst), ("refused files", self.refused)):
            if len(rest) > SHOWN_REASONS:
                OUT.print(f"  and {len(rest) - SHOWN_REASONS} more {what}")
        if self.late:
            OUT.print(
                "  late: " + ", ".join(f"{one} ({_some(days, 'day')})" for one, days in sorted(self.late.items()))
            )
        for severity, sentence in sorted(self.watch)[:SHOWN_REASONS]:
            OUT.print(f"  {severity}: {escape(sentence)}")
        if len(self.watch) > SHOWN_REASONS:
            OUT.print(f"  and {len(self.watch) - SHOWN_REASONS} more alarms and warnings")
        if self.without_key:
            nobody = f"{len(self.without_key)} authorities have no registered key and got nothing"
            OUT.print(f"  {nobody}: pumphandle authority --help")
        if self.strongest:
            OUT.print(f"  last signal: {self.strongest}")


def _some(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
