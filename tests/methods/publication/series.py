"""Series as published, written by hand, for tests of status rules."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np

from pumphandle.publication.atlas import Atlas, LevelName, Place, ordered
from pumphandle.publication.edition import Release
from pumphandle.publication.status.inputs import Inputs
from pumphandle.vocabulary.places import AreaLevel


def two_nodes() -> Atlas:
    """A nation of one district with two small areas, each published by itself."""
    places = ordered(
        [
            Place("N", AreaLevel.NATION, "Nation", None, 20_000),
            Place("D", AreaLevel.DISTRICT, "District", "N", 20_000),
            Place("A", AreaLevel.SMALL_AREA, "Ash", "D", 10_000, "A"),
            Place("C", AreaLevel.SMALL_AREA, "Cedar", "D", 10_000, "C"),
        ]
    )
    return Atlas("Nation", "2020", "", places, {level: LevelName(level.value, level.value) for level in AreaLevel})


def release(sequence: int, as_of: date) -> Release:
    """Of a rule of five people in two households."""
    rule = {"k_persons": 5, "h_households": 2}
    return Release(str(as_of), sequence, as_of, datetime(2020, 6, 10, tzinfo=UTC), 0, rule, {}, {}, "", "hash")


def area(
    first: date,
    rates: Sequence[float],
    *,
    positivity: Sequence[float] | None = None,
    population: float = 100_000,
    quiet: Sequence[bool] | None = None,
    recalled: Sequence[bool] | None = None,
    untested: Sequence[bool] | None = None,
) -> Inputs:
    """One area: cases per 100,000 in the seven days to each day, and cases per 100 tests; nan where recalled."""
    cases = np.array([rates], dtype=np.float64) * population / 100_000
    share = np.array([positivity], dtype=np.float64) if positivity is not None else np.full_like(cases, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        tests = np.where(share > 0, 100 * cases / share, np.nan)
    return Inputs(
        codes=("X",),
        first=first,
        population=np.array([population], dtype=np.float64),
        cases=cases,
        tests=tests,
        quiet=np.array([quiet or [False] * cases.shape[1]], dtype=np.bool_),
        institution=np.zeros(cases.shape, dtype=np.bool_),
        recalled=np.array([recalled or [False] * cases.shape[1]], dtype=np.bool_),
        untested=np.array([untested or [False] * cases.shape[1]], dtype=np.bool_),
    )


def beside(*areas: Inputs) -> Inputs:
    """Several areas of the same days."""
    return Inputs(
        codes=tuple(f"X{number}" for number in range(len(areas))),
        first=areas[0].first,
        population=np.concatenate([one.population for one in areas]),
        cases=np.concatenate([one.cases for one in areas]),
        tests=np.concatenate([one.tests for one in areas]),
        quiet=np.concatenate([one.quiet for one in areas]),
        institution=np.concatenate([one.institution for one in areas]),
        recalled=np.concatenate([one.recalled for one in areas]),
        untested=np.concatenate([one.untested for one in areas]),
    )
