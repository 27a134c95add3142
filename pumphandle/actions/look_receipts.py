"""Look at the receipt clock: authority by day, where each delivery stands, what is late and who is to act."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from pumphandle.actions.look import looking
from pumphandle.governance import policy
from pumphandle.governance.receipt_clock import Standing, Taken, standing, taken
from pumphandle.store.decisions import audit, runs
from pumphandle.store.engine import Database
from pumphandle.store.identified import receipts
from pumphandle.store.reference import areas
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel

SHOWN_DAYS: Final = 14


@dataclass(frozen=True)
class Late:
    """A delivery that waits longer than its leg may take. hours : over the due time"""

    authority: str
    day: date
    standing: Standing
    hours: float


@dataclass(frozen=True)
class ReceiptsView:
    """days : newest first; rows : authority -> its standings by day, None where the day was run and no package made"""

    days: list[date]
    rows: dict[str, list[Standing | None]]
    late: list[Late]
    taken: list[Taken]
    area_names: dict[str, str]


def receipts_seen(database: Database, *, by: Actor, at: datetime) -> ReceiptsView:
    """One's own authority, or all; those that wait longest first."""
    with looking(database, "look_receipts", by=by, at=at) as tx:
        policy.check_can_see_receipts(by, authority=by.authority)
        districts = {str(one.area_code): one.name for one in areas.areas(tx) if one.level is AreaLevel.DISTRICT}
        shown = sorted(code for code in districts if by.authority in (None, code))
        last = runs.last_day_of(tx, "deliver")
        first = last - timedelta(days=SHOWN_DAYS - 1) if last else at.date()
        run = {one.run_date for one in runs.summaries(tx, first, last)} if last else set[date]()
        days = sorted(run, reverse=True)
        board = receipts.board(tx, first=first)
        rows = {
            code: [standing(board[code, day], at=at) if (code, day) in board else None for day in days]
            for code in shown
        }
        late = [
            Late(code, day, one, (at - one.due).total_seconds() / 3600)
            for code in shown
            for day, one in zip(days, rows[code], strict=True)
            if one is not None and one.acts is not None and one.due is not None
        ]
        audit.add(tx, deed="look_receipts", subject={"shown": len(rows), "late": len(late)}, by=by, at=at)
        return ReceiptsView(
            days=days,
            rows=rows,
            late=sorted(late, key=lambda one: (-one.hours, one.authority)),
            taken=taken([times for (code, _), times in board.items() if code in rows]),
            area_names=districts,
        )
