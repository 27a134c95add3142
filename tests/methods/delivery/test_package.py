"""A package opens with its own key and no other, says by signature who made it, and holds what the agreement allows."""

import io
import json
import shutil
import subprocess
import tarfile
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pyrage
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.delivery.fields import COUNTED, DELIVERED, MEANING, RECALLED
from pumphandle.delivery.package import (
    DayTold,
    Laboratory,
    Package,
    Receiver,
    archive,
    as_csv,
    fingerprint,
    ordered,
    package,
)
from pumphandle.governance.agreements import FIELDS
from pumphandle.vocabulary.errors import Refused

AT = datetime(2020, 6, 1, 18, tzinfo=UTC)
DAY = date(2020, 6, 1)
SIGNER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
TOLD = DayTold(DAY, (Laboratory("northgate", 10, 100, 3), Laboratory("wattle", 1, 9, 4)), 3, {"R": 2}, 7, "ab12")
DATES = {"date_of_birth", "specimen_date", "report_date"}


def records(*changes: str) -> pl.DataFrame:
    rows = [dict.fromkeys(DELIVERED, "x") | {"change": one, "record_key": f"k{at}"} for at, one in enumerate(changes)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(DELIVERED, pl.String))
    return frame.with_columns(pl.lit(DAY).alias(name) for name in DATES)


def counts() -> pl.DataFrame:
    return pl.DataFrame([("AA11AA", DAY, 9, 2, 7)], schema=list(COUNTED), orient="row")


def made(public_key: str, *changes: str, **said: Any) -> Package:
    receiver: dict[str, Any] = {"region": "R", "agreement": "ACTIVE", "fields": FIELDS, "formats": ("csv", "parquet")}
    receiver |= {name: value for name, value in said.items() if name not in ("state", "recalls")}
    return package(
        Receiver("D1", "Quarry Bank", **receiver),
        TOLD,
        records=records(*changes),
        counts=counts(),
        state=said.get("state"),
        recalls=said.get("recalls"),
        public_key=public_key,
        signer=SIGNER,
        at=AT,
    )


