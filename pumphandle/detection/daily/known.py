"""A country's places, and what is known of one pathogen on the morning that is looked at."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.detection.models import Cases, cases_at
from pumphandle.vocabulary.errors import NotUnderstood

Values = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

HOUSEHOLD_GAP: Final = 14
"""Days without a case after which a household's next case is a new introduction."""


@dataclass(frozen=True)
class Ground:
    """One entry a small area, in the order of `area_codes`.

    authorities : codes; authority : (areas,) position in it
    region : (areas,) 0, 1, …: areas that share one wave; all 0 where the country has no regions
    points : (areas, 2) metres east and north, NaN where not known; population : (areas,) people, NaN where not known
    """

    area_codes: tuple[str, ...]
    authorities: tuple[str, ...]
    authority: Longs
    points: Values
    population: Values
    region: Longs

    @property
    def areas(self) -> int:
        return len(self.area_codes)

    def __post_init__(self) -> None:
        if not self.area_codes or not self.authorities:
            raise NotUnderstood("A country has at least one small area and one authority.")
        if self.authority.shape != (self.areas,) or self.points.shape != (self.areas, 2):
            raise NotUnderstood("Give each small area its authority and its point.")
        if self.population.shape != (self.areas,) or (self.population < 0).any():
            raise NotUnderstood("Give each small area its population, or NaN where it is not known.")
        if self.region.shape != (self.areas,) or self.region.min() < 0:
            raise NotUnderstood("Give each small area the number of its region, 0 where there are none.")
        if self.authority.min() < 0 or self.authority.max() >= len(self.authorities):
            raise NotUnderstood("A small area belongs to an authority that is not listed.")


def _none() -> Longs:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Known:
    """What is known of one pathogen. Day 0 is the first of the study, the last one is `last`.

    tests : (areas, days) by specimen day
    case_keys : (cases,) opaque keys; case_area, case_day, case_household : (cases,) positions and numbers
    case_post : (cases,) number of the unit postcode, -1 where it has no place; post_points : (posts, 2) metres
    triangle : (authorities, days, delays) cases by specimen day and delay, or None
    shared_case, shared_place : (memberships,) position of a case and number of a place that it names, in any order
    """

    pathogen: str
    last: date
    tests: Values
    case_keys: tuple[str, ...]
    case_area: Longs
    case_day: Longs
    case_household: Longs
    case_post: Longs
    post_points: Values
    triangle: Values | None = None
    shared_case: Longs = field(default_factory=_none)
    shared_place: Longs = field(default_factory=_none)

    def __post_init__(self) -> None:
        lists = (self.case_area, self.case_day, self.case_household, self.case_post)
        if {len(one) for one in lists} != {len(self.case_keys)}:
            raise NotUnderstood("Every case has one key, area, day, household and postcode.")
        if self.tests.ndim != 2 or not np.isfinite(self.tests).all() or (self.tests < 0).any():
            raise NotUnderstood("Tests are a table of areas and days without holes and without negative numbers.")
        inside = self.case_area < self.tests.shape[0], self.case_day < self.tests.shape[1]
        if not all(one.all() for one in inside) or (np.minimum(self.case_area, self.case_day) < 0).any():
            raise NotUnderstood("A case lies outside the areas or the days of the study.")
        if len(self.case_post) and self.case_post.max() >= len(self.post_points):
            raise NotUnderstood("A case lies in a postcode that has no place.")
        if self.shared_case.shape != self.shared_place.shape:
            raise NotUnderstood("Every membership has one case and one place.")
        both = self.shared_case, self.shared_place
        if len(self.shared_case) and (min(one.min() for one in both) < 0 or both[0].max() >= len(self.case_keys)):
            raise NotUnderstood("A membership names a case that is not there.")

    @property
    def days(self) -> int:
        return int(self.tests.shape[1])

    @property
    def past(self) -> int:
        """Days from the first one with a test or case to the last of the study."""
        some = np.flatnonzero(self.tests.sum(axis=0) > 0)
        first = min([*some[:1].tolist(), *np.sort(self.case_day)[:1].tolist()], default=self.days)
        return self.days - int(first)

    def date_of(self, day: int) -> date:
        return self.last - timedelta(days=self.days - 1 - day)

    @cached_property
    def introductions(self) -> Longs:
        """(cases,) number of the household's introduction that a case belongs to: HOUSEHOLD_GAP days part two."""
        order = np.lexsort((self.case_day, self.case_household))
        house, day = self.case_household[order], self.case_day[order]
        starts = np.ones(len(order), dtype=np.bool_)
        starts[1:] = (house[1:] != house[:-1]) | (day[1:] - day[:-1] > HOUSEHOLD_GAP)
        found = np.empty(len(order), dtype=np.int64)
        found[order] = np.cumsum(starts) - 1
        return found

    @cached_property
    def first(self) -> Flags:
        """(cases,) the first case of each introduction; of several on one day the first by key."""
        order = np.lexsort((np.array(self.case_keys), self.case_day, self.introductions))
        found = np.zeros(len(order), dtype=np.bool_)
        _, at = np.unique(self.introductions[order], return_index=True)
        found[order[at]] = True
        return found

    def counts(self, chosen: Flags | None = None) -> Values:
        """(areas, days) cases; chosen : (cases,) which of them count."""
        some = np.ones(len(self.case_keys), dtype=np.bool_) if chosen is None else chosen
        table = np.zeros(self.tests.shape)
        np.add.at(table, (self.case_area[some], self.case_day[some]), 1.0)
        return table

    def cases(self, chosen: Flags) -> Cases:
        """Those chosen, by area, as a scan wants them."""
        places, days = self.tests.shape
        return cases_at(self.case_area[chosen], self.case_day[chosen], places=places, days=days)
