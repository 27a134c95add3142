"""What a rule, a hold or a release is about."""

from dataclasses import dataclass
from datetime import date

from pumphandle.vocabulary.pathogens import Pathogen
from pumphandle.vocabulary.places import AreaCode


@dataclass(frozen=True)
class Scope:
    """A pathogen in an area (None: everywhere) over the days first..last, both included."""

    pathogen: Pathogen
    area: AreaCode | None
    first: date
    last: date
