"""The protection rule: versions of numbers that people chose, read together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A window closes with at least `k_persons` persons in at least `h_households` households.

    versions : threshold name -> version, so that a release names what it was made by
    """

    k_persons: int
    h_households: int
    population_floor: int
    versions: tuple[tuple[str, int], ...]

    def as_data(self) -> dict[str, object]:
        return {
            "k_persons": self.k_persons,
            "h_households": self.h_households,
            "population_floor": self.population_floor,
            "versions": dict(self.versions),
        }
