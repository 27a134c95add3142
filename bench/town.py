"""The first README command's work, without installing: a made-up country of a million people, 60 days."""

import tempfile
from datetime import date, timedelta
from pathlib import Path

from bench.figures import Figure
from bench.replay import replay, steps, town

TITLE = "The main job: a made-up country of a million people"
FIRST = date(2020, 6, 1)


def figures(*, quick: bool) -> list[Figure]:
    people, days = (100_000, 20) if quick else (1_000_000, 60)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        nation = home / "nation"
        words = ["make", "--people", str(people), "--days", str(days), "--seed", "1854", "--start", str(FIRST)]
        made = town([*words, "--nation", str(nation), "--inbox", str(home / "inbox"), "--truth", str(home / "truth")])
        totals, seconds, mib = replay(nation, home, FIRST, FIRST + timedelta(days=days - 1))
    return [
        Figure(f"{days} days of {people:,} people made", f"{made:.0f} s", "< 60 s", made < 60),
        Figure(f"{days} days, all steps on each", f"{seconds:.0f} s", "–"),
        *steps(totals),
        Figure("made and replayed", f"{made + seconds:.0f} s", "≤ 120 s with the sites up", made + seconds <= 120),
        Figure("peak memory, ours and PostgreSQL's together", f"{mib:,.0f} MiB", "≤ 2,048 MiB", mib <= 2048),
    ]
