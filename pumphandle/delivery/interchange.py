"""Cases, contacts and clusters for other programs: CSV with the field names of WHO Go.Data, and FHIR R4.

Sources: fields, reference values and importers of Go.Data (case, contact, relationship, cluster) in
WorldHealthOrganization/GoDataSource-API and GoDataSource-FrontEnd; which files and commits were looked at stands in
docs/how-to/hand-cases-to-other-programs.md. HL7 FHIR R4 (4.0.1), Bundle of type collection.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from pumphandle.delivery.exported import Record, plain

_REFERENCE: Final = "LNG_REFERENCE_DATA_CATEGORY_"
GENDERS: Final[Mapping[str, str]] = {"female": f"{_REFERENCE}GENDER_FEMALE", "male": f"{_REFERENCE}GENDER_MALE"}
CONFIRMED: Final = f"{_REFERENCE}CASE_CLASSIFICATION_CONFIRMED"
HOME: Final = f"{_REFERENCE}ADDRESS_TYPE_USUAL_PLACE_OF_RESIDENCE"
CERTAIN: Final[Mapping[str, str]] = {
    "strong": f"{_REFERENCE}CERTAINTY_LEVEL_3_HIGH",
    "moderate": f"{_REFERENCE}CERTAINTY_LEVEL_2_MEDIUM",
    "weak": f"{_REFERENCE}CERTAINTY_LEVEL_1_LOW",
}
PERSON_CASE: Final = f"{_REFERENCE}PERSON_TYPE_CASE"
_FOLLOW_UP: Final = "LNG_REFERENCE_DATA_CONTACT_FINAL_FOLLOW_UP_STATUS_TYPE_"
UNDER_FOLLOW_UP: Final = f"{_FOLLOW_UP}UNDER_FOLLOW_UP"
FOLLOWED_UP: Final[Mapping[str, str]] = {
    "closed": f"{_FOLLOW_UP}FOLLOW_UP_COMPLETED",
    "handed_over": f"{_FOLLOW_UP}FOLLOW_UP_COMPLETED",
    "became_case": f"{_FOLLOW_UP}FOLLOW_UP_COMPLETED",
    "lost": f"{_FOLLOW_UP}LOST_TO_FOLLOW_UP",
}
"""State in which nothing more is done -> Go.Data's; every other is under follow-up."""
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""The same content is the same file."""


@dataclass(frozen=True)
class NamedContact:
    """A contact as they are handed on; case_key : who named them"""

    contact_id: str
    case_key: str
    family_name: str | None
    given_name: str | None
    date_of_birth: date | None
    phone: str | None
    email: str | None
    address: str | None
    postcode: str | None
    kind: str
    exposure_day: date
    state: str
    named_at: datetime


@dataclass(frozen=True)
class CaseLink:
    """A link between two of the cases."""

    kind: str
    earlier: str
    later: str
    day: date
    strength: str


@dataclass(frozen=True)
class CaseCluster:
    """A cluster and which of the cases it has."""

    cluster_id: str
    sentence: str
    cases: Sequence[str]


@dataclass(frozen=True)
class Parcel:
    """Everything that is handed on together. Links and clusters name only cases that are in it.

    cases : one an illness, by its first positive record; contacts, links : None where they are not the receiver's to
    see, so that no empty file says that there are none
    """

    cases: Sequence[Record]
    contacts: Sequence[NamedContact] | None
    links: Sequence[CaseLink] | None
    clusters: Sequence[CaseCluster]


def go_data(parcel: Parcel, *, mark: str) -> bytes:
    """A ZIP of cases.csv, contacts.csv, relationships.csv, clusters.csv; every row says whose copy it is."""
    cluster_of = {case: one.cluster_id for one in parcel.clusters for case in one.cases}
    files = {
        "clusters.csv": _table(
            [{"name": one.cluster_id, "description": one.sentence} for one in parcel.clusters],
            ("name", "description"),
            mark,
        ),
        "cases.csv": _table([_go_data_case(one) for one in parcel.cases], CASE_COLUMNS, mark),
    }
    if parcel.contacts is not None:
        files["contacts.csv"] = _table([_go_data_contact(one) for one in parcel.contacts], CONTACT_COLUMNS, mark)
    if parcel.links is not None:
        files["relationships.csv"] = _table(_relationships(parcel.links, cluster_of), RELATIONSHIP_COLUMNS, mark)
    return zipped(files)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A ZIP whose bytes say nothing of when it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), content)
    return out.getvalue()


CASE_COLUMNS: Final = (
    "visualId", "firstName", "lastName", "gender", "dob", "classification", "dateOfReporting", "dateOfOnset",
    "isDateOfOnsetApproximate", "addresses[0].typeId", "addresses[0].addressLine1", "addresses[0].postalCode",
    "addresses[0].locationId", "addresses[0].phoneNumber", "documents[0].number",
)  # fmt: skip
CONTACT_COLUMNS: Final = (
    "visualId", "firstName", "lastName", "dob", "dateOfReporting", "dateOfLastContact", "addresses[0].typeId",
    "addresses[0].addressLine1", "addresses[0].postalCode", "addresses[0].phoneNumber", "addresses[0].emailAddress",
    "relationship.persons[0].id", "relationship.contactDate", "relationship.certaintyLevelId",
    "relationship.socialRelationshipDetail", "followUp.status",
)  # fmt: skip
RELATIONSHIP_COLUMNS: Final = (
    "sourcePerson.visualId", "targetPerson.visualId", "persons[0].id", "persons[0].type", "persons[0].source",
    "persons[1].id", "persons[1].type", "persons[1].target", "contactDate", "contactDateEstimated", "certaintyLevelId",
    "socialRelationshipDetail", "clusterId",
)  # fmt: skip


def _go_data_case(one: Record) -> dict[str, object]:
    """Onset is not known to a laboratory: the specimen date stands for it and says that it is approximate."""
    return {
        "visualId": one.record_key,
        "firstName": one.given_name,
        "lastName": one.family_name,
        "gender": GENDERS.get(one.sex),
        "dob": one.date_of_birth,
        "classification": CONFIRMED,
        "dateOfReporting": one.report_date,
        "dateOfOnset": one.specimen_date,
        "isDateOfOnsetApproximate": "true",
        "addresses[0].typeId": HOME,
        "addresses[0].addressLine1": one.address,
        "addresses[0].postalCode": one.postcode,
        "addresses[0].locationId": one.small_area,
        "addresses[0].phoneNumber": one.phone,
        "documents[0].number": one.national_id,
    }


def _go_data_contact(one: NamedContact) -> dict[str, object]:
    return {
        "visualId": one.contact_id,
        "firstName": one.given_name,
        "lastName": one.family_name,
        "dob": one.date_of_birth,
        "dateOfReporting": one.named_at.date(),
        "dateOfLastContact": one.exposure_day,
        "addresses[0].typeId": HOME,
        "addresses[0].addressLine1": one.address,
        "addresses[0].postalCode": one.postcode,
        "addresses[0].phoneNumber": one.phone,
        "addresses[0].emailAddress": one.email,
        "relationship.persons[0].id": one.case_key,  # its import looks for the visual id too
        "relationship.contactDate": one.exposure_day,
        "relationship.certaintyLevelId": CERTAIN["strong"],
        "relationship.socialRelationshipDetail": one.kind.replace("_", " "),
        "followUp.status": FOLLOWED_UP.get(one.state, UNDER_FOLLOW_UP),
    }


def _relationships(links: Sequence[CaseLink], cluster_of: Mapping[str, str]) -> list[dict[str, object]]:
    """Go.Data's own ids stay empty: we do not know them, and its import takes whatever stands there for one."""
    return [
        {
            "sourcePerson.visualId": one.earlier,
            "targetPerson.visualId": one.later,
            "persons[0].id": None,
            "persons[0].type": PERSON_CASE,
            "persons[0].source": "true",
            "persons[1].id": None,
            "persons[1].type": PERSON_CASE,
            "persons[1].target": "true",
            "contactDate": one.day,
            "contactDateEstimated": "true",
            "certaintyLevelId": CERTAIN[one.strength],
            "socialRelationshipDetail": one.kind.replace("_", " "),
            "clusterId": cluster_of.get(one.later, "")
            if cluster_of.get(one.later) == cluster_of.get(one.earlier)
            else "",
        }
        for one in links
    ]


