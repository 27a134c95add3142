"""The files of one nation, read when asked for and each GeoJSON file once."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from pumphandle.geography import boundaries, tables
from pumphandle.geography.boundaries import Feature
from pumphandle.geography.description import Coordinates, Table
from pumphandle.geography.faults import fault


class Files:
    """A folder of lines and features. A GeoJSON file answers to both: its properties are columns."""

    def __init__(self, folder: Path, *, coordinates: Coordinates) -> None:
        self._folder, self._coordinates = folder, coordinates
        self._features: dict[str, tuple[Feature, ...]] = {}

    def lines(self, table: Table, columns: Iterable[str]) -> pl.DataFrame:
        """The columns as text, and tables.LINE. Raises BadDescription as tables.read and boundaries.read do."""
        wanted = tuple(dict.fromkeys(columns))
        if not is_geojson(table):
            return tables.read(self._folder, table, wanted)
        found = [feature for feature in self.features(table.file) if _meant(feature, table)]
        for column in wanted:
            if found and all(column not in feature.properties for feature in found):
                has = ", ".join(found[0].properties)
                raise fault("no feature has this property", file=table.file, field=column, remedy=f"They have {has}.")
        content: dict[str, object] = {tables.LINE: [feature.place for feature in found]}
        content |= {column: [feature.properties.get(column) for feature in found] for column in wanted}
        return pl.DataFrame(content, schema_overrides=dict.fromkeys(wanted, pl.String))

    def features(self, file: str) -> tuple[Feature, ...]:
        if file not in self._features:
            self._features[file] = boundaries.read(self._folder, file, coordinates=self._coordinates)
        return self._features[file]

    def shapes(self, table: Table, name: str) -> dict[str, Feature]:
        """The features that are meant, by their property `name`."""
        meant = [feature for feature in self.features(table.file) if _meant(feature, table)]
        return boundaries.named(meant, name, file=table.file)


def is_geojson(table: Table) -> bool:
    return table.file.endswith((".geojson", ".geojson.gz"))


def _meant(feature: Feature, table: Table) -> bool:
    return all(feature.properties.get(column) == value for column, value in table.where)
