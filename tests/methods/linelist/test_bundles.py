"""FHIR's forms of each resource, one by one: what is ours is understood, what is not is held, nothing is lost."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pumphandle.linelist.checks import Checked, check
from pumphandle.linelist.feeds import FeedContract, Rows
from pumphandle.linelist.formats import read_lines

CONTRACT = FeedContract("north", "North", "*", "fhir", "Europe/London", 1.0, Rows(0, 9))
NHS = "https://fhir.nhs.uk/Id/nhs-number"
SCT, LOINC = "http://snomed.info/sct", "http://loinc.org"
Bundle = dict[str, dict[str, Any]]
HELD = "answer_contradictory"


def bundle() -> Bundle:
    return {
        "DiagnosticReport": {
            "id": "1", "status": "final", "code": {"text": "PCR"}, "identifier": [{"value": "F1"}],
            "subject": {"reference": "Patient/1"}, "specimen": [{"reference": "Specimen/1"}],
            "result": [{"reference": "Observation/1"}],
        },
        "Patient": {
            "id": "1", "name": [{"family": "Quill", "given": ["Ada"]}], "gender": "female", "birthDate": "1980-02-29",
            "address": [{"line": ["1 Mill Lane"], "postalCode": "QA1 1AA"}],
        },
        "Specimen": {"id": "1", "collection": {"collectedDateTime": "2020-06-01T10:00:00Z"}},
        "Observation": {
            "id": "1", "status": "final", "code": {"coding": [{"system": LOINC, "code": "94500-6"}]},
            "valueCodeableConcept": {"coding": [{"system": SCT, "code": "260373001"}]},
        },
    }  # fmt: skip


@pytest.fixture
def found(tmp_path: Path) -> Callable[[Bundle], Checked]:
    """What a bundle comes to, and that each of its lines is accounted for."""

    def read(said: Bundle) -> Checked:
        entries = [{"resource": {"resourceType": kind} | one} for kind, one in said.items() if one]
        path = tmp_path / "north.json"
        path.write_text(json.dumps({"resourceType": "Bundle", "type": "message", "entry": entries}), "utf-8")
        lines = read_lines(path, CONTRACT)
        checked = check(lines.frame, CONTRACT, received_on=date(2020, 6, 2))
        held = (*lines.held, *checked.held)
        assert len({one.line for one in held}) + checked.good.height == lines.lines_in >= 1
        return Checked(checked.good, held)

    return read


def changed(kind: str, without: tuple[str, ...] = (), **said: Any) -> Bundle:
    whole = bundle()
    whole[kind] = {name: value for name, value in whole[kind].items() if name not in without} | said
    return whole


def answered(**value: Any) -> Bundle:
    return changed("Observation", ("valueCodeableConcept",), **value)


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ({"valueCodeableConcept": {"coding": [{"system": SCT, "code": "260415000"}]}}, "negative"),
        ({"valueCodeableConcept": {"coding": [{"system": SCT, "code": "260373001", "display": "x"}]}}, "positive"),
        ({"valueCodeableConcept": {"text": "Detected"}}, "positive"),
        ({"valueCodeableConcept": {"coding": [{"code": "L7", "display": "Not detected"}]}}, "negative"),
        ({"valueCodeableConcept": {"coding": [{"system": SCT, "code": "1"}]}}, "result_unknown"),
        ({"valueCodeableConcept": {"coding": [{"system": SCT, "code": "260373001"}], "text": "Negative"}}, HELD),
        ({"valueCodeableConcept": {"coding": [{"system": SCT, "code": "260373001", "display": "Not detected"}]}}, HELD),
        (
            {
                "valueCodeableConcept": {
                    "coding": [{"system": SCT, "code": each} for each in ("260373001", "260415000")]
                }
            },
            HELD,
        ),
        ({"valueCodeableConcept": {"coding": [{"code": "NEG"}], "text": "Positive"}}, HELD),
        ({"valueString": "NOT DETECTED"}, "negative"),
        ({"valueString": "maybe"}, "result_unknown"),
        ({"valueQuantity": {"value": 31.5, "comparator": "<"}}, "result_unknown"),
        ({"valueInteger": 3}, "result_unknown"),
        ({"valueBoolean": False}, "result_unknown"),
        ({"valueDateTime": "2020-06-01"}, "result_unknown"),
        ({"valueTime": "10:00:00"}, "result_unknown"),
        ({"valueRange": {"low": {"value": 1}}}, "result_unknown"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, "result_unknown"),
        ({"valuePeriod": {"start": "2020-06-01"}}, "result_unknown"),
        ({"dataAbsentReason": {"text": "no specimen"}}, "result_missing"),
        ({"interpretation": [{"text": "negative"}]}, "result_missing"),
        ({"valueString": "x", "valueInteger": 1}, "resource_unreadable"),
    ],
)
def test_values(found: Callable[[Bundle], Checked], value: dict[str, Any], outcome: str) -> None:
    """What no table knows never becomes negative."""
    checked = found(answered(**value))
    assert (checked.good["result"].to_list() or [checked.held[0].code]) == [outcome]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("final", "final"), ("corrected", "corrected"), ("amended", "corrected"), ("entered-in-error", "withdrawn"),
        ("preliminary", "status_not_final"), ("registered", "status_not_final"), ("unknown", "status_unknown"),
    ],
)  # fmt: skip
def test_statuses(found: Callable[[Bundle], Checked], status: str, outcome: str) -> None:
    checked = found(changed("Observation", status=status))
    assert (checked.good["status"].to_list() or [checked.held[0].code]) == [outcome]


@pytest.mark.parametrize(
    ("collection", "outcome"),
    [
        ({"collectedDateTime": "2020-06-01"}, date(2020, 6, 1)),
        ({"collectedDateTime": "2020-05-31T23:30:00Z"}, date(2020, 6, 1)),  # half past midnight in London
        ({"collectedPeriod": {"start": "2020-05-30T08:00:00Z", "end": "2020-06-01T08:00:00Z"}}, date(2020, 5, 30)),
        ({"collectedDateTime": "2020-06"}, "specimen_date_unreadable"),
        ({}, "specimen_date_missing"),
    ],
)
def test_specimens(found: Callable[[Bundle], Checked], collection: dict[str, Any], outcome: object) -> None:
    checked = found(changed("Specimen", collection=collection))
    assert (checked.good["specimen_date"].to_list() or [checked.held[0].code]) == [outcome]


def test_without_a_specimen_the_observation_and_then_the_report_say_when(found: Callable[[Bundle], Checked]) -> None:
    said = changed("DiagnosticReport", ("specimen",), effectiveDateTime="2020-05-29")
    assert found(said).good["specimen_date"].to_list() == [date(2020, 5, 29)]
    said["Observation"]["effectiveDateTime"] = "2020-05-28T12:00:00Z"
    assert found(said).good["specimen_date"].to_list() == [date(2020, 5, 28)]


@pytest.mark.parametrize(
    ("patient", "field", "outcome"),
    [
        ({"name": [{"use": "maiden", "family": "Old"}, {"family": "New"}]}, "family_name", "New"),
        ({"name": [{"use": "old", "family": "Old"}]}, "family_name", "Old"),
        ({"name": []}, "family_name", None),
        ({"address": [{"use": "old", "postalCode": "A"}, {"use": "home", "postalCode": "B"}]}, "postcode", "B"),
        ({"address": [{"postalCode": "A", "period": {"end": "2019-01-01"}}, {"postalCode": "B"}]}, "postcode", "B"),
        ({"address": [{"type": "postal", "postalCode": "A"}, {"postalCode": "B"}]}, "postcode", "B"),
        ({"telecom": [{"system": "email", "value": "x"}, {"system": "phone", "value": "07"}]}, "phone", "07"),
        ({"identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9"}]}, "national_id", "9"),
        ({"identifier": [{"system": "urn:other", "value": "9"}]}, "national_id", None),
        ({"gender": "unknown"}, "sex", "unknown"),
        ({"gender": "other"}, "sex", "other"),
        ({"address": [{"postalCode": "A"}, {"use": "home", "postalCode": "B"}]}, "postcode", "B"),
        ({"identifier": [{"system": NHS, "value": one} for one in ("8", "9")]}, "national_id", None),
        (
            {"identifier": [{"system": NHS, "value": "8"}, {"use": "official", "system": NHS, "value": "9"}]},
            "national_id",
            "9",
        ),
    ],
)
def test_patients(found: Callable[[Bundle], Checked], patient: dict[str, Any], field: str, outcome: str | None) -> None:
    assert found(changed("Patient", **patient)).good[field].to_list() == [outcome]


@pytest.mark.parametrize("born", ["1980", "1980-02"])
def test_half_a_birthday_is_held(found: Callable[[Bundle], Checked], born: str) -> None:
    assert [one.code for one in found(changed("Patient", birthDate=born)).held] == ["date_of_birth_unreadable"]


@pytest.mark.parametrize(
    ("result", "codes"),
    [
        ([{"reference": "Observation/1"}, {"reference": "Observation/2"}], ["observation_missing"]),
        ([{"reference": "#inside"}], ["observation_missing", "patient_missing"]),  # the one that came names nobody
        ([], ["no_result", "patient_missing"]),
    ],
)
def test_a_report_whose_observation_does_not_come_loses_nothing(
    found: Callable[[Bundle], Checked], result: list[Any], codes: list[str]
) -> None:
    assert [one.code for one in found(changed("DiagnosticReport", result=result)).held] == codes
