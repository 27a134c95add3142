"""Nobody who knows every release and the rule can place a count of 1..k-1 in an interval narrower than k-1."""

from datetime import date, timedelta
from itertools import product

import numpy as np
import polars as pl
import pytest

from pumphandle.actions.publish import ledger_rows
from pumphandle.disclosure.attacker import LedgerRow, audit_history, series_of
from pumphandle.disclosure.districts import Ground
from pumphandle.disclosure.protect import nothing_waits, protect
from pumphandle.disclosure.rules import Rule
from pumphandle.disclosure.safe import SafeTable
from pumphandle.vocabulary.errors import Broken, CertificateRefused

START = date(2020, 6, 1)
RULE = Rule(k_persons=5, h_households=2, population_floor=500, pool_days=28, rest_percent=0, versions=())
CONTRIBUTIONS = pl.Schema(
    {
        "measure": pl.String,
        "sign": pl.Int8,
        "contribution": pl.String,
        "person_key": pl.String,
        "household_key": pl.String,
        "small_area": pl.String,
        "district": pl.String,
        "age_band": pl.String,
        "sex": pl.String,
    }
)

BAND = ("25-44", "female")
Row = tuple[str, int, str, str, str, str, str, str, str]


def cases(
    people: list[str], *, area: str = "A", sign: int = 1, households: int | None = None, day: int = 0
) -> list[Row]:
    """Cases of these people, and the tests that found them."""
    return [
        (measure, sign, f"{person}:{day}", person, f"h{at % households if households else person}", area, "D", *BAND)
        for measure in ("cases", "tests")
        for at, person in enumerate(people)
    ]


def ground(nodes: dict[str, str] | None = None) -> Ground:
    return Ground(
        nodes=nodes or {"A": "A", "B": "B"},
        district={"A": "D", "B": "D"},
        people={"A": 2_000, "B": 2_000},
        start=START,
    )


class Replayed:
    """The planner over days of contributions: the ledger, and what still waits."""

    def __init__(self, days: list[list[Row]], rule: Rule = RULE, *, over: Ground | None = None) -> None:
        self.waiting, memory, closed = nothing_waits(), {}, {}
        self.every: list[LedgerRow] = []
        for at, rows in enumerate(days):
            done = protect(
                pl.DataFrame(rows, schema=CONTRIBUTIONS, orient="row"),
                self.waiting,
                ground=over or ground(),
                memory=memory,
                last_closed=closed,
                as_of=START + timedelta(days=at),
                rule=rule,
            )
            self.waiting, memory = done.waiting, done.memory
            for row in ledger_rows(done.table.blocks):
                self.every.append(row)
                closed |= dict.fromkeys(series_of(row), row.last_day)

    @property
    def pending(self) -> pl.DataFrame:
        return self.waiting.filter(~pl.col("closed"))


def replay(days: list[list[Row]], rule: Rule = RULE) -> tuple[list[LedgerRow], pl.DataFrame]:
    """Windows of areas and pools of withdrawals, of cases; what still waits of them."""
    done = Replayed(days, rule)
    shown = [row for row in done.every if row.level == "small_area" or row.measure.endswith("_withdrawn")]
    mine = pl.col("measure").str.starts_with("cases")
    return [row for row in shown if row.measure.startswith("cases")], done.pending.filter(mine)


def test_a_window_closes_on_the_first_day_with_enough_persons() -> None:
    ledger, _ = replay([cases(["a", "b"]), cases(["c", "d"]), cases(["e", "f"]), cases(["g"])])
    assert [(row.first_day, row.last_day, row.value) for row in ledger] == [(START, START + timedelta(days=2), 6)]


def test_a_family_of_six_in_one_household_is_no_block() -> None:
    ledger, pending = replay([cases(list("abcdef"), households=1)])
    assert ledger == []
    assert pending.height == 6


def test_it_goes_out_with_neighbours_once_the_last_of_them_cannot_be_told() -> None:
    """Who knows that six waited for a second household would read the one neighbour off the seven."""
    family, others = cases(list("abcdef"), households=1), cases(list("vwxyz"))
    ledger, _ = replay([family, cases(["z"])])
    assert ledger == []
    ledger, _ = replay([family, others])
    assert [row.value for row in ledger] == [11]


