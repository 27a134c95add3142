"""A PostgreSQL server of our own: no network, a private socket, an unprivileged account; one for all who use a home."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, Final, Self
from urllib.parse import quote

import psycopg

from pumphandle.store import os_accounts
from pumphandle.store import programs as postgres
from pumphandle.vocabulary.errors import DatabaseMissing

OWNER: Final = "pumphandle_owner"
DEEDS: Final = "pumphandle_deeds"
CONSOLE: Final = "pumphandle_console"
PUBLIC: Final = "pumphandle_public"
ROLES: Final = (DEEDS, CONSOLE, PUBLIC)
DATABASE: Final = "pumphandle"

SYSTEM_FOLDER: Final = Path("/var/lib/pumphandle")
"""Where root's homes keep their data: PostgreSQL refuses root, and no other account may enter root's own home."""
PORT: Final = 5432
LONGEST_SOCKET: Final = 103
"""Bytes of a socket's path that both Linux (107) and macOS (103) accept."""
PATIENCE: Final = 40.0
"""Seconds: after a kill -9 of the server its children keep the lock for a few."""

EMPTY: Final = "''"
SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "jit": "off",  # compiling a query of ours took longer than running it
    "timezone": "UTC",
    "log_timezone": "UTC",
    # the log must hold no personal data: no statement, no parameter, no detail such as "Key (national_id)=(…) exists"
    "log_statement": "none",
    "log_min_messages": "log",  # an error's own words can quote what was said of somebody; who asked is told it
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class Cluster:
    """One server for one home folder. Several processes may start it; the last to stop it ends it.

    home     : the home folder; data lie in home/postgres, or below /var/lib/pumphandle when root owns us
    settings : more server settings; tests turn off fsync, real homes must not
    say      : told in one sentence before anything that takes seconds
    programs : which PostgreSQL to use, if not the one found
    """

    def __init__(
        self,
        home: Path,
        *,
        settings: Mapping[str, str] | None = None,
        say: Callable[[str], None] | None = None,
        programs: postgres.Programs | None = None,
    ) -> None:
        self.home = home.absolute()
        self._account = os_accounts.unprivileged() if os.geteuid() == 0 else None
        mark = hashlib.sha256(os.fsencode(self.home.resolve())).hexdigest()[:16]
        self.folder = self.home / "postgres" if self._account is None else SYSTEM_FOLDER / mark
        self.data = self.folder / "data"
        self._run = self.folder / "run"
        if len(os.fsencode(self._run / f".s.PGSQL.{PORT}")) > LONGEST_SOCKET:
            self._run = Path(tempfile.gettempdir()) / f"pumphandle-{os.geteuid()}-{mark}"
        self._settings = {**SETTINGS, **(settings or {}), "unix_socket_directories": f"'{self._run}'"}
        self._say = say or _silent
        self._chosen = programs
        self._lease: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def url(self, role: str, *, database: str = DATABASE) -> str:
        """Connection string for one of our roles; who we are is proved by the operating system (peer)."""
        return f"postgresql://{role}@/{database}?host={quote(str(self._run), safe='')}&port={PORT}"

    def start(self) -> None:
        """Start the server, or join it where it runs already. The data folder is made at the first start.

        Raises DatabaseMissing.
        """
        if self._lease is not None:
            return
        try:
            self._make_folders()
            with self._one_at_a_time():
                lease = (self.folder / "in-use.lock").open("ab")
                fcntl.flock(lease, fcntl.LOCK_SH)
                try:
                    if not self._answers():
                        self._bring_up()
                except BaseException:
                    lease.close()
                    raise
                self._lease = lease
        except OSError as failure:
            raise DatabaseMissing(
                f"PostgreSQL's folder {self.folder} cannot be used: {failure.strerror or failure}."
            ) from None

    def stop(self) -> None:
        """Leave the server; end it if nobody else uses it. The kernel ends our lease too if we are killed."""
        lease, self._lease = self._lease, None
        if lease is None:
            return
        with lease, self._one_at_a_time():
            try:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            stopped = self._call("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", "60")
            if stopped.returncode != 0 and self._answers():
                raise DatabaseMissing(f"PostgreSQL in {self.folder} does not stop: {_last_line(stopped.stderr)}")

    def remove(self) -> None:
        """Stop, and delete everything of the server. For tests and for a home that is given up."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self._run, ignore_errors=True)

    @cached_property
    def _programs(self) -> postgres.Programs:
        """Of the version that made the data, where there are data; where our account can run them."""
        version = self.data / "PG_VERSION"
        made_by = int(version.read_text(encoding="ascii")) if version.exists() else None
        programs = self._chosen or postgres.find_binaries(made_by=made_by, account=self._account)
        if programs.embedded and self._account is not None:
            return postgres.copy_to(programs, SYSTEM_FOLDER / "programs")
        return programs

    def _bring_up(self) -> None:
        """In this order: data, settings, start; the last again until the server answers."""
        if not (self.data / "PG_VERSION").exists():
            self._make_data()
        self._write_settings()
        self._say("Starting PostgreSQL.")
        log = self.folder / "log"
        until = time.monotonic() + PATIENCE
        while True:
            self._forget_the_dead()
            started = self._call("pg_ctl", "start", "-D", self.data, "-l", log, "-w", "-t", "30", "-s")
            if started.returncode == 0 and self._answers():
                return
            if time.monotonic() > until:
                words = log.read_text(encoding="utf-8", errors="replace") if log.exists() else started.stderr
                raise DatabaseMissing(f"PostgreSQL in {self.folder} does not start ({log}): {_last_line(words)}")
            time.sleep(0.25)

    def _answers(self) -> bool:
        """Asked over the socket: a number in a file may belong to a dead or a foreign process."""
        try:
            with psycopg.connect(self.url(OWNER, database="postgres"), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def _make_data(self) -> None:
        self._say("Making PostgreSQL's data folder (some seconds).")
        growing = self.folder / "data.growing"
        shutil.rmtree(growing, ignore_errors=True)
        order = ["-D", growing, "-U", OWNER, "--encoding=UTF8", "--data-checksums", "--auth=peer", "--no-instructions"]
        if self._programs.major >= 17:  # the same everywhere, without the system's libraries
            order += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        else:
            order += ["--lc-collate=C", "--lc-ctype=C.UTF-8", "--lc-messages=C"]
        if self._settings.get("fsync") == "off":
            order.append("--no-sync")
        made = self._call("initdb", *order)
        if made.returncode != 0:
            raise DatabaseMissing(f"PostgreSQL's data folder {self.data} could not be made: {_last_line(made.stderr)}")
        with (growing / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("\ninclude 'pumphandle.conf'\n")
        growing.rename(self.data)  # a first start that is cut off leaves nothing half made

    def _write_settings(self) -> None:
        people = {os_accounts.name_of(os.geteuid()), "root"}
        if self._account is not None:
            people.add(self._account.name)
        self._write(
            "pumphandle.conf", "".join(f"{name} = {value or EMPTY}\n" for name, value in self._settings.items())
        )
        self._write("pg_hba.conf", "local all all peer map=pumphandle\n")
        pairs = (f'pumphandle "{person}" {role}\n' for person in sorted(people) for role in (OWNER, *ROLES))
        self._write("pg_ident.conf", "".join(pairs))

    def _write(self, name: str, content: str) -> None:
        path = self.data / name
        path.write_text(content, encoding="utf-8")
        path.chmod(0o600)
        if self._account is not None:
            os.chown(path, self._account.user, self._account.group)

    def _make_folders(self) -> None:
        if self._account is not None:
            SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
        for folder in (self.folder, self._run):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._account is not None:
                os.chown(folder, self._account.user, self._account.group)
            elif folder.lstat().st_uid != os.geteuid() or folder.is_symlink():
                raise DatabaseMissing(f"{folder} belongs to somebody else: PostgreSQL will not put its socket there.")
            folder.chmod(0o700)

    def _forget_the_dead(self) -> None:
        """A killed server's note can name a process that is dead but not buried, or whose number is another's by now.

        PostgreSQL would then refuse to start for ever. The note goes only when no process at all works in the data
        folder: while a child of the dead server lives, it holds the shared memory that the note names.
        """
        note = self.data / "postmaster.pid"
        if not note.exists() or not Path("/proc/self/cwd").exists():
            return
        ours = self.data.resolve()
        for working_folder in Path("/proc").glob("[0-9]*/cwd"):
            try:
                if working_folder.readlink() == ours:
                    return
            except OSError:  # ended meanwhile, dead, or another account's and so not in a folder closed to it
                continue
        note.unlink(missing_ok=True)

    @contextmanager
    def _one_at_a_time(self) -> Generator[None]:
        """Of all processes that start or stop this server."""
        with (self.folder / "turn.lock").open("ab") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield

    def _call(self, name: str, *order: str | Path) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs, never as root, in a folder that any account may enter."""
        account = self._account
        return subprocess.run(
            [self._programs.program(name), *order],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(self.folder)},
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
        )


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it gave no reason."


def _silent(_: str) -> None:
    """What a caller without a screen says."""
