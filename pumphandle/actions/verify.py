"""Verify: everything ever published and remembered, from nothing; finding a fault is the only way to fail."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import polars as pl

from pumphandle.actions.publish import ground_of, ledger_rows, series
from pumphandle.disclosure.attack.refusals import Link, check_chain
from pumphandle.disclosure.attacker import audit_history
from pumphandle.disclosure.certificate import check, rows_digest
from pumphandle.disclosure.noisy.budget import spent
from pumphandle.publication.release import BLOCK_COLUMNS, manifest_hash
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.published import noisy, reading
from pumphandle.store.published.reading import ReleaseRow
from pumphandle.vocabulary.errors import LedgerBroken


@dataclass(frozen=True)
class Verified:
    """What was gone through, without a fault."""

    releases: int
    blocks: int
    audit_rows: int
    last_hash: str


def verify(*, database: Database) -> Verified:
    """Chain of releases, bytes of their blocks, every certificate's signature, windows, sums, chain of the audit.

    Raises LedgerBroken, CertificateRefused or Broken, naming the first fault.
    """
    with database.transaction() as tx:
        releases = reading.releases(tx)
        links = [Link(one.sequence, one.as_of, one.hash, one.previous_hash, one.manifest) for one in releases]
        check_chain(links, hash_of=manifest_hash)
        ledger = reading.sealed_between(tx, after=0, upto=len(releases))
        by_release = ledger.partition_by("release_id", as_dict=True)
        for release in releases:
            _check_blocks(release, by_release.get((release.release_id,), ledger.clear()))
        blocks = _attack(tx, releases, ledger) if releases else 0
        _check_noisy(tx)
        rows = audit.verify(tx)
    return Verified(len(releases), blocks, rows, releases[-1].hash if releases else "")


def _check_blocks(release: ReleaseRow, blocks: pl.DataFrame) -> None:
    """The rows of the database give the very file that the manifest names, and the certificate is about them."""
    content = blocks.select(BLOCK_COLUMNS).write_csv().encode()
    if sha256(content).hexdigest() != release.manifest["files"]["blocks.csv"]["sha256"]:
        raise LedgerBroken(f"The blocks of release {release.release_id} are not those that were sealed.")
    check(release.certificate, rows_sha256=rows_digest(blocks), as_of=str(release.as_of))


def _attack(tx: Transaction, releases: tuple[ReleaseRow, ...], ledger: pl.DataFrame) -> int:
    ground = ground_of(tx, start=date.fromisoformat(releases[0].manifest["ledger_start"]))
    _check_groups(ledger)
    days = ((day, list(ledger_rows(rows))) for (day,), rows in ledger.group_by(["last_day"], maintain_order=True))
    return audit_history(
        sorted(days, key=lambda one: one[0]),
        series=series(ground),
        inside=ground.inside(),
        ledger_start=ground.start,
        k_of={release.as_of: int(release.rule["k_persons"]) for release in releases},
    )


def _check_noisy(tx: Transaction) -> None:
    """Every noisy table's numbers are those that were drawn, and no day's budget is spent beyond its limit."""
    products, rows = noisy.products(tx), noisy.budget(tx)
    if [one.product_id for one in reversed(products)] != [row.product_id for row in rows]:
        raise LedgerBroken("Noisy tables and what they cost do not name each other.")
    for product in products:
        cells = noisy.cells(tx, product.product_id).select(list(noisy.CELL_COLUMNS))
        if sha256(cells.write_csv().encode()).hexdigest() != product.sha256 or cells.height != product.cell_count:
            raise LedgerBroken(f"The numbers of {product.product_id} are not those that were drawn.")
    limit = max((row.limit_thousandths for row in rows), default=0)
    for span in spent(row.spending for row in rows):
        if span.thousandths > limit:
            raise LedgerBroken(f"More than the budget was spent on the records of {span.first_day}.")


def _check_groups(ledger: pl.DataFrame) -> None:
    """Groups of a dimension add up to the totals of their days, so that they tell nothing of any other number."""
    districts = ledger.filter((pl.col("level") == "district") & ~pl.col("measure").str.ends_with("_withdrawn"))
    totals: dict[tuple[str, str], list[tuple[date, date, int]]] = defaultdict(list)
    for node, measure, first, last, value in (
        districts.filter(group_code="all").select("node", "measure", "first_day", "last_day", "value").iter_rows()
    ):
        totals[node, measure].append((first, last, value))
    dimension = pl.col("group_code").str.split(":").list.first()
    grouped = districts.filter(pl.col("group_code") != "all").group_by(
        "node", "measure", dimension.alias("dimension"), "first_day", "last_day"
    )
    for node, measure, name, first, last, value in grouped.agg(pl.col("value").sum()).iter_rows():
        inside = [one for one in totals[node, measure] if one[0] >= first and one[1] <= last]
        whole = sorted(inside)
        meets = whole and whole[0][0] == first and whole[-1][1] == last
        if not meets or sum(one[2] for one in whole) != value:
            raise LedgerBroken(
                f"The {name} groups of {node}, {measure}, {first} to {last}, do not add up to its totals."
            )
