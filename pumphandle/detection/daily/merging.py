"""One ranking: findings of all methods and levels that stand on the same cases are one signal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pumphandle.detection.daily.finding import Finding, Level, Method

OVERLAP: Final = 0.5
"""Part of the smaller one's cases that two findings share when they are about the same thing."""


@dataclass(frozen=True)
class Ranked:
    """Who speaks for a place, and what else saw it. odds : alarms a week over what the method may raise, the least of
    all who saw it; at most 1 for a signal."""

    finding: Finding
    odds: float
    also: tuple[Finding, ...]


def rank(findings: Sequence[tuple[Finding, float]]) -> list[Ranked]:
    """Strongest first. findings : each with what its method may raise a week.

    The strongest speaks, with two exceptions. Whole districts come last whatever their strength: where a smaller place
    explains a rise, it is named. And the homes of one postcode do not speak where a circle of postcodes around them is
    a signal too: it holds more of the same cases. Ties fall by fewer areas, then by the cases' keys, so that no order
    of input matters.
    """
    judged = [(finding, finding.alarms_a_week / allowed) for finding, allowed in findings]
    wider = [set(one.cases) for one, odds in judged if one.method is Method.POSTCODE_SCAN and odds <= 1.0]

    def inside(one: Finding) -> bool:
        homes = one.method is Method.LINKS and one.level is Level.POSTCODE
        return homes and any(same(set(one.cases), cases) for cases in wider)

    ordered = sorted(
        judged,
        key=lambda one: (
            one[0].level is Level.DISTRICT, inside(one[0]), one[1], len(one[0].areas), one[0].cases, one[0].method,
        ),
    )  # fmt: skip
    groups: list[tuple[Finding, list[float], list[Finding]]] = []
    for finding, odds in ordered:
        for lead, strengths, also in groups:
            if lead.authority == finding.authority and same(set(lead.cases), set(finding.cases)):
                also.append(finding)
                strengths.append(odds)
                break
        else:
            groups.append((finding, [odds], []))
    ranked = [Ranked(lead, min(strengths), tuple(also)) for lead, strengths, also in groups]
    return sorted(ranked, key=lambda one: (one.odds, one.finding.cases))


def same(one: set[str], other: set[str]) -> bool:
    """They share half of the smaller one's cases."""
    smaller = min(len(one), len(other))
    return smaller > 0 and len(one & other) >= OVERLAP * smaller
