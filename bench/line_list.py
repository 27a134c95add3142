"""The line list of an authority with 150,000 cases, beside a million records of others: whole pages.

Every view is asked for several times through the console's application, row-level security and audit included.
"""

import asyncio
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx
import numpy as np
import polars as pl
import psycopg

from bench.figures import Figure
from pumphandle.actions.agree import agree_for_trial
from pumphandle.actions.sign_in import hash_token
from pumphandle.store import cluster, migrate
from pumphandle.store.decisions import runs, sessions
from pumphandle.store.decisions.sessions import Session
from pumphandle.store.engine import Database, Transaction, insert_frame
from pumphandle.vocabulary.people import THE_TIMER
from pumphandle.web.console.app import create_app
from pumphandle.web.console.visits import SESSION

TITLE = "The line list of 150,000 cases"
NOTE = """**How it is so soon.** A page's keys are picked by an index that is sorted as the page is, and only then are
their rows read; the next page begins after the last key and counts nothing off. Every column of the list has such an
index of the positives, which are few among records; columns of few values share one, which is read alone and sorted.
A search compares names that are kept in lower case: row-level security lets an index in only where the comparison
cannot tell anything of hidden rows, and `lower()` could. Who was told is looked up among what was told, and not asked
of every record. Totals are counted to 10,000 and then said to be more. The curve and the map come after the rows, in
an answer of their own.

All results of an authority, negative ones too, begin as soon by specimen day or arrival, after any row; sorted by
another column they are all read: indexes of all results for every column would more than double what keeping a day
costs.
"""
DAY = date(2020, 10, 1)
AT = datetime(2020, 10, 1, 18, tzinfo=UTC)
AREAS = 60
SPAN = 270
TRIES = 7
ASKED = 300
"""Milliseconds until the first rows are there."""

VIEWS = {
    "newest first": "result=positive",
    "by name": "result=positive&order=name",
    "by postcode, downwards": "result=positive&order=-postcode",
    "by address": "result=positive&order=address",
    "by household": "result=positive&order=household",
    "by area, downwards": "result=positive&order=-area",
    "by laboratory": "result=positive&order=laboratory",
    "by sex": "result=positive&order=sex",
    "by date of birth": "result=positive&order=born",
    "last arrived": "result=positive&order=-arrived",
    "one area of 14 days": "result=positive&small_area=A03&days=14",
    "aged 80 and older, by postcode": "result=positive&age_band=80%2B&order=postcode",
    "told today": f"result=positive&came_from={DAY}&change=new",
    "told in the last four weeks": f"result=positive&came_from={DAY - timedelta(days=27)}&change=new",
}


def figures(*, quick: bool = False) -> list[Figure]:
    cases, others = (15_000, 60_000) if quick else (150_000, 1_000_000)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        server = cluster.Cluster(home)
        try:
            server.start()
            migrate.prepare(server.url(cluster.OWNER))
            _fill(Database(server.url(cluster.DEEDS)), cases, others)
            _vacuum(server.url(cluster.OWNER))
            timed = asyncio.run(_ask(Database(server.url(cluster.CONSOLE)), home))
        finally:
            server.remove()
    rows = [_figure(f"{cases:,} cases, {view}: the page", one, ASKED) for view, one in timed["rows"].items()]
    return [*rows, *(_figure(f"– {what}", one, None) for what, one in timed["beside"].items())]


def _figure(what: str, taken: list[float], asked: int | None) -> Figure:
    told = f"{median(taken):.0f} ms, the first {taken[0]:.0f} ms, the slowest {max(taken):.0f} ms"
    return Figure(what, told, f"≤ {asked} ms" if asked else "–", max(taken) <= asked if asked else None)


async def _ask(database: Database, home: Path) -> dict[str, dict[str, list[float]]]:
    app = create_app(database=database, home=home, clock=lambda: AT)
    transport = httpx.ASGITransport(app)  # pyright: ignore[reportArgumentType]
    cookies = {SESSION: "bench"}
    timed: dict[str, dict[str, list[float]]] = {"rows": {}, "beside": {}}
    async with httpx.AsyncClient(transport=transport, base_url="https://bench.local", cookies=cookies) as client:

        async def ask(address: str, **sent: str) -> tuple[list[float], str]:
            taken: list[float] = []
            text = ""
            for _ in range(TRIES):
                begun = perf_counter()
                answer = await (client.post(address, data=sent) if sent else client.get(address))
                taken.append(1000 * (perf_counter() - begun))
                answer.raise_for_status()
                text = answer.text
            return taken, text

        for view, asked in VIEWS.items():
            timed["rows"][view], text = await ask(f"/lines?{asked}")
            if view == "by name":
                after = text.split("after=")[1].split('"')[0]
                timed["rows"]["by name, the next page"], _ = await ask(f"/lines?{asked}&after={after}")
        timed["rows"]["a name searched"], _ = await ask("/lines/search", csrf="token", search="Family77 Given3")
        timed["rows"]["a postcode searched"], _ = await ask("/lines/search", csrf="token", search="AA77")
        timed["beside"]["the curve and the map of everything"], _ = await ask("/lines/beside?result=positive")
        timed["beside"]["the map of seven days"], _ = await ask("/map")
        timed["beside"]["the page of the day"], _ = await ask("/today")
    database.close()
    return timed


