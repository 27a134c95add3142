"""Deliver a day: one sealed package for every authority, also where there is nothing to tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pumphandle.actions.agree import keep_time
from pumphandle.actions.look_looks import weekly
from pumphandle.delivery.canary import holds
from pumphandle.delivery.fields import DELIVERED
from pumphandle.delivery.package import DayTold, Laboratory, Package, Receiver, fingerprint, package
from pumphandle.delivery.recipients import net
from pumphandle.store.at_rest import AtRest, beside
from pumphandle.store.decisions import agreements, audit, canaries
from pumphandle.store.decisions.agreements import Agreement
from pumphandle.store.engine import Transaction
from pumphandle.store.events.denominators import denominators
from pumphandle.store.events.lake import Lake
from pumphandle.store.identified import delivering, misroutes, outbox, purging
from pumphandle.store.identified.delivering import Delivery, Recipient
from pumphandle.store.reference import areas
from pumphandle.store.reference.areas import Area
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel

AT_ONCE: Final = 250_000
"""Changes read at a time: about 100 MB as text and as a frame each."""


@dataclass(frozen=True)
class DayDelivered:
    """What delivering a day did.

    without_key : authorities that nothing can be sealed for
    without_agreement : those whose package holds counts and no record
    unplaced_by_region : records whose postcode lies in the region without saying in which authority
    canaries_lost : authorities whose fictitious resident of the day is not in their package
    """

    packages: int
    new: int
    changed: int
    withdrawn: int
    without_key: tuple[str, ...]
    without_agreement: tuple[str, ...]
    unplaced_by_region: dict[str, int]
    canaries_lost: tuple[str, ...]


def deliver(
    day: date,
    *,
    tx: Transaction,
    lake: Lake,
    folder: Path,
    signer: Ed25519PrivateKey,
    laboratories: tuple[Laboratory, ...],
    unplaced: int,
    by: Actor,
    at: datetime,
) -> DayDelivered:
    """Put packages at rest in `folder`, under the month's key of each authority, and record them, inside the caller's
    transaction.

    laboratories, unplaced : what came of each, and records in the nation that wait for a place; told to everyone
    A package file without a delivery row is the leaving of a crash; the next try writes over it.
    An authority without a registered key gets nothing, and is named: what cannot be sealed is not sent. One without an
    active agreement gets counts; when the agreement comes, its first package holds everything since the beginning.
    """
    keep_time(tx, day, by=by, at=at)
    agreed = agreements.every(tx)
    keys = delivering.recipients(tx)
    districts = {str(area.area_code): area for area in areas.areas(tx) if area.level == AreaLevel.DISTRICT}
    sharing = {code for code in districts if code in agreed and agreed[code].in_force_on(day)}
    rows, last_hash = audit.last(tx)
    told = DayTold(day, laboratories, unplaced, delivering.unplaced_by_region(tx), rows, last_hash)
    counts = _by_authority(denominators(tx, lake, report_date=day))
    asked = delivering.full_state_requests(tx)
    recalls = misroutes.recalls_due(tx, sorted(keys.keys() & districts.keys()), day=day)
    recalled = _by_authority(recalls)
    week = weekly(tx, day, keys.keys() & districts.keys(), at=at)
    at_rest, sent, arrived = beside(folder), canaries.of_day(tx, day), list[str]()
    deliveries: list[Delivery] = []
    for code, records in _told(tx, day, sorted(code for code in districts if code in keys), sharing):
        receiver = _receiver(districts[code], keys[code], agreed.get(code), shares=code in sharing)
        state = None
        if code in asked and code in sharing:
            since = day - timedelta(days=agreed[code].retention_days)
            state = delivering.full_state(tx, code, since=since)
        made = package(
            receiver,
            told,
            records=records,
            counts=counts.get(code, _NO_COUNTS),
            state=state,
            recalls=recalled.get(code),
            beside=week.get(code),
            public_key=keys[code].public_key,
            signer=signer,
            at=at,
        )
        if code in sent and holds(made.content, sent[code]):
            arrived.append(code)
        deliveries.append(_kept(made, at_rest, keys[code], with_records=code in sharing, at=at))
    delivering.add_deliveries(tx, deliveries, by=by.name)
    purging.key_made(tx, [one.authority for one in deliveries], day, at=at)
    misroutes.receipts_given(tx, recalls, on=day)
    outbox.enqueue(tx, day, at=at)
    delivering.full_states_given(tx, [one.authority for one in deliveries if one.authority in asked & sharing])
    done = DayDelivered(
        packages=len(deliveries),
        new=sum(one.new_count for one in deliveries),
        changed=sum(one.changed_count for one in deliveries),
        withdrawn=sum(one.withdrawn_count for one in deliveries),
        without_key=tuple(sorted(districts.keys() - keys.keys())),
        without_agreement=tuple(sorted(one.authority for one in deliveries if not one.with_records)),
        unplaced_by_region=told.unplaced_by_region,
        canaries_lost=_canaries(tx, day, sent, arrived),
    )
    subject: dict[str, object] = {
        "day": str(day),
        "packages": done.packages,
        "new": done.new,
        "changed": done.changed,
        "withdrawn": done.withdrawn,
    }
    audit.add(tx, deed="deliver", subject=subject, by=by, at=at)
    return done


def _canaries(tx: Transaction, day: date, sent: Mapping[str, str], arrived: Sequence[str]) -> tuple[str, ...]:
    """Which did not arrive: an alarm on the authority's page of the day, and on the steward's."""
    lost = tuple(sorted(sent.keys() - set(arrived)))
    canaries.packaged(tx, day, arrived)
    canaries.missing(tx, day, dict.fromkeys(lost, LOST))
    return lost


LOST: Final = (
    "The fictitious resident that proves the way did not arrive in this day’s package: "
    "real ones may be missing from it too."
)
_NO_COUNTS: Final = pl.DataFrame(
    schema={
        "postcode": pl.String,
        "specimen_date": pl.Date,
        "tests": pl.Int64,
        "positives": pl.Int64,
        "negatives": pl.Int64,
    }
)


def _receiver(area: Area, recipient: Recipient, agreement: Agreement | None, *, shares: bool) -> Receiver:
    return Receiver(
        authority=str(area.area_code),
        authority_name=area.name,
        region=None if area.parent is None else str(area.parent),
        agreement="none" if agreement is None else agreement.state,
        fields=tuple(agreement.fields) if agreement is not None and shares else None,
        formats=recipient.formats,
    )


def _told(tx: Transaction, day: date, codes: Sequence[str], sharing: set[str]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Each authority with the net change of every record since its last package with records (DELIVERED)."""
    last = delivering.last_deliveries(tx)
    by_day: dict[date, list[str]] = {}
    for code in codes:
        if code in sharing:
            by_day.setdefault(last.get(code, date.min), []).append(code)
        else:
            yield code, _NOBODY
    for since, group in sorted(by_day.items()):
        sizes = delivering.waiting_counts(tx, after=since, to=day)
        for few in _portions(group, sizes):
            changes = delivering.changes_since(tx, few, after=since, to=day)
            told = _by_authority(_net(changes))
            yield from ((code, told.get(code, _NOBODY)) for code in few)


