"""Counts of many series as they come in: checked once, then arrays of floats."""

import numpy as np
import numpy.typing as npt

from pumphandle.vocabulary.errors import NotUnderstood

Values = npt.NDArray[np.float64]


def series_counts(observed: npt.ArrayLike, *, missing: bool = True) -> Values:
    """(series, times) counts as floats.

    missing : whether NaN may stand for a count that is not known

    Raises NotUnderstood for other shapes, nothing at all, and counts negative, infinite or not allowed to miss.
    """
    counts = np.asarray(observed, dtype=np.float64)
    if counts.ndim != 2 or not counts.size:
        raise NotUnderstood("Counts must have two dimensions, series and times, and at least one value.")
    if (counts < 0).any() or np.isinf(counts).any():
        raise NotUnderstood("A count is negative or infinite. Counts are sums of standing records and cannot be.")
    if not missing and np.isnan(counts).any():
        raise NotUnderstood("A count is missing (NaN). This method needs every time of every series.")
    return counts


def series_population(population: npt.ArrayLike, counts: Values) -> Values:
    """(series, times) like `counts`: tests or people; 0 where nobody was tested."""
    people = np.asarray(population, dtype=np.float64)
    if people.shape != counts.shape:
        raise NotUnderstood("Population and counts must have the same shape: series and times.")
    if not np.isfinite(people).all() or (people < 0).any():
        raise NotUnderstood("A population is negative or missing. Give 0 where nobody was tested.")
    return people