def test_ten_tests_of_one_person_are_one_person() -> None:
    rows: list[Row] = [("tests", 1, f"t{at}", "a", f"h{at}", "A", "D", *BAND) for at in range(10)]
    done = Replayed([rows])
    assert done.every == []
    assert done.pending.height == 10


def test_positives_are_not_published_beside_cases() -> None:
    rows: list[Row] = [("positives", 1, f"t{at}", f"p{at}", f"h{at}", "A", "D", *BAND) for at in range(10)]
    done = Replayed([rows])
    assert (done.every, done.pending.height) == ([], 0)


def test_what_is_withdrawn_while_it_waits_never_was() -> None:
    ledger, pending = replay([cases(["a", "b", "c", "d"]), cases(["a"], sign=-1) + cases(["e"])])
    assert ledger == []
    assert pending.height == 4


def test_what_is_corrected_in_place_while_it_waits_goes_on_waiting() -> None:
    in_place = [*cases(["a"], sign=-1), *cases(["a"])]
    ledger, pending = replay([cases(["a", "b", "c", "d"]), in_place, cases(["e"])])
    assert [(row.first_day, row.value) for row in ledger] == [(START, 5)]
    assert pending.height == 0


def test_a_withdrawal_after_publication_waits_in_the_district_pool() -> None:
    five = list("abcde")
    ledger, pending = replay([cases(five), cases(["a"], sign=-1)])
    assert [row.measure for row in ledger] == ["cases"]
    assert pending.select("node", "measure").rows() == [("D", "cases_withdrawn")]
    ledger, pending = replay([cases(five), cases(five, sign=-1)])
    assert [(row.node, row.measure, row.value) for row in ledger] == [("A", "cases", 5), ("D", "cases_withdrawn", 5)]


def test_a_published_record_that_is_only_redated_is_not_counted_twice() -> None:
    redated = [*cases(["a"], sign=-1), *cases(["a"], day=3)]
    ledger, pending = replay([cases(list("abcde")), redated])
    assert len(ledger) == 1
    assert pending.height == 0


def test_the_order_of_rows_does_not_matter() -> None:
    days = [cases(["a", "b", "c"]), cases(["d", "e", "f"]) + cases(["a"], sign=-1), cases(["g", "h"])]
    turned = [list(reversed(rows)) for rows in days]
    assert replay(days)[0] == replay(turned)[0]


@pytest.mark.parametrize("mean", [0.5, 1.0, 3.0])
def test_brute_force_attack_finds_no_narrow_interval(mean: float) -> None:
    """Every history of small days that would have given the same ledger, enumerated; no closed form is trusted."""
    k, length = 3, 5
    told: dict[tuple[tuple[int, int, int], ...], list[tuple[int, ...]]] = {}
    for one in product(range(8), repeat=length):  # more than any day below can be, so that no bound is ours
        told.setdefault(tuple(_ledger_of(one, k)), []).append(one)
    rule = Rule(k_persons=k, h_households=1, population_floor=500, pool_days=28, rest_percent=0, versions=())
    rng = np.random.default_rng(1854)
    tried = 0
    for _ in range(6):
        counts = np.minimum(rng.poisson(mean, length), 4)
        ledger = _of_counts(tuple(int(count) for count in counts), rule)
        consistent = np.array(told[tuple(ledger)])
        for first in range(length):
            for last in range(first + 1, length + 1):
                truth = counts[first:last].sum()
                sums = consistent[:, first:last].sum(axis=1)
                if 1 <= truth <= k - 1:
                    assert sums.max() - sums.min() >= k - 1, (counts, first, last)
                    tried += 1
    assert tried > 0


def _of_counts(counts: tuple[int, ...], rule: Rule) -> list[tuple[int, int, int]]:
    days = [cases([f"{at}-{one}" for one in range(count)]) for at, count in enumerate(counts)]
    return [((row.first_day - START).days, (row.last_day - START).days, row.value) for row in replay(days, rule)[0]]


def _ledger_of(counts: tuple[int, ...], k: int) -> list[tuple[int, int, int]]:
    """The published rule, written again by the attacker."""
    start = held = 0
    blocks: list[tuple[int, int, int]] = []
    for day, count in enumerate(counts):
        held += count
        if held >= k:
            blocks.append((start, day, held))
            start, held = day + 1, 0
    return blocks


