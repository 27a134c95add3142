"""Words that differ from nation to nation, read once when the console is opened."""

from collections.abc import Mapping

from pumphandle.store.reference.nation import Nation
from pumphandle.vocabulary.places import AreaLevel


def words_of(nation: Nation) -> Mapping[str, str]:
    """Names that every template may use."""
    one, many = nation.level_names.get(AreaLevel.SMALL_AREA, ["Small area", "Small areas"])
    return {
        "nation_name": nation.name,
        "identifier_name": nation.identifier_name,
        "small_area_name": one,
        "small_areas_name": many,
    }
