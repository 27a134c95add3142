"""pumphandle receiver and send: where packages go, and putting them there."""

from secrets import SystemRandom
from typing import Annotated

import typer
from rich.table import Table

from pumphandle.actions import machine
from pumphandle.actions import send as deed
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.store.receivers.places import NEEDED, Secrets
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.vocabulary.people import THE_TIMER
from pumphandle.vocabulary.places import AreaCode

app = typer.Typer(no_args_is_help=True, help="Where an authority's packages are put.")


@app.command()
def add(
    authority: str,
    name: str,
    kind: Annotated[str, typer.Argument(help="folder, sftp or bucket")],
    address: Annotated[list[str], typer.Argument(help="word=value, as `pumphandle receiver kinds` lists them")],
) -> None:
    """A receiver, or a mended address of one; what could not be delivered to it is tried again."""
    said = {word.partition("=")[0]: word.partition("=")[2] for word in address}
    with deeds() as (_, database):
        revived = deed.choose_receiver(
            database, AreaCode(authority), name, kind=kind, address=said, by=THE_TIMER, at=now()
        )
    OUT.print(f"{authority} receives at {name}." + (f" {revived} dead letters wait again." if revived else ""))


@app.command()
def kinds() -> None:
    """What an address of each kind must say."""
    for kind, words in NEEDED.items():
        OUT.print(f"{kind:<8} " + " ".join(f"{word}=…" for word in words))
    OUT.print("A bucket's secret lies in keys/receivers/<authority>-<name>.secret; give sftp servers keys/sftp.pub.")


@app.command()
def test(authority: str, name: str) -> None:
    """Put a sealed sentence where packages will go, and say whether it was taken."""
    with deeds() as (house, database):
        deed.try_receiver(database, AreaCode(authority), name, Secrets(house.settings.keys), by=THE_TIMER, at=now())
    OUT.print(f"{name} of {authority} has taken {deed.SELF_TEST}.")


@app.command()
def dead() -> None:
    """Packages that were given up: mend the receiver's address (`add`), and they go out again."""
    with deeds() as (_, database):
        letters = deed.dead_letters(database, by=THE_TIMER)
    table = Table("authority", "day", "receiver", "kind", "attempts", "fault")
    for one in letters:
        table.add_row(one.authority, str(one.delivery_date), one.receiver, one.kind, str(one.attempts), one.fault or "")
    OUT.print(table if letters else "No dead letters.")


@app.command("add-machine")
def add_machine(authority: str, client_id: str, public_jwk: Annotated[typer.FileText, typer.Argument()]) -> None:
    """A machine that fetches packages with assertions signed by its own key; the file holds the public JWK."""
    try:
        content = public_jwk.read(20_000)
    except UnicodeDecodeError:
        raise NotUnderstood("The file is no JSON Web Key.") from None
    with deeds() as (_, database):
        machine.register(database, AreaCode(authority), client_id=client_id, public_jwk=content, by=THE_TIMER, at=now())
    OUT.print(f"{client_id} may fetch what is delivered to {authority}.")


def send() -> None:
    """Put every package that is due where its authority receives it."""
    with deeds() as (house, database):
        done = deed.send_due(
            database,
            house.settings.deliveries,
            Secrets(house.settings.keys),
            chance=SystemRandom().random,
            by=THE_TIMER,
            at=now,
        )
    OUT.print(f"{done.sent} sent, {done.failed} to be tried again, {done.dead} dead.")
