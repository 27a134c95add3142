"""Days through `protect`, as a daily run goes through them: made-up people, one district, and what was told."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from pumphandle.disclosure import districts
from pumphandle.disclosure.districts import Ground
from pumphandle.disclosure.protect import nothing_waits, protect
from pumphandle.disclosure.rules import Rule
from pumphandle.vocabulary.counts import AGE_BANDS

START = date(2020, 6, 1)  # a Monday
RULE = Rule(k_persons=5, h_households=2, population_floor=500, pool_days=14, rest_percent=0, versions=())
AREAS = [f"W{at}" for at in range(6)]
GROUND = Ground({a: a for a in AREAS}, dict.fromkeys(AREAS, "D"), dict.fromkeys(AREAS, 2_000), START)
SCHEMA = ["measure", "sign", "contribution", "person_key", "household_key", "small_area", "age_band", "sex"]
Rows = list[tuple[str, int, str, str, str, str, str, str]]


def people(day: int, area: str, number: int, *, home: str = "", sign: int = 1, band: str = "", only: str = "") -> Rows:
    """Cases, each with its test; everyone lives alone, or all in one `home`."""
    rows: Rows = []
    for at in range(number):
        who = f"{day}-{area}-{at}"
        age, sex = band or AGE_BANDS[(day + at) % 8], "female" if at % 2 else "male"
        for measure in (only,) if only else ("cases", "tests"):
            rows.append((measure, sign, who, who, home or who, area, age, sex))
    return rows


class Replayed:
    """Days through `protect`, which remembers as the daily run does: through the plain data of its shelf."""

    def __init__(self, days: Sequence[Rows], *, held: frozenset[tuple[str, str]] = frozenset(), rule: Rule = RULE,
                 failed: frozenset[int] = frozenset(), lots: bytes = b"") -> None:  # fmt: skip
        self.waiting, memory, told = nothing_waits(), {}, []
        for at, rows in enumerate(days):
            done = protect(
                pl.DataFrame(rows, schema=SCHEMA, orient="row").cast({"sign": pl.Int8}) if rows else EMPTY,
                self.waiting,
                ground=GROUND,
                memory={name: districts.from_data(districts.as_data(one)) for name, one in memory.items()},
                last_closed={},
                as_of=START + timedelta(days=at),
                rule=rule,
                held=held,
                deciding=at not in failed,
                lots=lots,
            )
            self.waiting, memory = done.waiting, done.memory
            told.append(done.table.blocks)
        self.blocks = pl.concat(told)

    def of(self, level: str, measure: str = "cases", group: str = "all") -> list[tuple[int, int, int]]:
        rows = self.blocks.filter(level=level, measure=measure, group_code=group)
        return [
            ((first - START).days, (last - START).days, value)
            for first, last, value in rows.select("first_day", "last_day", "value").sort("first_day").iter_rows()
        ]


EMPTY = pl.DataFrame(schema=dict.fromkeys(SCHEMA, pl.String)).cast({"sign": pl.Int8})
