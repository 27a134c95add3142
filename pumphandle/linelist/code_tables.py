"""What the codes of standard messages mean, as tables beside this file; a code that stands in none means nothing."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

Coded = tuple[str, str]
"""A code system's short name, as HL7 table 0396 has it, and a code of it."""

SYSTEMS: Final[Mapping[str, str]] = {
    "http://loinc.org": "LN",
    "https://loinc.org": "LN",
    "urn:oid:2.16.840.1.113883.6.1": "LN",
    "http://snomed.info/sct": "SCT",
    "urn:oid:2.16.840.1.113883.6.96": "SCT",
    "http://terminology.hl7.org/CodeSystem/v2-0078": "HL70078",
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation": "HL70078",
}
"""FHIR's names for them."""

PENDING: Final = "pending"
"""What a status means that says: not a result yet."""
CANCELLED: Final = "cancelled order"
"""An answer that stands while its order does not: one of both is wrong."""
CONTRADICTORY: Final = "contradictory"
"""How the result of an answer begins whose code and text, or two of whose codings, mean different things."""
DIFFERENT: Final = "different"
"""How the result of an answer begins beside which its message holds another to the same test."""
NOT_OURS: Final = frozenset({"other", "question"})


@dataclass(frozen=True)
class CodeTables:
    """tests : means a pathogen of ours, `other` or `question`; results, statuses, sexes : mean a word of ours

    Statuses of an order (HL70119, HL70123) stand there only where they say something against its answers.
    """

    tests: Mapping[Coded, str]
    results: Mapping[Coded, str]
    statuses: Mapping[Coded, str]
    sexes: Mapping[Coded, str]

    def words(self, codes: Iterable[Coded], texts: Iterable[str], own: Mapping[str, str] | None = None) -> set[str]:
        """Every word of ours that a code or a text means: none where nothing is known, several where they disagree.

        own : the laboratory's own words, which come before the tables'
        """
        said = own or {}
        found = [said.get(text) or self.results.get((system, text)) or self._text(text) for system, text in codes]
        found += [said.get(text) or self._text(text) for text in texts]
        return {word for word in found if word is not None}

    def _text(self, text: str) -> str | None:
        return self.results.get(("text", text.strip().casefold()))


@cache
def code_tables() -> CodeTables:
    """Read once."""
    return CodeTables(*(_read(name) for name in ("tests", "results", "statuses", "sexes")))


def _read(name: str) -> Mapping[Coded, str]:
    text = files("pumphandle.linelist").joinpath(f"tables/{name}.csv").read_text("utf-8")
    return {(row["system"], row["code"]): row["means"] for row in csv.DictReader(text.splitlines())}
