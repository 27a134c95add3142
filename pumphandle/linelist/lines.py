"""What readers make of a file, whatever its format."""

from dataclasses import dataclass
from typing import Final

import polars as pl

SHEET_ENDS: Final = (65_536, 1_048_576)
"""Rows at which the two spreadsheet formats stop: what is exactly as long has lost what came after."""
LONGEST_FIELD: Final = 2_000  # characters; a longer cell is a broken quotation mark, not a name


@dataclass(frozen=True)
class HeldLine:
    """A line that goes to quarantine. `content` is the line as it came, for the steward alone."""

    line: int
    field: str
    code: str
    remedy: str
    content: str


@dataclass(frozen=True)
class Lines:
    """What a file holds: `frame` has `line` (from 1, a header is 1) and one text column per field.

    lines_in  : of delimited files lines below the header, of messages the results of our tests
    set_aside : answers in messages that are no results of ours: questions, other agents, controls
    overtaken : of lines_in, answers that another of the same message takes the place of; in neither frame nor held
    """

    frame: pl.DataFrame
    held: tuple[HeldLine, ...]
    lines_in: int
    set_aside: int = 0
    overtaken: int = 0
