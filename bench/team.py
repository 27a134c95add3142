"""What links are worth: a made-up country with planted outbreaks, run day by day, judged against who infected whom.

Whole days are run, from laboratories' files with all their mess. Then a team of five calls the cases as they arrive,
once in the order of arrival and once by links, with the same chance of an answer for the same case.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from bench.figures import Figure
from bench.replay import town
from pumphandle.actions.agree import agree_for_trial
from pumphandle.actions.load_nation import load_nation
from pumphandle.actions.register_key import make_keys
from pumphandle.cli.opening import House, premises
from pumphandle.cli.run import run_days
from pumphandle.config import read
from pumphandle.store import cluster, migrate
from pumphandle.store.engine import Database, Transaction, read_frame
from pumphandle.tracing.links import sets
from pumphandle.vocabulary.people import THE_TIMER

TITLE = "Linked cases: what is found, and what a team of five reaches"
NOTE = """**What is asked** is how many cases a team of five would have reached within 48 hours of the result, with
the links and without them (simulated). So cases are counted, all of them: in the morning nobody knows which ones were
planted, and a case that was reached is a person who was told to stay at home. `kept` asks that links bring more of
them.

**Where the gain comes from.** By links, a household is one call (a further case of it costs 10 minutes and not 45),
and the largest sets are called first; whether somebody answers depends on the case and the day alone, so that both
orders meet the same people.

**What it says of planted cases.** How many of them are among those reached stands beside, and is not what is asked:
one country has few, and who calls by links calls the largest sets first, whether an outbreak was planted there or a
street is in its ordinary spread. Where workers' lines did not tell the workplace yet, links reached fewer planted
cases than the order of arrival; since six lines of ten tell it, they reach more, most of all where hours are short. A
case whose links nobody knows waits behind the others: to find outbreaks is the work of clusters ([power](power.md)),
and links say whom to call. With enough hours everybody is called, and the order does not matter.
"""
FIRST = date(2020, 6, 1)
CALLERS = 5
HOURS = (1, 2, 4, 8)
"""Hours a day that each of them calls: few hours with these cases are as many hours with more of them."""
INTERVIEW, FURTHER, IN_VAIN = 45, 10, 5
"""Minutes: a case's interview with its contacts; each further case of the same household on the same telephone; a call
that nobody answers."""
ANSWERED = 0.6
IN_TIME = 2
"""Shifts: a result arrives with the evening's run, so 48 hours hold the shifts of the next two days."""


@dataclass(frozen=True)
class Seen:
    """What the days left behind.

    cases : case, laboratory, specimen_id, arrived (day number), household; links : earlier, later, kind, strength
    clusters : cluster, case, status
    """

    cases: pl.DataFrame
    links: pl.DataFrame
    clusters: pl.DataFrame


def figures(*, quick: bool) -> list[Figure]:
    people, days = (60_000, 25) if quick else (400_000, 45)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        words = ["make", "--people", str(people), "--days", str(days), "--seed", "1854", "--start", str(FIRST)]
        town([*words, "--nation", str(home / "nation"), "--inbox", str(home / "inbox"), "--truth", str(home / "truth")])
        seen = _run(home, days)
        planted = pl.read_csv(home / "truth" / "outbreak_cases.csv")
        causes = pl.read_csv(home / "truth" / "outbreaks.csv").select("outbreak_id", "cause")
    key = ["laboratory", "specimen_id"]
    truth = planted.join(causes, on="outbreak_id").join(seen.cases.select("case", *key), on=key, how="left")
    about = f"{people:,} people, {days} days, {seen.cases.height:,} cases, {causes.height} planted outbreaks"
    return [
        Figure(about, f"{truth['case'].drop_nulls().len():,} of their cases known", "–"),
        *_links_found(truth, seen),
        *_purity(truth, seen),
        *_team(truth, seen),
    ]


