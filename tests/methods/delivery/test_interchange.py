"""What is handed to other programs: Go.Data's own field names, valid FHIR, members of the parcel only, a mark."""

import csv
import io
import json
import zipfile
from dataclasses import replace

import pytest
from fhir.resources.R4B.bundle import Bundle

from pumphandle.delivery.exported import plain
from pumphandle.delivery.interchange import Parcel, fhir, go_data
from tests.methods.delivery.parcels import MARK, OTHER, PARCEL, A, B


def test_go_data_gets_its_own_field_names_and_references_that_hold() -> None:
    archive = zipfile.ZipFile(io.BytesIO(go_data(PARCEL, mark=MARK)))
    tables = {name: list(csv.DictReader(io.StringIO(archive.read(name).decode()))) for name in archive.namelist()}
    assert {name: len(rows) for name, rows in tables.items()} == {
        "clusters.csv": 1, "cases.csv": 2, "contacts.csv": 1, "relationships.csv": 1,
    }  # fmt: skip
    case, bare = tables["cases.csv"]
    assert (case["firstName"], case["dob"], case["gender"]) == (
        "Ada", "1980-02-01", "LNG_REFERENCE_DATA_CATEGORY_GENDER_FEMALE",
    )  # fmt: skip
    assert (bare["firstName"], bare["gender"], bare["isDateOfOnsetApproximate"]) == ("", "", "true")
    contact, link = tables["contacts.csv"][0], tables["relationships.csv"][0]
    assert contact["relationship.persons[0].id"] == case["visualId"]
    assert contact["lastName"] == "'=Quill", "no spreadsheet takes a name for a formula"
    assert (link["sourcePerson.visualId"], link["targetPerson.visualId"], link["clusterId"]) == (
        A,
        B,
        tables["clusters.csv"][0]["name"],
    )
    assert {row["copy_of"] for rows in tables.values() for row in rows} == {MARK}
    assert go_data(PARCEL, mark=MARK) == go_data(PARCEL, mark=MARK)


def test_what_is_not_theirs_to_see_is_no_empty_file() -> None:
    parcel = replace(PARCEL, contacts=None, links=None)
    archive = zipfile.ZipFile(io.BytesIO(go_data(parcel, mark=MARK)))
    assert archive.namelist() == ["clusters.csv", "cases.csv"]
    assert "RelatedPerson" not in fhir(parcel, mark=MARK).decode()


@pytest.mark.parametrize(("said", "written"), [
    ("+44 7700 900001", "+44 7700 900001"), ("07700 900001", "07700 900001"),
    ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
    ("+SUM(A1)", "'+SUM(A1)"), ("-1", "'-1"), ("+", "'+"),
])  # fmt: skip
def test_a_telephone_number_can_be_rung_and_a_formula_is_text(said: str, written: str) -> None:
    assert plain(said) == written


def test_fhir_is_valid_and_every_reference_leads_into_the_bundle() -> None:
    made = json.loads(fhir(PARCEL, mark=MARK))
    Bundle.model_validate(made)
    kinds = [one["resource"]["resourceType"] for one in made["entry"]]
    assert kinds == ["Patient", "Observation", "Patient", "Observation", "RelatedPerson", "Group"]
    here = {one["fullUrl"] for one in made["entry"]}
    text = json.dumps(made)
    references = [part.split('"')[0] for part in text.split('"reference": "')[1:]]
    assert references and set(references) <= here, "the cluster's case of another authority is not among its members"
    assert made["identifier"]["value"] == MARK
    assert OTHER not in text


def test_an_empty_parcel_is_a_parcel() -> None:
    nothing = Parcel([], [], [], [])
    assert json.loads(fhir(nothing, mark=MARK))["entry"] == []
    assert zipfile.ZipFile(io.BytesIO(go_data(nothing, mark=MARK))).testzip() is None
