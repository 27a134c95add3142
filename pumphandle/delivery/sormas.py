"""Cases and contacts as CSV that SORMAS's own import pages read.

Source: the import templates and importers of SORMAS-Foundation/SORMAS-Project; which files and commits were looked at
stands in docs/how-to/hand-cases-to-other-programs.md.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from pumphandle.delivery.exported import Record, plain
from pumphandle.delivery.interchange import NamedContact, Parcel, zipped

SEXES: Final[Mapping[str, str]] = {"female": "FEMALE", "male": "MALE", "other": "OTHER"}
UNKNOWN: Final = "UNKNOWN"
CONFIRMED: Final = "CONFIRMED"
DISEASES: Final[Mapping[str, str]] = {"sars_cov_2": "CORONAVIRUS"}
OTHER_DISEASE: Final = "OTHER"
"""Of which `diseaseDetails` says which."""
RELATIONS: Final[Mapping[str, str]] = {"household": "SAME_HOUSEHOLD", "setting": "SAME_ENVIRONMENT"}
OTHER_RELATION: Final = "OTHER"
DATES: Final = "%d/%m/%Y"
"""SORMAS reads dates as its user's language writes them, and none of its languages writes 2020-06-29."""

CASE_COLUMNS: Final = (
    "externalID", "disease", "diseaseDetails", "person.firstName", "person.lastName", "person.sex",
    "person.birthdateDD", "person.birthdateMM", "person.birthdateYYYY", "person.phone", "person.address.street",
    "person.address.postalCode", "reportDate", "caseClassification", "responsibleRegion", "responsibleDistrict",
    "facilityType", "healthFacility", "additionalDetails",
)  # fmt: skip
CONTACT_COLUMNS: Final = (
    "externalID", "caseIdExternalSystem", "disease", "diseaseDetails", "reportDateTime", "region", "district",
    "lastContactDate", "relationToCase", "relationDescription", "person.firstName", "person.lastName", "person.sex",
    "person.birthdateDD", "person.birthdateMM", "person.birthdateYYYY", "person.phone", "person.emailAddress",
    "person.address.street", "person.address.postalCode", "description",
)  # fmt: skip


def sormas(parcel: Parcel, *, region: str, district: str, mark: str) -> bytes:
    """A ZIP of cases.csv and contacts.csv; every row says whose copy it is, in the column for remarks.

    region, district : as SORMAS knows the authority's place; it refuses names that it does not know
    """
    place = (region, district)
    diseases = {one.record_key: one.pathogen for one in parcel.cases}
    files = {"cases.csv": _table("CaseData", CASE_COLUMNS, (_case(one, place, mark) for one in parcel.cases))}
    if parcel.contacts is not None:
        rows = (_contact(one, diseases[one.case_key], place, mark) for one in parcel.contacts)
        files["contacts.csv"] = _table("Contact", CONTACT_COLUMNS, rows)
    return zipped(files)


def _case(one: Record, place: tuple[str, str], mark: str) -> dict[str, object]:
    """No day of onset: a laboratory does not know it, and SORMAS has no word for one that is guessed."""
    return {
        "externalID": one.record_key,
        **_disease(one.pathogen),
        "person.firstName": one.given_name,
        "person.lastName": one.family_name,
        "person.sex": SEXES.get(one.sex, UNKNOWN),
        **_born(one.date_of_birth),
        "person.phone": one.phone,
        "person.address.street": one.address,
        "person.address.postalCode": one.postcode,
        "reportDate": one.report_date.strftime(DATES),
        "caseClassification": CONFIRMED,
        "responsibleRegion": place[0],
        "responsibleDistrict": place[1],
        "facilityType": None,
        "healthFacility": None,
        "additionalDetails": f"specimen of {one.specimen_date} · copy {mark}",
    }


def _contact(one: NamedContact, pathogen: str, place: tuple[str, str], mark: str) -> dict[str, object]:
    relation = RELATIONS.get(one.kind, OTHER_RELATION)
    return {
        "externalID": one.contact_id,
        "caseIdExternalSystem": one.case_key,
        **_disease(pathogen),
        "reportDateTime": one.named_at.strftime(DATES),
        "region": place[0],
        "district": place[1],
        "lastContactDate": one.exposure_day.strftime(DATES),
        "relationToCase": relation,
        "relationDescription": one.kind.replace("_", " ") if relation == OTHER_RELATION else None,
        "person.firstName": one.given_name,
        "person.lastName": one.family_name,
        "person.sex": UNKNOWN,
        **_born(one.date_of_birth),
        "person.phone": one.phone,
        "person.emailAddress": one.email,
        "person.address.street": one.address,
        "person.address.postalCode": one.postcode,
        "description": f"copy {mark}",
    }


def _disease(pathogen: str) -> dict[str, object]:
    known = DISEASES.get(pathogen, OTHER_DISEASE)
    return {"disease": known, "diseaseDetails": pathogen.replace("_", " ") if known == OTHER_DISEASE else None}


def _born(day: date | None) -> dict[str, object]:
    return {
        "person.birthdateDD": day.day if day else None,
        "person.birthdateMM": day.month if day else None,
        "person.birthdateYYYY": day.year if day else None,
    }


def _table(entity: str, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Two rows before the data: what each column is a part of, and its name."""
    out = io.StringIO(newline="")
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow([entity] * len(columns))
    write.writerow(columns)
    for row in rows:
        write.writerow([plain(row[column]) for column in columns])
    return out.getvalue().encode()
