"""Publish how long deliveries take: each leg of the receipt clock by authority and over all, once with a day's run."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pumphandle.governance.receipt_clock import gone, result_time
from pumphandle.publication.deliveries import ClockRow, LegRow
from pumphandle.store.decisions import audit, runs
from pumphandle.store.engine import Transaction
from pumphandle.store.events import counts
from pumphandle.store.events.lake import Lake
from pumphandle.store.identified import intake, receipts
from pumphandle.store.published import deliveries
from pumphandle.store.reference import areas, nation
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel

WINDOW: Final = timedelta(days=28)


def publish_deliveries(day: date, *, tx: Transaction, lake: Lake, by: Actor, at: datetime) -> bool:
    """The account of the four weeks up to that day, as it stands now. False where it is written already, or no day was
    delivered: it is never worked out again.

    When results were received is told of the nation's day, not of an authority: from which laboratories an authority
    had results, or that it had none, would tell what is in its package.
    """
    first = day - WINDOW + timedelta(days=1)
    days = [one.run_date for one in runs.summaries(tx, first, day) if one.step == "deliver"]
    if not days or deliveries.is_written(tx, day):
        return False
    here = nation.nation(tx)
    zone = ZoneInfo(here.time_zone)
    districts = sorted(str(one.area_code) for one in areas.areas(tx) if one.level is AreaLevel.DISTRICT)
    came = intake.last_received(tx, first=first, last=day)
    board = {
        (code, on): _of_the_day(times, came.get(on))
        for (code, on), times in receipts.board(tx, first=first).items()
        if on <= day
    }
    legs: list[LegRow] = []
    for code, chosen in ((here.code, districts), *((code, [code]) for code in districts)):
        sent = [(on, board[one, on]) for one in chosen for on in days if (one, on) in board]
        none = len(days) * len(chosen) - len(sent)
        legs += [
            LegRow(**vars(one), as_of=day, area_code=code, no_package=none) for one in gone(sent, at=at, zone=zone)
        ]
    available = {on: times["available"].astimezone(zone).date() for (_, on), times in board.items()}
    median, p95 = _result_time(tx, lake, available, first=first, last=day)
    deliveries.add(tx, ClockRow(day, min(days), len(days), median, p95, at), legs)
    audit.add(tx, deed="publish_deliveries", subject={"day": str(day), "days": len(days)}, by=by, at=at)
    return True


def _of_the_day(times: Mapping[str, datetime], received: datetime | None) -> dict[str, datetime]:
    own = {stage: moment for stage, moment in times.items() if stage != "received"}
    if received is None or "routed" not in own:
        return own
    return {"received": min(received, own["routed"]), **own}


def _result_time(
    tx: Transaction, lake: Lake, available: Mapping[date, date], *, first: date, last: date
) -> tuple[int | None, int | None]:
    waited: Counter[int] = Counter()
    for on, taken, results in counts.results_by_specimen(tx, lake, first=first, last=last).iter_rows():
        if on in available:
            waited[max(0, (available[on] - taken).days)] += results
    return result_time(waited) or (None, None)
