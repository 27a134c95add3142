"""What happens to a laboratory record, and the columns of one line of a line list."""

from enum import StrEnum
from typing import Final


class EventKind(StrEnum):
    """How a record's state came about. Events are only ever added."""

    REPORTED = "reported"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


class Change(StrEnum):
    """What a recipient is told about a record since the last delivery."""

    NEW = "new"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


class Placement(StrEnum):
    """Whether a record's postcode led to an area."""

    PLACED = "placed"
    NO_POSTCODE = "no_postcode"
    UNKNOWN_POSTCODE = "unknown_postcode"


LINE_FIELDS: Final = (
    "specimen_id",
    "national_id",
    "family_name",
    "given_name",
    "date_of_birth",
    "sex",
    "address",
    "postcode",
    "phone",
    "specimen_date",
    "pathogen",
    "result",
    "status",
)
"""The fields that a feed contract may map a laboratory's columns to."""
