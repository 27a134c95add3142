"""Two million cases linked, and one more day of them: households, buildings, places."""

import resource
from datetime import date, timedelta
from time import perf_counter, process_time

import numpy as np
import polars as pl

from bench.figures import Figure
from pumphandle.tracing.links import joining, links, sets
from pumphandle.tracing.memberships import at_home, at_places
from pumphandle.vocabulary.tracing import LinkKind

TITLE = "Links: two million cases"
DAYS = {LinkKind.HOUSEHOLD: 14, LinkKind.BUILDING: 14, LinkKind.SETTING: 14, LinkKind.SAME_PLACE: 7}
SPAN = 365
START = date(2020, 3, 1)


def figures(*, quick: bool) -> list[Figure]:
    count = 50_000 if quick else 2_000_000
    cases, visits = made_up(count, np.random.default_rng(1854))
    wall, cpu, found = _linked(cases, visits)
    day = START + timedelta(days=SPAN - 1)
    wall_day, cpu_day, _ = _linked(*touching(cases, visits, day))
    asked = "≤ 60 s"
    return [
        Figure(f"{count:,} cases in {SPAN} days linked, sets made", f"{wall:.1f} s", asked, wall <= 60),
        Figure("– CPU", f"{cpu:.1f} s", "–"),
        Figure("– links", f"{found.height:,}", "–"),
        Figure("one more day: linked with what lies near enough", f"{wall_day:.2f} s", "≤ 5 s", wall_day <= 5),
        Figure("– CPU", f"{cpu_day:.2f} s", "–"),
        Figure("peak memory", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB", "–"),
    ]


def made_up(count: int, rng: np.random.Generator) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cases in homes of about two and a half cases each; half of them name a place they were at."""
    home = rng.integers(0, count * 2 // 5, count)
    onset = rng.integers(0, SPAN, count * 2 // 5)[home] + rng.integers(0, 20, count)
    frame = pl.DataFrame({"home": home, "n": np.arange(count), "shift": np.minimum(onset, SPAN - 1)}).select(
        case=pl.format("C{}", pl.col("n").cast(pl.String).str.zfill(9)),
        day=pl.lit(START) + pl.duration(days=pl.col("shift")),
        household_key=pl.format("h{}", "home"),
        address=pl.format("Flat {}, {} Elm Street", pl.col("home") % 6, pl.col("home") // 6 % 90),
        postcode=pl.format("PC{}", pl.col("home") // 15),
        family_name=pl.format("Name{}", pl.col("home") % 9_973),
    )
    out = rng.random(count) < 0.5
    place = rng.integers(0, count // 8, int(out.sum()))
    visits = frame.filter(pl.Series(out)).select(
        "case",
        "day",
        postcode=pl.format("PW{}", pl.Series(place)),
        setting_kind=pl.lit("workplace"),
        setting=pl.when(pl.Series(place) % 3 == 0).then(pl.Series(place)),
        source=pl.lit("record"),
    )
    return frame, visits


def touching(cases: pl.DataFrame, visits: pl.DataFrame, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cases of the postcodes of the day's cases, and visits of their places, near enough in time to be linked."""
    near = pl.col("day") >= day - timedelta(days=max(DAYS.values()))
    cases, visits = cases.filter(near), visits.filter(near)
    today = cases.filter(pl.col("day") == day)
    went = visits.filter(pl.col("day") == day)
    return (
        cases.join(today.select("postcode").unique(), on="postcode", how="semi"),
        visits.join(went.select("postcode").unique(), on="postcode", how="semi"),
    )


def _linked(cases: pl.DataFrame, visits: pl.DataFrame) -> tuple[float, float, pl.DataFrame]:
    wall, cpu = perf_counter(), process_time()
    found = links(pl.concat([at_home(cases), at_places(visits)]), days=DAYS)
    sets(joining(found))
    return perf_counter() - wall, process_time() - cpu, found
