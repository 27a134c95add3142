"""Look at what every laboratory sent on a day, and say what is not as it should be, before an authority notices."""

from datetime import date, timedelta

from pumphandle.linelist.feeds import FeedContract
from pumphandle.linelist.watching import Day, Notice, judge
from pumphandle.store.decisions import watch as kept
from pumphandle.store.engine import Transaction
from pumphandle.store.identified import intake


def watch(day: date, contracts: tuple[FeedContract, ...], *, tx: Transaction) -> list[Notice]:
    """Counts the day, judges each laboratory by its contract and its own past, and keeps what is to be said."""
    intake.put_feed_day(tx, day)
    longest = max((contract.watch.days for contract in contracts), default=0)
    by_laboratory: dict[str, list[Day]] = {}
    for one in intake.feed_days(tx, first=day - timedelta(days=longest), last=day):
        known = Day(one.received_on, one.lines, one.positives, one.missing, one.arrived_at)
        by_laboratory.setdefault(one.laboratory, []).append(known)
    notices: list[Notice] = []
    for contract in contracts:
        days = by_laboratory.get(contract.laboratory, [])
        came = next((one for one in days if one.day == day), None)
        since = day - timedelta(days=contract.watch.days)
        notices += judge(contract, day, came, [one for one in days if since <= one.day < day])
    kept.put(tx, day, notices, kept.reached(tx, day - timedelta(days=1)))
    return notices
