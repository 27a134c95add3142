"""What cannot be is refused with its reason: broken counts, a broken chain, a sealed date, a node outside the tree."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import polars as pl
import pytest

from pumphandle.disclosure.attack.refusals import Link, check_chain, check_counts, check_not_sealed
from pumphandle.disclosure.attack.rows import blocks_by_district
from pumphandle.disclosure.attacker import LedgerRow
from pumphandle.vocabulary.errors import LedgerBroken, NotUnderstood

START = date(2020, 6, 1)


def hashed(manifest: dict[str, object]) -> str:
    return sha256(repr(sorted(manifest.items())).encode()).hexdigest()


def chain(length: int) -> list[Link]:
    links: list[Link] = []
    before = ""
    for place in range(1, length + 1):
        manifest: dict[str, object] = {"sequence": place, "previous_hash": before}
        links.append(Link(place, START + timedelta(days=place), hashed(manifest), before, manifest))
        before = links[-1].hash
    return links


def test_a_whole_chain_holds() -> None:
    check_chain(chain(4), hash_of=hashed)
    check_chain([], hash_of=hashed)


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (lambda links: [links[0], links[2]], "number 3, where number 2"),
        (lambda links: [links[0], replace(links[1], manifest={"sequence": 9})], "hash does not hold"),
        (lambda links: [links[0], replace(links[1], previous_hash="x")], "chain is broken"),
        (lambda links: [links[0], replace(links[1], as_of=START)], "sealed"),
    ],
)
def test_a_broken_chain_is_refused(broken: Callable[[list[Link]], list[Link]], fault: str) -> None:
    with pytest.raises(LedgerBroken, match=fault):
        check_chain(broken(chain(3)), hash_of=hashed)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (("a", 3, -1), "no positives of 0 or more"),
        (("a", -3, 0), "no tests of 0 or more"),
        (("a", None, 0), "no tests of 0 or more"),
        (("a", 3, 4), "more positives than tests"),
        (("z", 3, 1), "outside the tree"),
    ],
)
def test_impossible_counts_are_refused(row: tuple[object, ...], fault: str) -> None:
    frame = pl.DataFrame([row, ("b", 2, 2)], schema=["area", "tests", "positives"], orient="row", strict=False)
    with pytest.raises(NotUnderstood, match=fault):
        check_counts(frame, known_areas={"a", "b"})


def test_possible_counts_pass() -> None:
    check_counts(pl.DataFrame({"area": ["a"], "tests": [3], "positives": [0]}), known_areas={"a"})


def test_a_sealed_date_is_refused() -> None:
    check_not_sealed(START, [])
    check_not_sealed(START + timedelta(days=1), [START])
    with pytest.raises(LedgerBroken, match="sealed"):
        check_not_sealed(START, [START])


def row(
    node: str, first: int, last: int, value: int, *, level: str = "small_area", measure: str = "cases"
) -> LedgerRow:
    return LedgerRow(node, level, measure, START + timedelta(days=first), START + timedelta(days=last), value)


def test_rows_become_windows_of_their_district() -> None:
    rows = [
        row("b", 0, 2, 7),
        row("D", 0, 0, 9, level="district"),
        row("c", 0, 1, 5),
        row("b", 0, 2, 70, measure="tests"),
    ]
    told = blocks_by_district(rows, measure="cases", district_of={"a": "D", "b": "D", "c": "E"}, start=START)
    nodes, blocks = told["D"]
    assert nodes == ["a", "b"]
    assert (blocks.area.tolist(), blocks.last.tolist(), blocks.value.tolist()) == ([1], [2], [7])
    assert blocks.totals.tolist() == [[0, 0, 9]]
    assert told["E"][1].value.tolist() == [5]


def test_a_node_outside_the_tree_is_refused() -> None:
    with pytest.raises(LedgerBroken, match="outside"):
        blocks_by_district([row("x", 0, 1, 5)], measure="cases", district_of={"a": "D"}, start=START)
