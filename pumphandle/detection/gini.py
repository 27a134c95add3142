"""How large a circle may be, chosen so that the clusters found differ most from the rest (Gini coefficient)."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from pumphandle.detection.clusters import Best, Found, best_cylinders, separate
from pumphandle.detection.layout import Layout, Values
from pumphandle.detection.significance import rank_p_value

LADDER: Final = (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50)


def gini(found: Sequence[Found], total: float) -> float:
    """Gini coefficient of cases over expected cases, with the clusters as groups and the rest as one more group.

    0: cases lie as expected; towards 1: all cases lie where almost none is expected.
    Source: Han, Zhu, Kulldorff et al. 2016, Int J Health Geogr 15:27.
    """
    observed = np.array([one.observed for one in found], dtype=np.float64)
    expected = np.array([one.expected for one in found])
    observed = np.append(observed, total - observed.sum()) / total
    expected = np.append(expected, total - expected.sum()) / total
    rising = np.argsort(observed / np.maximum(expected, 1e-300), kind="stable")
    below = np.concatenate(([0.0], np.cumsum(observed[rising])))
    return float(1.0 - np.sum(expected[rising] * (below[1:] + below[:-1])))


def select(layout: Layout, maxima: Values, *, most: int, p_value: float = 0.05) -> list[Found]:
    """The significant clusters without overlap under that cap of the ladder whose Gini coefficient is highest.

    maxima : (replicates,) under the largest cap, for p-values that stay valid whichever cap is chosen
    """
    caps = np.array([share * layout.zones.total * (1.0 + 1e-12) for share in LADDER])
    best = best_cylinders(layout, caps)
    chosen: list[Found] = []
    highest = -1.0
    for at in range(len(caps)):
        level = Best(best.ratio[at : at + 1], best.count[at : at + 1], best.window[at : at + 1])
        listed = separate(layout, level, overlap="none", most=most, lowest=0.0)
        found = [one for one in listed if rank_p_value(one.ratio, maxima) <= p_value]
        if found and (value := gini(found, float(layout.model.cases.total))) > highest + 1e-12:
            chosen, highest = found, value
    return chosen
