"""Figures of tracing: how soon contacts were reached, how many fell ill, how many each case infected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl
from scipy import special

LEVEL: Final = 0.95


@dataclass(frozen=True)
class Share:
    """`part` of `whole`, with the exact (Clopper–Pearson) 95 % interval; value, low and high are None for 0 of 0."""

    part: int
    whole: int
    value: float | None
    low: float | None
    high: float | None


def share(part: int, whole: int) -> Share:
    """Raises ValueError when the part is negative or larger than the whole."""
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share.")
    if whole == 0:
        return Share(part, whole, None, None, None)
    tail, rest = (1 - LEVEL) / 2, whole - part
    low = 0.0 if part == 0 else float(special.betaincinv(part, rest + 1, tail))
    high = 1.0 if rest == 0 else float(special.betaincinv(part + 1, rest, 1 - tail))
    return Share(part, whole, part / whole, low, high)


def attack_rate(cases: int, capacity: int | None) -> Share | None:
    """Cases among the people of a setting; None while nobody has said how many they are.

    More cases than people means that the register is out of date: refused as ValueError by `share`.
    """
    return None if capacity is None else share(cases, capacity)


def reached_within(named: Sequence[datetime], reached: Sequence[datetime | None], *, hours: int, at: datetime) -> Share:
    """Of the contacts named at least so many hours ago, those reached within them.

    named, reached : same length; reached is None for who was not reached yet
    Contacts named later than that are left out: they still have time.
    """
    limit = timedelta(hours=hours)
    old_enough = [(start, end) for start, end in zip(named, reached, strict=True) if at - start >= limit]
    in_time = sum(1 for start, end in old_enough if end is not None and end - start <= limit)
    return share(in_time, len(old_enough))


def secondary_attack(contacts: pl.DataFrame) -> dict[str, Share]:
    """For each kind of contact, the share who became cases.

    contacts : kind, became_case (bool), settled (bool: isolation is over or they became a case), one row a contact
    Contacts whose time is not over are left out, else the share would be too low while an outbreak grows.
    """
    counted = contacts.filter(pl.col("settled")).group_by("kind").agg(part=pl.col("became_case").sum(), whole=pl.len())
    return {kind: share(int(part), int(whole)) for kind, part, whole in counted.sort("kind").iter_rows()}


def infected_by_kind(links: pl.DataFrame, cases: pl.Series) -> dict[str, float]:
    """Mean number of cases that a case leads to through each kind of link: a reproduction number by setting.

    links : kind, earlier, later, strength_rank (0 strongest); cases : every case of the period, linked or not

    Each later case is given to one earlier case only, by its strongest link, then by the shortest time
    (`days_apart`), then by name: nobody is infected twice (Wallinga & Teunis 2004 share a case out; one parent is the
    plain form that a team can check by hand).
    """
    if cases.is_empty():
        return {}
    parents = (
        links.sort("strength_rank", "days_apart", "earlier", "kind")
        .unique("later", keep="first", maintain_order=True)
        .filter(pl.col("earlier").is_in(cases.implode()))
    )
    counted = parents.group_by("kind").agg(infected=pl.len()).sort("kind")
    return {kind: int(infected) / cases.len() for kind, infected in counted.iter_rows()}
