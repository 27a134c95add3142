"""The scan statistic as the papers write it: every circle, every window, every logarithm, in plain Python."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Cylinder:
    """members : frozenset of places; first_day, last_day : both included."""

    ratio: float
    members: frozenset[int]
    first_day: int
    last_day: int
    observed: float
    baseline: float


def xlogy(x, y):
    return x * math.log(y) if x > 0 else 0.0


def poisson_ratio(c, e, total):
    """Kulldorff 1997, section 4: given the total, rate inside above rate outside."""
    if c <= e:
        return 0.0
    return xlogy(c, c / e) + (xlogy(total - c, (total - c) / (total - e)) if total > c else 0.0)


def bernoulli_ratio(c, n, cases, tests):
    """Kulldorff 1997, section 3."""
    if n == tests or c / n <= (cases - c) / (tests - n):
        return 0.0

    def likelihood(positive, of):
        return xlogy(positive, positive / of) + xlogy(of - positive, (of - positive) / of)

    return likelihood(c, n) + likelihood(cases - c, tests - n) - likelihood(cases, tests)


def forecast_ratio(c, e):
    """Neill 2009: expectation-based Poisson."""
    return xlogy(c, c / e) - (c - e) if c > e else 0.0


def circles(points, size, max_share):
    """Every set of places within some distance of some place that holds at most max_share of the size."""
    found = set()
    for middle in points:
        for edge in points:
            radius = math.dist(middle, edge) * (1 + 1e-9)
            inside = frozenset(at for at, point in enumerate(points) if math.dist(middle, point) <= radius)
            if sum(size[at] for at in inside) <= max_share * sum(size) * (1 + 1e-12):
                found.add(inside)
    return found


def windows(days, kind, longest):
    if kind == "spatial":
        return [(0, days - 1)]
    every = [(first, last) for last in range(days) for first in range(last + 1) if last - first < longest]
    return [(first, last) for first, last in every if kind == "retrospective" or last == days - 1]


def cylinders(counts, baseline, zones, spans, ratio, fewest=2):
    """All cylinders with a ratio above nought, highest first. counts, baseline : lists of rows, one a place."""
    found = []
    for members in zones:
        for first, last in spans:
            c = sum(counts[at][day] for at in members for day in range(first, last + 1))
            b = sum(baseline[at][day] for at in members for day in range(first, last + 1))
            if c >= fewest and ratio(c, b) > 0:
                found.append(Cylinder(ratio(c, b), members, first, last, c, b))
    return sorted(found, key=lambda one: -one.ratio)
