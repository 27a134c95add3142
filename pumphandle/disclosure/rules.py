"""The protection rule: versions of numbers that people chose, read together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A window closes with at least `k_persons` persons in at least `h_households` households.

    population_floor : residents of a node below which nothing is published under its name
    pool_days        : days after which a district's open windows close together
    rest_percent     : of days on which a district's own window rests by lot; see lots.py
    versions         : threshold name -> version, so that a release names what it was made by
    """

    k_persons: int
    h_households: int
    population_floor: int
    pool_days: int
    rest_percent: int
    versions: tuple[tuple[str, int], ...]

    def as_data(self) -> dict[str, object]:
        return {
            "k_persons": self.k_persons,
            "h_households": self.h_households,
            "population_floor": self.population_floor,
            "pool_days": self.pool_days,
            "rest_percent": self.rest_percent,
            "versions": dict(self.versions),
        }
