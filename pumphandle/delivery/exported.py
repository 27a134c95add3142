"""Records as a file that leaves the console: a table whose every row says whose copy it is."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final, Protocol


class Record(Protocol):
    """What a row is written from; the shelf's lines are of this kind."""

    @property
    def record_key(self) -> str: ...
    @property
    def household_key(self) -> str: ...
    @property
    def family_name(self) -> str | None: ...
    @property
    def given_name(self) -> str | None: ...
    @property
    def date_of_birth(self) -> date | None: ...
    @property
    def sex(self) -> str: ...
    @property
    def age_band(self) -> str: ...
    @property
    def address(self) -> str | None: ...
    @property
    def postcode(self) -> str | None: ...
    @property
    def small_area(self) -> str | None: ...
    @property
    def specimen_date(self) -> date: ...
    @property
    def report_date(self) -> date: ...
    @property
    def pathogen(self) -> str: ...
    @property
    def result(self) -> str: ...
    @property
    def laboratory(self) -> str: ...
    @property
    def setting_kind(self) -> str | None: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def national_id(self) -> str | None: ...


CELLS: Final[Mapping[str, tuple[tuple[str, Callable[[Record], object]], ...]]] = {
    "name": (("family_name", lambda one: one.family_name), ("given_name", lambda one: one.given_name)),
    "born": (("date_of_birth", lambda one: one.date_of_birth),),
    "sex": (("sex", lambda one: one.sex),),
    "age_band": (("age_band", lambda one: one.age_band),),
    "address": (("address", lambda one: one.address),),
    "postcode": (("postcode", lambda one: one.postcode),),
    "area": (("small_area", lambda one: one.small_area),),
    "specimen": (("specimen_date", lambda one: one.specimen_date),),
    "arrived": (("report_date", lambda one: one.report_date),),
    "pathogen": (("pathogen", lambda one: one.pathogen),),
    "result": (("result", lambda one: one.result),),
    "laboratory": (("laboratory", lambda one: one.laboratory),),
    "setting": (("setting_kind", lambda one: one.setting_kind),),
    "household": (("household", lambda one: one.household_key),),
    "phone": (("phone", lambda one: one.phone),),
    "national_id": (("national_id", lambda one: one.national_id),),
}
"""Column of the line list -> the columns of the file and what stands in them."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_TELEPHONE: Final = re.compile(r"\+[0-9][0-9 ]*")


def line_list(records: Sequence[Record], columns: Sequence[str], *, mark: str) -> bytes:
    """A CSV (RFC 4180, UTF-8) with a head, the record's key, the chosen columns and the mark in every row."""
    cells = [cell for column in columns for cell in CELLS[column]]
    out = io.StringIO(newline="")
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow(["record_key", *(name for name, _ in cells), "copy_of"])
    for one in records:
        write.writerow([one.record_key, *(plain(value(one)) for _, value in cells), mark])
    return out.getvalue().encode()


def plain(value: object) -> str:
    """Text that no spreadsheet takes for a formula: a laboratory's line could otherwise run on a director's desk.

    A telephone number with its country (+44 …) is none, and with an apostrophe nobody could ring it.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _TELEPHONE.fullmatch(text) else text
