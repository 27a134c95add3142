"""The command `pumphandle`: the same deeds as the console, by hand or by timer."""

import sys
from types import TracebackType

import typer
from rich.markup import escape

from pumphandle.cli import (
    agreement,
    audit,
    authority,
    break_glass,
    files,
    grant,
    nation,
    noisy,
    person,
    place,
    provider,
    quarantine,
    receiver,
    second_geography,
    signals,
    status,
    threshold,
    usefulness,
    verify,
)
from pumphandle.cli.canaries import canaries
from pumphandle.cli.exit_codes import exit_code
from pumphandle.cli.known import known
from pumphandle.cli.purge import backup, open_backup, purge
from pumphandle.cli.receive import receive
from pumphandle.cli.run import run
from pumphandle.cli.screen import ERR
from pumphandle.cli.serve import serve
from pumphandle.cli.take_in import take_in_
from pumphandle.cli.watch import watch
from pumphandle.vocabulary.errors import PumphandleError, places

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Carries a nation's laboratory test results from the laboratory to the neighbourhood.",
)
app.add_typer(nation.app, name="nation")
app.add_typer(authority.app, name="authority")
app.add_typer(noisy.app, name="noisy")
app.add_typer(threshold.app, name="threshold")
app.add_typer(signals.app, name="signals")
app.add_typer(agreement.app, name="agreement")
app.add_typer(break_glass.app, name="break-glass")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(person.app, name="person")
app.add_typer(place.app, name="place")
app.add_typer(provider.app, name="provider")
app.command()(receive)
app.add_typer(receiver.app, name="receiver")
app.command()(receiver.send)
app.command()(run)
app.command("take-in")(take_in_)
app.command()(watch)
app.command()(known)
app.command()(canaries)
app.command()(purge)
app.command()(backup)
app.command("open-backup")(open_backup)
app.command()(files.files)
app.command()(files.site)
app.command()(serve)
app.command()(status.status)
app.command("back-test")(status.back_test)
app.command()(grant.grant)
app.command()(grant.code)
app.command("reset-factor")(grant.reset_factor)
app.command()(audit.audit)
app.command("second-geography")(second_geography.second_geography)
app.command()(usefulness.usefulness)
app.command()(verify.verify)
app.command()(verify.triangle)


def main() -> None:
    """Errors of ours are one sentence and the exit code of their branch; any other tells its kind and place only."""
    sys.excepthook = _withhold
    try:
        typer.main.get_command(app)()  # calling the app itself would put typer's own hook in the place of ours
    except PumphandleError as failure:
        ERR.print(escape(str(failure)), style="bold red")
        sys.exit(exit_code(failure))
    except KeyboardInterrupt:
        ERR.print("Stopped. Run the same command again: what was done stays done.")
        sys.exit(130)


def _withhold(kind: type[BaseException], failure: BaseException, _: TracebackType | None) -> None:
    ERR.print(f"A fault of the program: {kind.__name__} at {places(failure)}.", style="bold red", markup=False)
    ERR.print("Its message is withheld, because it can hold a person's data. What was done before it stays done.")
