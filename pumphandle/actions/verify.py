"""Verify: everything ever published and remembered, from nothing; finding a fault is the only way to fail."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import polars as pl

from pumphandle.disclosure.attack.refusals import Link, check_chain
from pumphandle.disclosure.attacker import LedgerRow, audit_history
from pumphandle.publication.release import BLOCK_COLUMNS, manifest_hash
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.published import reading
from pumphandle.store.published.reading import ReleaseRow
from pumphandle.store.reference import areas
from pumphandle.vocabulary.errors import LedgerBroken
from pumphandle.vocabulary.places import AreaLevel


@dataclass(frozen=True)
class Verified:
    """What was gone through, without a fault."""

    releases: int
    blocks: int
    audit_rows: int
    last_hash: str


def verify(*, database: Database) -> Verified:
    """Chain of releases, bytes of their blocks, windows under attack from the first day, chain of the audit.

    Raises LedgerBroken, CertificateRefused or Broken, naming the first fault.
    """
    with database.transaction() as tx:
        releases = reading.releases(tx)
        links = [Link(one.sequence, one.as_of, one.hash, one.previous_hash, one.manifest) for one in releases]
        check_chain(links, hash_of=manifest_hash)
        ledger = reading.ledger_between(tx, after=0, upto=len(releases))
        for release in releases:
            _check_blocks(release, ledger.filter(pl.col("release_id") == release.release_id))
        blocks = _attack(tx, releases, ledger) if releases else 0
        rows = audit.verify(tx)
    return Verified(len(releases), blocks, rows, releases[-1].hash if releases else "")


def _check_blocks(release: ReleaseRow, blocks: pl.DataFrame) -> None:
    """The rows of the database give the very file that the manifest's hash names."""
    content = blocks.select(BLOCK_COLUMNS).write_csv().encode()
    if sha256(content).hexdigest() != release.manifest["files"]["blocks.csv"]["sha256"]:
        raise LedgerBroken(f"The blocks of release {release.release_id} are not those that were sealed.")


def _attack(tx: Transaction, releases: tuple[ReleaseRow, ...], ledger: pl.DataFrame) -> int:
    nodes = set(areas.publication_nodes(tx).values())
    districts = {str(area.area_code) for area in areas.areas(tx) if area.level == AreaLevel.DISTRICT}
    rows = ledger.select("node", "level", "measure", "first_day", "last_day", "value")
    return audit_history(
        (LedgerRow(*row) for row in rows.iter_rows()),
        ledger_start=date.fromisoformat(releases[0].manifest["ledger_start"]),
        k_persons=min(int(release.rule["k_persons"]) for release in releases),
        known_nodes=nodes | districts,
    )
