"""pumphandle files: the public files, for any static host."""

from pathlib import Path

from pumphandle.actions.write_files import FilesWritten, write_files
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import ERR, OUT
from pumphandle.store.engine import Database
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


def bring(folder: Path, database: Database) -> FilesWritten | None:
    """With progress on the terminal."""
    with ERR.status("Public files …") as status:
        return write_files(folder, database=database, by=THE_TIMER, at=now(), progress=status.update)
