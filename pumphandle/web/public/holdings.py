"""What the public door holds in memory: the atlas, and the ledger up to the newest release it has seen.

The ledger only grows, so a new release costs the reading of its own blocks, and every past release is a prefix.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

import polars as pl
from msgspec import Raw

from pumphandle.publication.atlas import Atlas
from pumphandle.publication.deliveries import ClockRow, LegRow
from pumphandle.publication.edition import Edition, Release, edition_of, ledger_start
from pumphandle.publication.pictures import Box, path_box
from pumphandle.store.engine import Database
from pumphandle.store.published import deliveries, noisy, reading, register
from pumphandle.store.published.noisy import BudgetRow, NoisyProduct
from pumphandle.store.published.register import Register
from pumphandle.store.reference import atlas as atlas_shelf
from pumphandle.vocabulary.errors import DatabaseMissing, NotFound
from pumphandle.vocabulary.places import AreaLevel
from pumphandle.web.public import gazetteer
from pumphandle.web.public.ledger_file import ledger_in_files

LOOK_AGAIN: Final = timedelta(seconds=2)
"""How long a new release may go unseen."""
EDITIONS: Final = 3
"""Releases kept ready at once; each holds nine bytes for every node, day and measure, four times."""


class Clock(Protocol):
    """Now, with a time zone."""

    def __call__(self) -> datetime: ...


@dataclass(frozen=True)
class Shelf:
    """One consistent state of what is held."""

    atlas: Atlas
    paths: Mapping[AreaLevel, Mapping[str, str]]
    boxes: Mapping[str, Box]
    view: Box
    releases: tuple[Release, ...]
    ledger: pl.DataFrame
    recalled: int
    """How many blocks have been taken back."""
    register: Register
    withheld: tuple[reading.Withheld, ...]
    """Days on which nothing went out, the newest first."""
    tables: tuple[NoisyProduct, ...]
    """Noisy tables, the newest first."""
    spent: tuple[BudgetRow, ...]
    """What they cost."""

    @property
    def start(self) -> date:
        """First day of the ledger."""
        return ledger_start(self.releases)

    def latest(self) -> Release:
        """Raises NotFound before the first release."""
        if not self.releases:
            raise NotFound("Nothing has been published yet. The first release will appear here.")
        return self.releases[-1]

    def release(self, release_id: str) -> Release:
        """Raises NotFound."""
        for one in self.releases:
            if one.release_id == release_id:
                return one
        raise NotFound(f"There is no release {release_id!r}. The list of releases names them all.")

    def as_of(self, day: date) -> Release:
        """The newest release that is about that day or an earlier one. Raises NotFound."""
        for one in reversed(self.releases):
            if one.as_of <= day:
                return one
        raise NotFound(f"Nothing had been published by {day}.")

    def rows(self, release: Release) -> pl.DataFrame:
        """The whole ledger as it was at a release, in the files' columns."""
        return self._until(release).drop("sequence")

    def rows_of(self, release: Release) -> pl.DataFrame:
        """What one release added."""
        return self.ledger.filter(pl.col("sequence") == release.sequence).drop("sequence")

    def _until(self, release: Release) -> pl.DataFrame:
        known = int(self.ledger["sequence"].search_sorted(release.sequence, side="right"))
        return self.ledger.head(known)


