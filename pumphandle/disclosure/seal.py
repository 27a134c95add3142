"""The seal of a safe table. Only disclosure.protect may import this room; a contract holds the door."""

from typing import Final


class Seal:
    """One exists, below; possession is the proof."""


SEAL: Final = Seal()
