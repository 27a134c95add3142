"""A line finds its person by identifier, then by all it says; twins stay two, and a doubt waits for a person."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from splink import DuckDBAPI

from pumphandle.identity.descriptions import described
from pumphandle.identity.linkage import LINE_SCHEMA, PERSON_SCHEMA, Linked, link, unsettled
from pumphandle.identity.scoring import model, predicted, score

KEY = b"k" * 32
ADA: dict[str, Any] = {
    "family_name": "Quill",
    "given_name": "Ada",
    "date_of_birth": "1980-02-11",
    "sex": "female",
    "postcode": "QA1 1AA",
    "phone": "07700 900001",
}
OTHER: dict[str, Any] = {
    "family_name": "Thornton",
    "given_name": "Benedict",
    "date_of_birth": "1951-11-30",
    "sex": "male",
    "postcode": "QB9 3ZZ",
    "phone": "07700 900777",
}


def line(key: str, **said: Any) -> dict[str, Any]:
    plain = {"version": 1, "national_id": None, "previous": None, "person_given": None} | dict.fromkeys(ADA)
    return {"record_key": key} | plain | said


def person(key: str, national_id: str | None, said: dict[str, Any]) -> dict[str, Any]:
    return {"unique_id": key, "person_key": key, "national_id": national_id} | said


def frame(rows: list[dict[str, Any]], schema: dict[str, Any]) -> pl.DataFrame:
    bare = pl.DataFrame(rows, schema={name: kind for name, kind in schema.items() if not name.startswith("block_")})
    return described(bare).select(list(schema))


def linked(lines: list[dict[str, Any]], persons: list[dict[str, Any]] | None = None, key: bytes = KEY) -> Linked:
    table, known = frame(lines, LINE_SCHEMA), frame(persons or [], PERSON_SCHEMA)
    return link(table, known, known, population=1_000_000, using=model(), key=key)


def keys(found: Linked) -> dict[str, str]:
    return dict(found.keys.iter_rows())


def test_the_identifier_decides() -> None:
    married = ADA | {"family_name": "Married"}
    found = linked([line("r1", national_id="9990000018", **married)], [person("ada", "9990000018", ADA)])
    assert keys(found) == {"r1": "ada"}
    assert found.new.height == 0


def test_without_identifier_everything_said_decides() -> None:
    known = [person("ada", "9990000018", ADA)]
    for slip in (
        {},
        {"family_name": "Qiull"},
        {"given_name": "Quill", "family_name": "Ada"},
        {"date_of_birth": "1980-11-02"},
        {"phone": None},
        {"postcode": "QA1 1AB"},
        {"sex": "unknown", "postcode": "ZZ9 9ZZ"},
    ):
        assert keys(linked([line("r1", **ADA | slip)], known)) == {"r1": "ada"}, slip


def test_twins_and_namesakes_are_two() -> None:
    known = [person("ada", "9990000018", ADA)]
    twin = linked([line("r1", **ADA | {"given_name": "Beth"})], known)
    assert keys(twin)["r1"] != "ada"
    brother = linked([line("r1", **ADA | {"given_name": "Tom", "sex": "male"})], known)
    assert keys(brother)["r1"] != "ada"
    namesake = linked([line("r1", **OTHER | {"family_name": "Quill", "given_name": "Ada"})], known)
    assert keys(namesake)["r1"] != "ada"


def test_a_doubt_is_not_linked_and_waits() -> None:
    found = linked([line("r1", **ADA | {"postcode": "ZZ9 9ZZ", "phone": None})], [person("ada", "9990000018", ADA)])
    minted = keys(found)["r1"]
    assert minted != "ada"
    assert {frozenset(row[:2]) for row in found.possible.iter_rows()} == {frozenset({"ada", minted})}
    assert all(0.5 <= row[2] < 0.999 for row in found.possible.iter_rows())


def test_another_identifier_is_another_person_whatever_is_said() -> None:
    found = linked([line("r1", national_id="9990000026", **ADA)], [person("ada", "9990000018", ADA)])
    assert keys(found)["r1"] != "ada"
    assert found.new["national_id"].to_list() == ["9990000026"]
    assert found.possible.height == 0


def test_an_identifier_of_somebody_quite_else_is_not_believed() -> None:
    found = linked([line("r1", national_id="9990000018", **OTHER)], [person("ada", "9990000018", ADA)])
    assert keys(found)["r1"] != "ada"
    assert found.doubted == 1
    assert found.new["national_id"].to_list() == [None]


def test_a_known_person_learns_an_identifier_once() -> None:
    lines = [line("r1", national_id="9990000026", **ADA), line("r2", national_id="9990000034", **OTHER)]
    found = linked(lines, [person("ada", None, ADA)])
    assert keys(found)["r1"] == "ada"
    assert keys(found)["r2"] != "ada"
    assert found.learnt.rows() == [("ada", "9990000026")]


def test_lines_of_one_new_person_in_one_batch_are_one_person() -> None:
    lines = [
        line("r1", **ADA),
        line("r2", national_id="9990000018", **ADA),
        line("r3", national_id="9990000018", **ADA | {"phone": None, "postcode": None}),
        line("r4", **ADA | {"given_name": "Adda"}),
    ]
    found = linked(lines)
    assert len(set(keys(found).values())) == 1
    assert found.new.select("person_key", "national_id").rows() == [(keys(found)["r1"], "9990000018")]


def test_between_two_bearers_of_one_name_nobody_guesses() -> None:
    known = [person("p1", "9990000018", ADA | {"phone": None}), person("p2", "9990000026", ADA | {"phone": None})]
    found = linked([line("r1", **ADA | {"phone": None})], known)
    assert keys(found)["r1"] not in {"p1", "p2"}
    assert found.possible.height == 2


def test_nothing_to_go_by_is_a_person_of_its_own() -> None:
    found = linked([line("r1"), line("r2"), line("r3", given_name="Ada")])
    assert len(set(keys(found).values())) == 3
    assert found.new.height == 3


def test_order_does_not_matter_and_another_secret_mints_another_key() -> None:
    lines = [line("r1", **ADA), line("r2", national_id="9990000018", **ADA), line("r3", **OTHER)]
    once = keys(linked(lines))
    assert keys(linked(lines[::-1])) == once
    assert keys(linked(lines, key=b"o" * 32)) != once


def test_a_decision_of_a_person_goes_before_everything() -> None:
    found = linked(
        [line("r1", national_id="9990000018", person_given="elsewhere", **ADA)], [person("ada", "9990000018", ADA)]
    )
    assert keys(found) == {"r1": "elsewhere"}


def test_a_corrected_record_stays_with_its_person_unless_it_is_somebody_else() -> None:
    known = [person("ada", "9990000018", ADA), person("ben", None, OTHER)]
    corrected = ADA | {"family_name": "Zwingli", "postcode": None}
    assert keys(linked([line("r1", previous="ada", **corrected)], known)) == {"r1": "ada"}
    assert keys(linked([line("r1", previous="ada", **OTHER)], known)) == {"r1": "ben"}


def test_what_an_identifier_settles_is_not_weighed() -> None:
    lines = frame([line("r1", national_id="9990000018", **ADA), line("r2", **ADA)], LINE_SCHEMA)
    known = frame([person("ada", "9990000018", ADA)], PERSON_SCHEMA)
    assert unsettled(lines, known)["record_key"].to_list() == ["r2"]


def test_dates_may_come_as_dates() -> None:
    said = described(pl.DataFrame([ADA | {"date_of_birth": date(1980, 2, 11)}]))
    assert said["date_of_birth"].to_list() == ["1980-02-11"]
    assert said["block_birth_first"].to_list() == ["1980-02-11ad"]


def test_two_models_in_one_process_share_no_score() -> None:
    """A model being tried has the number of the one it comes from: its own weights hold all the same."""
    left = frame([line("r1", **ADA), line("r2", **ADA | {"phone": None})], LINE_SCHEMA).rename(
        {"record_key": "unique_id"}
    )
    given = model()
    softer = json.loads(json.dumps(given.comparisons))
    for each in softer:
        for level in each["levels"]:
            level["m"], level["u"] = 0.5, 0.4
    models = (given, replace(given, comparisons=tuple(softer), possible=1e-9), replace(given, possible=0.9999999999999))
    told = [score(left, left, population=50_000, using=one)["probability"].to_list() for one in (*models, given)]
    assert len(told[0]) == len(told[1]) == 1
    assert told[0][0] > 0.9 > 0.1 > told[1][0]
    assert told[2] == []
    assert told[3] == told[0]


@pytest.mark.parametrize("within", [True, False])
def test_what_splink_wrote_once_says_of_every_day_what_splink_says(within: bool) -> None:
    """Its statements are written over empty tables and done again over each day's: twice, with different people."""
    for postcode in ("QA1 1AA", "QB9 3ZZ"):
        said = [ADA, ADA | {"given_name": "Adah"}, OTHER, OTHER | {"phone": None}, ADA | {"given_name": "Bea"}]
        lines = [line(f"r{at}", **one | {"postcode": postcode}) for at, one in enumerate(said)]
        left = frame(lines, LINE_SCHEMA).rename({"record_key": "unique_id"})
        right = left if within else frame([person(f"p{at}", None, one) for at, one in enumerate(said)], PERSON_SCHEMA)
        told = predicted(
            DuckDBAPI(), [left] if within else [left, right], population=50_000, using=model()
        ).as_duckdbpyrelation()
        theirs = sorted(
            (*sorted(row[:2]), row[2]) for row in told.select("unique_id_l, unique_id_r, match_probability").fetchall()
        )
        ours = score(left, right, population=50_000, using=model())
        assert sorted((*sorted(row[:2]), row[2]) for row in ours.iter_rows()) == theirs != []
