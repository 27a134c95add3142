"""The certificate of a release: what was attacked, how, and what was found; signed, and bound to the very rows.

A release without one, or with one that is not of these rows, is refused where it is composed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

import polars as pl
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pumphandle.disclosure.attack.intervals import summed
from pumphandle.disclosure.attack.programs import SOLVER
from pumphandle.disclosure.attack.wide import PoolAttacked
from pumphandle.disclosure.attacker import Audited
from pumphandle.disclosure.gate import Outcome
from pumphandle.disclosure.rules import Rule
from pumphandle.disclosure.safe import BLOCK_SCHEMA, SafeTable
from pumphandle.vocabulary.errors import CertificateRefused

METHOD: Final = (
    "area windows, district totals and the rule as one system a district, cases at most tests; integer bounds by "
    "propagation, linear programs with whole optima, branch and cut; derivable groups by runs of totals"
)
NO_CHANCE: Final = "none: every step is deterministic"
"""What a certificate says for its seed: nothing that was decided or attacked was drawn."""


def rows_digest(blocks: pl.DataFrame) -> str:
    """SHA-256 of the rows as they will be published, before they are numbered."""
    return sha256(blocks.select(list(BLOCK_SCHEMA)).write_csv().encode()).hexdigest()


def statement(
    table: SafeTable, audited: Audited, outcomes: Iterable[Outcome], *, wide: Sequence[PoolAttacked] = (), rule: Rule
) -> dict[str, Any]:
    """What is certified, not yet signed. wide : the attacks on pools of whole districts

    Raises CertificateRefused where the narrowest interval of any small count is below k - 1.
    """
    all_of = list(outcomes)
    attacks = [*all_of, *wide]
    narrowest = min((one.narrowest for one in attacks if one.narrowest is not None), default=None)
    if narrowest is not None and narrowest < rule.k_persons - 1:
        raise CertificateRefused(f"A small count lies in an interval narrower than {rule.k_persons - 1}.")
    return {
        "as_of": str(table.as_of),
        "rows_sha256": rows_digest(table.blocks),
        "blocks": audited.blocks,
        "windows_open": audited.windows_open,
        "exact_days": audited.exact_days,
        "hidden_days": audited.hidden_days,
        "smallest_value": audited.smallest_value,
        "districts": len(all_of),
        "wide_pools": len(wide),
        "small_counts": sum(one.cells for one in attacks),
        "narrowest_interval": narrowest,
        "derivable_few": 0,
        "linear_programs": sum(one.linear_programs for one in attacks),
        "integer_programs": sum(one.integer_programs for one in attacks),
        "methods": dict(sorted(summed(one.methods for one in attacks).items())),
        "held_by_audit": sum(one.held_by_audit for one in all_of),
        "method": METHOD,
        "solver": SOLVER,
        "rule": rule.as_data(),
        "seed": NO_CHANCE,
    }


def signed(certified: Mapping[str, Any], signer: Ed25519PrivateKey) -> dict[str, Any]:
    """The certificate: the statement, the public key (hexadecimal) and the Ed25519 signature over the rest."""
    public = signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    told = {**certified, "public_key": public}
    return {**told, "signature": signer.sign(_bytes(told)).hex()}


def check(certificate: Mapping[str, Any], *, rows_sha256: str, as_of: str, public_key: str | None = None) -> None:
    """That it is signed, and about these rows of this day. Raises CertificateRefused.

    public_key : the key that must have signed, in hexadecimal; None: the one that it names
    """
    told = {name: value for name, value in certificate.items() if name != "signature"}
    if not certificate or "signature" not in certificate or "public_key" not in certificate:
        raise CertificateRefused(f"The release of {as_of} has no signed certificate. Nothing is published.")
    if public_key is not None and certificate["public_key"] != public_key:
        raise CertificateRefused(f"The certificate of {as_of} is signed by another key than this house's.")
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(certificate["public_key"]))
        key.verify(bytes.fromhex(certificate["signature"]), _bytes(told))
    except (InvalidSignature, ValueError):
        raise CertificateRefused(f"The certificate of {as_of} is not what was signed.") from None
    if certificate.get("rows_sha256") != rows_sha256 or certificate.get("as_of") != as_of:
        raise CertificateRefused(f"The certificate of {as_of} is not about the rows of this release.")


def _bytes(told: Mapping[str, Any]) -> bytes:
    """What is signed: sorted keys, no blanks, UTF-8."""
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
