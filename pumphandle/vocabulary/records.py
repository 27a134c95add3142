"""What happens to a laboratory record, and the columns of one line of a line list."""

from enum import StrEnum
from typing import Final


class EventKind(StrEnum):
    """How a record's state came about. Events are only ever added."""

    REPORTED = "reported"
    CORRECTED = "corrected"
    RETRACTED = "retracted"
    MERGED = "merged"
    SPLIT = "split"
    REASSIGNED = "reassigned"


DEEDS_OF_OURS: Final = frozenset({EventKind.MERGED, EventKind.SPLIT, EventKind.REASSIGNED})
"""What no laboratory says: the content stays, the person or the place of the record changes."""


class Change(StrEnum):
    """What a recipient is told about a record since the last delivery."""

    NEW = "new"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


class Placement(StrEnum):
    """What a record's postcode led to."""

    UNIQUE = "unique"
    AMBIGUOUS = "ambiguous"
    NOT_FOUND = "not_found"
    TERMINATED = "terminated"
    OUT_OF_NATION = "out_of_nation"
    MISSING = "missing"
    PSEUDO = "pseudo"
    CONFLICT = "conflict"


PLACE_FIELDS: Final = (
    "test_code",
    "test_site",
    "test_site_postcode",
    "workplace",
    "workplace_postcode",
    "setting_kind",
)
"""What a line may say of the test and of places other than the home. Nobody is placed by these."""

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
    *PLACE_FIELDS,
    "status",
)
"""The fields that a feed contract may map a laboratory's columns to."""
