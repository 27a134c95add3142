"""FHIR R4 to lines: bundles, single resources, or one of either a line. Parsed by fhir.resources."""

# What JSON holds, and the models of fhir.resources, are of no type that a checker could know.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from pumphandle.linelist.answers import About, Answer, Collected, day_of
from pumphandle.linelist.encodings import decoded
from pumphandle.linelist.feeds import FeedContract
from pumphandle.linelist.lines import Lines
from pumphandle.linelist.references import Resource, Shelf
from pumphandle.linelist.resources import answers, number, person, references, when
from pumphandle.vocabulary.errors import BadFile

SENDS: Final = "Send the report, its observations, their patient and specimen in one bundle."


def read_bundles(path: Path, contract: FeedContract) -> Lines:
    """Bundles or resources, the whole file or one a line. Raises BadFile: empty, binary, encoding, not_fhir (or cut).

    Resources that stand alone in a file, as a bulk export writes them, are read as one bundle.
    """
    text = decoded(path, contract.encoding)
    collected = Collected(contract)
    loose: list[Any] = []
    for one in _documents(text, path.name):
        if one["resourceType"] == "Bundle":
            _read_bundle(one, collected)
        else:
            loose.append({"resource": one})
    if loose:
        _read_bundle({"resourceType": "Bundle", "entry": loose}, collected)
    return collected.lines()


def _documents(text: bytes, file: str) -> list[dict[str, Any]]:
    decoder = msgspec.json.Decoder(dict[str, Any])
    try:
        whole = [decoder.decode(text)]
    except (msgspec.DecodeError, RecursionError):
        whole = []
        for at, line in enumerate(text.splitlines(), start=1):
            try:
                whole += [decoder.decode(line)] if line.strip() else []
            except (msgspec.DecodeError, RecursionError):
                raise _not_fhir(file, at) from None
    if not all(isinstance(one.get("resourceType"), str) and one["resourceType"] for one in whole):
        raise _not_fhir(file, 1)
    return whole


def _not_fhir(file: str, line: int) -> BadFile:
    return BadFile(
        "is not FHIR in JSON, or was cut",
        file=file,
        code="not_fhir",
        line=line,
        remedy="Send R4 bundles or resources as JSON, the whole file or one on each line.",
    )


def _read_bundle(bundle: dict[str, Any], collected: Collected) -> None:
    before = collected.lines_in + collected.set_aside
    content = msgspec.json.encode(bundle).decode()
    control = _processing(bundle)
    if control and control not in collected.contract.processing:
        collected.hold("not_production", "A message for training or debugging.", content, field="Bundle.meta")
        return
    entries = bundle.get("entry")
    shelf = Shelf()
    for entry in entries if isinstance(entries, list) else []:
        resource: Any = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") == "Bundle":
            _read_bundle(resource, collected)
        elif isinstance(resource, dict):
            shelf.add(resource, str(entry.get("fullUrl") or ""))
        elif isinstance(entry, dict) and _takes_back(entry):
            remedy = "A deletion is not read. Send the result again with the status entered-in-error."
            collected.hold("deletion", remedy, msgspec.json.encode(entry).decode(), field="Bundle.entry.request")
    reading = _Reading(shelf, collected, ZoneInfo(collected.contract.time_zone))
    reading.read()
    collected.settle()
    if collected.lines_in + collected.set_aside == before:
        collected.hold("no_result", "The bundle holds no report with an observation.", content)


def _takes_back(entry: dict[str, Any]) -> bool:
    request: Any = entry.get("request")
    said = request if isinstance(request, dict) else {}
    kinds = ("Observation", "DiagnosticReport")
    return said.get("method") == "DELETE" and any(kind in str(said.get("url")) for kind in kinds)


def _processing(bundle: dict[str, Any]) -> str:
    meta: Any = bundle.get("meta")
    tags: Any = meta.get("tag") if isinstance(meta, dict) else None
    for tag in tags if isinstance(tags, list) else []:
        if isinstance(tag, dict) and str(tag.get("system", "")).endswith("v2-0103"):
            return str(tag.get("code", ""))
    return ""


class _Refused(Exception):
    """An observation that cannot be given to a person and a specimen without a guess."""

    def __init__(self, code: str, field: str, remedy: str) -> None:
        super().__init__(code)
        self.code, self.field, self.remedy = code, field, remedy


def _broken(one: Resource) -> _Refused:
    remedy = f"A resource {one.kind} breaks the rules of FHIR R4 at {one.wrong}."
    return _Refused("resource_unreadable", one.kind, remedy)


def _collection(specimen: Resource) -> Any:
    return getattr(specimen.model, "collection", None)


