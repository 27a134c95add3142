"""What came of a day: an opened package, the ledger, sums of the lake."""

import csv
import io
import json
import tarfile
from datetime import date

import polars as pl
import pyrage

from pumphandle.store.at_rest import beside
from tests.actions.conftest import House


def opened(house: House, authority: str, day: date) -> tuple[dict[str, object], list[dict[str, str]]]:
    key = (house.home / "keys" / "authorities" / f"{authority}.age-key").read_text().strip()
    sealed = beside(house.premises.deliveries).read(f"{authority}/{day}.tar.age")
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(key)]))) as archive:
        manifest, records = archive.extractfile("manifest.json"), archive.extractfile("records.csv")
        assert manifest is not None and records is not None
        return json.loads(manifest.read()), list(csv.DictReader(io.StringIO(records.read().decode())))


def ledger(house: House) -> list[tuple[object, ...]]:
    with house.premises.database.transaction() as tx:
        return tx.execute(
            "select node, measure, first_day, last_day, value from published.ledger"
            " where level = 'small_area' or measure like '%withdrawn' order by block_id"
        ).fetchall()


def contributions(house: House, measure: str, area: str | None = None) -> int:
    """Net count in the lake over everything that was linked."""
    with house.premises.database.transaction() as tx:
        files = house.premises.lake.batches(tx, "triangle", first=date.min, last=date.max)
    rows = pl.concat([pl.read_parquet(path) for path in files]).filter(pl.col("measure") == measure)
    return int((rows if area is None else rows.filter(pl.col("small_area") == area))["increment"].sum())
