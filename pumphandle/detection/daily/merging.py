"""One ranking: findings of all methods and levels that stand on the same cases are one signal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pumphandle.detection.daily.finding import Finding, Level

OVERLAP: Final = 0.5
"""Part of the smaller one's cases that two findings share when they are about the same thing."""


@dataclass(frozen=True)
class Ranked:
    """The strongest finding of a place, and what else saw it. odds : its alarms a week over what its method may raise;
    at most 1 for a signal."""

    finding: Finding
    odds: float
    also: tuple[Finding, ...]


def rank(findings: Sequence[tuple[Finding, float]]) -> list[Ranked]:
    """Strongest first. findings : each with what its method may raise a week.

    Whole districts come last whatever their strength: where a smaller place explains a rise, it is named.
    Ties fall by fewer areas, then by the cases' keys, so that no order of input matters.
    """
    ordered = sorted(
        ((finding, finding.alarms_a_week / allowed) for finding, allowed in findings),
        key=lambda one: (one[0].level is Level.DISTRICT, one[1], len(one[0].areas), one[0].cases, one[0].method),
    )
    groups: list[tuple[Finding, float, list[Finding]]] = []
    for finding, odds in ordered:
        for lead, _, also in groups:
            if lead.authority == finding.authority and same(set(lead.cases), set(finding.cases)):
                also.append(finding)
                break
        else:
            groups.append((finding, odds, []))
    ranked = [Ranked(lead, odds, tuple(also)) for lead, odds, also in groups]
    return sorted(ranked, key=lambda one: (one.odds, one.finding.cases))


def same(one: set[str], other: set[str]) -> bool:
    """They share half of the smaller one's cases."""
    smaller = min(len(one), len(other))
    return smaller > 0 and len(one & other) >= OVERLAP * smaller
