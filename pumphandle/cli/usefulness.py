"""pumphandle usefulness: how soon what arrived is out, and how near the published figures are."""

from typing import Annotated

import typer
from rich.table import Table

from pumphandle.actions.look_usefulness import RELEASES
from pumphandle.cli.opening import deeds
from pumphandle.cli.screen import OUT
from pumphandle.store.decisions import usefulness as shelf
from pumphandle.vocabulary.counts import Measure


def usefulness(
    measure: Annotated[Measure, typer.Option(help="cases or tests.")] = Measure.CASES,
    releases: Annotated[int, typer.Option(help="The newest so many.", min=1)] = RELEASES,
) -> None:
    """Release by release. Not for the public: these figures tell how many wait."""
    with deeds() as (_, database), database.transaction() as tx:
        found = shelf.history(tx, str(measure), releases=releases)
    if not found:
        OUT.print(f"Nothing has been measured of {measure} yet.")
        return
    table = Table(box=None, title=f"Usefulness of {measure}, inner figures", title_justify="left")
    table.add_column("release")
    for name in (
        "same day", "3 days", "7 days", "14 days", "window", "error", "settled", "mean", "held back", "narrowest",
    ):  # fmt: skip
        table.add_column(name, justify="right")
    for one in found:
        shares = (_said(share, "{:.0%}") for share in (one.out_0, one.out_3, one.out_7, one.out_14))
        rest = (_said(one.window_days, "{:.1f}"), _said(one.error, "{:.2f}"), _said(one.error_settled, "{:.2f}"))
        more = (_said(one.seven_days, "{:.1f}"), _said(one.held_back, "{:.1%}"), _said(one.narrowest_interval, "{}"))
        table.add_row(one.release_id, *shares, *rest, *more)
    OUT.print(table)


def _said(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)
