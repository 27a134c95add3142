"""Records as a FHIR R4 bundle of Patient and Observation, for receivers that ask for it.

Source: HL7 FHIR R4 (4.0.1), Bundle of type collection. Only what the agreement allows is in the records that come here.
"""

import json
from typing import Any, Final

import polars as pl

STATUS: Final = {"new": "final", "changed": "corrected", "withdrawn": "entered-in-error"}
GENDER: Final = {"female": "female", "male": "male", "other": "other"}


def bundle(records: pl.DataFrame) -> bytes:
    """One Observation a record; its Patient where the record still says whose it is. Canonical: keys sorted."""
    entries: list[dict[str, Any]] = []
    for row in records.iter_rows(named=True):
        entries += _entries(row)
    made = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return json.dumps(made, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _entries(row: dict[str, Any]) -> list[dict[str, Any]]:
    key = row["record_key"]
    observation: dict[str, Any] = {
        "resourceType": "Observation",
        "id": key,
        "status": STATUS[row["change"]],
        "code": {"text": row.get("pathogen") or "withdrawn"},
        "note": [{"text": row["reason"]}] if row["reason"] else None,
    }
    if row["change"] == "withdrawn":
        return [_entry(observation)]
    observation |= {
        "subject": {"reference": f"urn:uuid:{_patient_id(key)}"},
        "effectiveDateTime": str(row["specimen_date"]),
        "issued": f"{row['report_date']}T00:00:00Z",
        "valueString": row["result"],
        "identifier": _listed("value", row.get("specimen_id")),
        "performer": _listed("display", row.get("laboratory")),
    }
    return [_entry(_patient(row)), _entry(observation)]


def _patient(row: dict[str, Any]) -> dict[str, Any]:
    family, given = row.get("family_name"), row.get("given_name")
    name = _without_absent({"family": family, "given": [given] if given else None})
    address = _without_absent({"text": row.get("address"), "postalCode": row.get("postcode")})
    return {
        "resourceType": "Patient",
        "id": _patient_id(row["record_key"]),
        "identifier": _listed("value", row.get("national_id")),
        "name": [name] if name else None,
        "gender": GENDER.get(row.get("sex") or "", "unknown"),
        "birthDate": str(born) if (born := row.get("date_of_birth")) else None,
        "address": [address] if address else None,
        "telecom": _listed("value", row.get("phone"), system="phone"),
    }


def _entry(resource: dict[str, Any]) -> dict[str, Any]:
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": _without_absent(resource)}


def _patient_id(record_key: str) -> str:
    """A key of its own beside the record's: the same one in every package."""
    return f"{'f' if record_key[0] != 'f' else '0'}{record_key[1:]}"


def _listed(name: str, said: str | None, **beside: str) -> list[dict[str, str]] | None:
    return [{**beside, name: said}] if said else None


def _without_absent(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part is not None}
