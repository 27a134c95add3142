"""Reproduce: repeat a look from what it was pinned to, and compare it with what was found then, byte for byte."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from pumphandle.actions.detect import NUMBERS, STUDY_DAYS, look_at, scene_of
from pumphandle.governance import policy
from pumphandle.store.decisions import audit, signals, thresholds
from pumphandle.store.engine import Database
from pumphandle.store.events import study
from pumphandle.store.events.lake import Lake
from pumphandle.store.identified import persons_own
from pumphandle.vocabulary.errors import NotFound
from pumphandle.vocabulary.people import Actor

NOTHING_HEARD: Final = "0001-01-01T00:00:00+00:00"
"""For looks from before interviews counted."""


@dataclass(frozen=True)
class Reproduced:
    """equal : every signal is the same, byte for byte; moved : parts of the pin that differ today, and how.

    erased : places that the look was told in interviews and that are no longer kept
    """

    run_date: date
    pathogen: str
    signals: int
    equal: bool
    sha256: str
    moved: tuple[str, ...]
    erased: int

    @property
    def why_not(self) -> str | None:
        """Why an unequal look cannot be repeated any more; None where nothing that it stood on was erased."""
        if self.equal or not self.erased:
            return None
        return (
            f"The look at {self.run_date} cannot be repeated: {self.erased:,} of the places that cases had told in "
            "interviews have been erased since, as the agreements' retention asks. Whether anything else changed "
            "cannot be told."
        )


def reproduce(run_date: date, pathogen: str, *, database: Database, lake: Lake, by: Actor, at: datetime) -> Reproduced:
    """Raises NotFound for a look that never was, NoThresholdSet for a version that is not there."""
    policy.check_can_run(by)
    with database.transaction() as tx:
        kept = signals.look(tx, run_date, pathogen)
        if kept is None:
            raise NotFound(f"Nothing was looked at for {pathogen} on {run_date}.")
        chosen = {name: thresholds.version(tx, name, kept.pin["thresholds"][name]) for name in NUMBERS}
        found = study.told(tx, lake, last=run_date, days=STUDY_DAYS)
        heard = datetime.fromisoformat(str(kept.pin.get("heard_until", NOTHING_HEARD)))
        again = look_at(run_date, pathogen, scene_of(tx), chosen, found, heard=heard, tx=tx, lake=lake)
        moved = tuple(
            f"{part}: {kept.pin.get(part)} then, {value} now"
            for part, value in again.pin.items()
            if kept.pin.get(part) != value
        )
        sha256 = signals.sha256_of(again.found)
        first = run_date - timedelta(days=STUDY_DAYS - 1)
        erased = persons_own.visits_erased(tx, first=first, last=run_date, heard=heard)
        done = Reproduced(run_date, pathogen, len(again.found), sha256 == kept.sha256, sha256, moved, erased)
        subject: dict[str, object] = {"day": str(run_date), "pathogen": pathogen, "equal": done.equal}
        audit.add(tx, deed="reproduce", subject=subject, by=by, at=at)
        return done
