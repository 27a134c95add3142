"""Keyed hashes: names that mean nothing without the nation's key."""

import unicodedata
from functools import lru_cache
from hashlib import blake2b


def digest(key: bytes, *parts: str) -> str:
    """128 bits, hex. Source: RFC 7693 (keyed BLAKE2b)."""
    return blake2b("\x1f".join(parts).encode(), key=key, digest_size=16).hexdigest()


def person_key(key: bytes, record_key: str, version: int) -> str:
    """The key of a person first met in this version of a record: the same one always mints the same key."""
    mark = digest(key, "person", record_key, str(version))
    return f"{mark[:8]}-{mark[8:12]}-{mark[12:16]}-{mark[16:20]}-{mark[20:]}"


@lru_cache(maxsize=200_000)
def plain(name: str) -> str:
    """A name without case, accents, spaces and marks, for comparison only."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in folded if letter.isalnum())
