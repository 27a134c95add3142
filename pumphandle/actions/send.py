"""Put packages where authorities receive them: until they are taken, each once, by any number of runners."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pyrage

from pumphandle.delivery.retries import pause
from pumphandle.governance import policy
from pumphandle.store.at_rest import beside
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database
from pumphandle.store.identified import delivering, outbox
from pumphandle.store.identified.outbox import Letter
from pumphandle.store.receivers.places import NotReceived, Place, Secrets, check_address, put
from pumphandle.store.reference import areas
from pumphandle.vocabulary.errors import Broken, NotFound, Refused
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaCode, AreaLevel

SELF_TEST = "pumphandle-self-test.age"


@dataclass(frozen=True)
class Sent:
    """sent : taken; failed : tried, will be tried again; dead : given up until a person mends the address"""

    sent: int
    failed: int
    dead: int


def send_due(
    database: Database,
    folder: Path,
    secrets: Secrets,
    *,
    chance: Callable[[], float],
    by: Actor,
    at: Callable[[], datetime],
) -> Sent:
    """Everything that is due, one transaction each.

    1. The row is locked, so that a second runner takes another.
    2. The package is put under a name that follows from authority and day: put again, it is the same file.
    3. Row and audit commit together. A crash between 2 and 3 repeats 2 and harms nothing.
    """
    policy.check_can_run(by)
    done = {"sent": 0, "failed": 0, "dead": 0}
    while True:
        with database.transaction() as tx:
            letter = outbox.take(tx, at=at())
            if letter is None:
                return Sent(**done)
            fault = _try(letter, folder, secrets)
            if fault is None:
                outbox.sent(tx, letter, at=at())
                outcome = "sent"
            else:
                after = pause(letter.attempts + 1, chance())
                outbox.failed(tx, letter, fault=fault, next_at=None if after is None else at() + after)
                outcome = "dead" if after is None else "failed"
            done[outcome] += 1
            subject: dict[str, object] = {
                "authority": letter.authority,
                "delivery_date": str(letter.delivery_date),
                "receiver": letter.receiver,
                "outcome": outcome,
                "fault": fault,
            }
            audit.add(tx, deed="send", subject=subject, by=by, at=at())


def choose_receiver(
    database: Database,
    authority: AreaCode,
    name: str,
    *,
    kind: str,
    address: Mapping[str, str],
    by: Actor,
    at: datetime,
) -> int:
    """A receiver, or a mended address of one; its dead letters wait again. How many."""
    policy.check_can_register_key(by)
    check_address(kind, address)
    if not name.isidentifier():
        raise Refused("A receiver's name is a word of letters, digits and underlines.")
    with database.transaction() as tx:
        if areas.area(tx, authority).level is not AreaLevel.DISTRICT:
            raise Refused(f"{authority} is no district: only a district has residents of its own.")
        outbox.put_place(tx, Place(authority, name, kind, address), address, by=by, at=at)
        revived = outbox.revive(tx, authority, name, at=at)
        subject: dict[str, object] = {"authority": authority, "receiver": name, "kind": kind, "revived": revived}
        audit.add(tx, deed="receiver", subject=subject, by=by, at=at)
    return revived


def try_receiver(
    database: Database, authority: AreaCode, name: str, secrets: Secrets, *, by: Actor, at: datetime
) -> None:
    """Put a sealed sentence where packages will go. Raises NotReceived with a code, NotFound, Refused without a key."""
    policy.check_can_register_key(by)
    with database.transaction() as tx:
        place = outbox.place(tx, authority, name)
        key = delivering.recipients(tx).get(authority)
        if place is None:
            raise NotFound(f"{authority} has no receiver named {name}.")
        if key is None:
            raise Refused(f"{authority} has no key yet: what cannot be sealed is not sent.")
        sentence = f"Pumphandle reaches {name} of {authority}. This file can be deleted.\n"
        recipient = pyrage.x25519.Recipient.from_str(key.public_key)
        put(place, SELF_TEST, pyrage.encrypt(sentence.encode(), [recipient]), secrets)
        audit.add(tx, deed="receiver", subject={"authority": authority, "receiver": name, "test": True}, by=by, at=at)


def dead_letters(database: Database, *, by: Actor) -> list[Letter]:
    """Packages that were given up, oldest first."""
    policy.check_can_register_key(by)
    with database.transaction() as tx:
        return outbox.dead(tx)


def _try(letter: Letter, folder: Path, secrets: Secrets) -> str | None:
    """None, or the code of what went wrong."""
    try:
        content = beside(folder).read(letter.file_name)
    except NotFound:
        return "package_missing"
    except Broken:
        return "package_changed"
    if sha256(content).hexdigest() != letter.sealed_sha256:
        return "package_changed"
    try:
        put(letter.place, f"{letter.authority}-{letter.delivery_date}.tar.age", content, secrets)
    except NotReceived as failure:
        return str(failure)
    return None
