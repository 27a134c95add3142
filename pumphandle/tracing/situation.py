"""How an outbreak stands, counted from its cases, contacts and links: the figures of a situation report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from pumphandle.tracing.measures import Share, infected_by_kind, reached_within, secondary_attack
from pumphandle.vocabulary.tracing import Strength

OPEN: Final = frozenset({"to_reach", "reached", "isolating", "symptomatic", "tested"})
RANK: Final = {str(Strength.STRONG): 0, str(Strength.MODERATE): 1, str(Strength.WEAK): 2}
LEAD: Final = timedelta(days=3)
"""Days drawn before the first case and after the last."""


@dataclass(frozen=True)
class Situation:
    """days : cases by specimen day, without a gap; the counts by group are the most first

    week : first and last day of the last seven, which end with the last day for which records have arrived
    linked : cases that came in through links; None, as `tracing`, for who traces nobody: it is not theirs to see
    households : of the cases; tracing : what became of contacts and links
    """

    cases: int
    linked: int | None
    households: int
    first: date | None
    last: date | None
    week: tuple[date, date]
    in_last_week: int
    days: list[tuple[date, int]]
    by_age: list[tuple[str, int]]
    by_sex: list[tuple[str, int]]
    by_area: list[tuple[str, int]]
    by_setting: list[tuple[str, int]]
    tracing: "Traced | None"


@dataclass(frozen=True)
class Traced:
    """What is known of the contacts whom the cases named, and of the links between the cases.

    contacts : by state; reached : within 24 and 48 hours; attack : share of contacts who became cases, by kind
    infected : mean cases that a case led to, by kind of link
    """

    contacts: Mapping[str, int]
    named: int
    open_contacts: int
    reached_in_24: Share
    reached_in_48: Share
    attack: Mapping[str, Share]
    infected: Mapping[str, float]


def situation(cases: pl.DataFrame, *, until: date, traced: Traced | None) -> Situation:
    """cases : one row a case, columns as the shelf of outbreaks gives them; traced : None for who may not see it

    until : the last day for which records have arrived; the last seven days end with it
    An empty outbreak, whose cases were all withdrawn, has zeros and no days.
    """
    week = (until - timedelta(days=6), until)
    first, last = (cases["day"].min(), cases["day"].max()) if cases.height else (None, None)
    counted = dict(cases.group_by("day").len().iter_rows())
    days = _days(first, last, until) if isinstance(first, date) and isinstance(last, date) else []
    return Situation(
        cases=cases.height,
        linked=None if traced is None else cases.filter(pl.col("how") == "linked").height,
        households=cases["household"].n_unique(),
        first=first if isinstance(first, date) else None,
        last=last if isinstance(last, date) else None,
        week=week,
        in_last_week=cases.filter(pl.col("day").is_between(*week)).height,
        days=[(day, int(counted.get(day, 0))) for day in days],
        by_age=_by(cases, "age_band", by_name=True),
        by_sex=_by(cases, "sex"),
        by_area=_by(cases, "small_area"),
        by_setting=_by(cases, "setting_kind"),
        tracing=traced,
    )


def traced(cases: pl.DataFrame, contacts: pl.DataFrame, links: pl.DataFrame, *, at: datetime) -> Traced:
    """cases, contacts, links : columns as the shelf of outbreaks gives them"""
    states = dict(contacts.group_by("state").len().sort("state").iter_rows())
    settled = contacts.select(
        "kind", "became_case", settled=pl.col("became_case") | pl.col("state").is_in(list(OPEN)).not_()
    )
    named, reached = contacts["named_at"].to_list(), contacts["reached_at"].to_list()
    return Traced(
        contacts=states,
        named=contacts.height,
        open_contacts=sum(count for state, count in states.items() if state in OPEN),
        reached_in_24=reached_within(named, reached, hours=24, at=at),
        reached_in_48=reached_within(named, reached, hours=48, at=at),
        attack=secondary_attack(settled),
        infected=infected_by_kind(
            links.with_columns(strength_rank=pl.col("strength").replace_strict(RANK, return_dtype=pl.Int64)),
            cases["case"],
        ),
    )


def _days(first: date, last: date, until: date) -> list[date]:
    begin, end = first - LEAD, max(last + LEAD, min(until, last + timedelta(days=28)))
    return [begin + timedelta(days=step) for step in range((end - begin).days + 1)]


def _by(cases: pl.DataFrame, column: str, *, by_name: bool = False) -> list[tuple[str, int]]:
    counted = cases.drop_nulls(column).group_by(column).len("count")
    if by_name:  # 5-11 comes before 45-64
        ordered = counted.sort(pl.col(column).str.extract(r"^(\d+)").cast(pl.Int64), nulls_last=True)
    else:
        ordered = counted.sort("count", column, descending=[True, False])
    return [(str(name), int(count)) for name, count in ordered.iter_rows()]