@dataclass
class _Reading:
    """Of one bundle. used : marks of resources that a report or an observation names"""

    shelf: Shelf
    collected: Collected
    zone: ZoneInfo
    used: set[bytes] = field(default_factory=set[bytes])

    def read(self) -> None:
        for report in self.shelf.of("DiagnosticReport"):
            self._report(report)
        for one in self.shelf.of("Observation"):
            if one.mark not in self.used:
                members = [] if one.model is None else list(references(one.model, "hasMember"))
                self._observations(None, one, [one, *self._named(one, members, {one.mark})])
        for one in (*self.shelf.of("Patient"), *self.shelf.of("Specimen")):
            if one.model is None and one.mark not in self.used:
                self._hold(_broken(one), one)

    def _report(self, report: Resource) -> None:
        if report.model is None:
            named = (self.shelf.find(report, name, "Observation") for name in report.names("result"))
            self.used |= {one.mark for one in named if one is not None}
            self._hold(_broken(report), report)
            return
        named = list(references(report.model, "result"))
        if not named:
            self._hold(_Refused("no_result", "DiagnosticReport", "The report names no observation. " + SENDS), report)
            return
        self._observations(report, report, self._named(report, named, set()))

    def _named(self, by: Resource, named: list[str | None], met: set[bytes]) -> list[Resource]:
        """The observations that are named, with the members of panels among them, each once; a missing one is held."""
        found: list[Resource] = []
        for reference in named:
            one = self.shelf.find(by, reference, "Observation")
            if one is None:
                remedy = "An observation that is named is not in the bundle, or is there in two versions. " + SENDS
                self._hold(_Refused("observation_missing", "Observation", remedy), by)
                continue
            self.used.add(one.mark)
            if one.mark in met:
                continue
            met.add(one.mark)
            found.append(one)
            if one.model is not None:
                found += self._named(one, list(references(one.model, "hasMember")), met)
        return found

    def _observations(self, report: Resource | None, by: Resource, observations: list[Resource]) -> None:
        several = len({one.mark for each in observations if (one := self._specimen(report, each, quiet=True))}) > 1
        for one in observations:
            said: list[Answer] = []
            try:
                if one.model is None:
                    raise _broken(one)
                said = answers(one.model, one.status, None if report is None else self._word(report))
                self.collected.add(self._about(report, one, several), said)
            except _Refused as refused:
                if said:
                    content = self._content(one, by)
                    self.collected.refuse(said, refused.code, refused.remedy, content, field=refused.field)
                else:
                    self._hold(refused, one)

    def _word(self, report: Resource) -> str:
        return self.collected.tables.statuses.get(("FHIR", report.status)) or report.status

    def _about(self, report: Resource | None, one: Resource, several: bool) -> About:
        specimen = self._specimen(report, one)
        patient = self._patient([each for each in (report, one, specimen) if each is not None])
        model = None if specimen is None else specimen.model
        collection = None if specimen is None else _collection(specimen)
        told = None if report is None else report.model
        dates = (when(collection, "collected"), when(one.model, "effective"))
        day = day_of(next((date for date in (*dates, when(told, "effective")) if date), ""), self.zone)
        own = number(model)
        named = own if several else number(told) or ("" if report is not None else number(one.model)) or own
        return About(person(patient.model, self.collected, day), named, day)

    def _specimen(self, report: Resource | None, one: Resource, *, quiet: bool = False) -> Resource | None:
        """The observation's own, or the only one of its report. quiet : None for what is refused."""
        by = one if one.model is not None and getattr(one.model, "specimen", None) else report
        if by is None or by.model is None:
            return None
        found = {each.mark: each for name in references(by.model, "specimen")
                 if (each := self.shelf.find(by, name, "Specimen"))}  # fmt: skip
        if quiet:
            return next(iter(found.values()), None) if len(found) == 1 else None
        self.used |= set(found)
        said = {moment: each for each in found.values() if (moment := when(_collection(each), "collected"))}
        if len(found) > 1 and (len(said) > 1 or report is None or not number(report.model)):
            remedy = "The report names specimens of several days, or has no number. Let each observation name its own."
            raise _Refused("specimen_unclear", "Observation.specimen", remedy)
        specimen = next(iter([*said.values(), *found.values()]), None)
        if specimen is not None and specimen.model is None:
            raise _broken(specimen)
        if specimen is not None and specimen.status == "entered-in-error":
            remedy = "The specimen was entered in error. Take the observation back, or name the right specimen."
            raise _Refused("specimen_unclear", "Specimen.status", remedy)
        return specimen

    def _patient(self, naming: list[Resource]) -> Resource:
        """Whom report, observation and specimen name; all that name somebody name the same."""
        found: dict[bytes, Resource] = {}
        for by in naming:
            for reference in references(by.model, "subject"):
                patient = self.shelf.find(by, reference, "Patient")
                if patient is None:
                    remedy = "The patient who is named is not in the bundle, or is there in two versions. " + SENDS
                    raise _Refused("patient_missing", f"{by.kind}.subject", remedy)
                self.used.add(patient.mark)
                found[patient.mark] = patient
        if not found:
            remedy = "Neither the report nor the observation names a patient. Name one, and send it in the bundle."
            raise _Refused("patient_missing", "Observation.subject", remedy)
        if len(found) > 1:
            remedy = "Report, observation and specimen name different patients. Name the one who was tested."
            raise _Refused("patient_differs", "Observation.subject", remedy)
        (patient,) = found.values()
        if patient.model is None:
            raise _broken(patient)
        return patient

    def _hold(self, refused: _Refused, *about: Resource) -> None:
        self.collected.hold(refused.code, refused.remedy, self._content(*about), field=refused.field)

    def _content(self, *about: Resource) -> str:
        each = {one.mark: one.said for one in about}
        entries = [{"resource": one} for one in each.values()]
        return msgspec.json.encode({"resourceType": "Bundle", "entry": entries}).decode()
