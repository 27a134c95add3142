"""Keep the register of settings, and tell that a case was at one of them or anywhere else."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import polars as pl

from pumphandle.actions.look import looking
from pumphandle.geography.postcodes import normalise
from pumphandle.governance import policy
from pumphandle.store.decisions import audit, thresholds
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.identified import contacts, settings
from pumphandle.store.reference import postcodes
from pumphandle.tracing.settings import Entry, check_entry
from pumphandle.vocabulary.errors import NotFound, NotUnderstood, Refused
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.tracing import SettingKind

MAY_NOT_BE_EMPTY: Final = "Choose a setting from the register, or give the postcode and the kind of place."


@dataclass(frozen=True)
class Place:
    """Where a case was: a setting of the register, or a postcode and a kind of place."""

    setting_id: int | None = None
    postcode: str | None = None
    kind: SettingKind | None = None


def keep_setting(
    database: Database, entry: Entry, *, setting_id: int | None, version: int | None, by: Actor, at: datetime
) -> int:
    """A new entry, or a change of one; returns its number.

    setting_id, version : of the entry that was on the page; both None for a new one
    Raises NotUnderstood for a faulty entry, Refused if somebody else has changed it meanwhile.
    """
    with looking(database, "keep_setting", by=by, at=at) as tx:
        authority = policy.own_authority(policy.check_can_trace, by)
        entry = replace(entry, postcode=_normalised(entry.postcode) or "")
        small_area, district = _area(tx, entry.postcode)
        check_entry(entry, district_of_postcode=district, authority=authority)
        if small_area is None:
            raise NotUnderstood("The postcode leads to no area of this nation. Check it.")
        if setting_id is None:
            kept = settings.add(tx, entry, authority=authority, small_area=small_area, by_name=by.name, at=at)
        elif settings.change(
            tx, setting_id, entry, version=version or 0, small_area=small_area, by_name=by.name, at=at
        ):
            kept = setting_id
        else:
            raise Refused("Somebody else has changed this setting meanwhile. Read it, then send yours again.")
        audit.add(tx, deed="keep_setting", subject={"setting": kept, "kind": str(entry.kind)}, by=by, at=at)
        return kept


def tell_visit(database: Database, case_key: str, place: Place, day: date, *, by: Actor, at: datetime) -> None:
    """An interview told that a case was there on that day.

    Raises NotFound for a case or setting that is not the reader's, NotUnderstood for a day that cannot be.
    """
    with looking(database, "tell_visit", by=by, at=at, record_key=case_key) as tx:
        authority = policy.own_authority(policy.check_can_trace, by)
        case_day = contacts.case_day(tx, case_key)
        if case_day is None:
            raise NotFound("There is no such case among your residents.")
        window = int(thresholds.current(tx, "link_days").value)
        if day > at.date() or abs((day - case_day).days) > window:
            raise NotUnderstood(f"The day must lie within {window} days of the specimen and not in the future.")
        if place.setting_id is None and (not place.postcode or place.kind is None):
            raise NotUnderstood(MAY_NOT_BE_EMPTY)
        if place.setting_id is not None and settings.setting(tx, place.setting_id, since=day) is None:
            raise NotFound("There is no such setting in your register.")
        settings.add_visit(
            tx,
            authority=authority,
            case_key=case_key,
            day=day,
            postcode=_normalised(place.postcode),
            setting_kind=str(place.kind) if place.kind else None,
            setting_id=place.setting_id,
            by_name=by.name,
            at=at,
        )
        subject: dict[str, object] = {"case": case_key, "setting": place.setting_id, "day": day.isoformat()}
        audit.add(tx, deed="tell_visit", subject=subject, by=by, at=at)


def _normalised(postcode: str | None) -> str | None:
    found = normalise(pl.Series([postcode], dtype=pl.String)).item()
    return None if found is None else str(found)


def _area(tx: Transaction, postcode: str) -> tuple[str | None, str | None]:
    """(small area, district) of a normalised postcode, each None where it leads to none or to several."""
    found = postcodes.lookup_of(tx, pl.Series([postcode], dtype=pl.String))
    if found.is_empty():
        return None, None
    row = found.row(0, named=True)
    return row["small_area"], row["district"]
