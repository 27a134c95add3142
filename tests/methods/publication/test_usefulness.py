"""Usefulness of a release: shares, lengths and errors are those that a reader can count by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.publication.estimates import Ground, Pooled, Windows, seven_days
from pumphandle.publication.usefulness import Stand, usefulness

TODAY = date(2020, 6, 30).toordinal()


def stand(arrivals: list[list[int]], *windows: tuple[int, int, int, int]) -> Stand:
    """windows : node, first, last (days back from today), value."""
    node, first, last, value = np.array(windows, dtype=np.int64).reshape(-1, 4).T
    closed = Windows(node, TODAY - first, TODAY - last, value, TODAY - last)
    grid = np.array(arrivals, dtype=np.int64)
    since = np.full(len(grid), TODAY - grid.shape[1] + 1, dtype=np.int64)
    np.maximum.at(since, closed.node, closed.last + 1)
    return Stand(closed, since, grid, TODAY, 5)


def test_a_worked_example() -> None:
    """Six days, one area: 2, 3 close on the second day; 6 on its own; 1, 0, 1 wait. Eleven of thirteen are out."""
    found = usefulness(stand([[2, 3, 6, 1, 0, 1]], (0, 5, 4, 5), (0, 3, 3, 6)))
    assert found.out_0 == pytest.approx(9 / 13)  # 3 and 6
    assert found.out_3 == pytest.approx(11 / 11)  # days old enough: the first three
    assert (found.out_7, found.out_14) == (None, None)
    assert (found.windows, found.window_days) == (2, 1.5)
    assert found.held_back == 0
    assert (found.error, found.seven_days) == (None, None)  # six days are no seven


def test_a_window_that_holds_enough_and_is_open_is_held_back() -> None:
    """A family of six in one area waits; four in another wait as the rule says."""
    assert usefulness(stand([[0, 0, 6], [4, 0, 0]])).held_back == pytest.approx(6 / 10)


def test_what_closed_in_a_pool_is_out() -> None:
    """Two areas of equal people, 1 and 3 persons over three days, close together today: all are out, 2 told of each."""
    both = stand([[0, 0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 2, 0]])
    ends = np.full(2, TODAY)
    pooled = Pooled(
        np.arange(2), ends - 2, ends, np.full(2, 4), part=np.array([2.0, 2.0]), begun=ends - 2, most=np.full(2, 4)
    )
    found = usefulness(replace(both, pooled=pooled, since=ends + 1))
    assert (found.out_0, found.out_3, found.windows, found.window_days) == (0, None, 2, 3)
    assert found.error == pytest.approx(1.0)  # 2 told where 1 was, 2 where 3 were
    assert found.held_back == 0


def test_where_nothing_came_nothing_is_measured() -> None:
    found = usefulness(stand([[0] * 30]))
    assert (found.out_0, found.out_14, found.window_days, found.held_back) == (None, None, None, None)
    assert found.windows == 0
    assert found.error == pytest.approx(7 * 2 / 30)  # the open window is taken as half of k - 1, spread over 30 days


@given(st.integers(0, 999))
def test_errors_are_those_of_the_figures_that_were_published(seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid = rng.poisson(1.2, (4, 45))
    rows: list[tuple[int, int, int, int]] = []
    for node, series in enumerate(grid):
        began = held = 0
        for day, count in enumerate(series.tolist()):
            held += count
            if held >= 5:
                rows.append((node, 44 - began, 44 - day, held))
                began, held = day + 1, 0
    standing = stand(grid.tolist(), *rows)
    order = np.argsort(standing.windows.last, kind="stable")
    windows = Windows(
        *(getattr(standing.windows, name)[order] for name in ("node", "first", "last", "value", "sequence"))
    )
    told = seven_days(windows, Ground(4, TODAY - 44, TODAY, 5)).estimate
    truth = np.cumsum(grid, axis=1)
    found = usefulness(standing)
    assert found.error == pytest.approx(np.abs(told[:, -1] - (truth[:, -1] - truth[:, -8])).mean(), abs=1e-4)
    assert found.error_settled == pytest.approx(np.abs(told[:, -15] - (truth[:, -15] - truth[:, -22])).mean(), abs=1e-4)


@given(st.integers(0, 999))
def test_the_order_of_windows_and_of_areas_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid = rng.poisson(2, (5, 20))
    windows = [
        (node, 19 - 4 * at, 16 - 4 * at, int(grid[node, 4 * at : 4 * at + 4].sum()))
        for node in range(5)
        for at in range(3)
    ]
    turned = rng.permutation(5)
    place = np.argsort(turned)
    one = usefulness(stand(grid.tolist(), *windows))
    other = usefulness(
        stand(grid[turned].tolist(), *[(int(place[node]), *rest) for node, *rest in rng.permutation(windows).tolist()])
    )
    for name in ("out_0", "out_3", "out_7", "window_days", "error", "held_back"):
        assert getattr(one, name) == pytest.approx(getattr(other, name))
