"""Passwords: kept only as scrypt hashes, compared in constant time."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from pumphandle.vocabulary.errors import Broken, Refused

LEAST_LENGTH: Final = 12
MOST_LENGTH: Final = 200
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without i, l, o, 0 and 1: a one-time password is often read aloud."""


@dataclass(frozen=True)
class Cost:
    """scrypt's n = 2**doublings, r and p. 15, 8, 3 takes 32 MiB and is one of OWASP's equal choices (2024)."""

    doublings: int = 15
    r: int = 8
    p: int = 3


USUAL: Final = Cost()

NOBODY: Final = f"scrypt$15$8$3${'A' * 22}==${'A' * 43}="
"""A hash that no password has, at the usual cost: compared for an unknown user, so that the answer takes as long."""


def hash_password(password: str, *, salt: bytes, cost: Cost = USUAL) -> str:
    """scrypt$doublings$r$p$salt$hash, the last two in base64. Raises Refused if too short or too long."""
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
        raise Refused(f"A password has {LEAST_LENGTH} to {MOST_LENGTH} characters.")
    made = _scrypt(password, salt, cost)
    return f"scrypt${cost.doublings}${cost.r}${cost.p}${_text(salt)}${_text(made)}"


def matches(password: str, stored: str) -> bool:
    """Whether `stored` is the hash of `password`. Raises Broken if `stored` is no hash of ours."""
    try:
        kind, doublings, r, p, salt, kept = stored.split("$")
        cost = Cost(int(doublings), int(r), int(p))
        salt_bytes, kept_bytes = base64.b64decode(salt), base64.b64decode(kept)
    except ValueError:
        raise Broken("A stored password hash cannot be read.") from None
    if kind != "scrypt":
        raise Broken("A stored password hash is of an unknown kind.")
    same = hmac.compare_digest(_scrypt(password[:MOST_LENGTH], salt_bytes, cost), kept_bytes)
    return same and len(password) <= MOST_LENGTH


def one_time_password(chance: bytes) -> str:
    """Four groups of five letters and digits, 99 bits; `chance` is 32 random bytes."""
    if len(chance) < 32:
        raise Broken("A password needs 32 bytes of chance.")
    number = int.from_bytes(chance)
    letters: list[str] = []
    for _ in range(20):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    text = "".join(letters)
    return "-".join(text[start : start + 5] for start in range(0, 20, 5))


def _scrypt(password: str, salt: bytes, cost: Cost) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=2**cost.doublings, r=cost.r, p=cost.p, maxmem=128 * 1024 * 1024, dklen=32
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