def _run(home: Path, days: int) -> Seen:
    server = cluster.Cluster(home)
    try:
        server.start()
        migrate.prepare(server.url(cluster.OWNER))
        house = House(
            read({"PUMPHANDLE_HOME": str(home)}),
            server.url(cluster.OWNER),
            server.url(cluster.DEEDS),
            server.url(cluster.CONSOLE),
            server.url(cluster.PUBLIC),
        )
        database = Database(house.deeds_url)
        at = datetime(FIRST.year, 1, 1, tzinfo=UTC)
        load_nation(home / "nation", database=database, by=THE_TIMER, at=at, progress=lambda _: None)
        make_keys(home / "keys" / "authorities", database=database, by=THE_TIMER, at=at)
        agree_for_trial(database=database, expires_on=date(2099, 12, 31), by=THE_TIMER, at=at)
        run_days([FIRST + timedelta(days=day) for day in range(days)], premises(house, database), time_zone="UTC")
        with database.transaction() as tx:
            seen = _seen(tx)
        database.close()
    finally:
        server.remove()
    return seen


def _seen(tx: Transaction) -> Seen:
    cases = read_frame(
        tx,
        "select e.first_record, r.laboratory, r.specimen_id, "
        "(select min(c.linked_on) from identified.change c where c.record_key = r.record_key), e.household_key "
        "from identified.episode e join identified.record r on r.record_key = e.first_record order by e.first_record",
        [],
        {"case": pl.String, "laboratory": pl.String, "specimen_id": pl.String, "arrived": pl.Date, "home": pl.String},
    ).drop_nulls("arrived")
    links = read_frame(
        tx,
        "select earlier, later, kind, strength from identified.link order by day, kind, earlier, later",
        [],
        {"earlier": pl.String, "later": pl.String, "kind": pl.String, "strength": pl.String},
    )
    clusters = read_frame(
        tx,
        "select k.cluster_id, k.case_key, c.status, k.since from identified.cluster_case k "
        "join decisions.cluster c using (cluster_id) where c.status <> 'silent' order by k.cluster_id, k.case_key",
        [],
        {"cluster": pl.String, "case": pl.String, "status": pl.String, "since": pl.Date},
    )
    return Seen(cases, links, clusters)


def _links_found(truth: pl.DataFrame, seen: Seen) -> list[Figure]:
    """True pairs of infector and infected whose results both stand, found as one link, or in one set."""
    key = ["laboratory", "specimen_id"]
    parents = seen.cases.select(parent="case", parent_laboratory="laboratory", parent_specimen_id="specimen_id")
    pairs = (
        truth.drop_nulls("case")
        .filter(pl.col("parent_specimen_id").fill_null("") != "")
        .join(parents, on=["parent_laboratory", "parent_specimen_id"])
        .filter(pl.col("case") != pl.col("parent"))
        .select("cause", "case", "parent", *key)
    )
    strong = seen.links.filter(pl.col("strength") != "weak")
    joined = dict(sets(strong).iter_rows())
    direct = {frozenset(pair) for pair in strong.select("earlier", "later").iter_rows()}
    clusters = {case: name for name, case in seen.clusters.select("cluster", "case").iter_rows()}
    rows: list[Figure] = []
    for cause in (None, "household", "workplace", "care_home", "community"):
        of = pairs if cause is None else pairs.filter(pl.col("cause") == cause)
        found = [
            (
                frozenset((case, parent)) in direct,
                case in joined and joined[case] == joined.get(parent),
                case in clusters and clusters[case] == clusters.get(parent),
            )
            for case, parent in of.select("case", "parent").iter_rows()
        ]
        either = sum(in_set or in_cluster for _, in_set, in_cluster in found)
        told = (
            f"{_share(sum(one for one, _, _ in found), len(found))} by one link, "
            f"{_share(sum(one for _, one, _ in found), len(found))} in one set, {_share(either, len(found))} "
            "in one set or cluster"
        )
        rows.append(Figure(f"true links found, {cause or 'all causes'} ({len(found)})", told, "–"))
    return rows


def _purity(truth: pl.DataFrame, seen: Seen) -> list[Figure]:
    """Of the cases that a set or cluster offers, the share of its commonest outbreak, among those that have any."""
    outbreak_of = dict(truth.drop_nulls("case").select("case", "outbreak_id").iter_rows())
    strong = sets(seen.links.filter(pl.col("strength") != "weak"))
    rows: list[Figure] = []
    for name, groups in (
        ("sets of five cases and more", _grouped(strong.select("set", "case").iter_rows(), least=5)),
        ("clusters of the scan", _grouped(seen.clusters.select("cluster", "case").iter_rows(), least=1)),
    ):
        shares: list[float] = []
        for cases in groups.values():
            counted: dict[str, int] = {}
            for case in cases:
                if case in outbreak_of:
                    counted[outbreak_of[case]] = counted.get(outbreak_of[case], 0) + 1
            shares.append(max(counted.values(), default=0) / len(cases))
        with_any = [share for share in shares if share > 0]
        told = (
            f"{np.mean(with_any):.0%} of their cases, {len(with_any)} of {len(shares)} groups" if with_any else "none"
        )
        rows.append(Figure(f"purity of {name} that hold a planted outbreak", told, "–"))
    return rows


