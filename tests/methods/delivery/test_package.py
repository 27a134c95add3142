"""A package opens with its own key and no other, and says by signature who made it."""

import io
import json
import tarfile
from datetime import UTC, date, datetime

import polars as pl
import pyrage
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pumphandle.delivery.package import DELIVERED, Package, fingerprint, manifest_of, records_csv, seal
from pumphandle.vocabulary.errors import Refused

AT = datetime(2020, 6, 1, 18, tzinfo=UTC)
SIGNER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)


def package(public_key: str, rows: int = 2) -> Package:
    row = dict.fromkeys(DELIVERED, "x") | {"change": "new"}
    records = pl.DataFrame([row] * rows, schema=dict.fromkeys(DELIVERED, pl.String))
    content = records_csv(records)
    manifest = manifest_of(
        records,
        content,
        authority="D1",
        authority_name="Quarry Bank",
        delivery_date=date(2020, 6, 1),
        late_laboratories=("northgate",),
        unplaced_in_nation=3,
    )
    return seal(manifest, content, public_key=public_key, signer=SIGNER, at=AT)


def test_it_opens_with_its_own_key() -> None:
    identity = pyrage.x25519.Identity.generate()
    made = package(str(identity.to_public()))
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(made.sealed, [identity]))) as archive:
        names = archive.getnames()
        stated, signature, records = (archive.extractfile(name) for name in names)
        assert stated is not None and signature is not None and records is not None
        content = stated.read()
        assert json.loads(content)["late_laboratories"] == ["northgate"]
        SIGNER.public_key().verify(signature.read(), content)
        with pytest.raises(InvalidSignature):
            SIGNER.public_key().verify(b"0" * 64, content)
        assert len(records.read().splitlines()) == 3
    assert names == ["manifest.json", "manifest.sig", "records.csv"]


def test_it_opens_with_no_other_key() -> None:
    made = package(str(pyrage.x25519.Identity.generate().to_public()))
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(made.sealed, [pyrage.x25519.Identity.generate()])
    assert b"manifest.json" in made.content
    assert b"manifest.json" not in made.sealed


def test_a_day_without_records_has_a_manifest_that_says_so() -> None:
    made = package(str(pyrage.x25519.Identity.generate().to_public()), rows=0)
    assert (made.manifest.new, made.manifest.changed, made.manifest.withdrawn) == (0, 0, 0)
    assert b'"new": 0' in made.content


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(Refused, match="D1"):
        package("age1notakey")


def test_a_fingerprint_can_be_read_aloud() -> None:
    mark = fingerprint("age1a")
    assert [len(group) for group in mark.split()] == [4] * 8
    assert mark != fingerprint("age1b")
