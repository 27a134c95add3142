"""Every column and value that is handed over is one that the other program's own sources name."""

import csv
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace

import pytest

from pumphandle.delivery.interchange import go_data
from pumphandle.delivery.sormas import sormas
from pumphandle.tracing.follow_up import FOLLOW_UP
from pumphandle.vocabulary.tracing import ContactKind
from tests.methods.delivery import import_names as names
from tests.methods.delivery.parcels import MARK, PARCEL, A, Case

GO_DATA = {
    "cases.csv": names.GO_DATA_CASE, "contacts.csv": names.GO_DATA_CONTACT,
    "relationships.csv": names.GO_DATA_RELATIONSHIP, "clusters.csv": names.GO_DATA_CLUSTER,
}  # fmt: skip
SORMAS = {"cases.csv": names.SORMAS_CASE, "contacts.csv": names.SORMAS_CONTACT}
CONTACT = (PARCEL.contacts or [])[0]
EVERY = replace(
    PARCEL,
    cases=[Case(f"{A[:-1]}{place}", sex=sex) for place, sex in enumerate(("female", "male", "other", "unknown"), 1)],
    contacts=[replace(CONTACT, state=state, kind=kind) for state in FOLLOW_UP.states for kind in ContactKind],
)


def tables(content: bytes) -> dict[str, list[list[str]]]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    return {name: list(csv.reader(io.StringIO(archive.read(name).decode()))) for name in archive.namelist()}


def unnumbered(column: str) -> str:
    """addresses[0].city -> addresses[].city, as the models name it."""
    return re.sub(r"\[\d+\]", "[]", column)


def check_values(rows: list[dict[str, str]], known: Mapping[str, set[str]]) -> set[str]:
    """The columns of `known` that the rows have, once every value of theirs is one of the known."""
    here = {column for column in rows[0] if unnumbered(column).removeprefix("relationship.") in known}
    for row in rows:
        for column in here:
            allowed = known[unnumbered(column).removeprefix("relationship.")] | {""}
            assert row[column] in allowed, f"{column}: {row[column]}"
    return here


def test_go_data_knows_every_column_and_value_and_misses_none() -> None:
    checked: set[str] = set()
    for name, (head, *rows) in tables(go_data(EVERY, mark=MARK)).items():
        columns = [unnumbered(column) for column in head]
        assert columns.pop() == "copy_of"
        assert set(columns) <= GO_DATA[name], set(columns) - GO_DATA[name]
        assert set(columns) >= names.GO_DATA_REQUIRED.get(name, set())
        checked |= check_values([dict(zip(head, row, strict=True)) for row in rows], names.GO_DATA_VALUES)
    assert {unnumbered(column).removeprefix("relationship.") for column in checked} == set(names.GO_DATA_VALUES)


def test_go_datas_own_ids_are_left_to_be_filled() -> None:
    head, row = tables(go_data(PARCEL, mark=MARK))["relationships.csv"]
    link = dict(zip(head, row, strict=True))
    assert (link["persons[0].id"], link["persons[1].id"], link["sourcePerson.visualId"]) == ("", "", A)


def test_sormas_knows_every_column_and_value_and_misses_none() -> None:
    checked: set[str] = set()
    for name, (entities, head, *rows) in tables(sormas(EVERY, region="North", district="Nor", mark=MARK)).items():
        assert set(entities) == {names.SORMAS_ENTITIES[name]} and len(entities) == len(head)
        assert set(head) <= SORMAS[name], set(head) - SORMAS[name]
        assert set(head) >= names.SORMAS_REQUIRED[name]
        found = [dict(zip(head, row, strict=True)) for row in rows]
        checked |= check_values(found, names.SORMAS_VALUES)
        for column in set(head) & {"reportDate", "reportDateTime", "lastContactDate"}:
            assert all(re.fullmatch(names.SORMAS_DATE, row[column]) for row in found), column
    assert checked == set(names.SORMAS_VALUES)


def test_sormas_is_told_who_named_whom_where_and_whose_copy_it_is() -> None:
    found = tables(sormas(PARCEL, region="North", district="Nor", mark=MARK))
    cases, contacts = (
        [dict(zip(rows[1], row, strict=True)) for row in rows[2:]]
        for rows in (found["cases.csv"], found["contacts.csv"])
    )
    assert cases[0]["externalID"] == contacts[0]["caseIdExternalSystem"] == A
    case = cases[0]
    assert (case["person.birthdateDD"], case["person.birthdateMM"], case["person.birthdateYYYY"]) == ("1", "2", "1980")
    assert (case["reportDate"], case["responsibleRegion"], case["responsibleDistrict"]) == (
        "30/06/2020",
        "North",
        "Nor",
    )
    assert (contacts[0]["relationToCase"], contacts[0]["lastContactDate"]) == ("SAME_HOUSEHOLD", "28/06/2020")
    assert contacts[0]["person.lastName"] == "'=Quill", "no spreadsheet takes a name for a formula"
    assert all(MARK in row["additionalDetails"] for row in cases) and MARK in contacts[0]["description"]


def test_what_sormas_has_no_name_for_is_said_in_words() -> None:
    parcel = replace(PARCEL, cases=[Case(A, pathogen="made_up_virus")], contacts=[replace(CONTACT, kind="visit")])
    found = tables(sormas(parcel, region="North", district="Nor", mark=MARK))
    case, contact = (dict(zip(rows[1], rows[2], strict=True)) for rows in (found["cases.csv"], found["contacts.csv"]))
    assert (case["disease"], case["diseaseDetails"]) == ("OTHER", "made up virus")
    assert (contact["relationToCase"], contact["relationDescription"]) == ("OTHER", "visit")


@pytest.mark.parametrize("contacts", [None, []])
def test_nobody_to_hand_on_is_no_file_only_where_they_are_not_theirs_to_see(contacts: list[None] | None) -> None:
    found = tables(sormas(replace(PARCEL, contacts=contacts), region="North", district="Nor", mark=MARK))
    assert ("contacts.csv" in found) == (contacts is not None)