_NOBODY: Final = pl.DataFrame(schema={name: delivering.TOLD_SCHEMA[name] for name in DELIVERED})


def _portions(codes: Sequence[str], sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """Authorities in portions of at most AT_ONCE changes, or of one authority."""
    portion: list[str] = []
    held = 0
    for code in codes:
        if portion and held + sizes.get(code, 0) > AT_ONCE:
            yield portion
            portion, held = [], 0
        portion.append(code)
        held += sizes.get(code, 0)
    if portion:
        yield portion


def _net(changes: pl.DataFrame) -> pl.DataFrame:
    if changes.is_empty():
        return changes.select("authority", *DELIVERED)
    last = (
        changes.sort("change_id")
        .unique(["authority", "record_key"], keep="last", maintain_order=True)
        .drop("change", "reason")
    )
    return net(changes).join(last, on=["authority", "record_key"], how="left").select("authority", *DELIVERED)


def _by_authority(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {str(key[0]): part for key, part in rows.partition_by("authority", as_dict=True).items()}


def _kept(made: Package, at_rest: AtRest, recipient: Recipient, *, with_records: bool, at: datetime) -> Delivery:
    manifest = made.manifest
    return Delivery(
        authority=manifest.authority,
        delivery_date=manifest.delivery_date,
        file_name=at_rest.put(manifest.authority, manifest.delivery_date, made.sealed),
        new_count=manifest.new,
        changed_count=manifest.changed,
        withdrawn_count=manifest.withdrawn,
        content_sha256=sha256(made.content).hexdigest(),
        sealed_sha256=sha256(made.sealed).hexdigest(),
        sealed_bytes=len(made.sealed),
        fingerprint=fingerprint(recipient.public_key),
        made_at=at,
        with_records=with_records,
    )
