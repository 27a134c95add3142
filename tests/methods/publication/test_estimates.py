"""A seven-day figure stays inside what the publication rule proves, for any history of windows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pumphandle.publication.estimates import Ground, Windows, daily, per_100_000, seven_days, sums

START = 738_000
K = 5


def flush(counts: NDArray[np.int64]) -> tuple[Windows, Ground]:
    """The publication rule in its plainest form: a window closes on the first day on which it holds K."""
    rows: list[tuple[int, int, int, int, int]] = []
    for node, series in enumerate(counts):
        first, pending = 0, 0
        for day, count in enumerate(series):
            pending += int(count)
            if pending >= K:
                rows.append((node, START + first, START + day, pending, day + 1))
                first, pending = day + 1, 0
    rows.sort(key=lambda row: row[-1])
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    ground = Ground(nodes=len(counts), start=START, as_of=START + counts.shape[1] - 1, k=K)
    return Windows(*columns), ground


histories = st.lists(
    st.lists(st.one_of(st.integers(0, 1), st.integers(0, 9)), min_size=12, max_size=12), min_size=1, max_size=4
)


@settings(max_examples=150, deadline=None)
@given(histories)
def test_truth_and_estimate_lie_between_low_and_high(history: list[list[int]]) -> None:
    counts = np.array(history, dtype=np.int64)
    figures = seven_days(*flush(counts))
    truth = np.stack([counts[:, max(0, day - 6) : day + 1].sum(axis=1) for day in range(counts.shape[1])], axis=1)
    assert (figures.low <= truth).all()
    assert (truth <= figures.high).all()
    assert (figures.low - 1e-4 <= figures.estimate).all()
    assert (figures.estimate <= figures.high + 1e-4).all()


@settings(max_examples=100, deadline=None)
@given(histories)
def test_every_published_record_is_counted_once(history: list[list[int]]) -> None:
    windows, ground = flush(np.array(history, dtype=np.int64))
    waiting = int((seven_days(windows, ground).open_since <= ground.as_of).sum())
    assert daily(windows, ground).sum() == pytest.approx(windows.value.sum() + waiting * (K - 1) / 2)


def test_worked_example_of_the_explanation_page() -> None:
    # four quiet days, then 6 on 5 arrivals: one window of 7 over five days; nothing since
    windows, ground = flush(np.array([[0, 1, 0, 0, 6, 0, 0]], dtype=np.int64))
    figures = seven_days(windows, ground)
    assert (figures.low[0, -1], figures.high[0, -1]) == (7, 11)
    assert figures.estimate[0, -1] == pytest.approx(9)
    assert figures.low[0, 3] == 0
    assert figures.high[0, 3] == 4
    assert figures.open_since.tolist() == [START + 5]


def test_an_area_without_any_closed_window_is_open_since_the_first_day() -> None:
    figures = seven_days(*flush(np.array([[0, 1, 0, 2, 0, 0, 0, 0, 0, 0]], dtype=np.int64)))
    assert not figures.closed.any()
    assert figures.low.max() == 0
    assert figures.high.max() == K - 1
    assert figures.open_since.tolist() == [START]


def test_a_past_release_is_a_prefix() -> None:
    windows, _ = flush(np.array([[5, 0, 6, 1, 7]], dtype=np.int64))
    assert windows.upto(3).value.tolist() == [5, 6]
    assert windows.upto(0).value.tolist() == []


def test_parents_are_sums_and_unknown_population_gives_no_rate() -> None:
    figures = seven_days(*flush(np.array([[5, 5], [6, 6], [7, 7]], dtype=np.int64)))
    assert sums(figures.estimate, [0, 2]).tolist() == [12, 24]
    assert per_100_000(12, 24_000) == 50
    assert per_100_000(12, None) is None
    assert per_100_000(12, 0) is None
