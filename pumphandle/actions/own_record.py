"""Put together what is held about a person, on their request: every result, link, call and look; no other name."""

import json
from datetime import date, datetime
from typing import Final
from uuid import UUID

from pumphandle.actions.look import looking, own_agreement
from pumphandle.governance import policy
from pumphandle.store.decisions import audit, thresholds
from pumphandle.store.engine import Database
from pumphandle.store.identified import persons_own, reading
from pumphandle.vocabulary.errors import NotFound, NotUnderstood
from pumphandle.vocabulary.people import Actor

PARTS_SAID: Final = "Parts without an entry are held about nobody of this name and key in this authority."


def own_record(
    database: Database, record_key: str, *, identity_checked: bool, by: Actor, at: datetime
) -> tuple[str, bytes]:
    """(file name, JSON) of everything that the reader's authority holds about the person of a record.

    identity_checked : the director says that the person showed who they are
    Raises NotFound for what is not there or another authority's, NotUnderstood without the check, NotPermitted for
    who may not take records out.
    """
    with looking(database, "own_record", by=by, at=at) as tx:
        authority, agreement = own_agreement(tx, by, at=at)
        policy.check_can_export(by, authority=authority)
        if not identity_checked:
            raise NotUnderstood("Say that the person has shown who they are: their own record is for them alone.")
        found = reading.line(tx, record_key) if _is_key(record_key) else None
        if found is None:
            raise NotFound("There is no such record among your residents.")
        keys = [found.record_key, *(one.record_key for one in reading.others_of_person(tx, found, largest=10_000))]
        parts = persons_own.everything(tx, found.person_key, keys, authority=authority)
        told = {
            "held by": authority,
            "put together on": at.isoformat(),
            "purpose": agreement.purpose,
            "legal basis": agreement.legal_basis,
            "results are kept for days after the specimen": agreement.retention_days,
            "who a contact was is erased, days after the follow-up ended": thresholds.current(
                tx, "contact_keep_days"
            ).value,
            "note": PARTS_SAID,
            **parts,
        }
        subject: dict[str, object] = {"record_key": found.record_key, "shown": len(keys), "records": keys}
        audit.add(tx, deed="own_record", subject=subject, by=by, at=at)
    body = json.dumps(told, indent=2, ensure_ascii=False, default=_plain).encode()
    return f"own-record-{at:%Y-%m-%d}.json", body


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
