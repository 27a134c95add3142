"""Wide pools: whole districts whose windows stay open close together, with one number of the place they lie in.

A district that sees too few people for months would keep its records for ever. After `pool_days` its window, and its
areas' windows with it, may close together with those of other such districts of the region, or else of the nation. Who
takes part follows from what is public: how long a window has been open, that no area's window closed inside it, and
that nothing is held there. Source: docs/methods/publish-once.md, "Wide pools".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from pumphandle.disclosure.attack.memory import ended, sealed_whole
from pumphandle.disclosure.attack.wide import PAIR, Member, PoolAttacked, attack_wide
from pumphandle.disclosure.districts import MEASURES, WITHIN, Day, Ground, Memory
from pumphandle.disclosure.gate import SECONDS, Watched
from pumphandle.disclosure.margins import Margins
from pumphandle.disclosure.residual import opened
from pumphandle.disclosure.rules import Rule


@dataclass(frozen=True)
class WidePool:
    """What closes together today.

    place : region or nation; value : what came in the districts' windows, the first of which began on `begun`
    first : by district and by node, first day of each window that ends. A node's may begin before its district's
    """

    place: str
    measure: str
    first: Mapping[str, int] = field(repr=False)
    districts: tuple[str, ...]
    begun: int
    value: int
    attacked: PoolAttacked = field(repr=False)


def wide_pools(
    days: Mapping[str, Day],
    waiting: pl.DataFrame,
    *,
    ground: Ground,
    rule: Rule,
    today: int,
    held: frozenset[tuple[str, str]],
) -> tuple[dict[str, Memory], list[WidePool]]:
    """Memory of every district after today's wide pools, and the pools.

    days    : every district, decided
    waiting : windows.WAITING_SCHEMA, what waited before anything closed today
    held    : (node, measure) whose window must stay open
    """
    memory = {district: one.memory for district, one in days.items()}
    made: list[WidePool] = []
    deepest = max((len(above) for above in ground.above.values()), default=0)
    for measure, name in enumerate(MEASURES):
        left = [district for district in sorted(memory) if _may(memory[district], measure, name, rule, today, held)]
        for height in range(deepest):
            for place, group in _together(left, ground, height):
                pool = _pool(place, group, measure, memory, waiting, rule=rule, ground=ground, today=today)
                if pool is None:
                    continue
                made.append(pool)
                left = [one for one in left if one not in group]
                for district in group:
                    memory[district] = _after(memory[district], measure, day=today + 1)
    return memory, made


def _may(memory: Memory, measure: int, name: str, rule: Rule, today: int, held: frozenset[tuple[str, str]]) -> bool:
    """Public knowledge only: how long open, no window closed inside, nothing held."""
    district = memory.sides[measure].district
    return (
        today - district.first + 1 >= rule.pool_days
        and bool((district.start <= district.first).all())
        and not any((node, name) in held for node in memory.nodes)
    )


def _together(left: Sequence[str], ground: Ground, height: int) -> Iterator[tuple[str, list[str]]]:
    """Districts by the place that lies so high above them; one alone makes no pool."""
    places = sorted({ground.above[one][height] for one in left if height < len(ground.above[one])})
    for place in places:
        group = [one for one in left if height < len(ground.above[one]) and ground.above[one][height] == place]
        if len(group) > 1:
            yield place, group


def _pool(
    place: str,
    group: Sequence[str],
    measure: int,
    memory: Mapping[str, Memory],
    waiting: pl.DataFrame,
    *,
    rule: Rule,
    ground: Ground,
    today: int,
) -> WidePool | None:
    """None where they are too few, or where the attacker objects."""
    sides = [memory[one].sides[measure] for one in group]
    nearer = [
        [[group.index(one) for one in inside] for _, inside in _together(group, ground, height)]
        for height in range(ground.above[group[0]].index(place))
    ]
    if not _room([int(side.district.waiting[0]) for side in sides], nearer, rule.k_persons):
        return None
    if not _enough(group, [side.district.first for side in sides], waiting, MEASURES[measure], rule, ground):
        return None
    members = [
        Member(
            lives=tuple(side.live for side in memory[one].sides),
            area_first=side.district.start,
            first=side.district.first,
            eve=today - side.district.first >= rule.pool_days,
        )
        for one, side in zip(group, sides, strict=True)
    ]
    lower = [one for groups in nearer for one in groups]
    seen = attack_wide(members, lower=lower, measure=measure, k=rule.k_persons, within=WITHIN, seconds=SECONDS)
    if not seen.stands:
        return None
    first: dict[str, int] = {}
    for one, side in zip(group, sides, strict=True):
        first[one] = side.district.first
        first |= dict(zip(memory[one].nodes, side.district.start.tolist(), strict=True))
    value = sum(int(side.district.waiting[0]) for side in sides)
    begun = min(side.district.first for side in sides)
    return WidePool(place, MEASURES[measure], first, tuple(group), begun, value, seen)


def _room(sums: Sequence[int], nearer: Sequence[Sequence[Sequence[int]]], k: int) -> bool:
    """Whether any one part may hold nothing, as far as the number tells: a quick look at what the attacker would find.

    Where every part holds at most k - 1, as everyone knows, the number must fit into all of them but one.
    nearer : for each height, the groups that could have pooled there
    """
    alone: Sequence[Sequence[int]] = []
    for groups in (alone, *nearer):
        known = [one for one in groups if len(one) > PAIR]
        inside = {at for one in known for at in one}
        held = [sum(sums[at] for at in one) for one in known]
        held += [one for at, one in enumerate(sums) if at not in inside]
        if max(held) < k and sum(held) > (k - 1) * (len(held) - 1):
            return False
    return True


def _enough(
    group: Sequence[str],
    first: Sequence[int],
    waiting: pl.DataFrame,
    measure: str,
    rule: Rule,
    ground: Ground,
) -> bool:
    """Distinct persons and households of the districts' open windows."""
    begun = pl.DataFrame(
        {"district": list(group), "begun": [ground.date(day) for day in first]},
        schema={"district": pl.String, "begun": pl.Date},
    )
    inside = (
        waiting.filter((pl.col("measure") == measure) & ~pl.col("closed"))
        .join(begun, on="district")
        .filter(pl.col("report_date") >= pl.col("begun"))
    )
    persons, households = inside["person_key"].n_unique(), inside["household_key"].n_unique()
    return persons >= rule.k_persons and households >= rule.h_households


def _after(memory: Memory, measure: int, *, day: int) -> Memory:
    """Everything of this measure begins anew; what was not told in a margin is not told any more."""
    side = memory.sides[measure]
    live = sealed_whole(ended(side.live, side.district.start))
    fresh = Watched(opened(len(memory.nodes), k=side.district.k, day=day), live)
    return replace(
        memory,
        sides=tuple(fresh if at == measure else one for at, one in enumerate(memory.sides)),
        margins=tuple(Margins(day, {}) if at == measure else one for at, one in enumerate(memory.margins)),
    )
