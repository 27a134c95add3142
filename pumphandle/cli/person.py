"""pumphandle person: doubts about who is whom, merges and their undoing."""

from typing import Annotated

import typer

from pumphandle.actions import people as deed
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.vocabulary.people import THE_TIMER

app = typer.Typer(no_args_is_help=True, help="Who is whom: doubts, merges, and parting again.")
Reason = Annotated[str, typer.Option("--reason", help="why, in a few words")]
Rehearse = Annotated[bool, typer.Option("--dry-run", help="tell what would change, and change nothing")]


@app.command("doubts")
def doubts() -> None:
    """Pairs of persons who may be one, the soonest due first. Leaves a mark in the audit."""
    with deeds() as (_, database):
        found = deed.doubts(database, by=THE_TIMER, at=now())
    for pair in found:
        OUT.print(f"{pair.person_key} {pair.other_key}  {pair.probability:.4f}  {pair.owner}, due {pair.due_on}")
        for details in pair.details:
            OUT.print("    " + ", ".join(text or "–" for text in details), markup=False)
    if not found:
        OUT.print("Nobody is in doubt.")


@app.command("decide")
def decide(one: str, other: str, same: Annotated[bool, typer.Option("--same/--different")], reason: Reason) -> None:
    """Say whether two persons of a doubt are one."""
    with deeds() as (_, database):
        effect = deed.decide(database, one, other, same=same, reason=reason, by=THE_TIMER, at=now())
    OUT.print("They stay two." if effect is None else f"They are one. {effect.sentence}")


@app.command("merge")
def merge(kept: str, merged: str, reason: Reason, dry_run: Rehearse = False) -> None:
    """Make everything of the second person the first one's."""
    with deeds() as (_, database):
        number, effect = deed.merge(database, kept, merged, reason=reason, by=THE_TIMER, at=now(), rehearse=dry_run)
    OUT.print(f"{'Would change' if dry_run else f'Merge {number}'}: {effect.sentence}")


@app.command("split")
def split(merge_id: int, reason: Reason, dry_run: Rehearse = False) -> None:
    """Undo a merge."""
    with deeds() as (_, database):
        effect = deed.split(database, merge_id, reason=reason, by=THE_TIMER, at=now(), rehearse=dry_run)
    OUT.print(f"{'Would change' if dry_run else 'Undone'}: {effect.sentence}")
