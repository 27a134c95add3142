"""pumphandle files: the public files, for any static host."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from pumphandle.actions.write_files import FilesWritten, write_files
from pumphandle.cli.opening import deeds, now, opened
from pumphandle.cli.screen import ERR, OUT
from pumphandle.cli.serve import doors, environment
from pumphandle.store.engine import Database
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.people import THE_TIMER


def files() -> None:
    """Bring the public files to the newest release. Whole files only, swapped at once: a web server or a copy of the
    folder `current` may read them at any time. Their place is the setting PUMPHANDLE_FILES."""
    with deeds() as (house, database):
        done = bring(house.settings.files, database)
    if done is None:
        OUT.print("Nothing has been published yet.")
    elif done.fresh:
        OUT.print(f"Public files of release {done.release_id}: {done.written:,} written, {done.kept:,} kept.")
    else:
        OUT.print(f"The public files are those of release {done.release_id} already.")


def site(folder: Annotated[Path, typer.Argument(help="where; it gets a folder named current")]) -> None:
    """Write the whole public site as files for a static host: pages of the newest release and the public files.

    Search, comparisons, other days and releases need the server; everything else is there."""
    with opened() as house:
        told = environment(house.settings, doors(house)[0])
        words = [sys.executable, "-m", "pumphandle.web.public", "--to", str(folder.resolve())]
        if subprocess.run(words, env=told, check=False).returncode:
            raise Refused("The site was not written; the reason stands above.")


def bring(folder: Path, database: Database) -> FilesWritten | None:
    """With progress on the terminal."""
    with ERR.status("Public files …") as status:
        return write_files(folder, database=database, by=THE_TIMER, at=now(), progress=status.update)
