"""pumphandle agreement: what two parties sign before records are shared."""

from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from pumphandle.actions import agree
from pumphandle.cli.opening import account_of, deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.governance.agreements import FIELDS, AgreementState, Terms, overdue
from pumphandle.store.decisions import agreements
from pumphandle.vocabulary.people import THE_TIMER
from pumphandle.vocabulary.places import AreaCode

app = typer.Typer(no_args_is_help=True, help="Agreements: offered, signed, active; every step timed.")


@app.command()
def offer(
    authority: str,
    purpose: Annotated[str, typer.Option(help="what the records are for")],
    legal_basis: Annotated[str, typer.Option(help="the statute or notice that allows it")],
    expires: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="the last day")],
    retention_days: Annotated[int, typer.Option(help="days after the specimen date until a record is erased")] = 365,
    field: Annotated[list[str] | None, typer.Option(help="a field that may be told; all if none is named")] = None,
) -> None:
    """Offer terms to an authority."""
    terms = Terms(tuple(field or FIELDS), purpose, legal_basis, retention_days, expires.date())
    with deeds() as (_, database):
        agree.offer(AreaCode(authority), terms, database=database, by=THE_TIMER, at=now())
    OUT.print(f"Offered to {authority}. Next: its director names a user and signs, in the console or by command.")


@app.command("name-user")
def name_user(authority: str, user_name: str, by: Annotated[str, typer.Option(help="the director's account")]) -> None:
    """The authority names the person who will receive."""
    with deeds() as (_, database):
        agree.name_user(AreaCode(authority), user_name, database=database, by=account_of(database, by), at=now())
    OUT.print(f"{user_name} is named for {authority}.")


@app.command()
def sign(authority: str, by: Annotated[str, typer.Option(help="the director's account")]) -> None:
    """The authority signs; after an emergency activation too."""
    with deeds() as (_, database):
        agree.sign(AreaCode(authority), database=database, by=account_of(database, by), at=now())
    OUT.print(f"{authority} has signed.")


@app.command()
def activate(authority: str) -> None:
    """Records flow from the next delivery on."""
    with deeds() as (_, database):
        agree.activate(AreaCode(authority), database=database, by=THE_TIMER, at=now())
    OUT.print(f"Active: {authority} receives records from the next delivery on, those that came before too.")


@app.command()
def emergency(
    authority: str,
    notice: Annotated[str, typer.Option(help="the statutory notice that it stands on")],
    days: Annotated[int, typer.Option(help="days until the signature must have come")] = 7,
) -> None:
    """Activate at once under a statutory notice; the signature follows."""
    with deeds() as (_, database):
        agree.activate_in_emergency(
            AreaCode(authority), notice=notice, days_to_sign=days, database=database, by=THE_TIMER, at=now()
        )
    OUT.print(f"Active under notice: {authority} must sign within {days} days, or it is suspended.")


@app.command()
def suspend(authority: str, reason: Annotated[str, typer.Option()]) -> None:
    """Records stop at once."""
    with deeds() as (_, database):
        agree.suspend(AreaCode(authority), reason=reason, database=database, by=THE_TIMER, at=now())
    OUT.print(f"Suspended: {authority} is shown and sent no record.")


@app.command()
def resume(authority: str, reason: Annotated[str, typer.Option()]) -> None:
    """Records flow again, those missed too."""
    with deeds() as (_, database):
        agree.resume(AreaCode(authority), reason=reason, database=database, by=THE_TIMER, at=now())
    OUT.print(f"Active again: {authority}.")


@app.command()
def show() -> None:
    """Every agreement, its state and since when."""
    at = now()
    with deeds() as (_, database), database.transaction() as tx:
        known = agreements.every(tx)
    table = Table("authority", "state", "since", "expires", "")
    for one in known.values():
        late = "overdue" if overdue(AgreementState(one.state), since=one.since, at=at) else ""
        table.add_row(one.authority, one.state, f"{one.since:%Y-%m-%d %H:%M}", str(one.expires_on), late)
    OUT.print(table)


@app.command("make-trial")
def make_trial() -> None:
    """For a trial on one machine: an agreement with every authority that has none, by the ordinary steps."""
    with deeds() as (_, database):
        at = now()
        made = agree.agree_for_trial(database=database, expires_on=at.date() + timedelta(365), by=THE_TIMER, at=at)
    OUT.print(f"{made} agreements, signed by invented directors and active. In service, never sign for others.")
