"""FHIR R4 bundles to lines: reports, their observations, the patient and the specimen. Parsed by fhir.resources."""

# The models of fhir.resources are made at run time: their fields have no types that a checker could know.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from pumphandle.linelist.answers import About, Answer, Collected, day_of
from pumphandle.linelist.code_tables import SYSTEMS, Coded
from pumphandle.linelist.encodings import decoded
from pumphandle.linelist.feeds import FeedContract
from pumphandle.linelist.lines import Lines
from pumphandle.vocabulary.errors import BadFile

OURS: Final = ("DiagnosticReport", "Observation", "Patient", "Specimen")
"""What results are read from; other resources are not looked at."""
NHS_NUMBER: Final = "https://fhir.nhs.uk/Id/nhs-number"
Resources = Mapping[str, Any]


def read_bundles(path: Path, contract: FeedContract) -> Lines:
    """One bundle, or one a line. Raises BadFile: empty, binary, encoding, not_fhir (no bundle, or cut off)."""
    text = decoded(path, contract.encoding)
    collected = Collected(contract)
    for bundle in _bundles(text, path.name):
        _read_bundle(bundle, collected)
    return collected.lines()


def _bundles(text: bytes, file: str) -> Iterator[dict[str, Any]]:
    decoder = msgspec.json.Decoder(dict[str, Any])
    try:
        whole = [decoder.decode(text)]
    except (msgspec.DecodeError, RecursionError):
        try:
            whole = [decoder.decode(line) for line in text.splitlines() if line.strip()]
        except (msgspec.DecodeError, RecursionError):
            raise _not_fhir(file) from None
    for bundle in whole:
        if bundle.get("resourceType") != "Bundle":
            raise _not_fhir(file)
        yield bundle


def _not_fhir(file: str) -> BadFile:
    return BadFile(
        "is not a FHIR bundle in JSON, or was cut",
        file=file,
        code="not_fhir",
        remedy="Send R4 bundles as JSON, the whole file or one on each line.",
    )


def _read_bundle(bundle: dict[str, Any], collected: Collected) -> None:
    content = msgspec.json.encode(bundle).decode()
    entries = bundle.get("entry")
    resources: dict[str, Any] = {}
    unreadable: set[str] = set()
    for entry in entries if isinstance(entries, list) else []:
        resource: Any = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or resource.get("resourceType") not in OURS:
            continue
        kind = str(resource["resourceType"])
        try:
            model: Any = get_fhir_model_class(kind).model_validate(_known(resource))
        except (ValidationError, ValueError, TypeError, RecursionError):
            collected.hold(
                "resource_unreadable", f"A resource {kind} breaks the rules of FHIR R4.", content, field=kind
            )
            if kind != "Observation":
                return
            unreadable |= {f"{kind}/{resource.get('id')}", str(entry.get("fullUrl"))}
            continue
        resources[f"{kind}/{model.id}"] = model
        full = entry.get("fullUrl")
        if isinstance(full, str):
            resources[full] = model
    control = _processing(bundle)
    if control and control not in collected.contract.processing:
        collected.hold("not_production", "A message for training or debugging.", content, field="Bundle.meta")
        return
    _reports(resources, unreadable, content, collected)


def _known(resource: dict[str, Any]) -> dict[str, Any]:
    """Without extensions, contained resources and narrative: nothing of ours is read from them."""
    left_out = ("extension", "modifierExtension", "contained", "text", "meta")
    return {name: _bare(value) for name, value in resource.items() if name not in left_out and not name.startswith("_")}


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        pairs: dict[str, Any] = value
        return {name: _bare(one) for name, one in pairs.items() if name != "extension" and not name.startswith("_")}
    if isinstance(value, list):
        many: list[Any] = value
        return [_bare(one) for one in many]
    return value


def _processing(bundle: dict[str, Any]) -> str:
    meta: Any = bundle.get("meta")
    tags: Any = meta.get("tag") if isinstance(meta, dict) else None
    for tag in tags if isinstance(tags, list) else []:
        if isinstance(tag, dict) and str(tag.get("system", "")).endswith("v2-0103"):
            return str(tag.get("code", ""))
    return ""


