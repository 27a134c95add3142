"""The register of settings: what an entry needs, and how hard a setting was hit."""

from dataclasses import dataclass
from typing import Final

from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.vocabulary.tracing import SettingKind

LONGEST: Final = 200


@dataclass(frozen=True)
class Entry:
    """A setting as its authority describes it. `capacity`: people who are usually there; None: not known."""

    kind: SettingKind
    name: str
    address: str | None
    postcode: str
    capacity: int | None
    responsible: str | None
    phone: str | None


def check_entry(entry: Entry, *, district_of_postcode: str | None, authority: str) -> None:
    """Silence, or NotUnderstood with every fault as a sentence.

    district_of_postcode : where the postcode leads; None where it leads to no area
    """
    faults: list[str] = []
    if not entry.name.strip():
        faults.append("Give the setting a name.")
    if any(text and len(text) > LONGEST for text in (entry.name, entry.address, entry.responsible, entry.phone)):
        faults.append(f"Keep each field to {LONGEST} characters.")
    if entry.capacity is not None and entry.capacity < 1:
        faults.append("The number of people must be 1 or more; leave it empty if it is not known.")
    if district_of_postcode is None:
        faults.append("The postcode leads to no area of this nation. Check it.")
    elif district_of_postcode != authority:
        faults.append("The setting lies in another authority's area. Tell that authority; it keeps its own register.")
    if faults:
        raise NotUnderstood(" ".join(faults))
