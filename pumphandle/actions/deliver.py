"""Deliver a day: one sealed package for every authority, also where there is nothing to tell."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pumphandle.delivery.package import DELIVERED, fingerprint, manifest_of, records_csv, seal
from pumphandle.delivery.recipients import net
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Transaction
from pumphandle.store.identified import delivering
from pumphandle.store.identified.delivering import Delivery
from pumphandle.store.reference import areas
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel


@dataclass(frozen=True)
class DayDelivered:
    """What delivering a day did; `without_key` are authorities that nothing can be sealed for."""

    packages: int
    new: int
    changed: int
    withdrawn: int
    without_key: tuple[str, ...]


def deliver(
    day: date,
    *,
    tx: Transaction,
    folder: Path,
    signer: Ed25519PrivateKey,
    late_laboratories: tuple[str, ...],
    unplaced: int,
    by: Actor,
    at: datetime,
) -> DayDelivered:
    """Write packages to `folder`/<authority>/<day>.tar.age and record them, inside the caller's transaction.

    unplaced : records in the nation that wait for a place, told to everyone
    A package file without a delivery row is the leaving of a crash; the next try writes over it.
    An authority without a registered key gets nothing, and is named: what cannot be sealed is not sent.
    """
    told = _told(tx, day)
    keys = delivering.recipients(tx)
    by_authority = {str(key[0]): rows for key, rows in told.partition_by("authority", as_dict=True).items()}
    nothing = told.clear()
    districts = [area for area in areas.areas(tx) if area.level == AreaLevel.DISTRICT]
    deliveries: list[Delivery] = []
    for district in districts:
        code = str(district.area_code)
        if code not in keys:
            continue
        records = by_authority.get(code, nothing)
        content = records_csv(records)
        manifest = manifest_of(
            records,
            content,
            authority=code,
            authority_name=district.name,
            delivery_date=day,
            late_laboratories=late_laboratories,
            unplaced_in_nation=unplaced,
        )
        package = seal(manifest, content, public_key=keys[code], signer=signer, at=at)
        name = _put(folder / code, day, package.sealed)
        deliveries.append(
            Delivery(
                authority=code,
                delivery_date=day,
                file_name=f"{code}/{name}",
                new_count=manifest.new,
                changed_count=manifest.changed,
                withdrawn_count=manifest.withdrawn,
                content_sha256=sha256(package.content).hexdigest(),
                sealed_sha256=sha256(package.sealed).hexdigest(),
                sealed_bytes=len(package.sealed),
                fingerprint=fingerprint(keys[code]),
                made_at=at,
            )
        )
    delivering.add_deliveries(tx, deliveries, by=by.name)
    done = DayDelivered(
        packages=len(deliveries),
        new=sum(one.new_count for one in deliveries),
        changed=sum(one.changed_count for one in deliveries),
        withdrawn=sum(one.withdrawn_count for one in deliveries),
        without_key=tuple(sorted(str(one.area_code) for one in districts if one.area_code not in keys)),
    )
    audit.add(
        tx,
        deed="deliver",
        subject={
            "day": str(day),
            "packages": done.packages,
            "new": done.new,
            "changed": done.changed,
            "withdrawn": done.withdrawn,
        },
        by=by,
        at=at,
    )
    return done


def _told(tx: Transaction, day: date) -> pl.DataFrame:
    """DELIVERED columns and authority: the net change of every record since the last delivery."""
    since = delivering.last_delivery(tx) or date.min
    rows = delivering.changes_between(tx, after=since, to=day)
    last = (
        rows.sort("change_id")
        .unique(["authority", "record_key"], keep="last", maintain_order=True)
        .drop("change", "reason")
    )
    return net(rows).join(last, on=["authority", "record_key"], how="left").select("authority", *DELIVERED)


def _put(folder: Path, day: date, sealed: bytes) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{day}.tar.age"
    part = target.with_suffix(".part")
    part.write_bytes(sealed)
    part.replace(target)
    return target.name
