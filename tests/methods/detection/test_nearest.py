"""What makes large scans quick changes nothing: neighbours drawn for groups of points, replicates walked together."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from pumphandle.detection import replicates
from pumphandle.detection.layout import Windows, lay_out
from pumphandle.detection.models import cases_at, space_time_permutation
from pumphandle.detection.nearest import nearest
from pumphandle.detection.replicates import Replicates
from pumphandle.detection.zones import circles


@pytest.mark.parametrize("ask", [20, 60, 200])
@pytest.mark.parametrize("grid", [False, True])
def test_neighbours_are_those_of_the_tree(ask: int, grid: bool) -> None:
    rng = np.random.default_rng(1)
    towns = rng.random((12, 2)) * 5e5
    points = towns[rng.integers(0, 12, 1_500)] + rng.normal(0.0, 2_000.0, (1_500, 2))
    if grid:  # many equally far, and some in one place
        points = np.round(points, -3)
    tree = cKDTree(points)
    order = np.lexsort((points[:, 1], points[:, 0]))
    far, near = nearest(tree, points[order], ask)
    expected, _ = tree.query(points[order], k=ask)
    np.testing.assert_allclose(far, expected, rtol=1e-10, atol=1e-6)
    again = np.sqrt(((points[near] - points[order][:, None]) ** 2).sum(axis=2))
    np.testing.assert_allclose(again, far, rtol=1e-10, atol=1e-6)
    assert all(len(set(row)) == ask for row in near.tolist())


def test_replicates_are_the_same_alone_and_together(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    place, day = rng.integers(0, 400, 1_500), rng.integers(0, 60, 1_500)
    cases = cases_at(place, day, places=400, days=60)
    zones = circles(rng.random((400, 2)) * 1e4, np.bincount(place, minlength=400) + 1.0, max_share=0.2)
    layout = lay_out(space_time_permutation(cases), zones, Windows("prospective", 14), fewest_cases=2, centres="cases")
    key = np.array([1, 2], dtype=np.uint64)
    found = []
    for together in (1, 5, 64):
        monkeypatch.setattr(replicates, "BLOCK", together)
        found.append(Replicates(layout, key, threads=1).maxima(0, 80))
    for other in found[1:]:
        np.testing.assert_array_equal(found[0], other)
