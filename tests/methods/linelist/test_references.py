"""Whose result it is, and of which specimen, is what the bundle says, never a guess, and nothing is lost."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pumphandle.linelist.checks import Checked, check
from pumphandle.linelist.feeds import FeedContract, Rows
from pumphandle.linelist.formats import read_lines
from pumphandle.vocabulary.errors import BadFile

CONTRACT = FeedContract("east", "East", "*", "fhir", "Australia/Sydney", 1.0, Rows(0, 9))
SCT, LOINC = "http://snomed.info/sct", "http://loinc.org"
HOME = "https://lab.example/fhir/"
Said = dict[str, Any]
Read = Callable[..., Checked]


@pytest.fixture
def found(tmp_path: Path) -> Read:
    """What entries (or the lines of a file) come to, and that each line is accounted for."""

    def read(*entries: Said, lines: str = "", overtaken: int = 0) -> Checked:
        whole = {"resourceType": "Bundle", "type": "collection", "entry": list(entries)}
        path = tmp_path / "east.json"
        path.write_text(lines or json.dumps(whole), "utf-8")
        came = read_lines(path, CONTRACT)
        checked = check(came.frame, CONTRACT, received_on=date(2020, 6, 2))
        held = (*came.held, *checked.held)
        assert len({one.line for one in held}) + checked.good.height + overtaken == came.lines_in
        assert came.overtaken == overtaken
        assert all(one.remedy and one.field for one in held)
        return Checked(checked.good, held)

    return read


def entry(kind: str, full_url: str = "", **said: Any) -> Said:
    resource = {"resourceType": kind} | {name.rstrip("_"): value for name, value in said.items() if value is not None}
    return {"resource": resource} | ({"fullUrl": full_url} if full_url else {})


def ref(name: str) -> Said:
    return {"reference": name}


def patient(id: str | None = "1", family: str = "Quill", full_url: str = "", **more: Any) -> Said:
    return entry("Patient", full_url, id=id, name=[{"family": family}], **more)


def observation(
    id: str | None = "1", full_url: str = "", code: str = "94500-6", answer: str = "260373001", **more: Any
) -> Said:
    said = {"coding": [{"system": SCT, "code": answer}]}
    test = {"coding": [{"system": LOINC, "code": code}]}
    given: Said = {"status": "final", "code": test, "valueCodeableConcept": said} | more
    return entry("Observation", full_url, id=id, **given)


def specimen(id: str | None = "1", when: str = "2020-06-01", full_url: str = "", **more: Any) -> Said:
    return entry("Specimen", full_url, id=id, collection={"collectedDateTime": when}, **more)


def report(id: str | None = "1", full_url: str = "", **more: Any) -> Said:
    given: Said = {
        "status": "final", "code": {"text": "PCR"}, "identifier": [{"value": f"F{id}"}], "subject": ref("Patient/1"),
        "specimen": [ref("Specimen/1")], "result": [ref("Observation/1")],
    } | more  # fmt: skip
    return entry("DiagnosticReport", full_url, id=id, **given)


def codes(checked: Checked) -> list[str]:
    return [one.code for one in checked.held]


def families(checked: Checked) -> list[str]:
    return checked.good["family_name"].to_list()


@pytest.mark.parametrize("way", ["relative", "version", "restful", "relative_to_address", "uuid", "contained"])
def test_every_way_of_referring(found: Read, way: str) -> None:
    names = {one: f"{one}/1" for one in ("Patient", "Specimen", "Observation")}
    where = dict.fromkeys(names, "")
    ids: dict[str, str | None] = dict.fromkeys(names, "1")
    if way == "version":
        names = {one: f"{name}/_history/3" for one, name in names.items()}
    elif way == "restful":
        where = names = {one: HOME + name for one, name in names.items()}
    elif way == "relative_to_address":
        where, ids = {one: HOME + name for one, name in names.items()}, dict.fromkeys(names, None)
    elif way == "uuid":
        where = names = {one: f"urn:uuid:{at}" for at, one in enumerate(names)}
        ids = dict.fromkeys(names, None)
    elif way == "contained":
        names = {one: f"#{one}" for one in names}
        ids = {one: one for one in names}
    parts = [
        patient(ids["Patient"], full_url=where["Patient"]),
        specimen(ids["Specimen"], full_url=where["Specimen"]),
        observation(ids["Observation"], full_url=where["Observation"], subject=ref(names["Patient"])),
    ]
    told: Said = {
        "subject": ref(names["Patient"]),
        "specimen": [ref(names["Specimen"])],
        "result": [ref(names["Observation"])],
    }
    if way == "contained":
        parts, told = [], told | {"contained": [one["resource"] for one in parts]}
    checked = found(report(full_url=HOME + "DiagnosticReport/1", **told), *parts)
    assert codes(checked) == []
    assert checked.good.select("family_name", "specimen_id", "specimen_date").rows() == [
        ("Quill", "F1/94500-6", date(2020, 6, 1))
    ]


def test_resources_without_an_id_are_each_their_own(found: Read) -> None:
    """An id is not needed where each has its address: two reports are two."""
    entries: list[Said] = []
    for at, family in enumerate(("Quill", "Thorn")):
        entries += [
            patient(None, family, f"urn:uuid:p{at}"), specimen(None, f"2020-05-3{at}", f"urn:uuid:s{at}"),
            observation(None, f"urn:uuid:o{at}"),
            report(None, f"urn:uuid:r{at}", identifier=[{"value": f"F{at}"}], subject=ref(f"urn:uuid:p{at}"),
                   specimen=[ref(f"urn:uuid:s{at}")], result=[ref(f"urn:uuid:o{at}")]),
        ]  # fmt: skip
    checked = found(*entries)
    assert checked.good.select("family_name", "specimen_id", "specimen_date").rows() == [
        ("Quill", "F0/94500-6", date(2020, 5, 30)),
        ("Thorn", "F1/94500-6", date(2020, 5, 31)),
    ]


def test_two_that_differ_under_one_name_are_not_chosen_between(found: Read) -> None:
    rest = (report(), specimen(), observation())
    assert codes(found(*rest, patient(), patient("1", "Thorn"))) == ["patient_missing"]
    assert families(found(*rest, patient(), patient())) == ["Quill"]
    two = (patient("1", "Quill", "https://a.example/Patient/1"), patient("1", "Thorn", "https://b.example/Patient/1"))
    near = report(full_url="https://b.example/DiagnosticReport/9")
    assert families(found(near, specimen(), observation(), *two)) == ["Thorn"]
    assert codes(found(*rest, *two)) == ["patient_missing"]


@pytest.mark.parametrize(
    ("of_report", "of_observation", "of_specimen", "told"),
    [
        ("1", "1", "1", ["Quill"]), ("1", None, None, ["Quill"]), (None, "2", None, ["Thorn"]),
        (None, None, "2", ["Thorn"]), ("1", "2", None, ["patient_differs"]), ("1", None, "2", ["patient_differs"]),
        (None, None, None, ["patient_missing"]), ("9", None, None, ["patient_missing"]),
        ("1", "9", None, ["patient_missing"]),
    ],
)  # fmt: skip
def test_all_that_name_a_patient_name_the_same(
    found: Read, of_report: str | None, of_observation: str | None, of_specimen: str | None, told: list[str]
) -> None:
    named = [None if one is None else ref(f"Patient/{one}") for one in (of_report, of_observation, of_specimen)]
    checked = found(
        report(subject=named[0]),
        observation(subject=named[1]),
        specimen(subject=named[2]),
        patient(),
        patient("2", "Thorn"),
    )
    assert families(checked) + codes(checked) == told


@pytest.mark.parametrize("subject", [ref("Group/1"), {"display": "somebody"}, {"identifier": {"value": "9"}}])
def test_a_subject_that_is_no_patient_here_is_held(found: Read, subject: Said) -> None:
    checked = found(report(subject=subject), observation(), specimen(), patient(), entry("Group", id="1"))
    assert codes(checked) == ["patient_missing"]


def test_several_observations_have_each_their_own_specimen(found: Read) -> None:
    many = [ref("Observation/1"), ref("Observation/2")]
    both = [
        specimen("1", "2020-05-20", identifier=[{"value": "S1"}]),
        specimen("2", "2020-05-28", identifier=[{"value": "S2"}]),
    ]
    own = [
        observation(str(at), specimen=ref(f"Specimen/{at}"), answer=said)
        for at, said in ((1, "260415000"), (2, "260373001"))
    ]
    names = [ref("Specimen/1"), ref("Specimen/2")]
    checked = found(report(result=many, specimen=names), *own, *both, patient())
    assert checked.good.select("specimen_id", "specimen_date", "result").rows() == [
        ("S1/94500-6", date(2020, 5, 20), "negative"),
        ("S2/94500-6", date(2020, 5, 28), "positive"),
    ]
    assert codes(found(report(specimen=names), observation(), *both, patient())) == ["specimen_unclear"]


@pytest.mark.parametrize(
    ("of_report", "of_observation", "told"),
    [
        ("final", "final", "positive final"), ("amended", "final", "positive corrected"),
        ("corrected", "corrected", "positive corrected"), ("appended", "final", "positive corrected"),
        ("entered-in-error", "final", "positive withdrawn"), ("final", "entered-in-error", "positive withdrawn"),
        ("final", "cancelled", "void final"), ("cancelled", "cancelled", "void final"),
        ("cancelled", "final", "order_cancelled"), ("preliminary", "final", "status_not_final"),
        ("partial", "final", "status_not_final"), ("registered", "final", "status_not_final"),
        ("final", "preliminary", "status_not_final"), ("unknown", "final", "status_unknown"),
        ("Final", "final", "status_unknown"), ("final", "done", "status_unknown"),
        ("", "final", "status_missing"), (None, "final", "status_missing"), ("final", "", "status_missing"),
        ("final", " ", "status_missing"), ("final", None, "status_missing"),
    ],
)  # fmt: skip
def test_report_and_observation_must_both_stand(
    found: Read, of_report: str | None, of_observation: str | None, told: str
) -> None:
    checked = found(report(status=of_report), observation(status=of_observation), specimen(), patient())
    assert [" ".join(row) for row in checked.good.select("result", "status").rows()] + codes(checked) == [told]


def test_what_is_entered_in_error_is_taken_back_without_its_value(found: Read) -> None:
    gone = observation(status="entered-in-error", valueCodeableConcept=None)
    checked = found(report(), gone, specimen(), patient())
    assert checked.good.select("result", "status").rows() == [("void", "withdrawn")]


def test_an_observation_that_no_report_names_is_read_by_itself(found: Read) -> None:
    alone = observation("2", subject=ref("Patient/1"), specimen=ref("Specimen/1"), identifier=[{"value": "O2"}])
    checked = found(report(), observation(), alone, specimen(), patient())
    assert sorted(checked.good["specimen_id"].to_list()) == ["F1/94500-6", "O2/94500-6"]
    assert codes(found(report(), observation(), observation("2"), specimen(), patient())) == ["patient_missing"]


def test_members_and_components_are_answers(found: Read) -> None:
    panel = observation(
        "1", code="1", valueCodeableConcept=None, hasMember=[ref("Observation/2"), ref("Observation/1")]
    )
    checked = found(report(), panel, observation("2"), specimen(), patient())
    assert (checked.good["result"].to_list(), codes(checked)) == (["positive"], [])
    inner = observation()["resource"]
    parts = [{"code": inner["code"], "valueCodeableConcept": inner["valueCodeableConcept"]}]
    whole = observation("1", code="1", valueCodeableConcept=None, component=parts)
    assert found(report(), whole, specimen(), patient()).good["specimen_id"].to_list() == ["F1/94500-6"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"effectiveDateTime": "2020-05-31T14:30:00Z"}, date(2020, 6, 1)),  # half past midnight in Sydney
        ({"effectiveInstant": "2020-05-31T23:30:00+10:00"}, date(2020, 5, 31)),
        ({"effectivePeriod": {"start": "2020-05-30"}}, date(2020, 5, 30)),
        ({"effectiveDateTime": "2020-06"}, "specimen_date_unreadable"),
        ({"effectiveDateTime": "2020"}, "specimen_date_unreadable"),
        ({}, "specimen_date_missing"),
    ],
)
def test_days_are_the_laboratory_s(found: Read, said: Said, told: object) -> None:
    checked = found(report(specimen=None), observation(**said), patient())
    assert (checked.good["specimen_date"].to_list() or codes(checked)) == [told]


@pytest.mark.parametrize(
    ("said", "field", "told"),
    [
        ({"name": [{"use": "nickname", "family": "A"}, {"use": "official", "family": "B"}]}, "family_name", "B"),
        ({"name": [{"family": "A", "period": {"end": "2019"}}, {"family": "B"}]}, "family_name", "B"),
        ({"name": [{"family": "A", "period": {"end": "2030-01-01"}}, {"family": "B"}]}, "family_name", "A"),
        ({"address": [{"use": "old", "postalCode": "A"}]}, "postcode", None),
        ({"address": [{"use": "work", "postalCode": "A"}]}, "postcode", None),
        ({"address": [{"postalCode": "A", "period": {"end": "2020-05-01"}}]}, "postcode", None),
        ({"address": [{"postalCode": "A", "period": {"end": "2020-07-01"}}, {"postalCode": "B"}]}, "postcode", "A"),
        ({"address": [{"postalCode": "A", "period": {"start": "2020-07-01"}}, {"postalCode": "B"}]}, "postcode", "B"),
    ],
)
def test_what_was_over_on_the_day_of_the_specimen_is_not_used(
    found: Read, said: Said, field: str, told: str | None
) -> None:
    given: Said = {"id": "1", "name": [{"family": "Q"}]} | said
    person = {"resource": {"resourceType": "Patient"} | given}
    assert found(report(), observation(), specimen(), person).good[field].to_list() == [told]


def test_an_old_identifier_is_nobody_s(found: Read) -> None:
    nhs = "https://fhir.nhs.uk/Id/nhs-number"
    old = {"use": "old", "system": nhs, "value": "1"}
    new = {"use": "official", "system": nhs, "value": "2"}
    rest = (report(), observation(), specimen())
    assert found(*rest, patient(identifier=[old, new])).good["national_id"].to_list() == ["2"]
    assert found(*rest, patient(identifier=[old])).good["national_id"].to_list() == [None]


@pytest.mark.parametrize(
    "said",
    [
        {"modifierExtension": [{"url": "https://x.example/not", "valueBoolean": True}]},
        {"dataAbsentReason": {"text": "error"}},
    ],
)
def test_what_turns_or_contradicts_the_value_is_held(found: Read, said: Said) -> None:
    assert codes(found(report(), observation(**said), specimen(), patient())) == ["resource_unreadable"]


def test_one_broken_resource_holds_what_needs_it_and_no_more(found: Read) -> None:
    good = (
        patient("2", "Thorn"),
        observation("2"),
        report("2", subject=ref("Patient/2"), result=[ref("Observation/2")]),
    )
    bad = patient("1", gender=7)
    checked = found(bad, report(), observation(), specimen(), *good)
    assert (families(checked), codes(checked)) == (["Thorn"], ["resource_unreadable"])
    broken = report(code=None)
    checked = found(broken, patient(), observation(subject=ref("Patient/1")), specimen(), *good)
    assert (families(checked), codes(checked)) == (["Thorn"], ["resource_unreadable"])
    assert "Quill" not in checked.held[0].remedy
    assert codes(found(patient("7", gender=7), *good, specimen())) == ["resource_unreadable"]


def test_other_resources_nested_bundles_and_deletions(found: Read) -> None:
    whole = [report(), observation(), specimen(), patient()]
    inner = {"resource": {"resourceType": "Bundle", "type": "message", "entry": whole}}
    checked = found(entry("Practitioner", id="9"), entry("Xyz", id="1"), inner, inner)
    assert families(checked) == ["Quill", "Quill"]
    deleted = {"request": {"method": "DELETE", "url": "Observation/1"}}
    assert codes(found(*whole, deleted)) == ["deletion"]


def test_files_of_resources_one_a_line_or_alone(found: Read) -> None:
    whole = [one["resource"] for one in (patient(), specimen(), observation(), report())]
    assert families(found(lines="\n".join(map(json.dumps, whole)) + "\n")) == ["Quill"]
    inside = [one | {"id": f"c{at}"} for at, one in enumerate(whole[:3])]
    alone = report(contained=inside, subject=ref("#c0"), specimen=[ref("#c1")], result=[ref("#c2")])["resource"]
    assert families(found(lines=json.dumps(alone))) == ["Quill"]
    assert codes(found(lines=json.dumps(whole[0]))) == ["no_result"]
    with pytest.raises(BadFile, match=r"line 2.*one on each line"):
        found(lines=json.dumps(whole[0]) + '\n{"resourceType": "Pat')
    with pytest.raises(BadFile, match="is not FHIR"):
        found(lines='{"a": 1}')


def test_two_observations_of_one_test_are_told_apart_or_held(found: Read) -> None:
    """As two OBX of one message are."""
    named = report(result=[ref("Observation/1"), ref("Observation/2")])
    rest = (specimen(), patient())

    def told(**second: Any) -> list[str]:
        first = observation(effectiveDateTime="2020-06-01T09:00:00Z")
        checked = found(named, first, observation("2", **second), *rest, overtaken=1)
        return checked.good["result"].to_list() + codes(checked)

    negative = {"answer": "260415000"}
    assert told(**negative, status="corrected") == ["negative"]
    assert told(**negative, status="preliminary") == ["positive"]
    assert told(**negative, effectiveDateTime="2020-06-01T10:00:00Z") == ["negative"]
    checked = found(named, observation(), observation("2", answer="260415000"), *rest)
    assert (checked.good.height, codes(checked)) == (0, ["answers_differ"] * 2)
    checked = found(named, observation(), observation("2", note=[{"text": "again"}]), *rest)
    assert (checked.good["result"].to_list(), codes(checked)) == (["positive", "positive"], [])
