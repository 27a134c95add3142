"""What the site serves of a release is, to the byte, what was sealed: anyone can recompute its hash."""

import hashlib
from datetime import UTC, date, datetime

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pumphandle.disclosure.certificate import rows_digest, signed
from pumphandle.disclosure.rules import Rule
from pumphandle.disclosure.safe import BLOCK_SCHEMA, SafeTable
from pumphandle.disclosure.seal import SEAL
from pumphandle.publication.release import compose
from pumphandle.store.engine import Database
from pumphandle.store.published import writing

DAY = date(2020, 6, 11)


def test_a_sealed_release_is_served_as_it_was_sealed(site, database_urls) -> None:
    blocks = pl.DataFrame(
        [
            ("A3", "small_area", "cases", "all", DAY, DAY, 12, False, None),
            ("A4", "small_area", "cases", "all", date(2020, 6, 1), DAY, 9, True, None),
        ],
        schema=BLOCK_SCHEMA,
        orient="row",
    )
    rule = Rule(5, 2, 500, 28, 0, (("k_persons", 1), ("h_households", 1), ("population_floor", 1)))
    said = {"as_of": str(DAY), "method": "attacked by hand: ½ an hour", "rows_sha256": rows_digest(blocks)}
    database = Database(database_urls.deeds)
    with database.transaction() as tx:
        sealed = compose(
            SafeTable(blocks, DAY, rule, SEAL),
            certificate=signed(said, Ed25519PrivateKey.generate()),
            previous=writing.previous(tx),
            made_at=datetime(2020, 6, 11, 8, 30, tzinfo=UTC),
        )
        writing.add(tx, sealed)
    database.close()
    address = f"/releases/{sealed.release_id}"
    manifest = site.get(f"{address}/manifest.json").content
    assert hashlib.sha256(manifest).hexdigest() == sealed.hash
    for name in ("certificate.json", "blocks.csv"):
        assert site.get(f"{address}/{name}").content == sealed.files[name], name
        assert hashlib.sha256(sealed.files[name]).hexdigest() in manifest.decode(), name
    assert sealed.hash in site.get(address).text
