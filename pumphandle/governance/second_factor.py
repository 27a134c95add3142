"""The second factor of a local account: six digits that change every 30 seconds (RFC 6238), each good once."""

import base64
import hmac
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pyotp.totp import TOTP

from pumphandle.vocabulary.errors import Broken

STEP: Final = 30
"""Seconds that one code lasts."""

NEIGHBOURS: Final = (0, -1, 1)
"""Steps beside the present one that are taken too: clocks of telephones differ."""

_NONCE: Final = 12


def new_secret(chance: bytes) -> str:
    """Base32, as authenticator apps read it; `chance` is 20 random bytes, the length that RFC 4226 recommends."""
    if len(chance) < 20:
        raise Broken("A second factor needs 20 bytes of chance.")
    return base64.b32encode(chance[:20]).decode()


def code_at(secret: str, at: datetime) -> str:
    """What the person's app shows at that moment."""
    return TOTP(secret).at(at)


def step_of(secret: str, code: str, *, at: datetime, after: int | None) -> int | None:
    """The step whose code this is, or None. A code at or before the step `after` was used already and is refused."""
    present = int(at.timestamp()) // STEP
    found: int | None = None
    for step in (present + neighbour for neighbour in NEIGHBOURS):
        same = hmac.compare_digest(TOTP(secret).generate_otp(step), code.strip().replace(" ", ""))
        if same and (after is None or step > after):
            found = step
    return found


def address(secret: str, *, user_name: str, issuer: str) -> str:
    """What the picture at enrolment says to an app: otpauth://totp/…"""
    return TOTP(secret).provisioning_uri(name=user_name, issuer_name=issuer)


def sealed(secret: str, *, key: bytes, chance: bytes, user_name: str) -> bytes:
    """AES-256-GCM, bound to its holder; `chance` is 12 random bytes."""
    nonce = chance[:_NONCE]
    return nonce + AESGCM(key).encrypt(nonce, secret.encode(), user_name.encode())


def opened(kept: bytes, *, key: bytes, user_name: str) -> str:
    """Raises Broken if it was sealed with another key or for somebody else."""
    try:
        return AESGCM(key).decrypt(kept[:_NONCE], kept[_NONCE:], user_name.encode()).decode()
    except InvalidTag:
        raise Broken("A second factor cannot be opened with this house's key.") from None
