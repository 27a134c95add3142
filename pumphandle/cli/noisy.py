"""pumphandle noisy: cross-tabulations with noise, out of a budget that is spent once."""

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from pumphandle.actions import publish_noisy as deed
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.disclosure.noisy.budget import spent
from pumphandle.disclosure.noisy.mechanism import opendp_noise
from pumphandle.disclosure.noisy.product import Design
from pumphandle.store.decisions import thresholds
from pumphandle.store.events.lake import Lake
from pumphandle.store.published import noisy
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.errors import NotFound, NotUnderstood
from pumphandle.vocabulary.people import THE_TIMER
from pumphandle.vocabulary.places import AreaLevel

app = typer.Typer(no_args_is_help=True, help="Cross-tabulations with noise, out of a budget that is spent once.")
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day on which results arrived.")]


@app.command()
def make(
    measure: Annotated[Measure, typer.Option(help="What is counted.")],
    first: Day,
    last: Day,
    level: Annotated[list[AreaLevel], typer.Option(help="Where noise is drawn; several share the epsilon.")],
    epsilon: Annotated[float, typer.Option(help="What it costs, to the thousandth.")],
    reason: Annotated[str, typer.Option(help="What it is for.")],
    by: Annotated[list[str] | None, typer.Option(help="Group of people: age_band, sex. Several are crossed.")] = None,
) -> None:
    """Draw a product and publish it. What it costs is never given back."""
    thousandths = round(epsilon * 1000)
    if abs(thousandths - epsilon * 1000) > 1e-6:
        raise NotUnderstood("Epsilon is spent in thousandths: write three places at most.")
    design = Design(measure, first.date(), last.date(), tuple(level), tuple(by or ()), thousandths)
    noise = opendp_noise()
    with deeds() as (house, database), OUT.status("Drawing."):
        done = deed.publish_noisy(
            design,
            reason=reason,
            database=database,
            lake=Lake(house.settings.lake),
            noise=noise,
            by=THE_TIMER,
            at=now(),
        )
    OUT.print(f"{done.product.product_id}: {done.product.cell_count:,} cells, {done.product.mechanism}.")
    OUT.print(f"Spent {thousandths / 1000:g} on each of these days; at least {done.left / 1000:g} is left on each.")


@app.command()
def budget() -> None:
    """What has been spent on the records of which days, and what may be."""
    with deeds() as (_, database), database.transaction() as tx:
        limit = thresholds.current(tx, deed.LIMIT).value
        spans = spent(row.spending for row in noisy.budget(tx))
    table = Table(box=None, title=f"Budget: {limit / 1000:g} for each day of arrival", title_justify="left")
    for name in ("days of arrival", "spent", "left"):
        table.add_column(name, justify="left" if name == "days of arrival" else "right")
    for span in spans:
        days = str(span.first_day) if span.first_day == span.last_day else f"{span.first_day} to {span.last_day}"
        table.add_row(days, f"{span.thousandths / 1000:g}", f"{max(limit - span.thousandths, 0) / 1000:g}")
    OUT.print(table if spans else f"Nothing has been spent of {limit / 1000:g}.")


@app.command()
def show(product: Annotated[str, typer.Argument(help="Such as noisy-1.")]) -> None:
    """A product's cells as CSV: estimate, standard error, and the ends of an interval that holds 95 %."""
    with deeds() as (_, database), database.transaction() as tx:
        found = noisy.cells(tx, product)
    if found.is_empty():
        raise NotFound(f"There is no noisy product {product}.")
    typer.echo(found.drop("cell_id").write_csv(float_precision=3), nl=False)