def _fill(database: Database, cases: int, others: int) -> None:
    with database.transaction() as tx:
        areas = [
            ("NAT", "nation", "Nation", None),
            ("OWN", "district", "Own", "NAT"),
            ("OTH", "district", "Other", "NAT"),
        ]
        areas += [(f"A{number:02}", "small_area", f"Area {number}", "OWN") for number in range(AREAS)]
        for area in areas:
            tx.execute(
                "insert into reference.area (area_code, level, name, parent, vintage) values (%s, %s, %s, %s, '2020')",
                area,
            )
        tx.execute(
            "insert into reference.nation (code, name, vintage, time_zone, identifier, identifier_name, "
            "postcode_pattern, level_names, attribution, folder, picture) values ('NAT', 'Nation', '2020', 'UTC', "
            "'none', 'Number', '.*', "
            '\'{"small_area": ["Area", "Areas"], "district": ["District", "Districts"]}\', \'\', \'\', \'{}\')'
        )
        _person(tx)
        runs.finish(tx, DAY, "link", seconds=1, summary={}, at=AT)
    agree_for_trial(database=database, expires_on=date(2099, 12, 31), by=THE_TIMER, at=AT)
    with database.transaction() as tx:
        _records(tx, _made_up(cases, "OWN", 0))
        for part in _made_up(others, "OTH", cases).iter_slices(250_000):
            _records(tx, part)
    database.close()


def _vacuum(url: str) -> None:
    """What the server does by itself within a minute of so many new rows, and only their owner may ask for."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze identified.record, identified.change")


def _person(tx: Transaction) -> None:
    """A director who has signed in already."""
    tx.execute(
        "insert into decisions.account (user_name, full_name, role, authority, password_hash, created_at, created_by) "
        "values ('bench', 'Bench Director', 'director', 'OWN', 'none', %s, 'bench')",
        [AT],
    )
    sessions.add(
        tx, Session(hash_token("bench"), "bench", "token", AT, AT, AT + timedelta(hours=12), "open", "outbreak")
    )


def _made_up(count: int, district: str, start: int) -> pl.DataFrame:
    rng = np.random.default_rng(1854 + start)
    number = pl.Series("n", np.arange(start, start + count))
    frame = pl.DataFrame({"n": number, "p": rng.integers(0, 4_000, count), "ago": rng.integers(0, SPAN, count)})
    bands = ["0-4", "5-11", "12-17", "18-24", "25-44", "45-64", "65-79", "80+"]
    key = pl.format("00000000-0000-4000-8000-{}", pl.col("n").cast(pl.String).str.zfill(12))
    return frame.select(
        record_key=key, version=pl.lit(1), kind=pl.lit("reported"), person_key=key,
        household_key=pl.format("house-{}", pl.col("n") // 2), laboratory=pl.format("lab{}", pl.col("n") % 20),
        specimen_id=pl.format("S{}", "n"), national_id=pl.format("999{}", "n"),
        family_name=pl.format("Family{}", pl.col("n") * 7919 % 40_000),
        given_name=pl.format("Given{}", pl.col("n") * 104_729 % 5_000),
        date_of_birth=pl.lit(date(1930, 1, 1)) + pl.duration(days=pl.col("n") * 31 % 29_000),
        sex=pl.when(pl.col("n") % 2 == 0).then(pl.lit("female")).otherwise(pl.lit("male")),
        age_band=pl.Series(rng.choice(bands, count)), address=pl.format("{} Long Lane", pl.col("n") * 13 % 900),
        postcode=pl.format("AA{}BB", "p"), phone=pl.format("01632 {}", "n"),
        specimen_date=pl.lit(DAY) - pl.duration(days=pl.col("ago")),
        report_date=pl.lit(DAY) - pl.duration(days=pl.max_horizontal(pl.col("ago") - 1, 0)),
        pathogen=pl.lit("sars_cov_2"), result=pl.lit("positive"), placement=pl.lit("unique"),
        small_area=pl.format("A{}", (pl.col("p") % AREAS).cast(pl.String).str.zfill(2)), district=pl.lit(district),
        responsible_authority=pl.lit(district),
        linked_on=pl.lit(DAY) - pl.duration(days=pl.max_horizontal(pl.col("ago") - 1, 0)),
    )  # fmt: skip


def _records(tx: Transaction, part: pl.DataFrame) -> None:
    insert_frame(tx, "identified.record", part)
    insert_frame(
        tx,
        "identified.change",
        part.select(
            "record_key", authority="district", version="version", change=pl.lit("new"), reason=pl.lit("reported"),
            linked_on="linked_on",
        ),
    )  # fmt: skip