def _reports(resources: Resources, unreadable: set[str], content: str, collected: Collected) -> None:
    zone = ZoneInfo(collected.contract.time_zone)
    reports = [one for name, one in resources.items() if name.startswith("DiagnosticReport/")]
    before = collected.lines_in + collected.set_aside
    for report in reports:
        patient = _found(resources, report.subject, "Patient")
        person = _person(patient, collected) if patient is not None else {}
        specimen = next((one for each in report.specimen or [] if (one := _found(resources, each, "Specimen"))), None)
        answers: list[Answer] = []
        dates = [_when(getattr(specimen, "collection", None), "collected")]
        for reference in report.result or []:
            observation = _found(resources, reference, "Observation")
            if observation is None:
                if str(reference.reference) not in unreadable:  # such a one is held already
                    remedy = "The report names an observation that the bundle does not hold. Send both in one bundle."
                    collected.hold("observation_missing", remedy, content, field="Observation")
                continue
            answers.append(_answer(observation))
            dates.append(_when(observation, "effective"))
            own = _found(resources, observation.specimen, "Specimen")
            dates[0] = dates[0] or _when(getattr(own, "collection", None), "collected")
            specimen = specimen or own
        taken = next((date for date in [*dates, _when(report, "effective")] if date), "")
        number = _identifier(report) or _identifier(specimen) or ""
        collected.add(About(person, number, day_of(taken, zone)), answers)
    if collected.lines_in + collected.set_aside == before:
        collected.hold("no_result", "The bundle holds no report with an observation.", content)


def _found(resources: Resources, reference: Any, kind: str) -> Any | None:
    name = getattr(reference, "reference", None)
    found = resources.get(name) if isinstance(name, str) else None
    return found if found is not None and found.get_resource_type() == kind else None


def _answer(observation: Any) -> Answer:
    return Answer(
        codes=_codes(observation.code),
        values=_codes(observation.valueCodeableConcept),
        text=_said(observation),
        status=("FHIR", observation.status or ""),
    )


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
        return found.isoformat() if hasattr(found, "isoformat") else str(found)
    others = (getattr(observation, f"value{form}") for form in ("Range", "Ratio", "Period", "SampledData"))
    return next((one.model_dump_json(exclude_none=True) for one in others if one is not None), "")


def _codes(concept: Any) -> list[Coded]:
    if concept is None:
        return []
    return [(SYSTEMS.get(str(one.system), "L"), one.code) for one in concept.coding or [] if one.code]


def _person(patient: Any, collected: Collected) -> dict[str, str]:
    name = next(iter(sorted(patient.name or [], key=_by_use)), None)
    home = next(iter(sorted(patient.address or [], key=_by_use)), None)
    lines = [*(home.line or []), home.city] if home is not None else []
    phones = [one.value for one in sorted(patient.telecom or [], key=_by_use) if one.system == "phone" and one.value]
    born = patient.birthDate
    return {
        "national_id": next((number for one in patient.identifier or [] if (number := _national(one, collected))), ""),
        "family_name": (name.family or "") if name is not None else "",
        "given_name": next(iter(name.given or []), "") or "" if name is not None else "",
        "date_of_birth": born.isoformat() if hasattr(born, "isoformat") else str(born or ""),
        "sex": collected.tables.sexes.get(("FHIR", patient.gender or ""), patient.gender or ""),
        "address": ", ".join(str(line) for line in lines if line),
        "postcode": (home.postalCode or "") if home is not None else "",
        "phone": phones[0] if phones else "",
    }


def _by_use(one: Any) -> int:
    """What is said to be over, or for letters alone, comes last; else the order of the bundle stands."""
    over = one.use in {"old", "maiden", "anonymous"} or getattr(one.period, "end", None) is not None
    return 2 if over else 1 if one.use == "billing" or getattr(one, "type", None) == "postal" else 0


def _national(identifier: Any, collected: Collected) -> str:
    kinds = {code for _, code in _codes(identifier.type)}
    known = identifier.system == NHS_NUMBER or bool(kinds & set(collected.contract.identifier_types))
    return str(identifier.value or "") if known else ""


def _identifier(resource: Any) -> str | None:
    if resource is None:
        return None
    accession = getattr(resource, "accessionIdentifier", None)
    listed: Any = getattr(resource, "identifier", None) or []
    several: list[Any] = [*([accession] if accession is not None else []), *listed]
    filler = [one for one in several if "FILL" in {code for _, code in _codes(one.type)}]
    return next((str(one.value) for one in [*filler, *several] if one.value), None)


def _when(resource: Any, name: str) -> str:
    """…DateTime, or the beginning of …Period."""
    if resource is None:
        return ""
    moment: Any = getattr(resource, f"{name}DateTime", None)
    period: Any = getattr(resource, f"{name}Period", None)
    moment = moment or (period.start if period is not None else None)
    return moment.isoformat() if hasattr(moment, "isoformat") else str(moment or "")
