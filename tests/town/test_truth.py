"""What the town says is true is what its files say, read by somebody who knows nothing but the feed contracts."""

import csv
import json

import polars as pl


def cells_of(path) -> dict[tuple[str, str], tuple[int, int]]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        return {(row["specimen_date"], row["postcode"]): (int(row["tests"]), int(row["positives"])) for row in rows}


def test_cells_are_what_the_files_say(town, reading) -> None:
    truth = cells_of(town.truth / "cells.csv")
    assert sum(tests for tests, _ in truth.values()) > 10_000
    assert reading.cells() == truth


def test_every_file_holds_what_the_summary_expects(town, reading) -> None:
    files = json.loads((town.truth / "summary.json").read_text("utf-8"))["files"]
    assert {path.name for path in town.inbox.rglob("*.csv")} == set(files)
    for name, expected in files.items():
        found = (reading.lines[name], reading.bad[name], reading.duplicates[name], reading.superseded[name])
        told = (expected["lines"], sum(expected["bad"].values()), expected["duplicates"], expected["superseded"])
        assert found == told, name


def test_every_kind_of_mess_occurs(town) -> None:
    files = json.loads((town.truth / "summary.json").read_text("utf-8"))["files"].values()
    for kind in ("duplicates", "superseded", "corrected", "withdrawn"):
        assert sum(file[kind] for file in files) > 5, kind
    for kind in ("future_date", "unknown_code", "no_specimen_id", "cell_count"):
        assert sum(file["bad"][kind] for file in files) > 0, kind
    assert sum("resent_of" in file for file in files) >= 5
    assert len({(file["laboratory"], file["day"]) for file in files}) < 5 * 30, "no laboratory was ever silent"


def test_postcodes_go_wrong_in_known_ways(town) -> None:
    cells = pl.read_csv(town.truth / "cells.csv")
    known = pl.read_csv(town.nation / "postcodes.csv")["postcode"].implode()
    wrong = cells.filter(~pl.col("postcode").is_in(known) & pl.col("postcode").is_not_null())
    assert "ZZ993VZ" in wrong["postcode"].to_list()
    assert 0.002 < int(wrong["tests"].sum()) / int(cells["tests"].sum()) < 0.02
    assert cells["postcode"].null_count() > 0


def test_specimens_name_the_person_behind_each_record(town, reading) -> None:
    specimens = pl.read_parquet(town.truth / "specimens.parquet")
    people = pl.read_parquet(town.truth / "people.parquet")
    assert set(specimens.select("laboratory", "specimen_id").iter_rows()) == set(reading.latest)
    assert set(specimens["person"]) == set(people["person"])
    assert people["national_id"].is_unique().all()
    assert specimens["person"].n_unique() < specimens.height * 0.97, "too few people were tested twice"
    number = dict(people.select("person", "national_id").iter_rows())
    for laboratory, specimen, person in specimens.select("laboratory", "specimen_id", "person").iter_rows():
        sent = reading.latest[laboratory, specimen]["national_id"].replace(" ", "")
        assert sent in ("", number[person])


def test_tests_and_positives_are_in_the_promised_range(town) -> None:
    cells = pl.read_csv(town.truth / "cells.csv")
    tests, positives = int(cells["tests"].sum()), int(cells["positives"].sum())
    assert 0.0025 < tests / 30 / 150_000 < 0.0035
    assert 0.01 < positives / tests < 0.08
