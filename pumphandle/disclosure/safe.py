"""SafeTable: the only thing that publication accepts, and only disclosure.protect makes one."""

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from pumphandle.disclosure.rules import Rule
from pumphandle.vocabulary.errors import Broken


@dataclass(frozen=True)
class SafeTable:
    """Blocks of one release day that may be said.

    blocks : node, level, measure, first_day, last_day, value; sorted by node and measure
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
