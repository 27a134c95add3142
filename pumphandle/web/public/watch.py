"""Looking for what is new while the site is served, in a thread of its own."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Final

EVERY: Final = 1.0
"""Seconds between two looks: shorter than what a visitor would look again after, so that none has to."""


class Watch:
    """look : may be slow; must not raise"""

    def __init__(self, look: Callable[[], object]) -> None:
        self._look, self._over = look, Event()
        self._thread = Thread(target=self._watch, name="watch", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Until the look that may be under way is over: the database is closed after it."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            self._look()