def test_a_safe_table_is_made_in_one_room_only() -> None:
    with pytest.raises(Broken):
        SafeTable(blocks=pl.DataFrame(), as_of=START, rule=RULE, seal=object())


def test_a_safe_table_shows_no_cell_by_accident() -> None:
    made = protect(
        pl.DataFrame(cases(list("abcdefg")), schema=CONTRIBUTIONS, orient="row"),
        nothing_waits(),
        ground=ground(),
        memory={},
        last_closed={},
        as_of=START,
        rule=RULE,
    )
    assert made.table.blocks.height == 4
    assert "7" not in repr(made).replace("2020", "").replace("28", "")
    assert "waiting" not in repr(made)


def block(first: int, last: int, value: int, *, node: str = "A") -> LedgerRow:
    return LedgerRow(node, "small_area", "cases", START + timedelta(days=first), START + timedelta(days=last), value)


def pool(last: int, value: int, **members: int) -> LedgerRow:
    days = {node: START + timedelta(days=first) for node, first in members.items()}
    first = min(days.values(), default=START)
    return LedgerRow("D", "pool", "cases", first, START + timedelta(days=last), value, members=tuple(days.items()))


def group(code: str, first: int, last: int, value: int) -> LedgerRow:
    return LedgerRow(
        "D", "district", "cases", START + timedelta(days=first), START + timedelta(days=last), value, group=code
    )


GOOD = [block(0, 2, 6), block(3, 3, 9), block(4, 9, 5)]


def attack(rows: list[LedgerRow]) -> int:
    days: dict[date, list[LedgerRow]] = {}
    for row in rows:
        days.setdefault(row.last_day, []).append(row)
    return audit_history(
        sorted(days.items()),
        series={("A", "cases"), ("B", "cases"), ("D", "cases")},
        inside={"A": {"D"}, "B": {"D"}},
        ledger_start=START,
        k_of=dict.fromkeys(days, 5),
    )


def test_the_attacker_passes_what_is_safe() -> None:
    assert attack(GOOD) == 3
    assert attack([*GOOD, pool(12, 8, A=10, B=0), block(13, 14, 5)]) == 5
    assert attack([group("all", 0, 6, 20), group("age:0-17", 0, 6, 12), group("age:18+", 0, 6, 8)]) == 3


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ([block(0, 2, 4)], "fewer than 5"),
        ([block(0, 9, 0)], "fewer than 5"),
        ([*GOOD, block(8, 10, 6)], "overlaps a sealed window"),
        ([*GOOD, block(2, 10, 6)], "overlaps a sealed window"),
        ([*GOOD, block(4, 9, 6)], "twice"),
        ([*GOOD, block(12, 14, 6)], "leaves a gap"),
        ([block(1, 2, 6)], "leaves a gap"),
        ([block(0, 2, 6, node="elsewhere")], "outside the publication nodes"),
        ([*GOOD, pool(12, 8, A=9, B=0)], "overlaps a sealed window"),
        ([*GOOD, pool(12, 8, A=11, B=0)], "leaves a gap"),
        ([*GOOD, pool(12, 8, A=10, C=0)], "lies outside it"),
        ([pool(12, 8)], "no member"),
        ([pool(12, 8, A=0, B=0), block(0, 12, 6)], "twice"),
        ([block(0, 12, 6), pool(12, 8, A=0, B=0)], "a window of its own"),
        ([group("age:0-17", 0, 6, 12), group("age:18+", 0, 6, 8)], "total does not"),
        ([group("all", 0, 6, 20), group("age:0-17", 0, 6, 12)], "stands alone"),
        ([group("all", 0, 6, 20), group("age:0-17", 0, 6, 12), group("age:18+", 1, 6, 8)], "other days"),
        ([group("all", 0, 6, 20), group("age:0-17", 0, 6, 12), group("age:18+", 0, 6, 3)], "fewer than 5"),
    ],
)
def test_the_attacker_catches_a_planted_fault_of_the_planner(planted: list[LedgerRow], fault: str) -> None:
    with pytest.raises(CertificateRefused, match=fault):
        attack(planted)


def test_the_attacker_catches_a_planner_that_allows_one_person() -> None:
    careless = Rule(k_persons=1, h_households=1, population_floor=500, pool_days=28, rest_percent=0, versions=())
    ledger, _ = replay([cases(["a"])], careless)
    with pytest.raises(CertificateRefused, match="fewer than 5"):
        attack(ledger)
