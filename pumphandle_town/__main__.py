"""python -m pumphandle_town: make a country, or expand a real nation's counts."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from pumphandle.vocabulary.errors import PumphandleError
from pumphandle_town.country import Folders
from pumphandle_town.country import make as make_country
from pumphandle_town.expand import TAIL
from pumphandle_town.expand import expand as expand_counts
from pumphandle_town.laboratories import contract
from pumphandle_town.progress import steps
from pumphandle_town.rates import CLEAN, REAL, TOWN
from pumphandle_town.rosters import NEW_SOUTH_WALES

app = typer.Typer(
    help="A made-up country with planted outbreaks of known truth.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]
JUNE = datetime(2020, 6, 1, tzinfo=UTC)
Seed = Annotated[int, typer.Option(help="Same seed, same bytes.", min=0)]
Inbox = Annotated[Path, typer.Option(help="Receives a folder a day with the laboratories' files.")]
Truth = Annotated[Path, typer.Option(help="Receives what is true; keep it from the system under test.")]
Mess = Annotated[bool, typer.Option(help="Late, doubled, corrected, withdrawn and broken lines.")]


@app.command()
def make(
    nation: Annotated[Path, typer.Option(help="Receives the country's description.")],
    inbox: Inbox,
    truth: Truth,
    people: Annotated[int, typer.Option(help="From 1,000 to 60,000,000.")] = 1_000_000,
    days: Annotated[int, typer.Option(min=1, max=730)] = 60,
    seed: Seed = 1854,
    start: Day = JUNE,
    people_truth: Annotated[bool, typer.Option(help="Also write everyone who was tested, without slips.")] = False,
    mess: Mess = True,
) -> None:
    """Make a country and its laboratories' files."""
    with steps("Making", days + 2) as tell:
        lines = make_country(
            people,
            days,
            seed=seed,
            start=_day(start),
            folders=Folders(nation, inbox, truth),
            rates=TOWN if mess else CLEAN,
            people_truth=people_truth,
            tell=tell,
        )
    typer.echo(f"{people:,} people, {days} days, {lines:,} lines in {inbox}")


@app.command()
def expand(
    folder: Annotated[Path, typer.Argument(help="Published counts of New South Wales.")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"])],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"])],
    inbox: Inbox,
    truth: Truth,
    seed: Seed = 1854,
    mess: Mess = True,
) -> None:
    """Turn real counts by postcode and day into results of made-up people."""
    days = (_day(last) - _day(first)).days + 1
    with steps("Expanding", max(1, days) + TAIL + 1) as tell:
        lines, published = expand_counts(
            folder,
            _day(first),
            _day(last),
            inbox=inbox,
            truth=truth,
            seed=seed,
            rates=REAL if mess else CLEAN,
            tell=tell,
        )
    tests, positives, added = (published.cells[column] for column in ("tests", "positives", "added"))
    typer.echo(f"{tests.sum():,} results, {positives.sum():,} positive, {lines:,} lines in {inbox}")
    where = f"{(added > 0).sum()} cells with more cases than tests ({truth / 'added.csv'})"
    typer.echo(f"{added.sum():,} results added in {where}")
    if published.days_without_tests:
        typer.echo(f"{published.days_without_tests} days without published tests: cases only, no test invented")


@app.command()
def contracts(folder: Path) -> None:
    """Write the feed contracts of the laboratories that `expand` uses (nations/nsw/feeds)."""
    folder.mkdir(parents=True, exist_ok=True)
    for laboratory in NEW_SOUTH_WALES:
        (folder / f"{laboratory.key}.toml").write_text(
            contract(laboratory, time_zone="Australia/Sydney", minimum=1), encoding="utf-8"
        )


def _day(moment: datetime) -> date:
    return moment.date()


def main() -> None:
    """Errors of ours are one sentence and exit code 2."""
    try:
        app()
    except PumphandleError as fault:
        typer.echo(str(fault), err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
