"""A run that dies of SIGKILL at its n-th touch of the database or the disk. Started in a process of its own."""

import os
import resource
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import psycopg

from pumphandle.actions.run_day import Premises, run_day
from pumphandle.linelist.feeds import read_contracts
from pumphandle.store.engine import Database
from pumphandle.store.events.lake import Lake
from pumphandle.store.keys import keys
from pumphandle.vocabulary.people import Actor, Role

BY = Actor("Morag Test", Role.SYSTEM)


def run(url: str, home: Path, nation: Path, days: list[date], die_at: int | None) -> None:
    """Run the days; if it lives, `home`/touches says how many touches there were."""
    touches = 0

    def touched() -> None:
        nonlocal touches
        touches += 1
        if touches == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(owner: type[Any], name: str) -> None:
        whole: Callable[..., Any] = getattr(owner, name)

        def before(*given: Any, **named: Any) -> Any:
            touched()
            return whole(*given, **named)

        setattr(owner, name, before)

    watched(psycopg.Connection, "execute")
    watched(psycopg.Connection, "commit")
    watched(psycopg.Cursor, "copy")
    watched(Path, "replace")
    watched(Path, "write_bytes")
    database = Database(url)
    premises = Premises(
        database=database,
        lake=Lake(home / "lake"),
        inbox=home / "inbox",
        deliveries=home / "deliveries",
        releases=home / "releases",
        keys=keys(home / "keys"),
        contracts=read_contracts(nation),
    )
    for day in days:
        at = datetime.combine(day, time(18), UTC)
        run_day(day, premises=premises, by=BY, at=at, stopwatch=lambda: 0.0, tell=lambda _: None)
    database.close()
    (home / "touches").write_text(str(touches))


def run_on_a_full_disk(url: str, home: Path, nation: Path, days: list[date], most: int) -> None:
    """Run the days in a process that may write no more than `most` bytes into a file; it must fail, and says so."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write then fails, as on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    try:
        run(url, home, nation, days, None)
    except OSError:
        sys.exit(3)