def _table(rows: Iterable[Mapping[str, object]], columns: Sequence[str], mark: str) -> bytes:
    out = io.StringIO(newline="")
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow([*columns, "copy_of"])
    for row in rows:
        write.writerow([*(plain(row[column]) for column in columns), mark])
    return out.getvalue().encode()


def fhir(parcel: Parcel, *, mark: str) -> bytes:
    """Patient and Observation a case, RelatedPerson a contact, Group a cluster. Canonical: keys sorted."""
    known = {one.record_key for one in parcel.cases}
    entries = [resource for one in parcel.cases for resource in (_patient(one), _observation(one))]
    entries += [_related(one) for one in parcel.contacts or () if one.case_key in known]
    entries += [_group(one, known) for one in parcel.clusters]
    made = {
        "resourceType": "Bundle",
        "type": "collection",
        "identifier": {"system": "urn:pumphandle:copy", "value": mark},
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": _without_absent(one)} for one in entries],
    }
    return json.dumps(made, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _patient(one: Record) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": _id("patient", one.record_key),
        "identifier": [{"value": one.national_id}] if one.national_id else None,
        **_person(one.family_name, one.given_name, one.address, one.postcode),
        "gender": one.sex if one.sex in ("female", "male", "other") else "unknown",
        "birthDate": str(one.date_of_birth) if one.date_of_birth else None,
        "telecom": [{"system": "phone", "value": one.phone}] if one.phone else None,
    }


