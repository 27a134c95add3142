"""A day's results met with ever more people who were seen before, up to fifty million."""

import os
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np
import polars as pl
import psycopg

from bench.figures import SHARED, Figure
from bench.intake import DAY, day_file, nation, one_day, people
from pumphandle.identity.descriptions import BLOCKS, DETAILS, described
from pumphandle.store import cluster

TITLE = "People: a day's results against everybody who was seen before"
NOTE = """**What the figures mean.** The persons are filled in without their indexes, which are made afterwards as the
migrations define them; then a day is received and linked as any day is: three lines in five are about somebody who
was seen before, one in twelve has no identifier, two in five bring somebody new. Whom an identifier settles costs one
look in an index, however many people there are. Only the others are weighed, against those who share a birthday and
the beginning of a name, or a home and a year of birth with them, and of these there are more, the more people there
are: that is what grows. The made-up people of this benchmark have 28,000 birthdays, England's names and its postcodes.

**Fifty million.** The identifiers of made-up people lie in the range 400–499 and run out at 50,000,000: whoever the
day brings anew there has none that is valid. The row of that size, where the table has it, is therefore of a day
nearly half of whose lines nothing but their description can settle, five times as many as in the rows above, and it
costs that: four times the processor time of twenty million people, and more memory than was asked for. Without
`PEOPLE` the largest size is 49,500,000, where the day is like the others.

`PEOPLE=100000,2000000 python -m bench people` measures other sizes. Fifty million take a quarter of an hour and
16 GB of disk, which are given back.
"""
SIZES: Final = tuple(int(size) for size in os.environ.get("PEOPLE", "1000000,5000000,20000000,49500000").split(","))
LINES: Final = 200_000
CHUNK: Final = 500_000
AT_ONCE: Final = 2_500_000
"""After so many people the server's log is let go, so that it never takes as much of the disk as they do."""


def fill(url: str, first: int, last: int, postcodes: pl.Series) -> tuple[float, float]:
    """People number first..last-1, as a nation's days would have left them. (seconds to fill, to make the indexes)"""
    begun = perf_counter()
    with psycopg.connect(url, autocommit=True) as tx:
        tx.execute("set synchronous_commit = off")
        tx.execute("set session_replication_role = replica")
        tx.execute("set maintenance_work_mem = '1GB'")
        indexes: list[tuple[str, str]] = tx.execute(
            "select indexname, indexdef from pg_indexes where schemaname = 'identified' and tablename = 'person'"
            " and indexname <> 'person_pkey'"
        ).fetchall()
        for name, _ in indexes:
            tx.execute(f'drop index identified."{name}"'.encode())
        tx.execute("delete from identified.person where first_seen = %s", [DAY])  # whom the last size's day brought
        for at in range(first, last, CHUNK):
            _fill_chunk(tx, np.arange(at, min(at + CHUNK, last)), postcodes)
            if (at + CHUNK) % AT_ONCE == 0:
                tx.execute("checkpoint")
        filled = perf_counter()
        for _, definition in indexes:
            tx.execute(definition.encode())
            tx.execute("checkpoint")
        tx.execute("vacuum analyze identified.person")
    return filled - begun, perf_counter() - filled


def _fill_chunk(tx: Any, numbers: np.ndarray[Any, Any], postcodes: pl.Series) -> None:
    said = people(numbers, postcodes).with_columns(
        pl.format("{}-0000-4000-8000-000000000000", pl.Series(numbers).cast(pl.String).str.zfill(8)).alias(
            "person_key"
        ),
        sex=pl.col("sex").replace_strict({"F": "female", "M": "male"}),
        first_seen=pl.lit(DAY).dt.offset_by("-30d"),
    )
    kept = described(said).select("person_key", "national_id", *DETAILS, *BLOCKS, "first_seen")
    with tx.cursor().copy(
        f"copy identified.person ({', '.join(kept.columns)}) from stdin (format csv)".encode()
    ) as copy:
        copy.write(kept.write_csv(include_header=False))


def _take_back(url: str) -> None:
    """All that a day left but its persons. Only here: the house itself never takes a day back."""
    with psycopg.connect(url) as tx:
        tx.execute("set session_replication_role = replica")
        tx.execute(
            "truncate identified.file, identified.event, identified.record, identified.episode, identified.change,"
            " identified.possible_match, events.manifest, decisions.feed_reach cascade"
        )
        tx.commit()


def figures(*, quick: bool) -> list[Figure]:
    lines, sizes = (20_000, (20_000, 80_000)) if quick else (LINES, SIZES)
    source = SHARED / "data" / "england" / "postcode_to_msoa_england.parquet"
    postcodes = pl.read_parquet(source, columns=["postcode"])["postcode"]
    bare = postcodes.str.replace_all(" ", "")
    found: list[Figure] = []
    first: float | None = None
    with tempfile.TemporaryDirectory() as place, nation(Path(place)) as (server, database):
        home, have, url = Path(place), 0, server.url(cluster.OWNER)
        for size in sizes:
            filled, indexed = fill(url, have, size, bare)
            have = size
            path = home / f"north_{size}.csv"
            day_file(path, lines, 2 * size, postcodes)
            taken = one_day(server, database, path, home)
            path.unlink()
            with psycopg.connect(url) as tx:
                row = tx.execute(
                    "select (select count(*) from identified.person where first_seen = %s),"
                    " (select count(distinct person_key) from identified.record),"
                    " pg_total_relation_size('identified.person')", [DAY],
                ).fetchone()  # fmt: skip
            assert row is not None
            spent = taken.own + taken.server
            first = first or spent
            times = f"{size / sizes[0]:g}, {spent / first:.1f}"
            found += [
                Figure(f"{lines:,} lines against {size:,} people", f"{taken.all:.0f} s", "–"),
                Figure("– received, checked, kept; linked", f"{taken.receive:.0f} s, {taken.link:.0f} s", "–"),
                Figure("– processor time, ours and the server's", f"{taken.own:.1f} s + {taken.server:.1f} s", "–"),
                Figure("– people and processor time, times the first", times, "–"),
                Figure("– the same for each line", f"{spent / lines * 1e6:.0f} µs", "–"),
                Figure("– people of the day, of them new", f"{row[1]:,}, {row[0]:,}", "–"),
                Figure("– peak memory, with PostgreSQL's", f"{taken.mib:,.0f} MiB", "≤ 6,144 MiB", taken.mib <= 6144),
                Figure("– the people and their indexes on disk", f"{row[2] / 2**30:.1f} GiB", "–"),
                Figure("– filled in bulk, then indexed", f"{filled:.0f} s, {indexed:.0f} s", "–"),
            ]
            _take_back(url)
    return found
