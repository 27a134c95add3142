"""Days on which a district's own window rests by lot, so that nobody can conclude why one did not close.

Without lots a window that reached k and did not close would say that the planner or the attacker objected, and so that
somebody waits in an area's window. With lots it may have been chance (docs/methods/publish-once.md).
"""

import hmac
from datetime import date

from pumphandle.vocabulary.errors import CertificateRefused

LEAST_BYTES = 16


def rests(secret: bytes, district: str, measure: str, day: date, *, percent: int) -> bool:
    """Whether the district's window of this measure rests on this day; the same secret gives the same days.

    percent : of all days, 0 to 99. Raises CertificateRefused where lots are to be drawn and the secret is missing.
    """
    if percent == 0:
        return False
    if len(secret) < LEAST_BYTES:
        raise CertificateRefused("There is no secret to draw lots with. Nothing is published.")
    drawn = hmac.digest(secret, f"{district}|{measure}|{day.isoformat()}".encode(), "sha256")
    return int.from_bytes(drawn[:8]) % 100 < percent
