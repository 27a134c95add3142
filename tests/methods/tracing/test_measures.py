"""Figures of tracing count only what is settled, and give nobody two infectors."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from pumphandle.tracing.measures import attack_rate, infected_by_kind, reached_within, secondary_attack, share

AT = datetime(2020, 7, 20, 9, tzinfo=UTC)


def test_share_has_the_exact_interval() -> None:
    ten_of_forty = share(10, 40)
    assert (ten_of_forty.low, ten_of_forty.high) == pytest.approx((0.1269148, 0.4119620), abs=1e-6)  # R: binom.test
    assert share(0, 0).value is None
    with pytest.raises(ValueError, match="no share"):
        share(3, 2)


def test_attack_rate_needs_a_capacity() -> None:
    assert attack_rate(4, None) is None
    rate = attack_rate(4, 40)
    assert rate is not None
    assert rate.value == 0.1


def test_contacts_who_still_have_time_are_left_out() -> None:
    named = [AT - timedelta(hours=each) for each in (50, 30, 30, 10)]
    reached = [AT - timedelta(hours=20), AT - timedelta(hours=10), None, None]
    within = reached_within(named, reached, hours=24, at=AT)
    assert (within.part, within.whole) == (1, 3)


def test_secondary_attack_counts_the_settled() -> None:
    contacts = pl.DataFrame(
        {
            "kind": ["household"] * 3 + ["setting"],
            "became_case": [True, False, False, False],
            "settled": [True, True, False, False],
        }
    )
    assert {kind: (each.part, each.whole) for kind, each in secondary_attack(contacts).items()} == {"household": (1, 2)}


def test_nobody_is_infected_twice() -> None:
    links = pl.DataFrame(
        {
            "kind": ["setting", "household", "household"],
            "earlier": ["a", "b", "a"],
            "later": ["c", "c", "d"],
            "days_apart": [1, 5, 4],
            "strength_rank": [1, 0, 0],
        }
    )
    cases = pl.Series(["a", "b", "c", "d"])
    assert infected_by_kind(links, cases) == {"household": 0.5}
    assert infected_by_kind(links, pl.Series([], dtype=pl.String)) == {}
