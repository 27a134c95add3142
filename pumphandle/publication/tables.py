"""Figures as rows and records for files and answers, and the dictionary of every column."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from pumphandle.publication.edition import Edition, Figure, State
from pumphandle.publication.estimates import SPAN
from pumphandle.publication.windows_shown import area_state
from pumphandle.vocabulary.places import AreaLevel

DICTIONARY: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("ledger", "block_id", "whole number", "Number of the window in the ledger; never used twice"),
    ("ledger", "release_id", "text", "The release that published it: once, and never changed since"),
    ("ledger", "node", "area code", "Published under: a small area; the largest of a combined one; a district"),
    ("ledger", "level", "code", "small_area or district"),
    ("ledger", "measure", "code", "cases, tests, cases_withdrawn or tests_withdrawn"),
    ("ledger", "group_code", "code", "Group of people; all where no group is named"),
    ("ledger", "event_from, event_to", "day", "Specimen days it is restricted to; empty: any specimen day"),
    ("ledger", "first_day, last_day", "day", "Days on which the results arrived, both included"),
    ("ledger", "value", "whole number", "What was counted in the window, exactly"),
    ("ledger", "kind", "code", "exact"),
    ("areas", "area_code, level, name, parent", "text", "The area, its level, its name, the area that it lies in"),
    ("areas", "population", "people", "Residents of the area itself"),
    ("areas", "state", "code", "published: a closed window touches the seven days; open_window: too few people; "
     "combined: the figures stand at published_under; not_yet: nothing to show"),
    ("areas", "published_under", "area code", "Whose code the figures bear"),
    ("areas", "from_day, to_day", "day", "The seven days of arrival"),
    ("areas", "open_since", "day", "First day of the open window, where the state is open_window"),
    ("areas", "cases, tests", "estimate", "Seven-day figure made from the windows"),
    ("areas", "…_low, …_high", "bounds", "What the windows prove, where each person counts once"),
    ("areas", "cases_rate, tests_rate", "per 100,000", "Of the people published together"),
    ("areas", "positivity", "share 0 to 1", "Cases over tests, where both are published"),
)  # fmt: skip
"""(file, column, unit, meaning)."""

_FIGURES: Final = {
    "area_code": pl.String, "level": pl.String, "name": pl.String, "parent": pl.String, "population": pl.Int64,
    "state": pl.String, "published_under": pl.String, "from_day": pl.Date, "to_day": pl.Date, "open_since": pl.Date,
    "cases": pl.Float64, "cases_low": pl.Float64, "cases_high": pl.Float64, "cases_rate": pl.Float64,
    "tests": pl.Float64, "tests_low": pl.Float64, "tests_high": pl.Float64, "tests_rate": pl.Float64,
    "positivity": pl.Float64, "positivity_low": pl.Float64, "positivity_high": pl.Float64,
}  # fmt: skip
FIGURE_COLUMNS: Final = tuple(_FIGURES)
"""Columns of areas.csv, in order."""
_DECIMALS: Final = {"positivity": 5, "positivity_low": 5, "positivity_high": 5}


def figures_row(edition: Edition, code: str, day: date) -> Mapping[str, Any]:
    """One area in the columns of areas.csv; numbers rounded to one decimal, positivity to five.

    Every file of a release says these rows again: those of the newest day are made once.
    """
    if day != edition.release.as_of:
        return _row(edition, code, day)
    found = edition.rows.get(code)
    if found is None:
        found = edition.rows[code] = _row(edition, code, day)
    return found


def _row(edition: Edition, code: str, day: date) -> dict[str, Any]:
    place = edition.atlas.places[code]
    cases, tests, share = edition.three(code, day)
    state = area_state(edition, code, cases)
    given: dict[str, Any] = {
        "area_code": code,
        "level": place.level.value,
        "name": place.name,
        "parent": place.parent,
        "population": place.population,
        "state": state.value,
        "published_under": place.node if place.level is AreaLevel.SMALL_AREA else code,
        "from_day": max(edition.start, day - timedelta(days=SPAN - 1)),
        "to_day": day,
        "open_since": cases.since,
    }
    if state is not State.COMBINED:
        given |= _numbers("cases", cases) | _numbers("tests", tests) | _numbers("positivity", share)
    return {name: _rounded(name, given.get(name)) for name in _FIGURES}


def figures_frame(edition: Edition, day: date) -> pl.DataFrame:
    """All areas, in order of level and name."""
    return pl.DataFrame(
        [figures_row(edition, code, day) for code in edition.atlas.places], schema=_FIGURES, orient="row"
    )


def _numbers(name: str, figure: Figure) -> dict[str, float | None]:
    return {
        name: figure.estimate,
        f"{name}_low": figure.low,
        f"{name}_high": figure.high,
        f"{name}_rate": figure.rate,
    }


def _rounded(name: str, value: object) -> object:
    return round(value, _DECIMALS.get(name, 1)) if isinstance(value, float) else value
