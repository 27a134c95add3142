"""Households: people who give the same address."""

import re
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

_MARKS: Final = re.compile(r"[^a-z0-9]+")


def household_keys(key: bytes, homes: Iterable[tuple[str | None, str | None]]) -> list[str]:
    """A keyed hash per line of (address, postcode): equal keys, one household.

    All who give a postcode but no address count as one household: too few households hold a
    publication window open for longer, too many would open it too early.
    """
    return [_one(key, address, postcode) for address, postcode in homes]


def _one(key: bytes, address: str | None, postcode: str | None) -> str:
    home = f"{_MARKS.sub(' ', (address or '').casefold()).strip()}\x1f{postcode or ''}"
    return blake2b(home.encode(), key=key, digest_size=12, person=b"household").hexdigest()
