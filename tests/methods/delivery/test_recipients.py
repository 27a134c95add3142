"""An authority is told about its own residents, about nobody else's, and also when somebody stops being one."""

import polars as pl

from pumphandle.delivery.recipients import MOVED_AWAY, MOVED_HERE, changes, net

BEFORE = pl.Schema({"record_key": pl.String, "kind": pl.String, "district": pl.String})
AFTER = pl.Schema(
    {"record_key": pl.String, "version": pl.Int32, "kind": pl.String, "reason": pl.String, "district": pl.String}
)


Before = tuple[str, str, str | None]
After = tuple[str, int, str, str, str | None]


def told(before: list[Before], after: list[After]) -> list[tuple[str, ...]]:
    rows = changes(pl.DataFrame(before, schema=BEFORE, orient="row"), pl.DataFrame(after, schema=AFTER, orient="row"))
    return rows.select("authority", "change", "reason").rows()


def test_a_new_record_goes_to_its_district() -> None:
    assert told([], [("r", 1, "reported", "came", "D1")]) == [("D1", "new", "came")]


def test_an_unplaced_record_goes_to_nobody() -> None:
    assert told([], [("r", 1, "reported", "came", None)]) == []


def test_a_correction_is_a_change() -> None:
    assert told([("r", "reported", "D1")], [("r", 2, "corrected", "why", "D1")]) == [("D1", "changed", "why")]


def test_a_corrected_address_is_withdrawn_here_and_new_there() -> None:
    assert told([("r", "reported", "D1")], [("r", 2, "corrected", "why", "D2")]) == [
        ("D1", "withdrawn", MOVED_AWAY),
        ("D2", "new", MOVED_HERE),
    ]


def test_a_place_found_later_is_new_for_the_district() -> None:
    assert told([("r", "reported", None)], [("r", 2, "corrected", "why", "D1")]) == [("D1", "new", "why")]


def test_a_retraction_is_withdrawn() -> None:
    assert told([("r", "reported", "D1")], [("r", 2, "retracted", "gone", "D1")]) == [("D1", "withdrawn", "gone")]


def test_a_retracted_record_that_comes_again_is_new() -> None:
    assert told([("r", "retracted", "D1")], [("r", 3, "corrected", "again", "D1")]) == [("D1", "new", "again")]


def netted(*steps: str) -> list[str]:
    rows = [("D1", "r", step, "why", at) for at, step in enumerate(steps)]
    text = dict.fromkeys(("authority", "record_key", "change", "reason"), pl.String)
    schema = {**text, "change_id": pl.Int64}
    return net(pl.DataFrame(rows, schema=schema, orient="row"))["change"].to_list()


def test_several_changes_become_the_one_that_the_recipient_needs() -> None:
    assert netted("new") == ["new"]
    assert netted("new", "changed") == ["new"]
    assert netted("new", "withdrawn") == []
    assert netted("changed", "withdrawn") == ["withdrawn"]
    assert netted("withdrawn", "new") == ["changed"]
    assert netted("changed", "changed") == ["changed"]
