"""Space-time scan statistic (Kulldorff): where and when are there more cases than chance would put there?"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from pumphandle.detection.clusters import Found, Overlap, best_cylinders, separate
from pumphandle.detection.gini import select
from pumphandle.detection.layout import Indices, Layout, Values, Windows, lay_out
from pumphandle.detection.models import Model
from pumphandle.detection.replicates import Block, Key, Replicates, maxima_of
from pumphandle.detection.significance import (
    Gumbel,
    gumbel,
    rank_p_value,
    reaches,
    recurrence_interval,
    sequential_p_value,
)
from pumphandle.detection.workers import Workers
from pumphandle.detection.zones import Zones
from pumphandle.vocabulary.errors import NotUnderstood


@dataclass(frozen=True)
class Cluster:
    """A set of places and a stretch of days with more cases than expected.

    centre : place; members : places, nearest first; first_day, last_day : both included, 0 = first day of the study
    observed, expected : cases inside; relative_risk : rate inside over rate outside (inf: no case outside)
    ratio : log-likelihood ratio
    p_value : by rank among the replicates, adjusted for everything that was looked at; None without replicates
    gumbel_p_value : the same from a Gumbel distribution, for values below one in the number of replicates
    recurrence_days : how often chance alone shows as much, by the Gumbel value, at the rhythm of the analyses
    """

    centre: int
    members: Indices
    first_day: int
    last_day: int
    observed: int
    expected: float
    relative_risk: float
    ratio: float
    p_value: float | None
    gumbel_p_value: float | None
    recurrence_days: float | None


@dataclass(frozen=True)
class Scan:
    """clusters : highest ratio first; maxima : (replicates drawn,) highest ratios under the null."""

    clusters: tuple[Cluster, ...]
    maxima: Values
    null: Gumbel | None


@dataclass(frozen=True)
class Chance:
    """How the null is drawn.

    replicates : how many at most; one less than a multiple of 100 or 1,000 makes p-values round
    stop_after : replicates that reach the highest ratio after which enough is known; None draws all
    days_between : days from one analysis to the next, for recurrence intervals
    threads : the result is the same for any number
    workers, parts : who draws the replicates, and in how many independent tasks: the result is the same for any.
                     Tables are made once a task, so a part should hold hundreds; None: this process alone
    """

    replicates: int = 999
    stop_after: int | None = None
    days_between: float = 1.0
    threads: int = 1
    workers: Workers | None = None
    parts: int = 2


def scan(
    model: Model,
    zones: Zones,
    windows: Windows,
    *,
    rng: np.random.Generator,
    chance: Chance | None = None,
    centres: str = "all",
    overlap: Overlap | Literal["gini"] = "none",
    fewest_cases: int = 2,
    most_clusters: int = 50,
    lowest_ratio: float = 0.0,
) -> Scan:
    """Space-time scan statistic over the given zones and windows.

    model   : cases with what to expect (models.poisson, bernoulli, space_time_permutation, …)
    zones   : zones.circles, listed or adjacent, over the same places
    windows : prospective, retrospective or spatial
    rng     : the only source of chance; two numbers are taken from it
    centres : "all", or "cases": circles only around places with a case inside the windows, in data and replicates
              alike: a valid test of a slightly smaller family, several times faster where places are many
    overlap : none, none_in_space_time, no_centre_inside (see clusters.separate), or gini: only significant clusters
              without overlap, under the cap at which they differ most from the rest (see gini.select)
    fewest_cases : in a cluster, in data and replicates alike

    No case at all is a defined answer: no cluster. Raises NotUnderstood where zones, model and windows do not fit
    each other (a window longer than the study, other places).
    Source: Kulldorff 1997, 2001; Kulldorff et al. 2005. Page: docs/methods/scan.md
    """
    how = chance or Chance()
    if how.replicates < 0 or (how.stop_after is not None and how.stop_after < 1):
        raise NotUnderstood("Replicates are not negative, and stop_after is at least 1.")
    layout = lay_out(model, zones, windows, fewest_cases=fewest_cases, centres=centres)
    key = rng.integers(0, 2**64, size=2, dtype=np.uint64)
    if len(layout.daily) == 0:
        return Scan(clusters=(), maxima=np.zeros(0), null=None)
    best = best_cylinders(layout, np.array([np.inf]))
    rule = "none" if overlap == "gini" else overlap
    found = separate(layout, best, overlap=rule, most=most_clusters, lowest=lowest_ratio)
    if not found or how.replicates == 0:
        return Scan(tuple(_cluster(one, model, np.zeros(0), None, how) for one in found), np.zeros(0), None)
    maxima = _drawn(layout, key, found[0].ratio, how)
    if overlap == "gini":
        found = select(layout, maxima, most=most_clusters)
    null = gumbel(maxima) if len(maxima) > 1 and maxima.std() > 0 else None
    return Scan(tuple(_cluster(one, model, maxima, null, how) for one in found), maxima, null)


def _drawn(layout: Layout, key: Key, ratio: float, how: Chance) -> Values:
    """By this process, or in tasks by others; where a count stops the drawing, only what it needed counts."""
    if how.workers is None:
        return _draw(Replicates(layout, key, threads=how.threads), ratio, how)
    cuts = [how.replicates * part // max(how.parts, 1) for part in range(max(how.parts, 1) + 1)]
    blocks = [Block(layout, key, first, last - first, how.threads) for first, last in pairwise(cuts) if last > first]
    drawn = np.concatenate(how.workers.map(maxima_of, blocks))
    reached = np.flatnonzero(reaches(drawn, ratio))
    stops = how.stop_after is not None and len(reached) >= how.stop_after
    return drawn[: reached[(how.stop_after or 1) - 1] + 1] if stops else drawn


def _draw(supply: Replicates, ratio: float, how: Chance) -> Values:
    """All replicates, or as many as it takes until `stop_after` have reached the ratio."""
    if how.stop_after is None:
        return supply.maxima(0, how.replicates)
    drawn = np.zeros(0)
    while len(drawn) < how.replicates:
        count = min(how.replicates - len(drawn), max(50, how.stop_after))
        drawn = np.concatenate((drawn, supply.maxima(len(drawn), count)))
        reached = np.flatnonzero(reaches(drawn, ratio))
        if len(reached) >= how.stop_after:
            return drawn[: reached[how.stop_after - 1] + 1]
    return drawn


def _cluster(found: Found, model: Model, maxima: Values, null: Gumbel | None, how: Chance) -> Cluster:
    outside, rest = model.cases.total - found.expected, model.cases.total - found.observed
    risk = np.inf if rest <= 0 else (found.observed / found.expected) / (rest / outside) if outside > 0 else np.nan
    p_value = None
    if len(maxima):
        stop = how.stop_after
        p_value = sequential_p_value(found.ratio, maxima, stop) if stop else rank_p_value(found.ratio, maxima)
    beyond = null.p_value(found.ratio) if null else None
    often = recurrence_interval(beyond, days_between=how.days_between) if beyond else None
    return Cluster(
        centre=found.centre,
        members=found.members,
        first_day=found.first_day,
        last_day=found.last_day,
        observed=found.observed,
        expected=found.expected,
        relative_risk=float(risk),
        ratio=found.ratio,
        p_value=p_value,
        gumbel_p_value=beyond,
        recurrence_days=often,
    )
