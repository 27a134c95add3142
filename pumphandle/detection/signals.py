"""Findings of the machine: a signal is not yet a cluster, and a cluster not yet an outbreak."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from typing import Final

import numpy as np

from pumphandle.detection.daily.expected import expected
from pumphandle.detection.daily.finding import Finding, Level, Method
from pumphandle.detection.daily.known import Ground, Known
from pumphandle.detection.daily.merging import Ranked
from pumphandle.detection.daily.placing import Look

DIGITS: Final = 9
"""Significant digits kept of a computed number: more than anybody reads, fewer than machines agree on."""


@dataclass(frozen=True)
class Curve:
    """Every specimen day of the study: cases of the signal, all cases of its areas, and what was expected there."""

    first: date
    inside: tuple[int, ...]
    around: tuple[int, ...]
    expected: tuple[float, ...]


@dataclass(frozen=True)
class Signal:
    """One finding that is worth a person's time. See Finding for what is not said here.

    place : 1 is the strongest of its authority
    odds : alarms a week over what may be raised, at most 1; also : "method, level" of what else saw the same cases
    excluded : why nobody is told (a threshold says so), or None
    """

    signal_id: str
    run_date: date
    pathogen: str
    place: int
    authority: str
    method: str
    level: str
    areas: tuple[str, ...]
    first_day: date
    last_day: date
    observed: int
    expected: float
    tests: int | None
    households: int
    largest_household: int
    p_value: float
    alarms_a_week: float
    odds: float
    weeks_between: float
    mostly_testing: bool
    excluded: str | None
    also: tuple[str, ...]
    sentence: str
    curve: Curve
    cases: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Hash of everything that the signal says, in one canonical form."""
        content = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False)
        return sha256(content.encode()).hexdigest()


@dataclass(frozen=True)
class Wording:
    """How places are called: code -> name."""

    areas: Mapping[str, str]
    authorities: Mapping[str, str]

    def place(self, finding: Finding) -> str:
        if finding.level is Level.DISTRICT:
            return self.authorities.get(finding.authority, finding.authority)
        named = [self.areas.get(code, code) for code in finding.areas]
        if len(named) == 1:
            return named[0]
        others = len(named) - 1
        return f"{named[0]} and {_many(others, 'neighbouring area')}"


def signals(
    ranked: Sequence[Ranked],
    look: Look,
    *,
    wording: Wording,
    false_alarms: float,
    largest_household_share: float,
) -> list[Signal]:
    """What is raised of one pathogen's ranked findings (odds of at most 1), in their order; places count by authority.

    false_alarms : a week in one authority, as chosen; largest_household_share : above it a signal is excluded
    """
    found: list[Signal] = []
    place: dict[str, int] = {}
    known = look.known
    for one in ranked:
        finding = one.finding
        if one.odds > 1.0:
            continue
        place[finding.authority] = place.get(finding.authority, 0) + 1
        weeks = 1.0 / (false_alarms * max(one.odds, 1e-12))
        only = finding.largest_share > largest_household_share
        rank = place[finding.authority]
        found.append(
            Signal(
                signal_id=f"{finding.authority}/{known.last}/{known.pathogen}/{rank}",
                run_date=known.last,
                pathogen=known.pathogen,
                place=rank,
                authority=finding.authority,
                method=str(finding.method),
                level=str(finding.level),
                areas=finding.areas,
                first_day=finding.first,
                last_day=finding.last,
                observed=finding.observed,
                expected=_short(finding.expected),
                tests=finding.tests,
                households=finding.households,
                largest_household=finding.largest_household,
                p_value=_short(finding.p_value),
                alarms_a_week=_short(finding.alarms_a_week),
                odds=_short(one.odds),
                weeks_between=_short(weeks),
                mostly_testing=finding.mostly_testing,
                excluded="mostly one household or institution" if only else None,
                also=tuple(dict.fromkeys(f"{other.method}, {other.level}" for other in one.also)),
                sentence=sentence(finding, wording.place(finding), weeks),
                curve=_curve(look, finding),
                cases=finding.cases,
            )
        )
    return found


def sentence(finding: Finding, place: str, weeks: float) -> str:
    """What a tired person understands: how many, where, since when, against what, how sure, and what to mind."""
    days = (finding.last - finding.first).days + 1
    where = "in "
    if finding.method is Method.LINKS:
        where = "of one postcode in " if finding.level is Level.POSTCODE else "that name one place, most of them in "
    elif finding.level is Level.POSTCODE:
        where = "among neighbouring postcodes of "
    said = [
        f"{_many(finding.observed, 'case')} in {_many(finding.households, 'household')} {where}{place}"
        f" in {_many(days, 'day')}, where {_about(finding.expected)} to be expected.",
        f"Chance alone would show your authority something like this {_often(weeks)}.",
    ]
    if finding.largest_household > 2 and finding.largest_share >= 0.5:
        said.append(f"{finding.largest_household} of them share one address.")
    if finding.mostly_testing:
        said.append("Most of the rise comes from more testing.")
    return " ".join(said)


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _about(expected: float) -> str:
    if expected < 0.95:
        return "less than one was"
    rounded = round(expected)
    return f"about {rounded} was" if rounded == 1 else f"about {rounded} were"


def _often(weeks: float) -> str:
    years = weeks / 52.18
    if years >= 100:
        return "less than once in 100 years"
    if years >= 2:
        return f"once in {round(years)} years"
    if weeks >= 9:
        return f"once in {round(weeks / 4.348)} months"
    return f"once in {round(weeks)} weeks" if weeks >= 1.5 else "every week"


def _curve(look: Look, finding: Finding) -> Curve:
    ground, known = look.ground, look.known
    wanted = set(finding.areas)
    areas = np.array([at for at, code in enumerate(ground.area_codes) if code in wanted])
    keys = set(finding.cases)
    inside = np.array([key in keys for key in known.case_keys], dtype=np.bool_)
    return Curve(
        first=known.date_of(0),
        inside=tuple(int(one) for one in known.counts(inside).sum(axis=0)),
        around=tuple(int(one) for one in known.counts()[areas].sum(axis=0)),
        expected=tuple(_short(float(one), 4) for one in look.expected[areas].sum(axis=0)),
    )


def look_of(ground: Ground, known: Known) -> Look:
    """What `signals` reads of a morning."""
    return Look(ground, known, expected(ground, known, known.counts()))


def _short(value: float, digits: int = DIGITS) -> float:
    return float(f"{value:.{digits}g}")
