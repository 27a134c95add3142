"""160 days of 539,050 real tests: New South Wales, 1 January to 8 June 2020."""

import tempfile
from datetime import date, timedelta
from pathlib import Path

from bench.figures import SHARED, Figure
from bench.replay import replay, steps, town

TITLE = "The main job: New South Wales, 1 January to 8 June 2020"
FIRST, LAST = date(2020, 1, 1), date(2020, 6, 8)
QUICK_DAYS = 20


def figures(*, quick: bool) -> list[Figure]:
    folder = SHARED / "data" / "nsw"
    last = FIRST + timedelta(days=QUICK_DAYS) if quick else LAST
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        words = ["expand", str(folder), "--from", str(FIRST), "--to", str(last), "--seed", "1854"]
        made = town([*words, "--inbox", str(home / "inbox"), "--truth", str(home / "truth")])
        totals, seconds, mib = replay(folder, home, FIRST, last)
    return [
        Figure("real tests by postcode expanded into laboratory files", f"{made:.0f} s", "–"),
        Figure(f"{(last - FIRST).days + 1} days, all steps on each", f"{seconds:.0f} s", "≤ 180 s", seconds <= 180),
        *steps(totals),
        Figure("lines received", f"{totals.counts['receive.lines_in']:,}", "–"),
        Figure("packages sealed", f"{totals.counts['deliver.packages']:,}", "–"),
        Figure("peak memory, ours and PostgreSQL's together", f"{mib:,.0f} MiB", "≤ 2,048 MiB", mib <= 2048),
    ]
