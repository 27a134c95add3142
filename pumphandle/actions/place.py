"""Decide where a record belongs; take in a new vintage of postcodes. Both are events, told to whom they concern."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import polars as pl

from pumphandle.actions.load_nation import DESCRIPTIONS
from pumphandle.actions.look import looking
from pumphandle.actions.mend import next_day
from pumphandle.geography import describe, postcode_tables
from pumphandle.geography.files import Files
from pumphandle.governance import policy
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database, one_at_a_time
from pumphandle.store.identified import misroutes, people, places
from pumphandle.store.identified.places import Unplaced
from pumphandle.store.reference import areas
from pumphandle.vocabulary.errors import NotFound, NotUnderstood, Refused
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel

RECODED = "geography_recoded"


@dataclass(frozen=True)
class Recoded:
    """postcodes : that lead elsewhere now; records : standing ones that are placed anew with the next day"""

    vintage: str
    postcodes: int
    records: int


def unplaced(database: Database, *, by: Actor, at: datetime) -> list[Unplaced]:
    """The queue, the longest waiting first. Looking at it leaves a mark."""
    with looking(database, "look_quarantine", by=by, at=at) as tx:
        policy.check_can_run(by)
        found = places.queue(tx)
        audit.add(tx, deed="look_quarantine", subject={"shown": len(found), "unplaced": len(found)}, by=by, at=at)
        return found


def place(database: Database, record_key: str, small_area: str, *, reason: str, by: Actor, at: datetime) -> None:
    """The record belongs to this small area from the next linking on, and a circle of authorities ends with it.

    Raises NotFound, Refused.
    """
    policy.check_can_run(by)
    if not reason.strip():
        raise Refused("Say why, in a few words: it stands beside the decision from now on.")
    try:
        key = str(UUID(record_key))
    except ValueError:
        raise NotUnderstood("A record key has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.") from None
    with database.transaction() as tx:
        one_at_a_time(tx)
        if areas.area(tx, small_area).level != AreaLevel.SMALL_AREA:
            raise Refused(f"{small_area} is no small area: a record belongs to one.")
        if not places.add_decision(tx, key, small_area, reason=reason, by=by.name, at=at):
            raise NotFound("There is no such record, or it was withdrawn.")
        day = next_day(tx, at)
        misroutes.placed_by_the_centre(tx, key, small_area, on=day)
        people.add_events(
            tx,
            pl.Series("record_key", [key]),
            kind="reassigned",
            reason=reason,
            received_on=day,
            at=at,
            by=by.name,
            small_area=small_area,
        )
        audit.add(tx, deed="place", subject={"record_key": key, "small_area": small_area}, by=by, at=at)


def recode(database: Database, folder: Path, *, by: Actor, at: datetime, descriptions: Path = DESCRIPTIONS) -> Recoded:
    """Take in the postcodes of `folder`'s description; records at postcodes that moved are placed anew.

    Every count that changes by it is changed by events with the reason geography_recoded, and by nothing else.
    Raises BadDescription, and Refused for a table that names areas which are not loaded.
    """
    policy.check_can_run(by)
    chosen = describe.choose(folder, descriptions=descriptions)
    files = Files(chosen.files, coordinates=chosen.description.coordinates)
    with database.transaction() as tx:
        one_at_a_time(tx)
        small = {str(area.area_code) for area in areas.areas(tx) if area.level == AreaLevel.SMALL_AREA}
        table = postcode_tables.read(
            files, chosen.description.postcodes, small_areas=small, pattern=chosen.description.postcode_pattern
        )
        vintage = chosen.description.vintage
        moved = places.recode(tx, table, vintage=vintage)
        records = places.records_at(tx, moved["postcode"])
        people.add_events(
            tx,
            records,
            kind="reassigned",
            reason=RECODED,
            received_on=next_day(tx, at),
            at=at,
            by=by.name,
        )
        done = Recoded(vintage, moved.height, len(records))
        subject: dict[str, object] = {"vintage": vintage, "postcodes": done.postcodes, "records": done.records}
        audit.add(tx, deed="recode", subject=subject, by=by, at=at)
    return done
