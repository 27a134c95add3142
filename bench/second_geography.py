"""How far off estimates for councils are when they are made of postcodes' windows: `python -m bench second_geography`.

Real cases by postcode and by council of New South Wales, both published by the state. Windows are closed by the rule
on postcodes' counts; councils are estimated from those windows alone.
"""

from datetime import date

import numpy as np
import polars as pl

from bench.figures import SHARED, Figure
from pumphandle.publication.estimates import Ground, Windows, seven_days
from pumphandle.publication.second_geography import correspondence, seven_days_elsewhere

TITLE = "Councils of New South Wales, estimated from postcodes' windows"
FOLDER = SHARED / "data" / "nsw"
K = 5
PERIODS = {
    "2020, 0.02 a day": (date(2020, 2, 25), date(2020, 12, 31)),
    "Delta, 0.7 a day": (date(2021, 6, 16), date(2021, 11, 30)),
    "2023, 1.6 a day": (date(2023, 1, 1), date(2023, 9, 30)),
}


def flush(counts: np.ndarray, start: int) -> Windows:
    """Windows of every area by the rule, all persons of different households: (areas, days) counts."""
    rows: list[tuple[int, int, int, int]] = []
    for area, series in enumerate(counts):
        began, held = 0, 0
        for day, count in enumerate(series.tolist()):
            held += count
            if held >= K:
                rows.append((area, start + began, start + day, held))
                began, held = day + 1, 0
    node, first, last, value = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Windows(node, first, last, value, last)


def grid(table: pl.DataFrame, codes: list[str], first: date, last: date) -> np.ndarray:
    out = np.zeros((len(codes), (last - first).days + 1), dtype=np.int64)
    place = {code: at for at, code in enumerate(codes)}
    for day, code, cases in table.filter(pl.col("notification_date").is_between(first, last)).iter_rows():
        if code in place:
            out[place[code], (day - first).days] += cases
    return out


def figures(*, quick: bool) -> list[Figure]:
    periods = dict(list(PERIODS.items())[1:2]) if quick else PERIODS
    day = pl.col("notification_date").str.to_date()
    by_postcode = pl.read_csv(FOLDER / "cases_postcode_daily.csv.gz", schema_overrides={"postcode": pl.String})
    by_council = pl.read_csv(FOLDER / "cases_council_daily.csv.gz").with_columns(day)
    by_postcode = by_postcode.with_columns(day)
    pieces = pl.read_csv(
        FOLDER / "postcode_to_lga2018_abs_correspondence.csv", schema_overrides={"postcode": pl.String}
    )
    people = pl.read_csv(FOLDER / "postcodes.csv", schema_overrides={"postcode": pl.String}, infer_schema_length=None)
    weighed = pieces.join(people.select("postcode", pl.col(people.columns[1]).alias("people")), on="postcode").select(
        small_area="postcode",
        area=pl.col("lga_name18").str.replace(r" \(.*\)$", ""),
        residents=pl.col("ratio") * pl.col("people").fill_null(0),
    )
    weighed = weighed.group_by("small_area", "area").agg(pl.col("residents").sum())
    nodes = sorted(weighed["small_area"].unique().to_list())
    where = correspondence(weighed, nodes=nodes, node_of={code: code for code in nodes})
    told = set(by_council["council"].unique().to_list())
    both = [at for at, code in enumerate(where.areas) if code in told]
    shown: list[Figure] = []
    for name, (first, last) in periods.items():
        counts = grid(by_postcode, nodes, first, last)
        windows = flush(counts, first.toordinal())
        ground = Ground(len(nodes), first.toordinal(), last.toordinal(), K)
        found = seven_days_elsewhere(seven_days(windows, ground), where)
        truth = grid(by_council, list(where.areas), first, last).astype(np.float64)
        running = np.cumsum(truth, axis=1)
        weekly = running[:, 6:].copy()
        weekly[:, 1:] -= running[:, :-7]
        seen = slice(13, -14)  # a week in, and a fortnight before the end, when most windows are closed
        guess, real = found.estimate[both, 6:][:, seen], weekly[both][:, seen]
        low, high = found.low[both, 6:][:, seen], found.high[both, 6:][:, seen]
        exact = where.share[both].astype(np.float64) @ np.apply_along_axis(
            lambda one: np.convolve(one, np.ones(7), "valid"), 1, counts.astype(np.float64)
        )
        shown.append(
            Figure(
                f"{name}: {len(both)} councils",
                f"mean error {np.abs(guess - real).mean():.2f} of {real.mean():.1f} cases in 7 days; sharing out exact "
                f"counts instead: {np.abs(exact[:, seen] - real).mean():.2f}; inside the bounds "
                f"{100 * ((low - 0.5 <= real) & (real <= high + 0.5)).mean():.1f} %",
                "–",
            )
        )
    return shown
