"""pumphandle quarantine: lines that wait for somebody to mend them."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pumphandle.actions import mend as deed
from pumphandle.cli.opening import deeds, now, premises
from pumphandle.cli.screen import OUT
from pumphandle.linelist.feeds import FeedContract
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.vocabulary.people import THE_TIMER
from pumphandle.vocabulary.records import LINE_FIELDS

app = typer.Typer(no_args_is_help=True, help="Lines that could not be understood: look, mend, dismiss.")
Reason = Annotated[str, typer.Option("--reason", help="why, in a few words")]


@app.command("list")
def list_() -> None:
    """What waits, by file and reason. Shows no person."""
    with deeds() as (_, database):
        found = deed.waiting(database, by=THE_TIMER, at=now())
    table = Table(box=None, pad_edge=False)
    for column in ("file", "name", "came", "field", "code", "lines", "first line", "remedy"):
        table.add_column(column)
    for one in found:
        cells = (
            one.file_id,
            one.file_name,
            one.received_on,
            one.field,
            one.code,
            one.lines,
            one.first_line,
            one.remedy,
        )
        table.add_row(*(escape(str(cell)) for cell in cells))
    OUT.print(table if found else "Nothing waits.")


@app.command("show")
def show(file: int, line: int) -> None:
    """One held line, field by field, as the laboratory wrote it. Leaves a mark in the audit."""
    with deeds() as (house, database):
        case = deed.show(database, file, line, by=THE_TIMER, at=now())
        contract = deed.contract_of(case, premises(house, database).contracts)
    for field, kind, remedy in case.faults:
        OUT.print(f"{field}: {kind}. {remedy}", markup=False)
    fields = deed.fields_of(case, contract)
    for field, text in fields.items():
        OUT.print(f"  {field} = {text}", markup=False)
    if not any(fields.values()):
        OUT.print(f"  {case.content}", markup=False)


@app.command("mend")
def mend(
    file: int,
    line: int,
    reason: Reason,
    field: Annotated[
        list[str] | None, typer.Option("--set", help="field=text, as the laboratory would write it")
    ] = None,
) -> None:
    """Change fields of a held line and send it through the same checks again."""
    with deeds() as (house, database):
        contracts, at = premises(house, database).contracts, now()
        case = deed.show(database, file, line, by=THE_TIMER, at=at)
        contract = deed.contract_of(case, contracts)
        fields = deed.fields_of(case, contract) | _set(field or [], contract)
        became = deed.mend(database, file, line, fields, contracts=contracts, reason=reason, by=THE_TIMER, at=at)
    OUT.print(f"Line {line} of file {file}: {became}; it is linked with the next day.")


@app.command("dismiss")
def dismiss(file: int, line: int, reason: Reason) -> None:
    """Say that a held line will not be taken in, and why."""
    with deeds() as (house, database):
        contracts = premises(house, database).contracts
        deed.mend(database, file, line, None, contracts=contracts, reason=reason, by=THE_TIMER, at=now())
    OUT.print(f"Line {line} of file {file} is dismissed.")


def _set(pairs: list[str], contract: FeedContract) -> dict[str, str]:
    """Raises NotUnderstood for what is no pair, or no field that the laboratory sends."""
    names = [name for name in contract.columns or LINE_FIELDS if name not in contract.fixed]
    for pair in pairs:
        if "=" not in pair:
            raise NotUnderstood("Write --set field=text.")
        if pair.split("=", 1)[0] not in names:
            raise NotUnderstood(f"--set {pair.split('=', 1)[0]}=… names no field. Fields: {', '.join(names)}.")
    return dict(pair.split("=", 1) for pair in pairs)
