"""Invented names of towns, neighbourhoods, regions and streets, and the letters of their postcodes."""

from itertools import product
from typing import Final

from pumphandle_town.chance import Chance

COUNTRY: Final = "Aldermark"
COUNTRY_CODE: Final = "ALD"


def _words(text: str) -> list[str]:
    return text.split()


_TOWN_STARTS: Final = _words(
    """
    Alder Ambel Barrow Birch Calder Corran Dunmer Elder Ember Farrow Glen Harrow Hazel Hollin Kestrel Kirk Larch
    Marl Mere Nether Orchard Penrow Quarry Raven Rowan Salter Sorrel Stan Tarn Thistle Under Wether Whin Winder
    Wren Yarrow
    """
)
_TOWN_ENDS: Final = _words(
    """
    beck bourne bury cliffe combe dale den fell field ford garth gate ham haven hithe holm ley market mere
    minster moor mouth ness port reach shaw stead stow thorpe ton wade wick worth
    """
)
_QUARTERS: Final = _words(
    """
    Abbey Ash Bank Beacon Bell Bishop Brick Bridge Canal Castle Chapel Chestnut Church Clay College Copper Cross
    Drover Factory Fair Forge Garden Glebe Grange Green Hay Hill Kiln Lime Lock Manor Market Mill Minster Moat
    Moor Mount Oak Orchard Park Pond Priory Pump Quay Railway River Rope School Smithy South Spring Station
    Tanner Temple Tower Union Vicar Wall Water Weir West Wharf Wind Wool
    """
)
_QUARTER_ENDS: Final = _words(
    """
    bank brook close common cross dene edge end fields garth gate green grove heath hill holt lanes ley mead
    park quarter ridge rise row side vale walk ward yards
    """
)
_REGIONS: Final = _words(
    """
    Northmarch Saltcoast Hollinvale Eastreach Highfell Westerlow Lowmere Greywater Sundermoor Oakenshire
    Merrowland Farrowdown Withywold Stonemarch
    """
)
STREETS: Final = tuple(
    f"{start} {end}"
    for start, end in product(
        _QUARTERS,
        _words(
            """
    Road Street Lane Avenue Close Drive Way Terrace Crescent Gardens Place Walk
    """
        ),
    )
)

# Areas of real British postcodes: ours must be none of them. Source: Royal Mail, list of postcode areas.
_REAL_AREAS: Final = frozenset(
    _words(
        """
    AB AL B BA BB BD BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX
    FK FY G GIR GL GU GX GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML
    N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN
    TQ TR TS TW UB W WA WC WD WF WN WR WS WV XX YO ZE ZZ
    """
    )
)
UNIT_LETTERS: Final = "ABDEFGHJLNPQRSTUWXYZ"  # the last two letters of a postcode are never C I K M O V


def _shuffled(names: list[str], chance: Chance, stream: str) -> list[str]:
    order = chance.generator(stream).permutation(len(names))
    return [names[at] for at in order.tolist()]


def towns(count: int, chance: Chance) -> list[str]:
    """Names of districts; all different."""
    names = [start + end for start, end in product(_TOWN_STARTS, _TOWN_ENDS) if start[-1].lower() != end[0]]
    return _numbered(_shuffled(names, chance, "towns"), count)


def quarters(count: int, chance: Chance) -> list[str]:
    """Names of small areas; all different: single ones first, then pairs."""
    single = _shuffled(
        [start + end for start, end in product(_QUARTERS, _QUARTER_ENDS) if start[-1].lower() != end[0]],
        chance,
        "quarters",
    )
    paired = [f"{one} & {other}" for one, other in zip(single, single[1:] + single[:1], strict=True)]
    far = [f"{one} & {other}" for one, other in zip(single, single[7:] + single[:7], strict=True)]
    return _numbered(single + paired + far, count)


def regions(count: int, chance: Chance) -> list[str]:
    """Names of regions; all different."""
    return _numbered(_shuffled(list(_REGIONS), chance, "regions"), count)


def postcode_areas(chance: Chance) -> list[str]:
    """Letters that begin a postcode: real rules (no Q V X first, no I J Z second), no real area."""
    first, second = "ABCDEFGHJKLMNOPRSTUWYZ", "ABCDEFGHKLMNOPQRSTUVWXY"
    letters = [*first, *(one + other for one, other in product(first, second))]
    return _shuffled(
        [each for each in letters if each not in _REAL_AREAS and each[0] not in "IZ"], chance, "postcode areas"
    )


def _numbered(names: list[str], count: int) -> list[str]:
    rounds = ["", *(f" {number}" for number in range(2, count // len(names) + 3))]
    return [name + mark for mark in rounds for name in names][:count]
