"""pumphandle threshold: the numbers that the rules stand on, and who chose them."""

from typing import Annotated

import typer
from rich.table import Table

from pumphandle.actions import choose_threshold as deed
from pumphandle.cli.opening import account_of, deeds, now
from pumphandle.cli.screen import OUT

app = typer.Typer(no_args_is_help=True, help="Numbers that people choose: see them, choose one.")


@app.command()
def show() -> None:
    """Every number with its bounds, its chooser and what it means."""
    with deeds() as (_, database):
        found = deed.chosen(database)
    table = Table("name", "value", "from", "to", "chosen by", "what it is")
    for one in found:
        value, chooser = ("not chosen", "") if one.now is None else (f"{one.now.value:,}", one.now.chooser)
        table.add_row(one.known.name, value, f"{one.known.least:,}", f"{one.known.most:,}", chooser, one.known.meaning)
    OUT.print(table)


@app.command()
def choose(
    name: str,
    value: int,
    reason: Annotated[str, typer.Option(help="why; it stands beside the number from now on")],
    by: Annotated[str, typer.Option(help="an account of the national centre")],
) -> None:
    """Choose a number. Earlier versions stay, and so does what was decided by them."""
    with deeds() as (_, database):
        actor = account_of(database, by)
        made = deed.choose_threshold(database, name, value, reason=reason, by=actor, at=now())
    OUT.print(f"{made.name} is {made.value:,} from now on (version {made.version}).")
