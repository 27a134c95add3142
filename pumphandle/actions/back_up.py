"""A copy of the house's database that cannot be opened for longer than it may be kept."""

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Final

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
    with _new_file(target) as out:
        with database.transaction() as tx:
            purging.key_made(tx, [BACKUPS], at.date(), at=at)
            audit.add(tx, deed="back_up", subject={"file": target.name}, by=by, at=at)
        with subprocess.Popen([program, *_DUMP, url], stdout=subprocess.PIPE) as dump:
            if dump.stdout is None:
                raise Broken("pg_dump has no output.")
            size = at_rest.write_backup(parts_of(dump.stdout), out, at.date())
        if dump.returncode:
            raise Broken("pg_dump failed; no backup was made.")
    return size


def open_backup(database: Database, at_rest: AtRest, source: Path, target: Path, *, by: Actor, at: datetime) -> None:
    """Write the dump, for pg_restore, to a new file. That it was opened is remembered, whatever comes of it.

    Raises NotFound once the key of its month is destroyed, Broken for what is no whole backup, Refused for a file that
    is there already: nothing is left behind then.
    """
    policy.check_can_purge(by)
    with _new_file(target) as out, source.open("rb") as stream:
        with database.transaction() as tx:
            audit.add(tx, deed="open_backup", subject={"file": source.name}, by=by, at=at)
        for part in at_rest.open_backup(stream):
            out.write(part)


@contextmanager
def _new_file(target: Path) -> Generator[IO[bytes]]:
    """Written whole or not at all, for its owner alone."""
    if target.exists():
        raise Refused(f"{target.name} is there already: name a new file.")
    if not target.parent.is_dir():
        raise Refused(f"There is no folder {target.parent.name} to write {target.name} into.")
    part = target.with_name(target.name + ".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            yield stream
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
