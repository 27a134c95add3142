"""The areas of the loaded nation as the publication room walks through them."""

from typing import Final

from pumphandle.publication.atlas import Atlas, LevelName, Place, ordered
from pumphandle.store.engine import Transaction
from pumphandle.store.reference import areas, nation
from pumphandle.vocabulary.places import AreaLevel

Mark = tuple[str, str]
"""Code and vintage of the nation."""

_PLAIN: Final = {
    AreaLevel.SMALL_AREA: LevelName("Small area", "Small areas"),
    AreaLevel.DISTRICT: LevelName("District", "Districts"),
    AreaLevel.REGION: LevelName("Region", "Regions"),
    AreaLevel.NATION: LevelName("Nation", "Nations"),
}


def mark(tx: Transaction) -> Mark:
    """Raises NotFound where no nation is loaded."""
    found = nation.nation(tx)
    return found.code, found.vintage


def atlas(tx: Transaction) -> Atlas:
    """All places, with the node of every small area that has one."""
    found, nodes = nation.nation(tx), areas.publication_nodes(tx)
    places = ordered(
        Place(one.area_code, AreaLevel(one.level), one.name, one.parent, one.population, nodes.get(one.area_code))
        for one in areas.areas(tx)
    )
    names = {AreaLevel(level): LevelName(*words) for level, words in found.level_names.items()}
    return Atlas(found.name, found.vintage, found.attribution, places, {**_PLAIN, **names})
