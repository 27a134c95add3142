"""Send a record on: whose it is not says so, and the next linking brings it to the right authority."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import polars as pl

from pumphandle.actions.look import looking
from pumphandle.delivery.recipients import NOT_OURS
from pumphandle.geography.postcodes import normalise
from pumphandle.governance import policy
from pumphandle.governance.misroutes import check_first_word, check_sent_to, why
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database, Transaction, one_at_a_time
from pumphandle.store.identified import misroutes, people
from pumphandle.store.identified.misroutes import Counted, Misroute
from pumphandle.store.reference import areas, names, postcodes
from pumphandle.vocabulary.errors import NotFound, NotUnderstood
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel

COUNTED_FOR: Final = timedelta(days=28)


@dataclass(frozen=True)
class MisroutesView:
    """own : tombstones of the reader's authority, None for those who look after all; counted : incidents of 28 days

    at_centre : for those who look after all, what went in a circle and waits for a steward
    """

    own: list[Misroute] | None
    at_centre: list[Misroute]
    counted: list[Counted]
    area_names: dict[str, str]


def not_ours(
    database: Database, record_key: str, *, to: str, postcode: str, reason: str, by: Actor, at: datetime
) -> None:
    """The record leaves the reader's view now. `postcode` may be empty: then the right authority places it.

    Where the proposed authority has said itself that it is not theirs, the circle ends: it goes to the national centre.
    Raises NotFound for what is not the reader's, NotUnderstood for a postcode that lies elsewhere, Refused for the
    reader's own authority and for a second word about the same record.
    """
    key = _opaque(record_key)
    with looking(database, "not_ours", by=by, at=at, record_key=key) as tx:
        own = policy.own_authority(policy.check_can_send_on, by)
        given = why(reason)
        proposed = areas.area(tx, to)
        if proposed.level is not AreaLevel.DISTRICT:
            raise NotUnderstood("Choose the authority that the person belongs to.")
        check_sent_to(to, own=own)
        check_first_word(misroutes.said_on(tx, key, own))
        home, small_area = _home(tx, postcode, to)
        receiver = None if misroutes.refused_by(tx, key, to) else to
        if receiver is None:
            home = small_area = None
        if not misroutes.add(
            tx, key, to=receiver, postcode=home, small_area=small_area, reason=given.value, by=by.name, at=at
        ):
            check_first_word(misroutes.said_on(tx, key, own))  # somebody else's, a moment ago
            raise NotFound("There is no such record among your residents.")
        subject: dict[str, object] = {"record_key": key, "to": receiver, "proposed": to, "why": given.value}
        audit.add(tx, deed="not_ours", subject=subject, by=by, at=at)


def send_waiting(database: Database, *, received_on: date, by: Actor, at: datetime) -> int:
    """Each in a transaction of its own, before the day is linked: an event that places the record. How many went on.

    A record that was withdrawn or placed anew meanwhile is left as it is, and its tombstone says so.
    """
    policy.check_can_run(by)
    with database.transaction() as tx:
        found = [(one, one.small_area or one.to_authority) for one in misroutes.waiting(tx)]
    gone = 0
    for one, place in found:
        with database.transaction() as tx:
            one_at_a_time(tx)
            arrives = misroutes.stands_in(tx, one.record_key, one.from_authority)
            if arrives:
                people.add_events(
                    tx,
                    pl.Series("record_key", [one.record_key]),
                    kind="reassigned",
                    reason=NOT_OURS,
                    received_on=received_on,
                    at=at,
                    by=one.by_name,
                    small_area=place,
                )
                gone += 1
            misroutes.sent(tx, one.misroute_id, on=received_on, arrived=arrives)
            subject: dict[str, object] = {"misroute": one.misroute_id, "to": one.to_authority, "arrived": arrives}
            audit.add(tx, deed="send_on", subject=subject, by=by, at=at)
    return gone


def take_record(database: Database, record_key: str, *, by: Actor, at: datetime) -> None:
    """The receiver's receipt of a record that was sent on to them; who sent it sees who has it, and since when.

    Raises NotFound for what did not come to the reader, or has its receipt already.
    """
    key = _opaque(record_key)
    with looking(database, "take_record", by=by, at=at, record_key=key) as tx:
        policy.own_authority(policy.check_can_send_on, by)
        if not misroutes.take(tx, key, by=by.name, at=at):
            raise NotFound("No such record waits for your receipt.")
        audit.add(tx, deed="take_record", subject={"record_key": key}, by=by, at=at)


def misroutes_seen(database: Database, *, by: Actor, at: datetime) -> MisroutesView:
    """One's own tombstones; for those who look after all, how many went astray, from whom to whom, by laboratory."""
    with looking(database, "look_misroutes", by=by, at=at) as tx:
        policy.check_can_see_misroutes(by, authority=by.authority)
        own = misroutes.tombstones(tx, by.authority) if by.authority else None
        at_centre = misroutes.at_the_centre(tx) if own is None else []
        counted = misroutes.counted(tx, since=at - COUNTED_FOR)
        shown = len(own) if own is not None else len(counted)
        audit.add(tx, deed="look_misroutes", subject={"shown": shown}, by=by, at=at)
        told = [*(own or []), *at_centre, *counted]
        codes = {code for one in told for code in (one.from_authority, one.to_authority) if code is not None}
        return MisroutesView(own, at_centre, counted, names.of_areas(tx, codes))


def _home(tx: Transaction, postcode: str, to: str) -> tuple[str | None, str | None]:
    """(postcode, small area) where the person lives; (None, None) where nothing was typed."""
    if not postcode.strip():
        return None, None
    home = normalise(pl.Series([postcode], dtype=pl.String)).item()
    found = postcodes.lookup_of(tx, pl.Series([home], dtype=pl.String))
    row = {} if found.is_empty() else found.row(0, named=True)
    if row.get("district") != to:
        raise NotUnderstood("That postcode does not lie in the authority that you chose. Leave it empty or mend it.")
    return str(home), row["small_area"]


def _opaque(record_key: str) -> str:
    try:
        return str(UUID(record_key))
    except ValueError:
        raise NotFound("There is no such record among your residents.") from None
