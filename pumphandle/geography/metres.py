"""Coordinates as metres on a plane, for distances between places of one country."""

from typing import Final

import numpy as np
import numpy.typing as npt

from pumphandle.geography.description import Coordinates

Values = npt.NDArray[np.float64]

METRES_PER_DEGREE: Final = 111_195.08  # of a great circle on the mean radius 6,371,008.8 m (IUGG)


def metres(points: npt.ArrayLike, coordinates: Coordinates) -> Values:
    """(n, 2) metres east and north. Degrees are laid flat around the points' middle: wrong by under 1 % within 10
    degrees of latitude, which orders neighbours as the ground does.

    points : (n, 2) longitude and latitude, or metres already; NaN stays NaN
    """
    given = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if coordinates is Coordinates.PLANE or not np.isfinite(given).any():
        return given.copy()
    middle = np.radians(np.nanmean(given[:, 1]))
    return given * METRES_PER_DEGREE * np.array([np.cos(middle), 1.0])
