"""Attack the whole ledger from nothing: the records told again day by day, and every district's history attacked."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing import get_context

import numpy as np
import polars as pl

from pumphandle.actions.publish import current_rule, ground_of, ledger_rows
from pumphandle.disclosure.attack.entire import Found, Group, History, attack_entirely, groups_of
from pumphandle.disclosure.attack.equations import Integers
from pumphandle.disclosure.attack.rows import blocks_by_district, wide_pools
from pumphandle.disclosure.replay import Tree, before_the_first_day, day_again
from pumphandle.disclosure.windows import MEASURES
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.events.lake import Lake
from pumphandle.store.published import reading
from pumphandle.store.published.reading import ReleaseRow
from pumphandle.vocabulary.errors import LedgerBroken

Progress = Callable[[str, int, int], None]
"""What is done, how much of it, of how much."""


@dataclass(frozen=True)
class Withstood:
    """A ledger that gives nothing away: every number is that of the records, no small count can be placed.

    cells, narrowest : small counts asked for, and high - low of the narrowest interval; None: none was asked for
    """

    days: int
    districts: int
    windows: int
    cells: int
    narrowest: int | None
    linear_programs: int


def attack_ledger(*, database: Database, lake: Lake, progress: Progress) -> Withstood:
    """Needs the whole history in memory, records included: minutes for a year of a region.

    Raises LedgerBroken naming the first district in which a number is untrue or gives something away.
    """
    with database.transaction() as tx:
        releases = reading.releases(tx)
        if not releases:
            return Withstood(0, 0, 0, 0, None, 0)
        groups = _groups(tx, lake, releases, progress)
    k, h = (min(int(one.rule[name]) for one in releases) for name in ("k_persons", "h_households"))
    found = list(_attacked(groups, k=k, h=h, progress=progress))
    return Withstood(
        days=groups[0].histories[0].days,
        districts=sum(len(one.histories) for one in groups),
        windows=sum(one.windows for one in found),
        cells=sum(one.cells for one in found),
        narrowest=min((one.narrowest for one in found if one.narrowest is not None), default=None),
        linear_programs=sum(one.linear_programs for one in found),
    )


def _groups(tx: Transaction, lake: Lake, releases: tuple[ReleaseRow, ...], progress: Progress) -> list[Group]:
    start, last = date.fromisoformat(releases[0].manifest["ledger_start"]), releases[-1].as_of
    ground, rule = ground_of(tx, start=start), current_rule(tx)
    tree = Tree(ground.nodes, ground.district, start)
    ledger = reading.sealed_between(tx, after=0, upto=len(releases)).filter(pl.col("kind") == "exact")
    by_day = ledger.partition_by("last_day", as_dict=True)
    days = sorted({one.as_of for one in releases} | {one.as_of for one in reading.withheld(tx) if one.as_of < last})
    so_far = before_the_first_day(tree)
    for number, day in enumerate(days):
        came = lake.read(tx, "events", report_date=day)
        so_far = day_again(so_far, came, by_day.get((day,), ledger.clear()), tree=tree, as_of=day, rule=rule)
        progress("days told again", number + 1, len(days))
    records = so_far.records().partition_by("district", as_dict=True)
    rows = list(ledger_rows(ledger.filter(~pl.col("measure").str.ends_with("_withdrawn"))))
    told = {
        measure: blocks_by_district(rows, measure=measure, district_of=ground.district, start=start)
        for measure in MEASURES
    }
    none = so_far.records().clear()
    k_of = _k_by_day(releases, start, last)
    histories = [
        History(
            district=district,
            nodes=nodes,
            measures=MEASURES,
            blocks=[told[measure][district][1] for measure in MEASURES],
            records=records.get((district,), none),
            start=start,
            days=(last - start).days + 1,
            k_of=k_of,
        )
        for district, nodes in ground.by_district().items()
    ]
    pools = [
        wide_pools(
            rows,
            measure=one,
            district_of=ground.district,
            above=ground.above,
            start=start,
            pool_days=rule.pool_days,
        )
        for one in MEASURES
    ]
    return groups_of(histories, pools)


def _k_by_day(releases: tuple[ReleaseRow, ...], start: date, last: date) -> Integers:
    """(days,) the k of each day's release; a day without one was under that of the release before it."""
    k_of = np.zeros((last - start).days + 1, dtype=np.int64)
    k_of[0] = int(releases[0].rule["k_persons"])
    for one in releases:
        k_of[(one.as_of - start).days] = int(one.rule["k_persons"])
    return k_of[np.maximum.accumulate(np.where(k_of > 0, np.arange(len(k_of)), 0))]


def _attacked(groups: list[Group], *, k: int, h: int, progress: Progress) -> Iterator[Found]:
    """Groups side by side, in processes of their own. Raises LedgerBroken for the first that does not stand."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for number, found in enumerate(pool.map(partial(attack_entirely, k=k, h=h), groups)):
            if not found.stands:
                pool.shutdown(wait=False, cancel_futures=True)
                raise LedgerBroken(_sentence(found, k=k))
            progress("groups of districts attacked", number + 1, len(groups))
            yield found


def _sentence(found: Found, *, k: int) -> str:
    """Without a number that the ledger does not hold."""
    if found.faults:
        return (
            f"District {found.district}: {found.faults} published windows are not those that the records and the rule "
            "give."
        )
    if found.few:
        return f"District {found.district}: a group of fewer than {k} can be subtracted out of what was published."
    return (
        f"District {found.district}: {found.narrow} small counts can be placed more narrowly than the rule allows by "
        "what was published."
    )
