"""Numbers and lists in the sentences that a load prints."""

from collections.abc import Sequence
from typing import Final

MANY: Final = 25


def thousands(number: int) -> str:
    return f"{number:,}"


def listed(things: Sequence[str]) -> str:
    """All of them up to 25; more are counted."""
    shown = ", ".join(things[:MANY])
    return shown if len(things) <= MANY else f"{shown} and {thousands(len(things) - MANY)} more"
