"""Places: an area lies in an area of the next level; a postcode lies in one small area."""

from enum import StrEnum
from typing import NewType

Postcode = NewType("Postcode", str)
AreaCode = NewType("AreaCode", str)
BoundaryVintage = NewType("BoundaryVintage", str)


class AreaLevel(StrEnum):
    """From the smallest up. A nation's description gives its own name for each level."""

    SMALL_AREA = "small_area"
    DISTRICT = "district"
    REGION = "region"
    NATION = "nation"
