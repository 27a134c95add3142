"""How soon planted outbreaks are found, at the same false alarms, by each method and by all of ours together."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

import numpy as np

from bench.figures import Figure
from bench.trial.methods import METHODS, OURS, RATE, Found, Morning, mornings, zones_of
from bench.trial.morning import ground_of, known_of
from bench.trial.scoring import Season, power, rate, threshold_for
from bench.trial.world import World, seasons
from pumphandle_town.outbreaks import CAUSES

TITLE = "Outbreaks of known truth: power, days to detection, precision of place, false alarms"
SEEDS: Final = (1, 2, 3)
PEOPLE, DAYS = 1_000_000, 125


def figures(*, quick: bool) -> list[Figure]:
    """Planted and quiet seasons of the same countries; every method at the same false alarms on the quiet ones."""
    seeds, people, days = (SEEDS[:1], 300_000, 90) if quick else (SEEDS, PEOPLE, DAYS)
    worlds = [seasons(seed, people=people, days=days) for seed in seeds]
    every = [season for pair in worlds for season in pair]
    with ProcessPoolExecutor(len(every), mp_context=get_context("spawn")) as pool:
        found_in = list(pool.map(_findings, every, [days] * len(every)))
    loud, quiet = found_in[::2], found_in[1::2]
    planted = [one for one, _ in worlds]
    authorities = int(np.mean([one.district.max() + 1 for one in planted]))
    found: list[Figure] = [_promise(quiet, authorities)]
    delays: dict[str, float] = {}
    for name in METHODS:
        calm, stormy = ([one[name] for one in part] for part in (quiet, loud))
        threshold = threshold_for(calm, authorities, RATE)
        whole = power(planted, stormy, threshold)
        delays[name] = whole.delay
        causes = ", ".join(_of_cause(planted, stormy, threshold, str(cause)) for cause in CAUSES)
        found.append(
            Figure(
                f"{name}: {whole.outbreaks} outbreaks, power / mean days (missed = 21) / precision of place",
                f"{whole.power:.2f} / {whole.delay:.1f} / {whole.precision:.2f}; {causes}",
                f"at {RATE} false alarms a week and authority (score ≥ {threshold:.2f})",
            )
        )
    best = min((delay, name) for name, delay in delays.items() if name != OURS)
    found.append(
        Figure(
            f"days to detection against the best single peer: {best[1]}",
            f"{delays[OURS]:.1f} against {best[0]:.1f}",
            "fewer",
            delays[OURS] < best[0],
        )
    )
    return found


def _promise(quiet: Sequence[Mapping[str, Season]], authorities: int) -> Figure:
    measured = rate([one[OURS] for one in quiet], authorities, 0.0)
    return Figure(
        "false alarms a week and authority on quiet seasons, with the threshold as people set it",
        f"{measured:.2f}",
        f"≤ {RATE}",
        measured <= RATE,
    )


def _of_cause(worlds: list[World], loud: list[Season], threshold: float, cause: str) -> str:
    found = power(worlds, loud, threshold, cause)
    return f"{cause.replace('_', ' ')} {found.power:.2f} / {found.delay:.1f}"


def _findings(world: World, days: int) -> Mapping[str, Season]:
    """Method -> morning -> findings."""
    ground, zones = ground_of(world), zones_of(world)
    found: dict[str, dict[int, list[Found]]] = {name: {} for name in METHODS}
    for day in mornings(days):
        known, which = known_of(world, day)
        morning = Morning(world, ground, known, which, zones)
        for name, method in METHODS.items():
            found[name][day] = method(morning)
    return found
