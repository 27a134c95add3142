"""pumphandle second-geography: figures for wards, councils or any other map, estimated from what is published."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from pumphandle.cli.opening import opened
from pumphandle.cli.published_files import read
from pumphandle.disclosure.attack.layout import number, require
from pumphandle.publication.atlas import Atlas
from pumphandle.publication.edition import Edition, Release, edition_of
from pumphandle.publication.second_geography import correspondence, figures
from pumphandle.store.engine import Database
from pumphandle.store.published import reading
from pumphandle.store.reference import atlas as atlas_shelf
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.errors import NotFound, NotUnderstood


def second_geography(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet that pairs small areas with areas of the other map.")],
    area: Annotated[str, typer.Option(help="Column with the other map's area.")],
    small_area: Annotated[str, typer.Option(help="Column with the small area.")],
    residents: Annotated[str | None, typer.Option(help="Column with the residents of both.")] = None,
    share: Annotated[str | None, typer.Option(help="Column with the small area's share, from 0 to 1.")] = None,
    measure: Annotated[Measure, typer.Option(help="cases or tests.")] = Measure.CASES,
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Last of the seven days; usual: newest.")
    ] = None,
) -> None:
    """Estimates as CSV. They tell nothing new: the published windows and public residents are all that is read."""
    pieces = read(file)
    with opened() as house:
        database = Database(house.public_url)  # as the public site: no road to a person
        try:
            edition = _edition(database)
        finally:
            database.close()
    table = _pieces(pieces, edition.atlas, area=area, small_area=small_area, residents=residents, share=share)
    node_of = {code: place.node for code, place in edition.atlas.places.items() if place.node is not None}
    where = correspondence(table, nodes=edition.atlas.nodes, node_of=node_of)
    found = figures(edition, where, measure, day.date() if day else edition.release.as_of)
    typer.echo(found.write_csv(float_precision=2), nl=False)


def _pieces(
    pieces: pl.DataFrame, atlas: Atlas, *, area: str, small_area: str, residents: str | None, share: str | None
) -> pl.DataFrame:
    """small_area, area, residents; a share is turned into residents by the small area's own."""
    if (residents is None) == (share is None):
        raise NotUnderstood("Say either --residents COLUMN or --share COLUMN.")
    weight = residents or share or ""
    require(pieces, area, small_area, weight)
    table = pieces.select(
        pl.col(small_area).cast(pl.String).alias("small_area"),
        pl.col(area).cast(pl.String).alias("area"),
        number(pieces[weight], ()).alias("residents"),
    )
    if residents is not None:
        return table
    people = {code: float(place.population or 0) for code, place in atlas.places.items()}
    own = table["small_area"].replace_strict(people, default=0.0, return_dtype=pl.Float64)
    return table.with_columns(residents=pl.col("residents") * own)


def _edition(database: Database) -> Edition:
    """The newest release. Raises NotFound before the first."""
    with database.transaction() as tx:
        atlas = atlas_shelf.atlas(tx)
        releases = tuple(Release(**vars(row)) for row in reading.releases(tx))
        if not releases:
            raise NotFound("Nothing has been published yet.")
        ledger = reading.ledger_between(tx, after=0, upto=releases[-1].sequence)
    return edition_of(atlas, releases[-1], releases, ledger)
