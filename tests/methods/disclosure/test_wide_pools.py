"""Quiet districts close together at their region or nation, so that no record waits for ever; nothing narrows."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from pumphandle.disclosure import districts, wide
from pumphandle.disclosure.attack.entire import Found, History, attack_entirely, groups_of
from pumphandle.disclosure.attack.rows import blocks_by_district, wide_pools
from pumphandle.disclosure.attack.wide import PoolAttacked
from pumphandle.disclosure.attacker import LedgerRow, audit_history
from pumphandle.disclosure.districts import MEASURES, Ground
from pumphandle.disclosure.protect import nothing_waits, protect
from pumphandle.disclosure.replay import Tree, before_the_first_day, day_again
from pumphandle.disclosure.rules import Rule
from pumphandle.publication.atlas import Atlas, LevelName, Place, ordered
from pumphandle.publication.edition import Edition, Release, edition_of
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.places import AreaLevel

START = date(2020, 6, 1)
RULE = Rule(k_persons=5, h_households=2, population_floor=500, pool_days=14, rest_percent=0, versions=())
DISTRICT = {f"W{at}": f"D{at // 3}" for at in range(18)}  # six districts of three areas
ABOVE = {f"D{at}": (f"R{at // 2}", "N") for at in range(6)}  # three regions of two districts
GROUND = Ground({a: a for a in DISTRICT}, DISTRICT, dict.fromkeys(DISTRICT, 2_000), START, ABOVE)
SCHEMA = ["measure", "sign", "contribution", "person_key", "household_key", "small_area", "age_band", "sex"]
DAYS = 130


class Quiet:
    """Days of few cases and few tests through `protect`; what it told, what waits, and what the records say.

    later : a day, and the rule's k from it on; low : a day, and the part of the rates that is left from it on
    """

    def __init__(self, *, cases: float, tests: float, seed: int, days: int = DAYS, rule: Rule = RULE,
                 held: frozenset[tuple[str, str]] = frozenset(), later: tuple[int, int] = (0, 5),
                 low: tuple[int, float] = (0, 1.0)) -> None:  # fmt: skip
        rng = np.random.default_rng(seed)
        self.rule = rule
        self.k_of = np.zeros(days, dtype=np.int64)
        self.waiting, memory, told = nothing_waits(), {}, []
        tree = Tree(GROUND.nodes, DISTRICT, START)
        replayed = before_the_first_day(tree)
        for at in range(days):
            as_of = START + timedelta(days=at)
            rule = replace(rule, k_persons=later[1]) if at == later[0] else rule
            self.k_of[at] = rule.k_persons
            part = low[1] if at >= low[0] else 1.0
            came = self._came(at, rng.poisson(part * cases, len(DISTRICT)), rng.poisson(part * tests, len(DISTRICT)))
            done = protect(
                came, self.waiting, ground=GROUND, last_closed={}, as_of=as_of, rule=rule, held=held,
                memory={name: districts.from_data(districts.as_data(one)) for name, one in memory.items()},
            )  # fmt: skip
            self.waiting, memory = done.waiting, done.memory
            replayed = day_again(replayed, came, done.table.blocks, tree=tree, as_of=as_of, rule=rule)
            told.append(done.table.blocks)
        self.days, self.blocks, self.records = days, pl.concat(told), replayed.records()

    @staticmethod
    def _came(day: int, cases: NDArray[np.int64], tests: NDArray[np.int64]) -> pl.DataFrame:
        rows: list[tuple[str, int, str, str, str, str, str, str]] = []
        for area, found, negative in zip(DISTRICT, cases, tests, strict=True):
            for at in range(int(found + negative)):
                who = f"{day}-{area}-{at}"
                measures = ("cases", "tests") if at < found else ("tests",)
                rows += [(measure, 1, who, who, who, area, "25-44", "female") for measure in measures]
        schema = dict.fromkeys(SCHEMA, pl.String) | {"sign": pl.Int8}
        return pl.DataFrame(rows, schema=schema, orient="row")

    @property
    def wide(self) -> pl.DataFrame:
        return self.blocks.filter(pl.col("level") == "pool", pl.col("node").str.starts_with("D").not_())

    def rows(self) -> list[LedgerRow]:
        columns = ("node", "level", "measure", "first_day", "last_day", "value", "group_code", "members")
        return [
            LedgerRow(
                *told, members=tuple((one[:-11], date.fromisoformat(one[-10:])) for one in (members or "").split())
            )
            for *told, members in self.blocks.select(columns).iter_rows()
        ]

    def attacked(self) -> list[Found]:
        rows = self.rows()
        told = {name: blocks_by_district(rows, measure=name, district_of=DISTRICT, start=START) for name in MEASURES}
        pools = [
            wide_pools(rows, measure=name, district_of=DISTRICT, above=GROUND.above, start=START, pool_days=14)
            for name in MEASURES
        ]
        histories = [
            History(district, nodes, MEASURES, [told[name][district][1] for name in MEASURES],
                    self.records.filter(pl.col("district") == district), START, self.days, self.k_of)
            for district, nodes in GROUND.by_district().items()
        ]  # fmt: skip
        return [attack_entirely(group, k=int(self.k_of.min()), h=2) for group in groups_of(histories, pools)]

    def audited(self) -> int:
        days = sorted({row.last_day for row in self.rows()})
        series = {(node, measure) for node in DISTRICT for measure in MEASURES}
        series |= {(district, measure) for district in ABOVE for measure in MEASURES}
        return audit_history(
            [(day, [row for row in self.rows() if row.last_day == day]) for day in days],
            series=series, inside=GROUND.inside(), ledger_start=START, k_of=dict.fromkeys(days, 5),
        )  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize(("cases", "tests", "seed"), [(0.01, 0.05, 1), (0.03, 0.3, 2), (0.015, 0.6, 3)])
def test_no_record_waits_for_ever_and_nothing_is_narrow(cases: float, tests: float, seed: int) -> None:
    quiet = Quiet(cases=cases, tests=tests, seed=seed)
    assert quiet.wide.height >= 2
    assert quiet.audited() == quiet.blocks.height
    found = quiet.attacked()
    assert all(one.stands for one in found), found
    assert sum(one.cells for one in found) > 20
    late = START + timedelta(days=DAYS - 45)
    old = quiet.waiting.filter(~pl.col("closed") & (pl.col("report_date") < late))
    counted = quiet.records.filter(pl.col("report_date") < late)
    assert old.height <= 0.1 * counted.height


def test_a_pool_counts_each_record_of_its_districts_once() -> None:
    quiet = Quiet(cases=0.03, tests=0.3, seed=5, days=60)
    assert quiet.wide.height
    for place, measure, last, value, members in quiet.wide.select(
        "node", "measure", "last_day", "value", "members"
    ).iter_rows():
        first = {one[:-11]: date.fromisoformat(one[-10:]) for one in members.split()}
        inside = [code for code in first if code in ABOVE]
        assert len(inside) > 1
        assert all(place in ABOVE[code] for code in inside)
        records = quiet.records.filter(pl.col("measure") == measure)
        counted = sum(
            records.filter((pl.col("district") == code) & pl.col("report_date").is_between(first[code], last)).height
            for code in inside
        )
        assert counted == value >= 5


def test_where_the_attacker_objects_the_districts_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wide, "attack_wide", lambda *_, **__: PoolAttacked(False, 1, 0, {}, 0, 0))
    assert Quiet(cases=0.03, tests=0.3, seed=5, days=60).wide.is_empty()


def test_a_held_district_takes_no_part() -> None:
    held = frozenset((f"W{at}", "cases") for at in range(3))
    quiet = Quiet(cases=0.03, tests=0.3, seed=5, days=60, held=held)
    pooled = quiet.wide.filter(measure="cases")["members"].to_list()
    assert pooled
    assert not any("D0:" in members for members in pooled)


def test_one_district_alone_makes_no_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = Ground(GROUND.nodes, DISTRICT, GROUND.people, START, {f"D{at}": (f"R{at}",) for at in range(6)})
    monkeypatch.setitem(Quiet.__init__.__globals__, "GROUND", alone)
    assert Quiet(cases=0.03, tests=0.3, seed=5, days=60).wide.is_empty()


@pytest.mark.heavy
@pytest.mark.parametrize(("k", "later"), [(5, 8), (8, 5)])
def test_another_rule_opens_nothing_that_was_told_under_the_first(k: int, later: int) -> None:
    rule = replace(RULE, k_persons=k)
    found = Quiet(cases=0.6, tests=1.2, seed=4, days=30, rule=rule, later=(14, later)).attacked()
    assert all(one.stands for one in found), found
    assert sum(one.cells for one in found) > 300


# As the site reads them.


def edition(quiet: Quiet) -> Edition:
    places = [Place("N", AreaLevel.NATION, "N", None, 36_000)]
    places += [Place(f"R{at}", AreaLevel.REGION, f"R{at}", "N", 12_000) for at in range(3)]
    places += [Place(code, AreaLevel.DISTRICT, code, above[0], 6_000) for code, above in ABOVE.items()]
    places += [Place(node, AreaLevel.SMALL_AREA, node, one, 2_000, node) for node, one in DISTRICT.items()]
    atlas = Atlas("N", "2020", "", ordered(places), {level: LevelName(level, level) for level in AreaLevel})
    rule, now = quiet.rule.as_data(), datetime(2020, 12, 1, tzinfo=UTC)
    releases = [
        Release(str(at), at + 1, START + timedelta(days=at), now, 0, rule, {}, {"ledger_start": str(START)}, "", "")
        for at in range(quiet.days)
    ]
    sequence = (pl.col("last_day") - START).dt.total_days() + 1
    ledger = quiet.blocks.with_columns(sequence=sequence).sort("sequence").with_row_index("block_id", offset=1)
    return edition_of(atlas, releases[-1], releases, ledger.with_columns(pl.col("value").cast(pl.Int64)))


def test_seven_days_hold_what_came_also_where_a_window_began_before_its_wide_pool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """W0 lies below the population floor: its window never closes by itself and holds more than k."""
    people = dict(GROUND.people) | {"W0": 400}
    monkeypatch.setitem(Quiet.__init__.__globals__, "GROUND", replace(GROUND, people=people))
    quiet = Quiet(cases=0.3, tests=2.0, seed=3, days=70, low=(30, 0.06))
    assert quiet.audited() == quiet.blocks.height
    shown = edition(quiet)
    late = above = 0
    for measure in MEASURES:
        pooled, of = shown.pooled[Measure(measure)], shown.seven[Measure(measure)]
        late += int((pooled.begun > pooled.first).sum())
        above += int((pooled.most > pooled.value).sum())
        truth = np.zeros((len(DISTRICT), quiet.days))
        for node, came in quiet.records.filter(pl.col("measure") == measure).select("node", "report_date").iter_rows():
            truth[shown.atlas.index[node], (came - START).days] += 1
        running = np.cumsum(truth, axis=1)
        running[:, 7:] -= running[:, :-7].copy()
        over = of.closed | (np.arange(quiet.days) < (of.open_since - START.toordinal())[:, None])
        assert (of.low <= running)[over].all()
        assert (running <= of.high)[over].all()
    assert late == above > 12
