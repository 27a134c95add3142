"""Points that come one after the other: is a local rise under way since some earlier one of them?"""

import numpy as np
import numpy.typing as npt

from pumphandle.detection.series import Values
from pumphandle.vocabulary.errors import NotUnderstood


def rising_since(points: npt.ArrayLike, times: npt.ArrayLike, *, radius: float, factor: float) -> Values:
    """(events,) Shiryaev-Roberts statistic after each event; an alarm where it passes the wanted run length (events).

    points : (events, 2); times : (events,) rising, no two alike; radius : in the unit of the points
    factor : of the rate inside the circle over the usual one, above 1

    For every earlier event k the events since then within the radius of it are compared with those expected: as many as
    its circle holds of all so far, times the share of all events that came since. The statistic sums the likelihood
    ratios over k: no start of the rise need be known. Memory and time grow with the square of the events.

    Raises NotUnderstood for shapes that do not fit, times that do not rise, a radius or factor without meaning.
    Source: Assunção & Correa 2009, Comput Stat Data Anal 53:2817, 3 (`stcd` of R's surveillance).
    Page: docs/methods/references.md
    """
    where, when = np.asarray(points, dtype=np.float64), np.asarray(times, dtype=np.float64)
    if where.ndim != 2 or where.shape[1:] != (2,) or when.shape != where.shape[:1] or not len(when):
        raise NotUnderstood("Give each event two coordinates and a time.")
    if not np.isfinite(where).all() or not (np.diff(when) > 0).all():
        raise NotUnderstood("Events are ordered by time, no two at once, each with a place.")
    if not radius > 0 or not factor > 1:
        raise NotUnderstood("The radius is above 0 and the factor above 1.")
    near = np.hypot(*(where[:, None, axis] - where[None, :, axis] for axis in (0, 1))) <= radius
    events = len(when)
    since = np.cumsum(np.triu(near), axis=1)  # [k, n]: of events k .. n those near k
    ever = np.cumsum(near, axis=1)  # [k, n]: of events 0 .. n those near k
    number = np.arange(events)
    share = (number[None, :] - number[:, None] + 1.0) / (number[None, :] + 1.0)
    ratio = since * np.log(factor) - (factor - 1.0) * ever * share
    return np.exp(np.where(number[:, None] <= number[None, :], ratio, -np.inf)).sum(axis=0)
