"""What one FHIR resource says, in our fields. Names, addresses and numbers that are over come last, or not at all."""

# The models of fhir.resources are made at run time: their fields have no types that a checker could know.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Callable, Iterator
from typing import Any, Final

from pumphandle.linelist.answers import Answer, Collected
from pumphandle.linelist.code_tables import SYSTEMS, Coded

NHS_NUMBER: Final = "https://fhir.nhs.uk/Id/nhs-number"
NAMES: Final = {"official": 0, "temp": 2, "nickname": 2, "anonymous": 3, "old": 4, "maiden": 4}
LETTERS: Final = 3
OVER: Final = 4


def answers(observation: Any, status: str, order: str | None) -> list[Answer]:
    """Its value and those of its components; of a panel that only names its members, something to set aside.

    status : as it came; order : what its report says against it
    """
    told = (when(observation, "effective"), _text(observation.issued))
    own = _answer(observation, status, order, told, is_panel=bool(observation.hasMember))
    inside = [_answer(one, status, order, told) for one in observation.component or []]
    return inside if inside and not own.texts and not own.values else [own, *inside]


def _answer(one: Any, status: str, order: str | None, moments: tuple[str, str], *, is_panel: bool = False) -> Answer:
    values, said = _codes(one.valueCodeableConcept), _texts(one)
    question = is_panel and not (values or said)
    return Answer(_codes(one.code), values, said, ("FHIR", status), question, order, moments=moments)


def _texts(observation: Any) -> list[str]:
    concept = observation.valueCodeableConcept
    said = [_said(observation)] if concept is None else [concept.text, *(one.display for one in concept.coding or [])]
    return [one for one in said if one]


def _said(observation: Any) -> str:
    """The value as text, whichever of FHIR's forms it has; what no table knows is held, and the steward sees it."""
    quantity = observation.valueQuantity
    if quantity is not None:
        return f"{quantity.comparator or ''}{'' if quantity.value is None else quantity.value}"
    plain = (getattr(observation, f"value{form}") for form in ("String", "Integer", "Boolean", "DateTime", "Time"))
    found = next((one for one in plain if one is not None), None)
    if found is not None:
        return _text(found)
    others = (getattr(observation, f"value{form}") for form in ("Range", "Ratio", "Period", "SampledData"))
    return next((one.model_dump_json(exclude_none=True) for one in others if one is not None), "")


def _codes(concept: Any) -> list[Coded]:
    if concept is None:
        return []
    return [(SYSTEMS.get(str(one.system), "L"), one.code) for one in concept.coding or [] if one.code]


def person(patient: Any, collected: Collected, day: str) -> dict[str, str]:
    """day : of the specimen (YYYY-MM-DD, or what stands there): what was over by then is not where the person lived"""

    def rank(one: Any) -> int:
        return _rank(one, day)

    def living(one: Any) -> tuple[int, bool]:
        return rank(one), one.use != "home"

    name = next(iter(sorted(patient.name or [], key=rank)), None)
    homes = [one for one in patient.address or [] if one.use != "work" and rank(one) < OVER]
    home = next(iter(sorted(homes, key=living)), None)
    lines = [*(home.line or []), home.city] if home is not None else []
    telecom = sorted(patient.telecom or [], key=rank)
    return {
        "national_id": _national([one for one in patient.identifier or [] if rank(one) < OVER], rank, collected),
        "family_name": (name.family or "") if name is not None else "",
        "given_name": next(iter(name.given or []), "") or "" if name is not None else "",
        "date_of_birth": _text(patient.birthDate),
        "sex": collected.tables.sexes.get(("FHIR", patient.gender or ""), patient.gender or ""),
        "address": ", ".join(str(line) for line in lines if line),
        "postcode": (home.postalCode or "") if home is not None else "",
        "phone": next((one.value for one in telecom if one.system == "phone" and one.value), ""),
    }


def _rank(one: Any, day: str) -> int:
    """Official before usual before what is for a while or for letters alone; OVER where it was, or was not yet."""
    begins, ends = (_text(getattr(one.period, name, None))[:10] for name in ("start", "end"))
    if (ends and ends < day[: len(ends)]) or (begins and begins > day[: len(begins)] and day):
        return OVER
    if one.use == "billing" or getattr(one, "type", None) == "postal":
        return LETTERS
    return NAMES.get(one.use or "", 1)


def _national(identifiers: list[Any], rank: Callable[[Any], int], collected: Collected) -> str:
    """Official before usual, then by the contract's order of types and authorities. Two that differ there: neither."""
    types, authorities = collected.contract.identifier_types, collected.contract.identifier_authorities
    found: dict[tuple[int, ...], set[str]] = {}
    for one in identifiers:
        kinds = [types.index(code) for _, code in _codes(one.type) if code in types]
        kinds += [0] if one.system == NHS_NUMBER else []
        by = [authorities.index(one.system)] if one.system in authorities else []
        if one.value and kinds and (by or not authorities):
            found.setdefault((rank(one), min(kinds), min(by, default=0)), set()).add(str(one.value))
    first = found[min(found)] if found else set[str]()
    return next(iter(first)) if len(first) == 1 else ""


def number(resource: Any) -> str:
    """The laboratory's own number: the filler's before any other; empty where there is none."""
    if resource is None:
        return ""
    accession = getattr(resource, "accessionIdentifier", None)
    listed: Any = getattr(resource, "identifier", None) or []
    several = [one for one in ([accession] if accession is not None else []) + listed if one.use != "old"]
    filler = [one for one in several if "FILL" in {code for _, code in _codes(one.type)}]
    return next((str(one.value) for one in [*filler, *several] if one.value), "")


def when(resource: Any, name: str) -> str:
    """…DateTime, …Instant, or the beginning of …Period."""
    if resource is None:
        return ""
    period: Any = getattr(resource, f"{name}Period", None)
    moments = (*(getattr(resource, f"{name}{form}", None) for form in ("DateTime", "Instant")), period and period.start)
    return next((_text(one) for one in moments if one), "")


def _text(value: Any) -> str:
    return "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)


def references(resource: Any, name: str) -> Iterator[str | None]:
    """What a field refers to, in its order: None where it names nothing that could be found."""
    found: Any = getattr(resource, name, None) or []
    for one in found if isinstance(found, list) else [found]:
        yield one.reference