def _grouped(rows: Sequence[tuple[str, str]] | object, *, least: int) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, case in rows:  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
        groups.setdefault(str(name), []).append(str(case))  # pyright: ignore[reportUnknownArgumentType]
    return {name: cases for name, cases in groups.items() if len(cases) >= least}


def _team(truth: pl.DataFrame, seen: Seen) -> list[Figure]:
    planted = set(truth["case"].drop_nulls().to_list())
    home = seen.links.filter(pl.col("kind") == "household")
    household = dict(sets(home.select("earlier", "later")).iter_rows())
    hangs = dict(sets(seen.links.filter(pl.col("strength") != "weak")).iter_rows())
    size: dict[str, int] = {}
    for name in hangs.values():
        size[name] = size.get(name, 0) + 1
    arrived = {case: (day - FIRST).days for case, day in seen.cases.select("case", "arrived").iter_rows()}
    weight = {case: size.get(hangs.get(case, ""), 1) for case in arrived}
    rows: list[Figure] = []
    for hours in HOURS:
        plain = reached_in_time(arrived, {}, {}, minutes=60 * hours)
        linked = reached_in_time(arrived, household, weight, minutes=60 * hours)
        rows += _compared(plain, linked, planted, arrived, hours)
    return rows


def _compared(
    plain: set[str], linked: set[str], planted: set[str], arrived: Mapping[str, int], hours: int
) -> list[Figure]:
    rows: list[Figure] = []
    for name, reached in (
        ("in order of arrival, one by one", plain),
        ("by links: the household with one call", linked),
    ):
        all_of = _share(len(reached), len(arrived))
        of = f"{all_of} of all, {_share(len(reached & planted), len(planted))} of planted cases"
        rows.append(Figure(f"five people, {hours} h a day each, reach within 48 h {name}", of, "–"))
    gain = len(linked) - len(plain)
    more = len(linked & planted) - len(plain & planted)
    rows.append(Figure("– more with links", f"{gain:+,} cases, {more:+,} planted ones", "> 0", gain > 0))
    return rows


def reached_in_time(
    arrived: Mapping[str, int], household: Mapping[str, str], weight: Mapping[str, int], *, minutes: int
) -> set[str]:
    """Cases spoken to within IN_TIME shifts after their result, by CALLERS people in shifts of so many minutes.

    household : case -> name of those who share a telephone; empty: each case is called alone
    weight    : case -> how many hang together with it, the most first on the same day; empty: in order of arrival
    Whether a case answers on a day depends on the case and the day alone, so that both orders meet the same people.
    """
    waiting: list[str] = []
    reached: set[str] = set()
    by_day: dict[int, list[str]] = {}
    for case, day in arrived.items():
        by_day.setdefault(day, []).append(case)
    for day in range(1, max(by_day, default=0) + IN_TIME + 1):
        waiting = [case for case in waiting if day - arrived[case] <= IN_TIME] + sorted(by_day.get(day - 1, []))
        order = sorted(waiting, key=lambda case: (-weight.get(case, 0), arrived[case], case))
        left = CALLERS * minutes
        spoken: set[str] = set()
        for case in order:
            if case in spoken or left <= 0:
                continue
            if _answers(case, day):
                home = household.get(case)
                kin = [one for one in order if home is not None and household.get(one) == home and one not in spoken]
                left -= INTERVIEW + FURTHER * max(len(kin) - 1, 0)
                spoken |= {case, *kin}
            else:
                left -= IN_VAIN
        reached |= spoken
        waiting = [case for case in waiting if case not in spoken]
    return reached


def _answers(case: str, day: int) -> bool:
    return np.random.default_rng([int(case[-8:], 16), int(case[:8], 16), day]).random() < ANSWERED


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.0%})" if whole else "0 of 0"
