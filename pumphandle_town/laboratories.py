"""Laboratories that do not agree on anything: columns, codes, dates, delimiters, encodings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from pumphandle_town.chance import Chance, Ints

RESULTS: Final = ("negative", "positive", "void")
STATUSES: Final = ("final", "corrected", "withdrawn")
SEXES: Final = ("female", "male", "unknown")
TRAILER: Final = "END"


@dataclass(frozen=True)
class Laboratory:
    """One laboratory and its ways.

    columns : our field -> their header, in the order of their file; a field that begins with "-" is theirs alone
    codes   : coded field -> our word -> their code
    lags    : shares of results sent 0, 1, 2 ... days after the specimen
    number  : prefix and width of their specimen numbers
    """

    key: str
    name: str
    encoding: str
    delimiter: str
    dates: str
    columns: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    lags: tuple[float, ...]
    number: tuple[str, int]
    upper_names: bool = False
    spaced_ids: bool = False
    joined_postcodes: bool = False

    def file_name(self, day: str) -> str:
        return f"{self.key}_{day.replace('-', '')}.csv"


def assigned(laboratories: tuple[Laboratory, ...], place: Ints, record: Ints, chance: Chance) -> Ints:
    """Which laboratory tests each specimen: the first everywhere a fifth, else mostly the one of the place."""
    many = len(laboratories)
    own = chance.below("local laboratory", place, many)
    drawn = chance.share("laboratory", record)
    return np.where(drawn < 0.2, 0, np.where(drawn < 0.85, own, chance.below("other laboratory", record, many)))


def contract(laboratory: Laboratory, *, time_zone: str, minimum: int) -> str:
    """The feed contract of a laboratory, as TOML."""
    lines = [
        f'laboratory = "{laboratory.key}"',
        f'name = "{laboratory.name}"',
        f'files = "{laboratory.key}_*.csv"',
        'format = "csv"',
        f'encoding = "{laboratory.encoding}"',
        f'delimiter = "{_escaped(laboratory.delimiter)}"',
        f'dates = "{laboratory.dates}"',
        f'time_zone = "{time_zone}"',
        f'trailer = "{TRAILER}"',
        "refuse_above = 0.25",
        "\n[rows]",
        f"minimum = {minimum}",
        "maximum = 2000000",
        "\n[columns]",
        *(f'{field} = "{header}"' for field, header in laboratory.columns.items() if not field.startswith("-")),
    ]
    for coded, words in laboratory.codes.items():
        lines += [f"\n[codes.{coded}]", *(f'"{code}" = "{word}"' for word, code in words.items())]
    return "\n".join(lines) + "\n"


def _escaped(delimiter: str) -> str:
    return "\\t" if delimiter == "\t" else delimiter