class Holdings:
    """Safe to ask from many threads.

    clock : decides when to look for a new release
    files : the public files, if they lie on this machine
    """

    def __init__(self, database: Database, *, clock: Clock, files: Path | None = None) -> None:
        self._database, self._clock, self._files = database, clock, files
        self._reading, self._finding = Lock(), Lock()
        self._ahead: Callable[[Shelf], object] = lambda _: None
        self._computing: dict[tuple[str, str, str, int], Lock] = {}
        self._looked: datetime | None = None
        self._marks: tuple[object, ...] | None = None
        self._shelf: Shelf | None = None
        self._editions: OrderedDict[tuple[str, str, str, int], Edition] = OrderedDict()

    def now(self) -> datetime:
        """For what ends by the clock: holds."""
        return self._clock()

    def before_shown(self, ahead: Callable[[Shelf], object]) -> None:
        """What is to be made ready of anything new, while everybody is still shown what was before."""
        self._ahead = ahead

    def standing(self) -> Shelf | None:
        """What is held, without looking: another object whenever something new was seen."""
        return self._shelf

    def shelf(self) -> Shelf:
        """What is published now; while one visitor's thread reads a new release, the others keep what is held.

        Raises NotFound where no nation is loaded; DatabaseMissing without a database, unless something is held:
        what was published stays true.
        """
        held, now = self._shelf, self._clock()
        if held is not None and self._looked is not None and timedelta() <= now - self._looked < LOOK_AGAIN:
            return held
        if not self._reading.acquire(blocking=held is None):
            return held or self.shelf()
        try:
            return self._look()
        finally:
            self._reading.release()

    def look(self) -> Shelf:
        """The same, but asks in any case: for who keeps watch, so that no visitor has to read a new release."""
        with self._reading:
            return self._look()

    def _look(self) -> Shelf:
        held, now = self._shelf, self._clock()
        try:
            fresh, marks = self._refreshed(held)
            if fresh is not held:
                self._ahead(fresh)
            self._shelf, self._marks = fresh, marks
        except DatabaseMissing:
            if held is None:
                raise
            fresh = held
        self._looked = now
        return fresh

    def edition(self, shelf: Shelf, release: Release) -> Edition:
        """All figures of a release; the few asked for last are kept."""
        key = (release.hash, shelf.releases[-1].hash, shelf.atlas.vintage, shelf.register.mark)
        with self._finding:
            alone = self._computing.setdefault(key, Lock())
        with alone:  # who wants another edition does not wait for this one
            found = self._known(key)
            if found is None:
                holds = register.held_days(shelf.register.entries)
                found = edition_of(shelf.atlas, release, shelf.releases, shelf.ledger, holds=holds)
            with self._finding:
                self._editions[key] = found
                self._computing.pop(key, None)
                while len(self._editions) > EDITIONS:
                    self._editions.popitem(last=False)
        return found

    def _known(self, key: tuple[str, str, str, int]) -> Edition | None:
        with self._finding:
            if key in self._editions:
                self._editions.move_to_end(key)
            return self._editions.get(key)

    def geometries(self, codes: tuple[str, ...]) -> Mapping[str, Raw]:
        """GeoJSON geometries, read when they are asked for: the site itself draws paths."""
        with self._database.transaction() as tx:
            return gazetteer.geometries(tx, codes)

    def search(self, text: str) -> tuple[str, ...]:
        """Codes of areas whose postcode, code or name fits."""
        with self._database.transaction() as tx:
            return gazetteer.search(tx, text)

    def noisy_cells(self, product_id: str) -> pl.DataFrame:
        """Numbers of a noisy table, in order."""
        with self._database.transaction() as tx:
            return noisy.cells(tx, product_id)

    def deliveries(self, day: date) -> tuple[ClockRow, list[LegRow]] | None:
        """How long deliveries took, as it was written last up to a day."""
        with self._database.transaction() as tx:
            return deliveries.known_on(tx, day)

    def neighbours(self, code: str) -> tuple[str, ...]:
        with self._database.transaction() as tx:
            return gazetteer.neighbours(tx, code)

    def _refreshed(self, held: Shelf | None) -> tuple[Shelf, tuple[object, ...]]:
        with self._database.transaction() as tx:
            latest, withheld, spent = reading.latest_mark(tx), reading.withheld(tx), tuple(noisy.budget(tx))
            marks = atlas_shelf.mark(tx), latest, register.mark(tx), withheld, spent
            if held is not None and marks == self._marks:
                return held, marks
            # places are read again with every release: a node or a boundary may have changed with it
            atlas, paths, view = atlas_shelf.atlas(tx), gazetteer.paths(tx), gazetteer.view(tx)
            releases = tuple(Release(**vars(row)) for row in reading.releases(tx))
            decided, tables = register.read(tx), tuple(noisy.products(tx))
            seen = held.releases[-1] if held and held.releases else None
            grown = (
                seen is not None and len(releases) >= seen.sequence and releases[seen.sequence - 1].hash == seen.hash
            )
            # a number taken back is taken back everywhere
            same = held is not None and held.recalled == len(decided.recalls)
            after = seen.sequence if seen is not None and grown and same else 0
            before = held.ledger if held is not None and after else None
            if before is None:
                after, before = ledger_in_files(self._files, releases, recalled=len(decided.recalls)) or (0, None)
            fresh = reading.ledger_between(tx, after=after, upto=latest[0] if latest else 0)
            ledger = fresh if before is None else pl.concat([before, fresh])
        recalled = len(decided.recalls)
        boxes = _boxes(paths)
        shelf = Shelf(atlas, paths, boxes, view, releases, ledger, recalled, decided, withheld, tables, spent)
        return shelf, marks


def _boxes(paths: Mapping[AreaLevel, Mapping[str, str]]) -> dict[str, Box]:
    drawn = {code: path_box(path) for level in paths.values() for code, path in level.items()}
    return {code: box for code, box in drawn.items() if box is not None}
