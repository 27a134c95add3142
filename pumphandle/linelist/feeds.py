"""The feed contract of a laboratory: what its files look like and what its codes mean."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from pumphandle.vocabulary.counts import SEXES
from pumphandle.vocabulary.errors import BadDescription
from pumphandle.vocabulary.pathogens import Pathogen, TestResult
from pumphandle.vocabulary.records import LINE_FIELDS

MEANINGS: Final = {
    "pathogen": frozenset(Pathogen),
    "result": frozenset(TestResult),
    "sex": frozenset(SEXES),
    "status": frozenset({"final", "corrected", "withdrawn"}),
}
"""For each coded field, the words of ours that a laboratory's code may mean."""

REQUIRED_COLUMNS: Final = (
    "specimen_id",
    "family_name",
    "given_name",
    "date_of_birth",
    "postcode",
    "specimen_date",
    "result",
)


MESSAGES: Final = frozenset({"hl7", "fhir"})
"""Formats whose fields are told by their standard, not by columns of the contract."""

DETECT: Final = "detect"


@dataclass(frozen=True)
class Rows:
    """How many lines a day are usual; fewer than `minimum` makes the laboratory late."""

    minimum: int
    maximum: int


@dataclass(frozen=True)
class Expected:
    """When the day's files should be here: HH:MM in the contract's time zone, on these weekdays (Monday is 1)."""

    by: str = "23:59"
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True)
class Watch:
    """What counts as a sudden change against the laboratory's own last weeks.

    days            : how far back its own past reaches
    chance          : a positivity that its past would bring less often than this is a warning
    missing_points  : percentage points by which a field may be missing more often than before
    """

    days: int = 28
    chance: float = 0.001
    missing_points: float = 10.0


@dataclass(frozen=True)
class FeedContract:
    """One laboratory's contract; docs/how-to/describe-a-nation.md explains every key."""

    laboratory: str
    name: str
    files: str
    format: Literal["csv", "parquet", "jsonl", "xlsx", "hl7", "fhir"]
    time_zone: str
    refuse_above: float
    rows: Rows
    encoding: str = "utf-8"
    delimiter: str = ","
    dates: str = "%Y-%m-%d"
    columns: dict[str, str] = field(default_factory=dict[str, str])
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    trailer: str | None = None
    fixed: dict[str, str] = field(default_factory=dict[str, str])
    expected: Expected = field(default_factory=Expected)
    watch: Watch = field(default_factory=Watch)
    sheet: str | None = None
    envelope: bool = False
    widths: dict[str, int] = field(default_factory=dict[str, int])
    identifier_types: tuple[str, ...] = ("NH", "NI", "MC")
    identifier_authorities: tuple[str, ...] = ()
    processing: tuple[str, ...] = ("P",)

    @property
    def of_messages(self) -> bool:
        return self.format in MESSAGES

    def meanings(self, name: str) -> dict[str, str]:
        """Code -> our word. Messages come with our words already, where the tables know theirs."""
        own = self.codes.get(name, {})
        return {str(word): str(word) for word in MEANINGS[name]} | own if self.of_messages else own


def read_contract(path: Path) -> FeedContract:
    """One feeds/*.toml. Raises BadDescription naming file, key and remedy."""
    try:
        contract = msgspec.convert(tomllib.loads(path.read_text("utf-8")), FeedContract)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as fault:
        raise BadDescription(f"{path.name}: {fault}. Mend the feed contract.") from None
    _check(contract, path.name)
    return contract


def _check(contract: FeedContract, file: str) -> None:
    unknown = sorted((set(contract.columns) | set(contract.fixed)) - set(LINE_FIELDS))
    if unknown:
        raise BadDescription(f"{file}, [columns]: {unknown[0]} is no field of ours. Fields: {', '.join(LINE_FIELDS)}.")
    if not contract.of_messages:
        _check_columns(contract, file)
    for name, width in contract.widths.items():
        if name not in contract.columns or not 1 <= width <= 40:
            raise BadDescription(f"{file}, [widths]: {name} must be one of [columns], with 1 to 40 digits.")
    for coded, meanings in MEANINGS.items():
        strange = sorted(set(contract.codes.get(coded, {}).values()) - meanings)
        if strange:
            raise BadDescription(
                f"{file}, [codes.{coded}]: {strange[0]} is no word of ours. Use one of: {', '.join(sorted(meanings))}."
            )
        fixed = contract.fixed.get(coded)
        if fixed is not None and fixed not in meanings:
            raise BadDescription(
                f"{file}, [fixed]: {coded} is no word of ours. Use one of: {', '.join(sorted(meanings))}."
            )
    if contract.of_messages and {"status", "result"} & set(contract.fixed):
        raise BadDescription(f"{file}, [fixed]: in messages each answer says its own status and result. Leave it out.")
    try:
        if contract.encoding != DETECT:
            "".encode(contract.encoding)
        ZoneInfo(contract.time_zone)
    except (LookupError, ZoneInfoNotFoundError):
        raise BadDescription(
            f"{file}: encoding {contract.encoding} or time_zone {contract.time_zone} is not known."
        ) from None
    if len(contract.delimiter) != 1 and contract.delimiter != DETECT:
        raise BadDescription(f'{file}: delimiter must be one character, or "{DETECT}".')
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", contract.expected.by):
        raise BadDescription(f"{file}, [expected]: by must be a time of day such as 10:30.")


def _check_columns(contract: FeedContract, file: str) -> None:
    for name in REQUIRED_COLUMNS:
        if name not in contract.columns:
            raise BadDescription(f"{file}, [columns]: {name} is missing. Name the laboratory's column for it.")
    if "pathogen" not in contract.columns and "pathogen" not in contract.fixed:
        raise BadDescription(f"{file}: the pathogen is neither a column nor fixed. Add [fixed] pathogen = …")
    if "status" not in contract.columns and "status" not in contract.fixed:
        raise BadDescription(
            f"{file}: the status is neither a column nor fixed. Name the laboratory's column that says whether a result"
            ' is final, corrected or withdrawn; or, where each line is a final result, add [fixed] status = "final".'
        )
    both = sorted(set(contract.columns) & set(contract.fixed))
    if both:
        raise BadDescription(f"{file}: {both[0]} is both in [columns] and in [fixed]. Leave one of them out.")
    for coded in MEANINGS:
        if coded in contract.columns and not contract.codes.get(coded):
            raise BadDescription(f"{file}, [codes.{coded}]: missing. List every code that the laboratory uses.")


def read_contracts(folder: Path) -> tuple[FeedContract, ...]:
    """All contracts of a nation, by laboratory. Raises BadDescription when there is none or two share a name."""
    contracts = tuple(read_contract(path) for path in sorted((folder / "feeds").glob("*.toml")))
    if not contracts:
        raise BadDescription(f"{folder.name}/feeds holds no feed contract (*.toml). Write one for each laboratory.")
    names = [contract.laboratory for contract in contracts]
    if len(set(names)) < len(names):
        raise BadDescription(f"{folder.name}/feeds: two contracts name the same laboratory.")
    return contracts


def contract_for(file_name: str, contracts: Sequence[FeedContract]) -> FeedContract | None:
    """The one contract whose pattern fits the file's name; None if none or several do."""
    fitting = [contract for contract in contracts if fnmatch(file_name, contract.files)]
    return fitting[0] if len(fitting) == 1 else None
