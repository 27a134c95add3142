"""A noisy product: one measure of some days of arrival, by areas of several levels and by groups of people."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Final

import numpy as np
import polars as pl

from pumphandle.disclosure.noisy.mechanism import Noise, scale_for, variance
from pumphandle.disclosure.noisy.tree import Agreed, Floats, Integers, Tree, agree
from pumphandle.vocabulary.counts import AGE_BANDS, SEXES, Measure
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.vocabulary.places import AreaLevel

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {"age_band": AGE_BANDS, "sex": SEXES}
"""All the codes that there can be: a cell without a record gets noise as any other."""
LEVELS: Final = (AreaLevel.NATION, AreaLevel.REGION, AreaLevel.DISTRICT, AreaLevel.SMALL_AREA)
ALL: Final = "all"
REACH: Final = math.log(20) / math.sqrt(2)
"""Standard errors to each side that hold 95 % of Laplace noise; sums of several are held more often."""
CELLS: Final = {
    "area_code": pl.String,
    "level": pl.String,
    "age_band": pl.String,
    "sex": pl.String,
    "estimate": pl.Float64,
    "standard_error": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}


@dataclass(frozen=True)
class Design:
    """What is asked for.

    levels      : at which noise is drawn; each gets an equal share of epsilon. All levels above the lowest are told
    groups      : of GROUPS, crossed with each other; none: everybody together
    thousandths : of epsilon, for the whole product
    """

    measure: Measure
    first_day: date
    last_day: date
    levels: tuple[AreaLevel, ...]
    groups: tuple[str, ...]
    thousandths: int

    def __post_init__(self) -> None:
        if not self.levels or len(set(self.levels)) != len(self.levels):
            raise NotUnderstood("A noisy product is drawn at one level at least, and at none twice.")
        strange = [name for name in self.groups if name not in GROUPS]
        if strange or len(set(self.groups)) != len(self.groups):
            raise NotUnderstood(f"People are grouped by {' and '.join(GROUPS)}, each at most once.")

    @property
    def scale(self) -> float:
        """Of the noise in each cell of each level drawn at."""
        return scale_for(self.thousandths / 1000 / len(self.levels))


@dataclass(frozen=True)
class Ground:
    """Areas of the lowest level drawn at and all above it.

    codes, levels : (areas,) in any order; parent : (areas,) index of the area above, -1 for the nation
    """

    codes: tuple[str, ...] = field(repr=False)
    levels: tuple[AreaLevel, ...] = field(repr=False)
    parent: Integers = field(repr=False)


def make(design: Design, ground: Ground, increments: pl.DataFrame, *, noise: Noise) -> pl.DataFrame:
    """The product's cells (CELLS), sums over each group (code "all") among them.

    increments : area_code (of the lowest level), the design's groups, increment: signed, as they came on the days asked

    One contribution changes one cell of each level drawn at by 1, so the whole is epsilon-private for contributions of
    those days, whatever is done with it later. Estimates are neither rounded nor clipped. Raises NotUnderstood for an
    area or a group that is not known.
    """
    axes = [GROUPS[name] for name in design.groups]
    combinations = list(product(*axes))
    true = _grid(design, ground, increments, combinations)
    tree = Tree(ground.parent)
    for nodes in tree.below():
        np.add.at(true, ground.parent[nodes], true[nodes])
    drawn = np.array([level in design.levels for level in ground.levels])
    measured = np.zeros(true.shape, dtype=np.float64)
    measured[drawn] = noise.draw(true[drawn], design.scale)
    spread = np.where(drawn, variance(design.scale), np.inf)
    return _cells(design, ground, combinations, agree(tree, measured, spread))


def _grid(
    design: Design, ground: Ground, increments: pl.DataFrame, combinations: Sequence[tuple[str, ...]]
) -> Integers:
    place = {code: at for at, code in enumerate(ground.codes)}
    column = {group: at for at, group in enumerate(combinations)}
    grid = np.zeros((len(place), len(combinations)), dtype=np.int64)
    for code, *group, count in increments.select("area_code", *design.groups, "increment").iter_rows():
        if code not in place or tuple(group) not in column:
            raise NotUnderstood("A count lies outside the areas or groups that are known.")
        grid[place[code], column[tuple(group)]] += count
    return grid


def _cells(design: Design, ground: Ground, combinations: Sequence[tuple[str, ...]], agreed: Agreed) -> pl.DataFrame:
    """Every combination of groups, and all sums of them; groups are independent, so variances add up."""
    parts: list[pl.DataFrame] = []
    choices = [(ALL, *GROUPS[name]) for name in design.groups]
    for chosen in product(*choices):
        inside = np.array(
            [all(pick in (ALL, one) for pick, one in zip(chosen, group, strict=True)) for group in combinations]
        )
        estimate: Floats = agreed.estimate[:, inside].sum(axis=1)
        error = np.sqrt(agreed.variance * inside.sum())
        named = dict(zip(design.groups, chosen, strict=True))
        parts.append(
            pl.DataFrame(
                {
                    "area_code": ground.codes,
                    "level": [str(level) for level in ground.levels],
                    "age_band": named.get("age_band", ALL),
                    "sex": named.get("sex", ALL),
                    "estimate": estimate,
                    "standard_error": error,
                    "low": estimate - REACH * error - 0.5,  # counts are whole: half a person more to each side
                    "high": estimate + REACH * error + 0.5,
                },
                schema=CELLS,
            )
        )
    return pl.concat(parts)
