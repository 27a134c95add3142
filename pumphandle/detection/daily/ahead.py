"""What is coming, and whether this way of saying it has been worth hearing so far."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.detection.forecast import LEVELS, Forecast, forecast
from pumphandle.detection.nowcast import nowcast
from pumphandle.detection.scoring import covered, weighted_interval_score, worth_showing

Values = npt.NDArray[np.float64]

HORIZON: Final = 14
ORIGINS: Final = (14, 21, 28, 35, 42, 49)
"""Days back to the mornings from which the same forecast is made and scored; all their outcomes are in."""
LEAST_DAYS: Final = 56 + max(ORIGINS) + 1


@dataclass(frozen=True)
class Ahead:
    """quantiles : (authorities, HORIZON, len(LEVELS)) from this morning; ratio : (authorities,) score over the
    baseline's; shown : (authorities,) it has beaten the baseline, and its interval held."""

    quantiles: Values
    ratio: Values
    shown: npt.NDArray[np.bool_]


def ahead(triangle: Values) -> Ahead | None:
    """Forecast of each authority, scored on six earlier mornings with what was known then; None with too short a past.

    triangle : (authorities, days, delays) increments; see delays.triangle_of
    """
    days = triangle.shape[1]
    if days < LEAST_DAYS:
        return None
    final = triangle.sum(axis=2)
    scores: list[tuple[Values, Values, Values]] = []
    for back in ORIGINS:
        origin = days - back
        ours, flat = _forecasts(triangle[:, :origin])
        outcome = np.maximum(final[:, origin : origin + HORIZON], 0.0)
        scores.append(
            (
                weighted_interval_score(ours.quantiles, LEVELS, outcome).mean(axis=1),
                weighted_interval_score(flat.quantiles, LEVELS, outcome).mean(axis=1),
                covered(ours.quantiles, LEVELS, outcome).mean(axis=1),
            )
        )
    score, baseline, held = (np.array(one) for one in zip(*scores, strict=True))
    now, _ = _forecasts(triangle)
    return Ahead(
        quantiles=now.quantiles,
        ratio=score.sum(axis=0) / np.maximum(baseline.sum(axis=0), 1e-9),
        shown=worth_showing(score, baseline, held),
    )


def _forecasts(triangle: Values) -> tuple[Forecast, Forecast]:
    """(ours, the baseline's) from the last day of a triangle, with what was known then."""
    seen = nowcast(triangle)
    pair = forecast(seen.reported, seen.completeness, horizon=HORIZON)
    return pair.model, pair.baseline
