"""pumphandle break-glass: the same steps as the console's page; records themselves are read in the console alone."""

import secrets
from typing import Annotated

import typer
from rich.table import Table

from pumphandle.actions import break_glass as deed
from pumphandle.cli.opening import account_of, deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.governance.break_glass import Verdict
from pumphandle.vocabulary.places import AreaCode

app = typer.Typer(no_args_is_help=True, help="Break-glass: read another authority's records in an emergency.")
By = Annotated[str, typer.Option(help="the account that does it")]


@app.command()
def show(by: By) -> None:
    """Break-glass that this account may know of, and the purposes of the list."""
    at = now()
    with deeds() as (_, database):
        found = deed.known_glass(database, by=account_of(database, by), at=at)
    table = Table("mark", "who reads", "whose records", "purpose", "until", "state")
    for one in found.known:
        until = one.row.ended_at or one.row.ends_at
        table.add_row(
            one.row.glass_id, f"{one.row.user_name}, {one.row.user_authority}", one.row.authority, one.row.purpose,
            f"{until:%Y-%m-%d %H:%M}", one.state,
        )  # fmt: skip
    OUT.print(table)
    for code, sentence in found.purposes.items():
        OUT.print(f"{code}: {sentence}")


@app.command("open")
def open_(
    authority: str,
    purpose: Annotated[str, typer.Option(help="a code of the list that `show` tells")],
    by: By,
    hours: Annotated[int, typer.Option(help="how long")] = 1,
) -> None:
    """The account's director reads that authority's records in the console, under Break-glass."""
    glass_id = f"G{secrets.token_hex(5).upper()}"
    with deeds() as (_, database):
        actor = account_of(database, by)
        deed.open_glass(
            database, AreaCode(authority), purpose=purpose, hours=hours, glass_id=glass_id, by=actor, at=now()
        )
        days = deed.known_glass(database, by=actor, at=now()).review_days
    OUT.print(f"{glass_id}: open for {hours} hours. {authority}'s directors see it at once.")
    OUT.print(f"Within {days} days somebody else says whether it was justified.")


@app.command()
def end(glass_id: str, by: By) -> None:
    """Before its time."""
    with deeds() as (_, database):
        deed.end_glass(database, glass_id, by=account_of(database, by), at=now())
    OUT.print(f"{glass_id} is ended.")


@app.command()
def review(
    glass_id: str, verdict: Verdict, note: Annotated[str, typer.Option(help="why; without naming a resident")], by: By
) -> None:
    """Say whether it was justified: never the one who read."""
    with deeds() as (_, database):
        deed.review_glass(database, glass_id, verdict=verdict, note=note, by=account_of(database, by), at=now())
    OUT.print(f"{glass_id}: {verdict}.")
