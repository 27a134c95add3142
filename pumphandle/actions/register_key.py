"""An authority's public key: what its packages are sealed to."""

from datetime import datetime
from pathlib import Path

import pyrage

from pumphandle.delivery.package import fingerprint
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.identified import delivering
from pumphandle.store.keys import keep_secret
from pumphandle.store.reference import areas
from pumphandle.vocabulary.errors import NotUnderstood, Refused
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaCode, AreaLevel


def register_key(authority: AreaCode, public_key: str, *, database: Database, by: Actor, at: datetime) -> str:
    """Returns the fingerprint, to be compared by telephone. Raises NotUnderstood for what is no age public key."""
    try:
        pyrage.x25519.Recipient.from_str(public_key)
    except pyrage.RecipientError:
        raise NotUnderstood("This is no age public key: it begins with age1 and comes from age-keygen.") from None
    with database.transaction() as tx:
        if areas.area(tx, authority).level != AreaLevel.DISTRICT:
            raise Refused(f"{authority} is no district: only a district has residents of its own to be told about.")
        return _register(tx, authority, public_key, by=by, at=at)


def make_keys(folder: Path, *, database: Database, by: Actor, at: datetime) -> int:
    """A key pair for every authority that has none; the private halves go to `folder`/<authority>.age-key.

    For a trial on one machine. In service each authority makes its own pair and sends the public half only.
    Returns the number of pairs made.
    """
    made = 0
    with database.transaction() as tx:
        known = delivering.recipients(tx)
        for area in areas.areas(tx):
            code = str(area.area_code)
            if area.level != AreaLevel.DISTRICT or code in known:
                continue
            private = folder / f"{code}.age-key"
            if private.exists():  # a try before this one wrote the file and was cut off before it was registered
                identity = pyrage.x25519.Identity.from_str(private.read_text("ascii").strip())
            else:
                identity = pyrage.x25519.Identity.generate()
                keep_secret(private, f"{identity}\n")
            _register(tx, area.area_code, str(identity.to_public()), by=by, at=at)
            made += 1
    return made


def _register(tx: Transaction, authority: str, public_key: str, *, by: Actor, at: datetime) -> str:
    mark = fingerprint(public_key)
    delivering.register_recipient(tx, authority=authority, public_key=public_key, fingerprint=mark, by=by.name, at=at)
    audit.add(tx, deed="register_key", subject={"authority": authority, "fingerprint": mark}, by=by, at=at)
    return mark