def _observation(one: Record) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": one.record_key,
        "status": "final",
        "code": {"text": one.pathogen},
        "subject": {"reference": f"urn:uuid:{_id('patient', one.record_key)}"},
        "effectiveDateTime": str(one.specimen_date),
        "issued": f"{one.report_date}T00:00:00Z",
        "valueString": one.result,
        "performer": [{"display": one.laboratory}],
    }


def _related(one: NamedContact) -> dict[str, Any]:
    telecom = [
        {"system": system, "value": value} for system, value in (("phone", one.phone), ("email", one.email)) if value
    ]
    return {
        "resourceType": "RelatedPerson",
        "id": one.contact_id,
        "active": one.state not in ("closed", "lost", "handed_over"),
        "patient": {"reference": f"urn:uuid:{_id('patient', one.case_key)}"},
        "relationship": [{"text": f"contact: {one.kind.replace('_', ' ')}"}],
        **_person(one.family_name, one.given_name, one.address, one.postcode),
        "birthDate": str(one.date_of_birth) if one.date_of_birth else None,
        "telecom": telecom or None,
        "period": {"start": str(one.exposure_day), "end": str(one.exposure_day)},
    }


def _group(one: CaseCluster, known: set[str]) -> dict[str, Any]:
    members = [{"entity": {"reference": f"urn:uuid:{_id('patient', case)}"}} for case in one.cases if case in known]
    return {
        "resourceType": "Group",
        "id": _id("cluster", one.cluster_id),
        "identifier": [{"system": "urn:pumphandle:cluster", "value": one.cluster_id}],
        "type": "person",
        "actual": True,
        "name": one.sentence,
        "member": members or None,
    }


def _person(family: str | None, given: str | None, address: str | None, postcode: str | None) -> dict[str, Any]:
    name = _without_absent({"family": family, "given": [given] if given else None})
    home = _without_absent({"text": address, "postalCode": postcode})
    return {"name": [name] if name else None, "address": [home] if home else None}


def _id(kind: str, key: str) -> str:
    """The same resource bears the same id in every parcel."""
    return str(uuid5(NAMESPACE_URL, f"urn:pumphandle:{kind}:{key}"))


def _without_absent(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part is not None}
