"""The data dictionary: every column that a package can hold, its type and its meaning."""

from functools import cache
from typing import Final

from pumphandle.governance.agreements import FIELDS

ABOUT_EVERY_RECORD: Final = ("change", "reason", "record_key")
"""Columns that go with every record, whatever the agreement allows."""

DELIVERED: Final = (*ABOUT_EVERY_RECORD, *FIELDS)
"""Columns of records, before an agreement narrows them. A withdrawn record carries its key and reason only."""

COUNTED: Final = ("postcode", "specimen_date", "tests", "positives", "negatives")
"""Columns of denominators."""

RECALLED: Final = ("record_key", "told_on", "said_at", "why")
"""Columns of recalls. They go out without an agreement too: what was told once is taken back."""

MEANING: Final = {
    "change": ("text", "new, changed or withdrawn since the package before; standing in a full state"),
    "reason": ("text", "why: as the laboratory or the placing said it"),
    "record_key": ("text", "opaque key of the record; the same in every package"),
    "national_id": ("text", "the nation's health identifier, as the laboratory sent it"),
    "family_name": ("text", "family name"),
    "given_name": ("text", "given name"),
    "date_of_birth": ("date", "day of birth, YYYY-MM-DD"),
    "address": ("text", "home address"),
    "phone": ("text", "telephone"),
    "workplace": ("text", "workplace or school, where the laboratory's feed gives it"),
    "workplace_postcode": ("text", "its postcode"),
    "specimen_id": ("text", "the laboratory's number of the specimen"),
    "laboratory": ("text", "code of the laboratory"),
    "sex": ("text", "female, male, other or unknown"),
    "postcode": ("text", "home postcode, upper case, no spaces"),
    "small_area": ("text", "code of the small area that the postcode lies in"),
    "test_site": ("text", "where the specimen was taken, where the feed gives it"),
    "test_site_postcode": ("text", "its postcode"),
    "setting_kind": ("text", "kind of home or workplace, in the laboratory's words"),
    "specimen_date": ("date", "day on which the specimen was taken"),
    "report_date": ("date", "day on which the result first counted here"),
    "pathogen": ("text", "what was looked for"),
    "result": ("text", "positive, negative or void"),
    "told_on": ("date", "day of the first package that told you of the record"),
    "said_at": ("text", "moment at which an authority said that the record is not theirs, in UTC"),
    "why": ("text", "why it was not theirs"),
    "tests": ("whole number", "results that came (or, if negative, went) since the package before, void ones left out"),
    "positives": ("whole number", "of these, positive"),
    "negatives": ("whole number", "of these, negative"),
}
"""Column -> type and sentence; a test holds it to the columns."""


@cache
def dictionary_csv(columns: tuple[str, ...]) -> bytes:
    """column,type,meaning for these columns those of recalls and those of the denominators."""
    rows = ["column,type,meaning"]
    for column in dict.fromkeys((*columns, *RECALLED, *COUNTED)):
        kind, sentence = MEANING[column]
        rows.append(f'{column},{kind},"{sentence}"')
    return ("\n".join(rows) + "\n").encode()
