"""The feed contract of a laboratory: what its files look like and what its codes mean."""

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


@dataclass(frozen=True)
class Rows:
    """How many lines a day are usual; fewer than `minimum` makes the laboratory late."""

    minimum: int
    maximum: int


@dataclass(frozen=True)
class FeedContract:
    """One laboratory's contract; docs/how-to/describe-a-nation.md explains every key."""

    laboratory: str
    name: str
    files: str
    format: Literal["csv"]
    encoding: str
    delimiter: str
    dates: str
    time_zone: str
    refuse_above: float
    rows: Rows
    columns: dict[str, str]
    codes: dict[str, dict[str, str]]
    trailer: str | None = None
    fixed: dict[str, str] = field(default_factory=dict[str, str])


def read_contract(path: Path) -> FeedContract:
    """One feeds/*.toml. Raises BadDescription naming file, key and remedy."""
    try:
        contract = msgspec.convert(tomllib.loads(path.read_text("utf-8")), FeedContract)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as fault:
        raise BadDescription(f"{path.name}: {fault}. Mend the feed contract.") from None
    _check(contract, path.name)
    return contract


def _check(contract: FeedContract, file: str) -> None:
    unknown = sorted(set(contract.columns) - set(LINE_FIELDS))
    if unknown:
        raise BadDescription(f"{file}, [columns]: {unknown[0]} is no field of ours. Fields: {', '.join(LINE_FIELDS)}.")
    for name in REQUIRED_COLUMNS:
        if name not in contract.columns:
            raise BadDescription(f"{file}, [columns]: {name} is missing. Name the laboratory's column for it.")
    if "pathogen" not in contract.columns and "pathogen" not in contract.fixed:
        raise BadDescription(f"{file}: the pathogen is neither a column nor fixed. Add [fixed] pathogen = …")
    for coded, meanings in MEANINGS.items():
        codes = contract.codes.get(coded, {})
        if coded in contract.columns and not codes:
            raise BadDescription(f"{file}, [codes.{coded}]: missing. List every code that the laboratory uses.")
        strange = sorted(set(codes.values()) - meanings)
        if strange:
            raise BadDescription(
                f"{file}, [codes.{coded}]: {strange[0]} is no word of ours. Use one of: {', '.join(sorted(meanings))}."
            )
    try:
        "".encode(contract.encoding)
        ZoneInfo(contract.time_zone)
    except (LookupError, ZoneInfoNotFoundError):
        raise BadDescription(
            f"{file}: encoding {contract.encoding} or time_zone {contract.time_zone} is not known."
        ) from None
    if len(contract.delimiter) != 1:
        raise BadDescription(f"{file}: delimiter must be one character.")


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
