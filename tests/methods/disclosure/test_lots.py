"""Why a total waited is nobody's knowledge: it may have rested by lot. Every history of a small district, replayed."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import product

import numpy as np
import polars as pl
import pytest

from pumphandle.disclosure import plain
from pumphandle.disclosure.gate import Watched, decide, watch
from pumphandle.disclosure.lots import rests
from pumphandle.vocabulary.errors import CertificateRefused
from tests.methods.disclosure.replayed import AREAS, RULE, START, Replayed, people

K, DAYS, WIDTH = 3, 3, 2
MOST = 3
"""A day's largest count of an area; what tells a larger number is left out, so that this bound narrows nothing."""

History = tuple[tuple[int, ...], ...]
Told = tuple[tuple[tuple[tuple[int, int, int], ...], tuple[int, int] | None], ...]
SECRET = bytes(range(16))


def replayed(*, lots: bool) -> dict[Told, set[History]]:
    """Every history by what would be told of it: area windows and the district's, day by day."""
    found: dict[Told, set[History]] = defaultdict(set)

    def go(watched: Watched, history: History, told: Told) -> None:
        if len(history) == DAYS:
            found[told].add(history)
            return
        for counts in product(range(MOST + 1), repeat=WIDTH):
            first = decide(watched, np.array(counts, dtype=np.int64), day=len(history))
            ways = [first]
            if lots and first.closing.district is not None:
                ways.append(decide(watched, np.array(counts, dtype=np.int64), day=len(history), total_may_close=False))
            for way in ways:
                alone = tuple(
                    (int(area), int(way.closing.first[area]), int(way.closing.value[area]))
                    for area in np.flatnonzero(way.closing.areas)
                )
                total = way.closing.district
                if all(value <= MOST for _, _, value in alone) and (total is None or total[1] <= MOST):
                    go(way.watched, (*history, counts), (*told, (alone, total)))

    go(watch(WIDTH, k=K), (), ())
    return found


def placed(found: dict[Told, set[History]]) -> tuple[int, int]:
    """Small counts in an interval narrower than k - 1, and all small counts."""
    narrow = small = 0
    for histories in found.values():
        counts = np.array(sorted(histories))
        few = ((counts >= 1) & (counts < K)).sum(axis=0)
        high = counts.max(axis=0)
        narrow += int(few[(high - counts.min(axis=0) < K - 1) & (high < MOST)].sum())
        small += int(few.sum())
    return narrow, small


@pytest.mark.heavy
@pytest.mark.parametrize(("lots", "told"), [(True, (0, 5_680)), (False, (826, 2_814))])
def test_who_replays_the_program_places_nobody_thanks_to_lots(lots: bool, told: tuple[int, int]) -> None:
    """The figures stand in docs/methods/publish-once.md."""
    assert placed(replayed(lots=lots)) == told


def test_lots_fall_as_often_as_they_should_and_the_same_each_time() -> None:
    days = [START + timedelta(days=day) for day in range(2_000)]
    drawn = [rests(SECRET, "D", "cases", day, percent=10) for day in days]
    assert 160 < sum(drawn) < 240
    assert drawn == [rests(SECRET, "D", "cases", day, percent=10) for day in days]
    assert drawn != [rests(SECRET, "E", "cases", day, percent=10) for day in days]
    assert drawn != [rests(SECRET, "D", "tests", day, percent=10) for day in days]
    assert drawn != [rests(SECRET[::-1], "D", "cases", day, percent=10) for day in days]
    assert not rests(b"", "D", "cases", START, percent=0)


def test_no_secret_nothing_published() -> None:
    with pytest.raises(CertificateRefused, match="no secret"):
        rests(b"", "D", "cases", START, percent=10)


def test_a_district_rests_on_its_days_and_its_areas_do_not() -> None:
    rule = replace(RULE, rest_percent=50)
    told = Replayed(
        [[row for area in AREAS for row in people(day, area, 6)] for day in range(12)], rule=rule, lots=SECRET
    )
    drawn = {
        measure: [day for day in range(12) if not rests(SECRET, "D", measure, START + timedelta(days=day), percent=50)]
        for measure in ("cases", "tests")
    }
    for measure, days in drawn.items():
        assert [last for _, last, _ in told.of("district", measure)] == days
        assert len(told.of("small_area", measure)) == 12 * len(AREAS)
    assert drawn["cases"] != drawn["tests"]
    with pytest.raises(CertificateRefused, match="no secret"):
        Replayed([people(0, "W0", 6)], rule=rule)


def test_anyone_with_a_table_can_draw_lots() -> None:
    days = [START + timedelta(days=day) for day in range(20) for _ in range(6)]
    frame = pl.DataFrame({"area": ["A"] * len(days), "day": days})
    with_lots = plain.protect(frame, area="area", day="day", h=1, lots=SECRET, rest_percent=50)
    without = plain.protect(frame, area="area", day="day", h=1)
    assert without.totals.height == 20
    assert with_lots.totals.height < 18
    assert with_lots.totals["value"].sum() <= without.totals["value"].sum()
    assert with_lots.blocks.equals(without.blocks)
