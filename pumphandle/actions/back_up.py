"""A copy of the house's database that cannot be opened for longer than it may be kept."""

import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from pumphandle.governance import policy
from pumphandle.store.at_rest import BACKUPS, AtRest, parts_of
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database
from pumphandle.store.identified import purging
from pumphandle.vocabulary.errors import Broken, Refused
from pumphandle.vocabulary.people import Actor

_DUMP: Final = ("--format=custom", "--no-owner")


def back_up(
    database: Database, at_rest: AtRest, target: Path, *, program: str, url: str, by: Actor, at: datetime
) -> int:
    """Write a dump of the whole database to a new file, under this month's key of backups; its bytes in plain.

    program, url : PostgreSQL's pg_dump, and the database as its owner
    Raises Refused for a file that is there already, Broken where the dump fails: nothing is left behind then.
    """
    policy.check_can_purge(by)
    if target.exists():
        raise Refused(f"{target.name} is there already: a backup takes the place of nothing.")
    with database.transaction() as tx:
        purging.key_made(tx, [BACKUPS], at.date(), at=at)
        audit.add(tx, deed="back_up", subject={"file": target.name}, by=by, at=at)
    part = target.with_name(target.name + ".part")
    try:
        with part.open("wb") as out, subprocess.Popen([program, *_DUMP, url], stdout=subprocess.PIPE) as dump:
            if dump.stdout is None:
                raise Broken("pg_dump has no output.")
            size = at_rest.write_backup(parts_of(dump.stdout), out, at.date())
        if dump.returncode:
            raise Broken("pg_dump failed; no backup was made.")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return size


def opened_backup(at_rest: AtRest, source: Path) -> Iterator[bytes]:
    """The dump, for pg_restore. Raises NotFound once the key of its month is destroyed."""
    with source.open("rb") as stream:
        yield from at_rest.open_backup(stream)
