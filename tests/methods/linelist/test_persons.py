"""Of several names, addresses, numbers and telephones in a PID the one is taken that HL7 says is the person's."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pumphandle.linelist.feeds import FeedContract, Rows
from pumphandle.linelist.formats import read_lines

CONTRACT = FeedContract("north", "North", "*", "hl7", "Europe/London", 1.0, Rows(0, 9))
Read = Callable[..., dict[str, str]]


@pytest.fixture(params=["quick", "package"])
def who(tmp_path: Path, request: pytest.FixtureRequest) -> Read:
    def read(numbers: str = "", names: str = "", homes: str = "", phones: str = "", **agreed: Any) -> dict[str, str]:
        sign = "&" if request.param == "quick" else "$"
        said = f"PID|1||{numbers}||{names}||19800229|F|||{homes}||{phones}".replace("&", sign)
        head = f"MSH|^~\\{sign}|LAB|L1|US|U|20200601||ORU^R01^ORU_R01|1|P|2.5.1"
        answer = "OBX|1|CWE|94500-6^PCR^LN||260373001^Detected^SCT||||||F"
        path = tmp_path / "north.hl7"
        path.write_text("\r".join([head, said, "OBR|1||F1||||20200601", answer]) + "\r", "utf-8")
        contract = replace(CONTRACT, **agreed)
        (row,) = read_lines(path, contract).frame.to_dicts()
        return row

    return read


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("Quill^Ada", "Quill"),
        ("Old^Ada^^^^^M~Quill^Ada^^^^^L", "Quill"),
        ("Nick^Addie^^^^^N~Quill^Ada", "Quill"),
        ("Alias^Ada^^^^^A~Nick^Addie^^^^^N", "Nick"),
        ("~Quill^Ada^^^^^L", "Quill"),
        ("^^^^^^L~Quill^Ada^^^^^M", "Quill"),
        ("Before^Ada^^^^^L^^^^^20100101^20191231~Quill^Ada^^^^^D", "Quill"),
        ("Before^Ada^^^^^L^^^^^20100101^20191231", "Before"),
        ("Quill^Ada^^^^^D~Thorn^Ada", "Quill"),
        ("Quill&van&Quill^Ada^^^^^L", "Quill"),
        ("", ""),
    ],
)
def test_names(who: Read, names: str, told: str) -> None:
    assert who(names=names)["family_name"] == told


@pytest.mark.parametrize(
    ("homes", "told"),
    [
        ("1 Mill Lane^^Quillton^^QA1 1AA", "QA1 1AA"),
        ("^^^^QA9^^M~^^^^QA1^^H", "QA1"),
        ("^^^^QA9^^C~^^^^QA1^^P", "QA1"),
        ("^^^^QA9^^B~^^^^QA1", "QA1"),
        ("^^^^QA9^^BA", ""),
        ("^^^^QA9^^O", ""),
        ("^^^^QA9^^N", ""),
        ("^^^^QA2^^M~^^^^QA9^^BA", "QA2"),
        ("^^^^QA9^^H^^^^^^20100101^20191231~^^^^QA1^^H", "QA1"),
        ("^^^^QA9^^H^^^^^^20200701~^^^^QA1^^L", "QA1"),
        ("^^^^QA9^^H^^^^^^20100101^20191231", ""),
        ("^^^^QA1^^H~^^^^QA9^^H", "QA1"),
        ("~^^^^QA1", "QA1"),
        ("^^^^^USA^H~1 Mill Lane^^^^QA1^^C", "QA1"),
    ],
)
def test_homes(who: Read, homes: str, told: str) -> None:
    assert who(homes=homes)["postcode"] == told


@pytest.mark.parametrize(
    ("numbers", "agreed", "told"),
    [
        ("99^^^X^PI~401^^^NHS^NH", {}, "401"),
        ("402^^^X^NI~401^^^NHS^NH", {}, "401"),
        ("402^^^X^NI~401^^^NHS^NH", {"identifier_types": ("NI", "NH")}, "402"),
        ("401^^^NHS^NH~402^^^NHS^NH", {}, ""),
        ("401^^^NHS^NH~401^^^NHS^NH", {}, "401"),
        ("401^^^A^NH~402^^^B^NH", {"identifier_authorities": ("B", "A")}, "402"),
        ("401^^^A^NH", {"identifier_authorities": ("B",)}, ""),
        ("401^^^Name&2.16.840&ISO^NH", {"identifier_authorities": ("2.16.840",)}, "401"),
        ("401^^^NHS^NH^^20100101^20191231~402^^^NHS^NH^^20200101", {}, "402"),
        ("^^^NHS^NH~402^^^NHS^NH", {}, "402"),
        ("99^^^X^PI", {}, ""),
        ("", {}, ""),
    ],
)
def test_numbers(who: Read, numbers: str, agreed: dict[str, object], told: str) -> None:
    assert who(numbers=numbers, **agreed)["national_id"] == told


@pytest.mark.parametrize(
    ("phones", "told"),
    [
        ("07001", "07001"),
        ("07009^ORN^CP~07001^PRN^PH", "07001"),
        ("07009^WPN^PH", ""),
        ("^NET^Internet^ada@quill.example~^PRS^CP^^1^410^8952894", "4108952894"),
        ("07009^PRN^FX~07001^ORN^CP", "07001"),
        ("^PRN^PH~07001^ORN^CP", "07001"),
        ("x^PRN^PH^^^^^^^^^07001", "07001"),
        ("07009^EMR~", ""),
    ],
)
def test_telephones(who: Read, phones: str, told: str) -> None:
    assert who(phones=phones)["phone"] == told


def test_of_a_full_person_everything_is_that_person_s(who: Read) -> None:
    row = who(
        "9^^^X^PI~401^^^NHS^NH", "Old^Ada^^^^^M~Quill^Ada^^^^^L", "^^^^QA9^^B~1 Mill Lane^Flat 2^Quillton^^QA1^^H", "07"
    )
    assert [row[name] for name in ("national_id", "family_name", "given_name", "address", "postcode")] == [
        "401", "Quill", "Ada", "1 Mill Lane, Flat 2, Quillton", "QA1",
    ]  # fmt: skip
