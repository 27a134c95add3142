"""pumphandle nation: which country this house serves."""

from pathlib import Path
from typing import Annotated

import typer

from pumphandle.actions import load_nation
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import OUT, say
from pumphandle.vocabulary.people import THE_TIMER

app = typer.Typer(no_args_is_help=True, help="The country that this house serves.")


@app.callback()
def nation() -> None:
    """Keeps `load` a word of its own while it is the only one."""


@app.command("load")
def load(
    folder: Annotated[
        Path, typer.Argument(help="holds the nation's files, and nation.toml unless it is a known nation")
    ],
) -> None:
    """Areas, postcodes, populations and boundaries, in the place of the nation that is loaded."""
    with deeds() as (_, database):
        loaded = load_nation.load_nation(folder, database=database, by=THE_TIMER, at=now(), progress=say)
    counts = ", ".join(f"{loaded.areas[level]:,} {word.lower()}" for level, word in loaded.words.items())
    people = "an unknown number of" if loaded.population is None else f"{loaded.population:,}"
    OUT.print(
        f"{loaded.name}: {people} people, {counts}, {loaded.postcodes:,} postcodes, {loaded.nodes:,} publication nodes."
    )
