"""What one FHIR resource says, in our fields. Names, addresses and numbers that are over come last, or not at all."""

# The models of fhir.resources are made at run time: their fields have no types that a checker could know.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Iterator
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
    own = _answer(observation, status, order, is_panel=bool(observation.hasMember))
    inside = [_answer(one, status, order) for one in observation.component or []]
    return inside if inside and not own.text and not own.values else [own, *inside]


def _answer(one: Any, status: str, order: str | None, *, is_panel: bool = False) -> Answer:
    values, text = _codes(one.valueCodeableConcept), _said(one)
    return Answer(_codes(one.code), values, text, ("FHIR", status), is_panel and not (values or text), order)


def _said(observation: Any) -> str:
    """The value as text, whichever of FHIR's forms it has; what no table knows is held, and the steward sees it."""
    concept = observation.valueCodeableConcept
    if concept is not None:
        shown = next((one.display for one in concept.coding or [] if one.display), "")
        return concept.text or shown or ""
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

    name = next(iter(sorted(patient.name or [], key=rank)), None)
    homes = [one for one in patient.address or [] if one.use != "work" and rank(one) < OVER]
    home = next(iter(sorted(homes, key=rank)), None)
    lines = [*(home.line or []), home.city] if home is not None else []
    telecom = sorted(patient.telecom or [], key=rank)
    numbers = (_national(one, collected) for one in sorted(patient.identifier or [], key=rank)
               if rank(one) < OVER)  # fmt: skip
    return {
        "national_id": next((number for number in numbers if number), ""),
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


def _national(identifier: Any, collected: Collected) -> str:
    kinds = {code for _, code in _codes(identifier.type)}
    known = identifier.system == NHS_NUMBER or bool(kinds & set(collected.contract.identifier_types))
    return str(identifier.value or "") if known else ""


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
