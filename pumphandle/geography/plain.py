"""The plain form: areas.csv, postcodes.csv, boundaries.geojson. A description without [[level]] means this."""

from collections.abc import Iterable

from pumphandle.geography.description import (
    AreaList,
    BoundarySource,
    Level,
    ParentRule,
    Parents,
    PopulationSource,
    PostcodeSource,
    Table,
)
from pumphandle.vocabulary.places import AreaLevel


def plain_levels(levels: Iterable[AreaLevel]) -> tuple[Level, ...]:
    """How the levels are read from areas.csv (area_code, level, name, parent, population) and boundaries.geojson."""
    return tuple(
        Level(
            level=level,
            areas=AreaList(_lines_of(level), name="name", code="area_code", codes=None),
            population=PopulationSource(_lines_of(level), code="area_code", columns=("population",)),
            boundary=BoundarySource(Table("boundaries.geojson"), code="area_code"),
            parents=(Parents(ParentRule.COLUMN, column="parent"),),
        )
        for level in levels
    )


def _lines_of(level: AreaLevel) -> Table:
    return Table("areas.csv", where=(("level", level.value),))


def plain_postcodes() -> PostcodeSource:
    """How postcodes are read from postcodes.csv (postcode, small_area)."""
    return PostcodeSource(Table("postcodes.csv"))
