"""SafeTable: the only thing that publication accepts, and only disclosure.protect makes one."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import polars as pl

from pumphandle.disclosure.rules import Rule
from pumphandle.vocabulary.errors import Broken

BLOCK_SCHEMA: Final[dict[str, Any]] = {
    "node": pl.String,
    "level": pl.String,
    "measure": pl.String,
    "group_code": pl.String,
    "first_day": pl.Date,
    "last_day": pl.Date,
    "value": pl.Int64,
    "waited": pl.Boolean,
    "members": pl.String,
}


@dataclass(frozen=True)
class SafeTable:
    """Blocks of one release day that may be said.

    blocks : BLOCK_SCHEMA, sorted. level small_area, district or pool; `waited`: could have closed on an earlier day;
             `members` of a pool: node:first_day of every window that closed together in it, blanks between
    rule   : what they were protected by
    seal   : nothing but disclosure.protect has one
    """

    blocks: pl.DataFrame = field(repr=False)
    as_of: date
    rule: Rule
    seal: object = field(repr=False)

    def __post_init__(self) -> None:
        # By name, not by import: this module is open to publication, the seal is not.
        if type(self.seal).__module__ != "pumphandle.disclosure.seal":
            raise Broken("A SafeTable can only be made by disclosure.protect.")