def files_of(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        read = {name: archive.extractfile(name) for name in archive.getnames()}
        return {name: file.read() for name, file in read.items() if file is not None}


@pytest.fixture
def identity() -> Any:
    return pyrage.x25519.Identity.generate()


def test_it_opens_with_its_own_key_and_tells_what_it_holds(identity: Any) -> None:
    sealed = made(str(identity.to_public()), "new", "new", "withdrawn").sealed
    files = files_of(pyrage.decrypt(sealed, [identity]))
    manifest = json.loads(files["manifest.json"])
    SIGNER.public_key().verify(files["manifest.sig"], files["manifest.json"])
    with pytest.raises(InvalidSignature):
        SIGNER.public_key().verify(files["manifest.sig"], files["manifest.json"].replace(b'"new": 2', b'"new": 3'))
    assert [manifest[name] for name in ("new", "changed", "withdrawn", "tests", "negatives")] == [2, 0, 1, 9, 7]
    assert manifest["late_laboratories"] == ["northgate"]
    assert manifest["laboratories"][1] == {
        "laboratory": "wattle", "expected_at_least": 1, "expected_at_most": 9, "received": 4,
    }  # fmt: skip
    assert (manifest["unplaced_in_nation"], manifest["unplaced_in_region"]) == (3, 2)
    assert (manifest["audit_rows"], manifest["audit_hash"]) == (7, "ab12")
    assert manifest["files"].keys() | {"manifest.json", "manifest.sig"} == files.keys()
    for name, said in manifest["files"].items():
        assert sha256(files[name]).hexdigest() == said["sha256"]
    csv, parquet = pl.read_csv(files["records.csv"]), pl.read_parquet(files["records.parquet"])
    assert csv.columns == parquet.columns == list(DELIVERED)
    assert csv["record_key"].to_list() == parquet["record_key"].to_list() == ["k0", "k1", "k2"]


def test_the_standard_age_tool_opens_it(identity: Any, tmp_path: Path) -> None:
    """The reference implementation, as a council would install it: Debian's package `age`."""
    tool = shutil.which("age")
    if tool is None:
        pytest.skip("needs Debian's package age; `python3 start.py test` installs it")
    (tmp_path / "own.key").write_text(f"{identity}\n")
    (tmp_path / "package.tar.age").write_bytes(made(str(identity.to_public()), "new").sealed)
    opened = subprocess.run(
        [tool, "--decrypt", "-i", tmp_path / "own.key", tmp_path / "package.tar.age"], capture_output=True, check=True
    )
    assert json.loads(files_of(opened.stdout)["manifest.json"])["new"] == 1


def test_it_opens_with_no_other_key(identity: Any) -> None:
    one = made(str(identity.to_public()), "new")
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(one.sealed, [pyrage.x25519.Identity.generate()])
    assert b"manifest.json" in one.content
    assert b"manifest.json" not in one.sealed


def test_a_day_without_records_has_a_signed_manifest_that_says_so(identity: Any) -> None:
    files = files_of(made(str(identity.to_public())).content)
    manifest = json.loads(files["manifest.json"])
    SIGNER.public_key().verify(files["manifest.sig"], files["manifest.json"])
    assert (manifest["new"], manifest["changed"], manifest["withdrawn"]) == (0, 0, 0)
    assert files["records.csv"].count(b"\n") == 1, "the heading alone"


def test_only_fields_of_the_agreement_go_out(identity: Any) -> None:
    allowed = ("specimen_date", "report_date", "pathogen", "result", "postcode")
    files = files_of(made(str(identity.to_public()), "new", fields=allowed, formats=("csv", "parquet", "fhir")).content)
    columns = pl.read_csv(files["records.csv"]).columns
    assert columns == ["change", "reason", "record_key", "postcode", *allowed[:4]]
    assert pl.read_parquet(files["records.parquet"]).columns == columns
    assert {row.split(",")[0] for row in files["dictionary.csv"].decode().splitlines()[1:]} == {
        *columns,
        *RECALLED,
        *COUNTED,
    }
    assert "name" not in json.dumps(json.loads(files["records.fhir.json"])["entry"][0])


def test_without_an_agreement_counts_flow_and_no_record(identity: Any) -> None:
    one = made(str(identity.to_public()), "new", agreement="OFFERED", fields=None)
    files = files_of(one.content)
    assert not [name for name in files if "records" in name or "state" in name]
    assert pl.read_csv(files["denominators.csv"]).rows() == [("AA11AA", "2020-06-01", 9, 2, 7)]
    assert (one.manifest.new, one.manifest.tests, one.manifest.agreement) == (0, 9, "OFFERED")


def test_a_full_state_comes_beside_the_news(identity: Any) -> None:
    state = records("standing", "standing")
    files = files_of(made(str(identity.to_public()), "new", state=state).content)
    assert pl.read_csv(files["full_state.csv"]).height == 2
    assert pl.read_csv(files["records.csv"]).height == 1


def test_a_bundle_holds_a_patient_and_an_observation_a_record(identity: Any) -> None:
    files = files_of(made(str(identity.to_public()), "new", "withdrawn", formats=("fhir",)).content)
    entries = [entry["resource"] for entry in json.loads(files["records.fhir.json"])["entry"]]
    assert [entry["resourceType"] for entry in entries] == ["Patient", "Observation", "Observation"]
    assert [entry.get("status") for entry in entries] == [None, "final", "entered-in-error"]
    assert entries[1]["subject"]["reference"] == f"urn:uuid:{entries[0]['id']}"
    assert "subject" not in entries[2], "what is withdrawn carries its key and reason only"


def test_every_column_is_explained() -> None:
    assert set(MEANING) == {*DELIVERED, *RECALLED, *COUNTED}


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(Refused, match="D1"):
        made("age1notakey")


def test_a_fingerprint_can_be_read_aloud() -> None:
    mark = fingerprint("age1a")
    assert [len(group) for group in mark.split()] == [4] * 8
    assert mark != fingerprint("age1b")


@given(
    st.lists(
        st.tuples(
            st.none() | st.text('ab",\n\r ;é', max_size=4), st.none() | st.dates(date(1900, 1, 1)), st.integers(-9, 9)
        ),
        max_size=6,
    )
)
def test_a_small_table_is_sorted_and_written_as_the_engine_does_it(rows: list[tuple[Any, ...]]) -> None:
    schema = {"word": pl.String, "day": pl.Date, "number": pl.Int64}
    table = pl.DataFrame(rows, schema=schema, orient="row").unique(maintain_order=True)
    sorted_here = ordered(table, "word", "day", "number")
    assert sorted_here.equals(table.sort("word", "day", "number", nulls_last=True))
    assert as_csv(sorted_here) == sorted_here.write_csv().encode()


def test_an_archive_is_what_tarfile_writes() -> None:
    files = {"a.csv": b"x" * 700, "b.csv": b"", "c": b"y" * 512}
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as tape:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(content), int(AT.timestamp()), 0o600
            tape.addfile(member, io.BytesIO(content))
    assert archive(files, AT) == stream.getvalue()


@pytest.mark.parametrize("fields", [FIELDS, None])
def test_a_recall_goes_out_with_an_agreement_or_without(identity: Any, fields: tuple[str, ...] | None) -> None:
    """What was told once is taken back, whatever may be told today."""
    recalls = pl.DataFrame([("k1", DAY, "2020-06-02T08:00:00Z", "moved away")], schema=list(RECALLED), orient="row")
    sealed = made(str(identity.to_public()), "new", fields=fields, recalls=recalls).sealed
    files = files_of(pyrage.decrypt(sealed, [identity]))
    assert json.loads(files["manifest.json"])["recalls"] == 1
    assert pl.read_csv(files["recalls.csv"])["record_key"].to_list() == ["k1"]
    without = files_of(pyrage.decrypt(made(str(identity.to_public()), "new", fields=fields).sealed, [identity]))
    assert "recalls.csv" not in without
    assert json.loads(without["manifest.json"])["recalls"] == 0
