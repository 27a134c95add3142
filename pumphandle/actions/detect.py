"""Detect: which areas show more than their own past leads one to expect, today."""

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from pumphandle.detection.exceedance import signals
from pumphandle.store.decisions import audit, thresholds
from pumphandle.store.decisions import signals as signal_shelf
from pumphandle.store.engine import Transaction
from pumphandle.store.events.counts import window_counts
from pumphandle.store.events.lake import Lake
from pumphandle.store.reference import areas
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel


@dataclass(frozen=True)
class DayDetected:
    """What detecting a day did."""

    areas: int
    signals: int
    strongest: str | None


def detect(day: date, *, tx: Transaction, lake: Lake, by: Actor, at: datetime) -> DayDetected:
    """Exceedance for every small area as of `day`, inside the caller's transaction."""
    window_days = int(thresholds.current(tx, "detection_window_days").value)
    baseline_days = int(thresholds.current(tx, "detection_baseline_days").value)
    recurrence = thresholds.current(tx, "recurrence_days")
    places = areas.areas(tx)
    small = [area for area in places if area.level == AreaLevel.SMALL_AREA]
    counted = window_counts(tx, lake, last=day, window_days=window_days, baseline_days=baseline_days)
    frame = pl.DataFrame({"small_area": [str(area.area_code) for area in small]}).join(
        counted, on="small_area", how="left", maintain_order="left"
    )
    columns = [
        frame[name].fill_null(0).to_numpy() for name in ("observed", "tests", "baseline_positives", "baseline_tests")
    ]
    found = signals(
        frame["small_area"].to_list(),
        [area.name for area in small],
        [area.parent for area in small],
        (columns[0], columns[1], columns[2], columns[3]),
        run_date=day,
        window_days=window_days,
        baseline_days=baseline_days,
        recurrence_days=float(recurrence.value),
        threshold_version=recurrence.version,
    )
    signal_shelf.replace_day(tx, day, found)
    done = DayDetected(areas=len(small), signals=len(found), strongest=found[0].sentence if found else None)
    audit.add(tx, deed="detect", subject={"day": str(day), "signals": done.signals}, by=by, at=at)
    return done
