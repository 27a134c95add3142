"""How often what goes wrong."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Rates:
    """Shares of records.

    fates : of each mess.Fate but PLAIN, in order; lasting_postcodes : of each PostcodeForm but RIGHT
    that nobody corrects
    gaps  : shares of second lines 0, 1, 2 ... days after the first
    """

    fates: tuple[float, ...]
    gaps: tuple[float, ...]
    no_national_id: float
    no_phone: float
    name_slip: float
    birth_slip: float
    lasting_postcodes: tuple[float, ...]
    silent_days: int
    files_sent_twice: int


TOWN: Final = Rates(
    fates=(0.0015, 0.008, 0.005, 0.003, 0.004, 0.003, 0.0015, 0.0003),
    gaps=(0.10, 0.45, 0.30, 0.15),
    no_national_id=0.08,
    no_phone=0.10,
    name_slip=0.015,
    birth_slip=0.003,
    lasting_postcodes=(0.002, 0.002, 0.002, 0.002, 0.004, 0.0),
    silent_days=1,
    files_sent_twice=2,
)
REAL: Final = Rates(  # nothing may last: the sums by postcode and day are a real nation's
    fates=(0.0015, 0.006, 0.005, 0.0, 0.004, 0.003, 0.0015, 0.0),
    gaps=(0.3, 0.7),
    no_national_id=0.12,
    no_phone=0.08,
    name_slip=0.015,
    birth_slip=0.003,
    lasting_postcodes=(),
    silent_days=0,
    files_sent_twice=2,
)
CLEAN: Final = Rates(
    fates=(0.0,) * 8,
    gaps=(1.0,),
    no_national_id=0.0,
    no_phone=0.0,
    name_slip=0.0,
    birth_slip=0.0,
    lasting_postcodes=(),
    silent_days=0,
    files_sent_twice=0,
)
