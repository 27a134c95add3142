"""District x week x age band, and x sex, as one-way margins that give nothing away beside windows and totals.

A margin covers whole windows of the district's total, from the day after the last margin to the first day at or
after the end of an ISO week on which a total closes. So its groups add up to totals that are public anyway. Bands
are merged from the youngest until each group holds k persons in h households: the same argument as for windows, with
ages in place of days. Why no interval narrows: docs/methods/publish-once.md, "Margins".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from pumphandle.disclosure.rules import Rule
from pumphandle.vocabulary.counts import AGE_BANDS, SEXES

DIMENSIONS: Final[Mapping[str, str]] = {"age": "age_band", "sex": "sex"}
KEPT: Final = 4
"""Times k: how many persons of a band and day are looked at; more would only be slower."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Band:
    """count : what arrived; people : distinct (person, household), None once there are enough for a group alone."""

    count: int = 0
    people: frozenset[Pair] | None = field(repr=False, default=frozenset())


@dataclass(frozen=True)
class Margins:
    """One measure of one district since its last margin. first : ledger day; bands : by dimension and code."""

    first: int
    bands: Mapping[tuple[str, str], Band] = field(repr=False)


@dataclass(frozen=True)
class Group:
    """code : `age:0-29`, `sex:female`; value : what it counts."""

    code: str
    value: int


def daily(rows: pl.DataFrame, *, rule: Rule) -> dict[tuple[str, str], dict[tuple[str, str], Band]]:
    """Bands of a day by (district, measure). rows : windows.Moved.arrived, or taken."""
    out: dict[tuple[str, str], dict[tuple[str, str], Band]] = {}
    for dimension, column in DIMENSIONS.items():
        groups = rows.group_by("district", "measure", column).agg(
            pl.len().alias("count"),
            pl.struct("person_key", "household_key").unique().sort().head(KEPT * rule.k_persons).alias("people"),
        )
        for district, measure, code, count, people in groups.iter_rows():
            pairs = frozenset((one["person_key"], one["household_key"]) for one in people)
            out.setdefault((district, measure), {})[dimension, code] = Band(count, pairs)
    return out


def add(margins: Margins, today: Mapping[tuple[str, str], Band], *, rule: Rule) -> Margins:
    """One day's arrivals."""
    bands = dict(margins.bands)
    for key, band in today.items():
        before = bands.get(key, Band())
        bands[key] = Band(before.count + band.count, _together([before.people, band.people], rule))
    return Margins(margins.first, bands)


def subtract(margins: Margins, taken: Mapping[tuple[str, str], Band]) -> Margins:
    """What never counted. A band that had enough people is no longer known to, so that it must join others."""
    bands = dict(margins.bands)
    for key, band in taken.items():
        before = bands[key]
        people = frozenset[Pair]() if before.people is None else before.people - (band.people or frozenset())
        bands[key] = Band(before.count - band.count, people)
    return Margins(margins.first, bands)


def unknown(margins: Margins) -> Margins:
    """Under another rule: bands that had enough people are not known to have enough now."""
    return Margins(
        margins.first, {key: Band(band.count, band.people or frozenset()) for key, band in margins.bands.items()}
    )


def groups(margins: Margins, *, rule: Rule) -> tuple[Group, ...]:
    """What may be told once a margin is over; a dimension with fewer than two groups tells nothing."""
    out: list[Group] = []
    for dimension in DIMENSIONS:
        found = _merged(dimension, margins.bands, rule=rule)
        out += found if len(found) > 1 else []
    return tuple(out)


def _merged(dimension: str, bands: Mapping[tuple[str, str], Band], *, rule: Rule) -> list[Group]:
    codes = _order(dimension, (code for one, code in bands if one == dimension))
    out: list[tuple[list[str], int]] = []
    joined: list[str] = []
    people: list[frozenset[Pair] | None] = []
    value = 0
    for code in codes:
        band = bands.get((dimension, code), Band())
        joined.append(code)
        people.append(band.people)
        value += band.count
        if _together(people, rule) is None:
            out.append((joined, value))
            joined, people, value = [], [], 0
    if joined and out:
        last, held = out[-1]
        out[-1] = ([*last, *joined], held + value)
    return [Group(f"{dimension}:{_name(dimension, members)}", held) for members, held in out]


def _order(dimension: str, known: Iterable[str]) -> list[str]:
    """All bands, in an order that does not depend on the counts."""
    fixed = AGE_BANDS if dimension == "age" else SEXES
    return [*fixed, *sorted(set(known) - set(fixed))]


def _name(dimension: str, members: Sequence[str]) -> str:
    """0-17 for 0-4, 5-11 and 12-17; female_male; 65+_unknown."""
    ages = [code for code in members if code != "unknown"] if dimension == "age" else []
    if len(ages) < 2:
        return "_".join(members)
    start, end = ages[0].split("-")[0], ages[-1]
    return "_".join([f"{start}+" if end.endswith("+") else f"{start}-{end.split('-')[1]}", *members[len(ages) :]])


def _together(people: Sequence[frozenset[Pair] | None], rule: Rule) -> frozenset[Pair] | None:
    """All of them; None where they are enough persons in enough households."""
    if any(one is None for one in people):
        return None
    union = frozenset[Pair]().union(*(one for one in people if one is not None))
    persons, households = {person for person, _ in union}, {household for _, household in union}
    return None if len(persons) >= rule.k_persons and len(households) >= rule.h_households else union


def as_data(margins: Margins) -> dict[str, Any]:
    """For the inner shelf: it holds person keys."""
    return {
        "first": margins.first,
        "bands": [
            [dimension, code, band.count, None if band.people is None else sorted(band.people)]
            for (dimension, code), band in sorted(margins.bands.items())
        ],
    }


def from_data(data: Mapping[str, Any]) -> Margins:
    """As `as_data` kept it."""
    return Margins(
        first=int(data["first"]),
        bands={
            (dimension, code): Band(count, None if people is None else frozenset((one, two) for one, two in people))
            for dimension, code, count, people in data["bands"]
        },
    )
