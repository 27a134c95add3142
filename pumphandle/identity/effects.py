"""What merging two persons, or parting them, would change: told before it is done."""

from collections import Counter
from dataclasses import dataclass

import polars as pl

from pumphandle.linelist.episodes import episodes


@dataclass(frozen=True)
class Effect:
    """records : moved to the other person; cases : by ISO week (YYYY-Www), how many more (or fewer) there would be"""

    records: int
    cases: dict[str, int]

    @property
    def sentence(self) -> str:
        gone = -sum(count for count in self.cases.values() if count < 0)
        come = sum(count for count in self.cases.values() if count > 0)
        weeks = ", ".join(f"{week}: {count:+d}" for week, count in sorted(self.cases.items()))
        return f"{self.records} records move; {gone} cases fewer, {come} more{f' ({weeks})' if weeks else ''}."


def of_merging(kept: pl.DataFrame, merged: pl.DataFrame, *, days: int) -> Effect:
    """kept, merged : all records of two persons (person_key, pathogen, specimen_date, result, kind, …)"""
    one = pl.lit("one").alias("person_key")
    together = pl.concat([kept, merged]).with_columns(one)
    before = _weeks(kept, days) + _weeks(merged, days)
    after = _weeks(together, days)
    changed = {week: after[week] - before[week] for week in sorted(before | after) if after[week] != before[week]}
    return Effect(records=merged.height, cases=changed)


def of_parting(kept: pl.DataFrame, moving: pl.Series, *, days: int) -> Effect:
    """kept : records of the merged person; moving : record keys that go back to the other"""
    goes = pl.col("record_key").is_in(moving.implode())
    back = of_merging(kept.filter(~goes), kept.filter(goes), days=days)
    return Effect(records=back.records, cases={week: -count for week, count in back.cases.items()})


def _weeks(records: pl.DataFrame, days: int) -> Counter[str]:
    positive = records.filter((pl.col("result") == "positive") & (pl.col("kind") != "retracted"))
    return Counter(episodes(positive, days=days)["specimen_date"].dt.strftime("%G-W%V").to_list())
