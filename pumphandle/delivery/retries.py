"""When a package that was not taken is tried again."""

from datetime import timedelta
from typing import Final

PAUSES: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)
"""After the first, second, … failure. A director's clock is hours: a person hears of the first failure at once."""

JITTER: Final = 0.2
"""Each pause is this much longer or shorter by chance, so that 314 receivers are not tried at the same second."""


def pause(failures: int, chance: float) -> timedelta | None:
    """failures : so far, at least 1; chance : from 0 to below 1. None: no more tries, it is a dead letter."""
    if failures > len(PAUSES):
        return None
    return PAUSES[failures - 1] * (1 + JITTER * (2 * chance - 1))
