"""How the false alarms are shared out among our methods, and what cases of one home count: everything that was tried.

Every division is judged on the same findings of the same seasons. Seeds: others than those of `bench power`.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final

import numpy as np

from bench.figures import Figure
from bench.trial.methods import RATE, Found, mornings
from bench.trial.morning import ground_of, known_of
from bench.trial.scoring import Season, power, rate, threshold_for
from bench.trial.world import World, seasons
from pumphandle.detection.daily.by_circle import WEIGHTS, of_postcodes
from pumphandle.detection.daily.engine import Part, Task, findings_of
from pumphandle.detection.daily.finding import SHARES, Finding
from pumphandle.detection.daily.merging import rank
from pumphandle.detection.daily.settings import Settings
from pumphandle.detection.signals import look_of
from pumphandle_town.outbreaks import CAUSES

TITLE = "Which parts of the false alarms, which weights: chosen by planted outbreaks"
NOTE: Final = """**How to read it.** Parts are, in this order: scan of postcodes, homes of one postcode, places, scan of
small areas, exceedance of small areas, exceedance of districts. In every row the threshold is set so that quiet seasons
of the same countries raise 0.25 false alarms a week and authority, so that rows can be compared; a miss counts as 21
days. The rows of weights are the scan of postcodes alone. What was decided:
[one budget of false alarms](../decisions/0010-one-budget-of-false-alarms.md).
"""
SEEDS: Final = (1, 2, 3)
PEOPLE, DAYS, PROCESSES = 1_000_000, 125, 2
SHIPPED: Final = tuple(round(100 * share) for share in SHARES.values())
TRIED: Final = (
    SHIPPED,
    (70, 0, 0, 12, 15, 3),
    (60, 8, 15, 7, 7, 3),
    (62, 5, 10, 12, 8, 3),
    (50, 5, 10, 22, 10, 3),
    (17, 17, 17, 17, 16, 16),
    *(tuple(100 if one == at else 0 for one in range(len(SHARES))) for at in range(len(SHARES))),
)
"""Percent of the false alarms for each method, in the order of `SHARES`."""
POSTCODES_ALONE: Final = (100, 0, 0, 0, 0, 0)
TRIED_WEIGHTS: Final = (WEIGHTS, (1, 1), (1, 0))
NEAR: Final = 0.5
"""Days by which the shipped division may lie behind the best: 26 outbreaks tell no less apart."""

Told = Mapping[int, Sequence[tuple[Finding, frozenset[int]]]]


@dataclass(frozen=True)
class Seen:
    """What one season showed, morning by morning. found : by all methods; weighted : by the scan of postcodes alone"""

    found: Told
    weighted: Mapping[tuple[int, int], Told]


def figures(*, quick: bool) -> list[Figure]:
    """A row for each division and each pair of weights; then the shipped division against the best of all."""
    seeds, people, days = (SEEDS[:1], 300_000, 90) if quick else (SEEDS, PEOPLE, DAYS)
    worlds = [seasons(seed, people=people, days=days) for seed in seeds]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        every = [season for pair in worlds for season in pair]
        seen = list(pool.map(_seen, every, [days] * len(every)))
    loud, quiet, planted = seen[::2], seen[1::2], [one for one, _ in worlds]
    rows: list[Figure] = []
    delays: dict[str, float] = {}
    for parts in TRIED:
        name = f"parts {', '.join(map(str, parts))} %" + (" (shipped)" if parts == SHIPPED else "")
        calm, stormy = ([_divided(one.found, parts) for one in side] for side in (quiet, loud))
        delays[name], row = _row(name, planted, calm, stormy)
        rows.append(row)
    for weights in TRIED_WEIGHTS:
        first, later = weights
        name = f"scan of postcodes alone, a home's first case {first}, later ones {later}"
        calm, stormy = ([_divided(one.weighted[weights], POSTCODES_ALONE) for one in side] for side in (quiet, loud))
        rows.append(_row(name, planted, calm, stormy)[1])
    best = min(delays.values())
    shipped = next(delay for name, delay in delays.items() if "shipped" in name)
    found = f"{shipped:.1f} against {best:.1f}"
    kept = None if np.isnan(shipped) else shipped <= best + NEAR
    return [*rows, Figure("days to detection, shipped parts against the best of all", found, f"≤ {NEAR} more", kept)]


def _row(name: str, planted: list[World], calm: list[Season], stormy: list[Season]) -> tuple[float, Figure]:
    authorities = int(np.mean([one.district.max() + 1 for one in planted]))
    threshold = threshold_for(calm, authorities, RATE)
    whole = power(planted, stormy, threshold)
    by_cause = ", ".join(
        f"{str(cause).replace('_', ' ')} {one.power:.2f} / {one.delay:.1f}"
        for cause in CAUSES
        for one in [power(planted, stormy, threshold, str(cause))]
    )
    measured = f"{whole.power:.2f} / {whole.delay:.1f} / {whole.precision:.2f}; {by_cause}"
    asked = f"at {rate(calm, authorities, threshold):.2f} false alarms a week and authority"
    return whole.delay, Figure(
        f"{name}: {whole.outbreaks} outbreaks, power / mean days (missed = 21) / precision of place", measured, asked
    )


def _divided(told: Told, parts: tuple[int, ...]) -> Season:
    """One ranking a morning, as the engine makes it where the methods have these parts."""
    allowed = {which: RATE * part / 100.0 for which, part in zip(SHARES, parts, strict=True)}
    season: dict[int, list[Found]] = {}
    for day, found in told.items():
        numbers = {one.cases: cases for one, cases in found}
        chosen = [(one, allowed[one.method, one.level]) for one, _ in found if allowed[one.method, one.level] > 0]
        season[day] = [Found(-float(np.log(max(one.odds, 1e-300))), numbers[one.finding.cases]) for one in rank(chosen)]
    return season


def _seen(world: World, days: int) -> Seen:
    ground, settings = ground_of(world), Settings(false_alarms=RATE, most_replicates=99)
    found: dict[int, list[tuple[Finding, frozenset[int]]]] = {}
    weighted: dict[tuple[int, int], dict[int, list[tuple[Finding, frozenset[int]]]]] = {
        one: {} for one in TRIED_WEIGHTS
    }
    for day in mornings(days):
        known, which = known_of(world, day)
        number = {key: int(one) for key, one in zip(known.case_keys, which, strict=True)}

        def numbered(
            some: Sequence[Finding], number: Mapping[str, int] = number
        ) -> list[tuple[Finding, frozenset[int]]]:
            return [(one, frozenset(number[key] for key in one.cases)) for one in some]

        for weights in TRIED_WEIGHTS:
            weighted[weights][day] = numbered(of_postcodes(look_of(ground, known), weights=weights))
        others = [
            one
            for part in (Part.CIRCLES, Part.AREAS, Part.LINKS)
            for one in findings_of(Task(part, ground, known, settings))
        ]
        found[day] = weighted[WEIGHTS][day] + numbered(others)
    return Seen(found, weighted)
