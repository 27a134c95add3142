"""Collect one's own sealed package, and acknowledge it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from pumphandle.actions.look import looking
from pumphandle.governance import policy
from pumphandle.store.at_rest import beside
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.identified import collecting
from pumphandle.store.identified.collecting import DeliveryRow
from pumphandle.vocabulary.errors import Broken, NotFound
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class SealedPackage:
    """The bytes as they were sealed; only the authority's key opens them."""

    file_name: str
    content: bytes = field(repr=False)


def collect(database: Database, folder: Path, delivery_date: date, *, by: Actor, at: datetime) -> SealedPackage:
    """The day's package, checked against its fingerprint, as often as asked for; the first time is receipt `opened`.

    folder : the house's deliveries; a delivery's file_name is below it
    Raises NotFound, NotPermitted; Broken if the file is gone or is not the one that was sealed.
    """
    with looking(database, "collect", by=by, at=at) as tx:
        policy.check_can_collect(by, authority=by.authority)
        package = _package(tx, delivery_date)
        content = _content(folder, package)
        first = collecting.add_receipt(tx, package, "opened", by=by, at=at)
        audit.add(tx, deed="collect", subject=_subject(package, first=first), by=by, at=at)
    return SealedPackage(f"{package.authority}-{Path(package.file_name).name}", content)


def acknowledge(database: Database, delivery_date: date, *, by: Actor, at: datetime) -> None:
    """The director has it. Only the first time counts; whoever reads the package afterwards is in the audit."""
    with looking(database, "acknowledge", by=by, at=at) as tx:
        policy.check_can_collect(by, authority=by.authority)
        package = _package(tx, delivery_date)
        first = collecting.add_receipt(tx, package, "acknowledged", by=by, at=at)
        audit.add(tx, deed="acknowledge", subject=_subject(package, first=first), by=by, at=at)


def _package(tx: Transaction, delivery_date: date) -> DeliveryRow:
    found = collecting.delivery(tx, delivery_date)
    if found is None:
        raise NotFound("There is no delivery of that day for your authority.")
    return found


def _content(folder: Path, package: DeliveryRow) -> bytes:
    if package.erased_on is not None:
        raise NotFound(f"The package of {package.delivery_date} was erased on {package.erased_on}: its time was over.")
    try:
        content = beside(folder).read(package.file_name)
    except NotFound:
        raise Broken(f"The package of {package.delivery_date} is not in its place.") from None
    if sha256(content).hexdigest() != package.sealed_sha256:
        raise Broken(f"The package of {package.delivery_date} is not the one that was sealed.")
    return content


def _subject(package: DeliveryRow, *, first: bool) -> dict[str, object]:
    return {
        "delivery_date": package.delivery_date.isoformat(),
        "sealed_sha256": package.sealed_sha256,
        "first": first,
    }
