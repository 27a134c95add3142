"""Erase what is past its time: rows, packages and requests, and the keys under which every older copy of them lies."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from pumphandle.governance import policy
from pumphandle.store.at_rest import BACKUPS, AtRest
from pumphandle.store.decisions import agreements, audit, thresholds, timers
from pumphandle.store.engine import Database, Transaction, one_at_a_time
from pumphandle.store.identified import purging
from pumphandle.store.identified.purging import PurgeRow
from pumphandle.vocabulary.people import Actor

BACKUPS_DAYS: Final = 35
"""Days after the end of its month for which a copy of the whole house can be opened."""

LONGEST: Final = 600.0
"""Seconds after which a purge begins no other authority: a day's run ends, whatever has piled up."""


@dataclass(frozen=True)
class Purged:
    """rows : one for each authority of which something was past its time; backups : months whose copies are closed

    unplaced_days : for how long records without a place are kept; None: nobody has chosen, and none was erased
    left : authorities that a purge which had lasted long enough left for the next
    """

    rows: list[PurgeRow]
    backups: list[date]
    unplaced_days: int | None
    left: int

    @property
    def summary(self) -> dict[str, object]:
        """Counts, as the day's run tells them."""
        return {
            "records": sum(one.records for one in self.rows),
            "persons": sum(one.persons for one in self.rows),
            "packages": sum(one.packages for one in self.rows),
            "months_closed": sum(len(one.months_closed) for one in self.rows) + len(self.backups),
            "without_place": sum(one.records for one in self.rows if one.authority == purging.UNPLACED),
            "unplaced_days": self.unplaced_days,
            "authorities_left": self.left,
        }


def purge(
    database: Database,
    at_rest: AtRest,
    *,
    day: date,
    dry_run: bool,
    by: Actor,
    at: datetime,
    stopwatch: Callable[[], float] = lambda: 0.0,
) -> Purged:
    """Each authority in one transaction, by its agreement's days, whatever state that is in; then what has no place, by
    the nation's. After LONGEST no other authority is begun, and the next purge goes on.

    stopwatch : seconds from anywhere; dry_run : tell what would be erased, and erase nothing
    Rows and marks are committed first, files and keys go after: a crash between the two is made good by the next purge.
    """
    policy.check_can_purge(by)
    with database.transaction() as tx:
        kept = {str(code): one.retention_days for code, one in agreements.every(tx).items()}
        unplaced = thresholds.find(tx, "unplaced_keep_days")
    asked = [*sorted(kept.items()), *([] if unplaced is None else [(purging.UNPLACED, unplaced.value)])]
    rows: list[PurgeRow] = []
    begun, left = stopwatch(), 0
    for done, (authority, days) in enumerate(asked):
        if done and stopwatch() - begun > LONGEST:
            left = len(asked) - done
            break
        with database.transaction() as tx:
            row, files = _purge(tx, authority, days, day=day, by=by, at=at)
            if dry_run:
                tx.rollback()
        if row is None:
            continue
        rows.append(row)
        for name in [] if dry_run else files:
            at_rest.erase(name)
    with database.transaction() as tx:
        backups = purging.close_months(tx, BACKUPS, before=day - timedelta(days=BACKUPS_DAYS), at=at)
        if backups and not dry_run:
            subject: dict[str, object] = {"backups": [str(month) for month in backups]}
            audit.add(tx, deed="purge", subject=subject, by=by, at=at)
        if dry_run:
            tx.rollback()
    if not dry_run:
        with database.transaction() as tx:
            gone = purging.closed(tx)
        for authority, month in gone:
            at_rest.destroy(authority, month)
    purged = Purged(rows, backups, None if unplaced is None else unplaced.value, left)
    if not dry_run:
        with database.transaction() as tx:
            timers.done(tx, "purge", purged.summary, at=at)
    return purged


def purges(database: Database, *, by: Actor) -> list[PurgeRow]:
    """The log, newest first."""
    policy.check_can_purge(by)
    with database.transaction() as tx:
        return purging.every(tx)


def _purge(
    tx: Transaction, authority: str, days: int, *, day: date, by: Actor, at: datetime
) -> tuple[PurgeRow | None, list[str]]:
    one_at_a_time(tx)
    before = day - timedelta(days=days)
    episode_days = int(thresholds.current(tx, "episode_days").value)
    if authority == purging.UNPLACED:
        records = purging.note_unplaced(tx, before=before)
    else:
        records = purging.note(tx, authority, before=before, episode_days=episode_days)
    cases, persons = purging.erase_records(tx, on=day) if records else (0, 0)
    files = purging.packages(tx, authority, before=before, on=day)
    exports = purging.exports(tx, authority, before=before)
    purging.canaries(tx, authority, before=before)
    months = purging.close_months(tx, authority, before=before, at=at)
    if not (records or files or exports or months):
        return None, []
    row = PurgeRow(
        authority=authority,
        purged_at=at,
        by_name=by.name,
        retention_days=days,
        before=before,
        records=records,
        cases=cases,
        persons=persons,
        packages=len(files),
        exports=exports,
        months_closed=months,
    )
    purging.add(tx, row)
    subject: dict[str, object] = {
        "of": authority,
        "before": str(before),
        "erased": records,
        "packages": len(files),
        "exports": exports,
        "months": [str(month) for month in months],
    }
    audit.add(tx, deed="purge", subject=subject, by=by, at=at)
    return row, files
