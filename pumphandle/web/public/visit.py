"""One visit: whose figures, of which release, and what was asked."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from pumphandle.publication.atlas import LevelName, Place
from pumphandle.publication.edition import Release
from pumphandle.publication.records import nodes_and_districts
from pumphandle.vocabulary.places import AreaLevel
from pumphandle.web.public.asking import Asked
from pumphandle.web.public.holdings import Shelf


@dataclass(frozen=True)
class Visit:
    """What every page says: whose figures, of which release, and what was asked."""

    shelf: Shelf
    release: Release
    asked: Asked
    day: date

    @property
    def newest(self) -> bool:
        return self.release is self.shelf.releases[-1]

    @property
    def nation(self) -> Place:
        return self.shelf.atlas.top

    @property
    def day_before(self) -> date:
        return self.day - timedelta(days=1)

    @property
    def day_after(self) -> date:
        return self.day + timedelta(days=1)

    def level_names(self, level: str) -> LevelName:
        """What people call one area of a level, and several."""
        return self.shelf.atlas.level_names[AreaLevel(level)]

    def ledger_of(self, code: str) -> pl.DataFrame:
        """The ledger's rows under an area: of its nodes, and of the districts that it is or holds."""
        names = nodes_and_districts(self.shelf.atlas, code)
        return self.shelf.rows(self.release).filter(pl.col("node").is_in(names))
